-- Synapse's events and their documents; what stands in the rooms of other servers only is an outlier.
CREATE TABLE events (topological_ordering BIGINT NOT NULL, event_id TEXT NOT NULL, type TEXT NOT NULL, room_id TEXT NOT NULL, content TEXT, unrecognized_keys TEXT, processed BOOL NOT NULL, outlier BOOL NOT NULL, depth BIGINT DEFAULT 0 NOT NULL, origin_server_ts BIGINT, received_ts BIGINT, sender TEXT, contains_url BOOLEAN, instance_name TEXT, stream_ordering BIGINT, state_key TEXT DEFAULT NULL, rejection_reason TEXT DEFAULT NULL, UNIQUE (event_id));
CREATE TABLE event_json (event_id TEXT NOT NULL, room_id TEXT NOT NULL, internal_metadata TEXT NOT NULL, json TEXT NOT NULL, format_version INTEGER, UNIQUE (event_id));
CREATE TABLE current_state_events (event_id TEXT NOT NULL, room_id TEXT NOT NULL, type TEXT NOT NULL, state_key TEXT NOT NULL, membership TEXT, UNIQUE (event_id));
INSERT INTO events VALUES
  (1, '$create', 'm.room.create', '!a:example.org', NULL, NULL, 1, 0, 1, 1767600000000, 1767600000010, '@ann:example.org', 0, 'master', 2, '', NULL),
  (2, '$join', 'm.room.member', '!a:example.org', NULL, NULL, 1, 0, 2, 1767600001000, 1767600001010, '@ann:example.org', 0, 'master', 3, '@ann:example.org', NULL),
  (3, '$hello', 'm.room.message', '!a:example.org', NULL, NULL, 1, 0, 3, 1767600002000, 1767600002010, '@ann:example.org', 0, 'master', 4, NULL, NULL),
  (4, '$name1', 'm.room.name', '!a:example.org', NULL, NULL, 1, 0, 4, 1767600003000, 1767600003010, '@ann:example.org', 0, 'master', 5, '', NULL),
  (5, '$name2', 'm.room.name', '!a:example.org', NULL, NULL, 1, 0, 5, 1767600004000, 1767600004010, '@ann:example.org', 0, 'master', 6, '', NULL),
  (1, '$far', 'm.room.create', '!b:elsewhere.org', NULL, NULL, 1, 1, 1, 1767600004000, 1767600004010, '@bo:elsewhere.org', 0, 'master', 7, '', NULL);
INSERT INTO event_json SELECT event_id, room_id, '{}', CASE event_id
  WHEN '$create' THEN '{"type":"m.room.create","room_id":"!a:example.org","sender":"@ann:example.org","state_key":"","content":{"room_version":"10"}}'
  WHEN '$join' THEN '{"type":"m.room.member","room_id":"!a:example.org","sender":"@ann:example.org","state_key":"@ann:example.org","content":{"membership":"join","displayname":"Zoë"}}'
  WHEN '$hello' THEN '{"type":"m.room.message","room_id":"!a:example.org","sender":"@ann:example.org","content":{"msgtype":"m.text","body":"hello"}}'
  WHEN '$name1' THEN '{"type":"m.room.name","room_id":"!a:example.org","sender":"@ann:example.org","content":{"name":"First"}}'
  WHEN '$name2' THEN '{"type":"m.room.name","room_id":"!a:example.org","sender":"@ann:example.org","state_key":"","content":{"name":"Second"}}'
  ELSE '{"type":"m.room.create","state_key":"","content":{}}' END, 10 FROM events;
