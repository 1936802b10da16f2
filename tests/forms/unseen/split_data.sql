-- Events with their data in a table of its own, by the same number.
-- table = event_headers
-- stream = stream_name
-- version = stream_revision
-- type = event_type
-- time = written
-- data = event_no=>event_bodies.event_no:body
-- position = event_no
CREATE TABLE event_headers (event_no INTEGER PRIMARY KEY, stream_name TEXT NOT NULL, stream_revision INTEGER NOT NULL, event_type TEXT NOT NULL, written INTEGER NOT NULL, UNIQUE (stream_name, stream_revision));
CREATE TABLE event_bodies (event_no INTEGER PRIMARY KEY REFERENCES event_headers (event_no), body BLOB NOT NULL);
INSERT INTO event_headers SELECT n, kind || '$' || sid, v - 1, type, at / 1000 FROM story ORDER BY n;
INSERT INTO event_bodies SELECT n, CAST(data AS BLOB) FROM story;
