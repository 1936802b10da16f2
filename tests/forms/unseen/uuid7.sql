-- Keys are UUIDs of version 7 and the table has no row numbers: the ids themselves are in the order of time.
-- table = event
-- stream = stream
-- version = stream_version
-- type = kind
-- time = recorded
-- data = doc
-- position = none
-- event_id = id
CREATE TABLE event (id BLOB PRIMARY KEY NOT NULL, stream TEXT NOT NULL, stream_version INTEGER NOT NULL, kind TEXT NOT NULL, recorded TEXT NOT NULL, doc TEXT NOT NULL, UNIQUE (stream, stream_version)) WITHOUT ROWID;
INSERT INTO event SELECT unhex(replace(eid7, '-', '')), kind || '/' || sid, v, dotted, iso, data FROM story ORDER BY n;
