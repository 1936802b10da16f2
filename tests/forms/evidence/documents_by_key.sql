-- Documents, one for each thing, with the number of their changes.
-- models = things
CREATE TABLE facts (n INTEGER PRIMARY KEY, about TEXT NOT NULL, ord INTEGER NOT NULL, verb TEXT NOT NULL, at TEXT NOT NULL, detail TEXT NOT NULL, UNIQUE (about, ord));
CREATE TABLE things (k TEXT PRIMARY KEY, changed INTEGER NOT NULL, doc BLOB NOT NULL);
INSERT INTO facts SELECT n, sid, v, type, iso, data FROM story ORDER BY n;
INSERT INTO things SELECT sid, v + 40, cbor(state) FROM last;
