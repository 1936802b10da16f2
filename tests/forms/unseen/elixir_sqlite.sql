-- A stream table that numbers its events, which only hold its row; the type is a module.
-- table = journal
-- stream = stream=>stream.id:name
-- version = version
-- type = module
-- time = inserted_at
-- data = term
-- position = id
CREATE TABLE stream (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, head INTEGER, inserted_at INTEGER);
CREATE TABLE journal (id INTEGER PRIMARY KEY, stream INTEGER NOT NULL REFERENCES stream (id), version INTEGER NOT NULL, module TEXT NOT NULL, term BLOB NOT NULL, inserted_at INTEGER NOT NULL, UNIQUE (stream, version));
INSERT INTO stream SELECT sno + 1, kind || '-' || sid, max(v), min(at) FROM story GROUP BY sid;
INSERT INTO journal SELECT n, sno + 1, v, 'Elixir.Shop.' || type, messagepack(data), at FROM story ORDER BY n;
