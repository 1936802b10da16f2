-- A log that no profile knows, with snapshots beside it.
-- snapshots = snapshots
CREATE TABLE event_log (id INTEGER PRIMARY KEY, stream_id TEXT NOT NULL, version INTEGER NOT NULL, type TEXT NOT NULL, at TEXT NOT NULL, data TEXT NOT NULL, UNIQUE (stream_id, version));
CREATE TABLE snapshots (stream_id TEXT PRIMARY KEY, version INTEGER NOT NULL, state TEXT NOT NULL);
INSERT INTO event_log SELECT n, sid, v, type, iso, data FROM story ORDER BY n;
INSERT INTO snapshots SELECT sid, max(v), state FROM came WHERE v % 3 = 0 GROUP BY sid;
