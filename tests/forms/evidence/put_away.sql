-- Old events in a table of their own are no states; neither is a copy of the log.
CREATE TABLE entries (id INTEGER PRIMARY KEY, stream TEXT NOT NULL, version INTEGER NOT NULL, type TEXT NOT NULL, at TEXT NOT NULL, data TEXT NOT NULL, UNIQUE (stream, version));
CREATE TABLE entries_2025 (id INTEGER PRIMARY KEY, stream TEXT NOT NULL, version INTEGER NOT NULL, type TEXT NOT NULL, at TEXT NOT NULL, data TEXT NOT NULL, UNIQUE (stream, version));
CREATE TABLE state_of_export (stream TEXT NOT NULL, version INTEGER NOT NULL, exported TEXT NOT NULL, PRIMARY KEY (stream, version));
INSERT INTO entries SELECT n, sid, v, type, iso, data FROM story WHERE v > 2 ORDER BY n;
INSERT INTO entries_2025 SELECT n, sid, v, type, iso, data FROM story WHERE v <= 2 ORDER BY n;
INSERT INTO state_of_export SELECT sid, v, iso FROM story;
