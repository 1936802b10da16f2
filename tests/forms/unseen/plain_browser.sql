-- A browser's history.
-- plain
CREATE TABLE urls (id INTEGER PRIMARY KEY, url TEXT NOT NULL, title TEXT, visit_count INTEGER, last_visit_time INTEGER, hidden INTEGER);
CREATE TABLE visits (id INTEGER PRIMARY KEY, url INTEGER NOT NULL, visit_time INTEGER NOT NULL, from_visit INTEGER, transition INTEGER, visit_duration INTEGER);
CREATE TABLE downloads (id INTEGER PRIMARY KEY, guid TEXT, target_path TEXT, start_time INTEGER, state INTEGER, mime_type TEXT);
INSERT INTO urls SELECT n, 'https://example.org/' || n, 'Page ' || n, 3, 11644473600000000 + at, 0 FROM story;
INSERT INTO visits SELECT n, n % 20 + 1, 11644473600000000 + at, n - 1, 805306368, 1000 FROM story ORDER BY n;
INSERT INTO downloads SELECT n, eid, '/home/a/' || n, 11644473600000000 + at, 1, 'application/json' FROM story WHERE n < 20;
