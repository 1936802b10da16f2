-- ActivityWatch's server in Rust: nanoseconds, and buckets of watchers.
CREATE TABLE buckets (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE NOT NULL, type TEXT NOT NULL, client TEXT NOT NULL, hostname TEXT NOT NULL, created TEXT NOT NULL, data TEXT NOT NULL DEFAULT '{}');
CREATE TABLE events (id INTEGER PRIMARY KEY AUTOINCREMENT, bucketrow INTEGER NOT NULL, starttime INTEGER NOT NULL, endtime INTEGER NOT NULL, data TEXT NOT NULL, FOREIGN KEY (bucketrow) REFERENCES buckets(id));
CREATE TABLE key_value (key TEXT PRIMARY KEY, value TEXT, last_modified NUMBER NOT NULL);
INSERT INTO buckets VALUES (1, 'aw-watcher-window_desk', 'currentwindow', 'aw-watcher-window', 'desk', '2026-01-05T07:00:00+00:00', '{}'), (2, 'aw-watcher-afk_desk', 'afkstatus', 'aw-watcher-afk', 'desk', '2026-01-05T07:00:00+00:00', '{}');
INSERT INTO events VALUES
  (1, 1, 1767600000000000000, 1767600030500000000, '{"app":"Editor","title":"notes.txt"}'),
  (2, 2, 1767600000000000000, 1767600060000000000, '{"status":"not-afk"}'),
  (3, 1, 1767600030500000000, 1767600060000000000, '{"app":"Browser","title":"News"}');
