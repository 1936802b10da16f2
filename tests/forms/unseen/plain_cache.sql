-- A cache of answers and a table of jobs' results.
-- plain
CREATE TABLE cache (key TEXT PRIMARY KEY, value BLOB NOT NULL, expires INTEGER, size INTEGER);
CREATE TABLE responses (id INTEGER PRIMARY KEY, method TEXT, url TEXT, status INTEGER, headers TEXT, body TEXT, started_at TEXT, finished_at TEXT);
INSERT INTO cache SELECT eid, zlib(data), at / 1000000, 100 FROM story;
INSERT INTO responses SELECT n, CASE n % 2 WHEN 0 THEN 'GET' ELSE 'POST' END, 'https://example.org/' || n, 200, '{"server":"x"}', data, iso, iso FROM story ORDER BY n;
