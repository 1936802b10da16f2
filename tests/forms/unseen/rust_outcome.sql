-- A Rust application with its own store: binary ids, externally tagged documents, no type column.
-- table = log
-- stream = id
-- version = seq
-- type = first key of event
-- time = at
-- data = event
CREATE TABLE log (id BLOB NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, event TEXT NOT NULL, PRIMARY KEY (id, seq));
CREATE TABLE cursor (name TEXT PRIMARY KEY, rowid_seen INTEGER);
INSERT INTO log SELECT unhex(replace(sid, '-', '')), v, at, json_object(type, json(data)) FROM story ORDER BY n;
