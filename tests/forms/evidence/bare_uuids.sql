-- Ids without hyphens in the table beside a log that writes them with hyphens; states are zipped.
-- snapshots = memo
CREATE TABLE log (seq INTEGER PRIMARY KEY, entity TEXT NOT NULL, rev INTEGER NOT NULL, what TEXT NOT NULL, ts INTEGER NOT NULL, body TEXT NOT NULL, UNIQUE (entity, rev));
CREATE TABLE memo (k TEXT NOT NULL, r INTEGER NOT NULL, saved INTEGER NOT NULL, z BLOB NOT NULL, PRIMARY KEY (k, r)) WITHOUT ROWID;
INSERT INTO log SELECT n, sid, v, dotted, at / 1000, data FROM story ORDER BY n;
INSERT INTO memo SELECT upper(replace(sid, '-', '')), v, n, zlib(state) FROM came WHERE v % 2 = 0;
