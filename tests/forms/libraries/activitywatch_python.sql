-- ActivityWatch's server in Python.
CREATE TABLE bucketmodel (key INTEGER NOT NULL PRIMARY KEY, id VARCHAR(255) NOT NULL, created DATETIME NOT NULL, name VARCHAR(255), type VARCHAR(255) NOT NULL, client VARCHAR(255) NOT NULL, hostname VARCHAR(255) NOT NULL, datastr VARCHAR(255));
CREATE TABLE eventmodel (id INTEGER NOT NULL PRIMARY KEY, bucket_id INTEGER NOT NULL, timestamp DATETIME NOT NULL, duration DECIMAL(10, 5) NOT NULL, datastr VARCHAR(255) NOT NULL, FOREIGN KEY (bucket_id) REFERENCES bucketmodel (key));
INSERT INTO bucketmodel VALUES (1, 'aw-watcher-afk_desk', '2026-01-05 07:00:00+00:00', NULL, 'afkstatus', 'aw-watcher-afk', 'desk', '{}');
INSERT INTO eventmodel VALUES
  (1, 1, '2026-01-05 08:00:00.250000+00:00', 30.5, '{"status":"not-afk"}'),
  (2, 1, '2026-01-05 08:00:30.750000+00:00', 10, '{"status":"afk"}');
