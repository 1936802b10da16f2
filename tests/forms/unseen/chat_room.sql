-- A federated chat server: an event in one table, its document beside it one to one; a room is a graph without versions.
-- table = events
-- stream = room_id
-- version = none
-- type = type
-- time = origin_server_ts | received_ts
-- data = event_id=>event_json.event_id:json | event_json.json
-- event_id = event_id
CREATE TABLE events (topological_ordering BIGINT NOT NULL, event_id TEXT NOT NULL, type TEXT NOT NULL, room_id TEXT NOT NULL, content TEXT, unrecognized_keys TEXT,
  processed BOOL NOT NULL, outlier BOOL NOT NULL, depth BIGINT DEFAULT 0 NOT NULL, origin_server_ts BIGINT, received_ts BIGINT, sender TEXT,
  contains_url BOOLEAN, stream_ordering INTEGER, state_key TEXT DEFAULT NULL, UNIQUE (event_id));
CREATE UNIQUE INDEX events_stream_ordering ON events (stream_ordering);
CREATE INDEX events_room_stream ON events (room_id, stream_ordering);
CREATE TABLE event_json (event_id TEXT NOT NULL, room_id TEXT NOT NULL, internal_metadata TEXT NOT NULL, json TEXT NOT NULL, format_version INTEGER, UNIQUE (event_id));
CREATE TABLE rooms (room_id TEXT PRIMARY KEY NOT NULL, is_public BOOL, creator TEXT, room_version TEXT);
CREATE TABLE event_edges (event_id TEXT NOT NULL, prev_event_id TEXT NOT NULL);
INSERT INTO rooms SELECT DISTINCT '!' || substr(sid, 1, 8) || ':example.org', 0, '@anna:example.org', '10' FROM story;
INSERT INTO events SELECT v - (v % 4 = 0), '$' || substr(replace(eid, '-', ''), 1, 30), CASE v WHEN 1 THEN 'm.room.create' WHEN 2 THEN 'm.room.member' ELSE 'm.room.message' END,
  '!' || substr(sid, 1, 8) || ':example.org', NULL, NULL, 1, 0, v - (v % 4 = 0), at / 1000, at / 1000 + 40, '@' || actor || ':example.org', 0, n + 4, CASE v WHEN 1 THEN '' END FROM story ORDER BY n;
INSERT INTO event_json SELECT '$' || substr(replace(eid, '-', ''), 1, 30), '!' || substr(sid, 1, 8) || ':example.org', '{"stream_ordering":' || (n + 4) || '}',
  json_object('type', CASE v WHEN 1 THEN 'm.room.create' WHEN 2 THEN 'm.room.member' ELSE 'm.room.message' END, 'room_id', '!' || substr(sid, 1, 8) || ':example.org',
    'content', json(CASE v WHEN 1 THEN '{"creator":"@anna:example.org"}' WHEN 2 THEN '{"membership":"join"}' ELSE json_object('msgtype', 'm.text', 'body', 'Hello ' || n) END),
    'origin_server_ts', at / 1000, 'sender', '@' || actor || ':example.org', 'hashes', json_object('sha256', hex(eid))), 3 FROM story ORDER BY n;
INSERT INTO event_edges SELECT event_id, coalesce(lag(event_id) OVER (PARTITION BY room_id ORDER BY stream_ordering), '$start') FROM events WHERE stream_ordering > 30;
