-- Measurements: each series has its name and its labels, the same in every row.
-- plain
CREATE TABLE metrics (id INTEGER PRIMARY KEY, name TEXT NOT NULL, ts INTEGER NOT NULL, value REAL NOT NULL, labels TEXT NOT NULL);
CREATE INDEX metrics_name ON metrics (name, ts);
INSERT INTO metrics SELECT n, CASE n % 4 WHEN 0 THEN 'cpu.user' WHEN 1 THEN 'cpu.system' WHEN 2 THEN 'mem.free' ELSE 'disk.used' END, at / 1000000, n * 1.25, json_object('host', 'web-' || n % 2, 'region', 'eu') FROM story ORDER BY n;
