-- States that say by the position in the whole log how far they are.
-- snapshots = kept_states
CREATE TABLE journal (pos INTEGER PRIMARY KEY, stream TEXT NOT NULL, stream_version INTEGER NOT NULL, name TEXT NOT NULL, recorded TEXT NOT NULL, payload TEXT NOT NULL, UNIQUE (stream, stream_version));
CREATE TABLE kept_states (stream TEXT NOT NULL, through INTEGER NOT NULL, value TEXT NOT NULL, PRIMARY KEY (stream, through));
INSERT INTO journal SELECT n * 10, kind || '-' || sno, v, type, iso, data FROM story ORDER BY n;
INSERT INTO kept_states SELECT kind || '-' || sno, n * 10, state FROM came WHERE v % 3 = 2;
