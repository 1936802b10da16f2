-- Streams and types are numbers that other tables name; no foreign key says so.
-- table = facts
-- stream = stream_no=>stream_names.stream_no:name
-- version = seq
-- type = type_id=>fact_types.id:name
-- time = ts
-- data = body
-- position = id
CREATE TABLE stream_names (stream_no INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE fact_types (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE facts (id INTEGER PRIMARY KEY, stream_no INTEGER NOT NULL, seq INTEGER NOT NULL, type_id INTEGER NOT NULL, ts REAL NOT NULL, body BLOB NOT NULL);
CREATE UNIQUE INDEX facts_stream ON facts (stream_no, seq);
INSERT INTO stream_names SELECT DISTINCT sno + 1, kind || ':' || sid FROM story;
INSERT INTO fact_types (name) SELECT DISTINCT type FROM story;
INSERT INTO facts SELECT n, sno + 1, v - 1, (SELECT id FROM fact_types WHERE name = type), at / 1e6, CAST(data AS BLOB) FROM story ORDER BY n;
