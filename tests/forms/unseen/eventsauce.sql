-- A PHP library: ids are sixteen bytes; type and time are headers inside the payload.
-- table = domain_messages
-- stream = aggregate_root_id
-- version = version
-- type = payload->headers.__event_type
-- time = payload->headers.__time_of_recording
-- data = payload | payload->payload
-- position = id
-- event_id = event_id
CREATE TABLE domain_messages (id INTEGER PRIMARY KEY, event_id BLOB NOT NULL, aggregate_root_id BLOB NOT NULL, version INTEGER, payload TEXT NOT NULL);
CREATE INDEX reconstitution ON domain_messages (aggregate_root_id, version);
INSERT INTO domain_messages SELECT n, unhex(replace(eid, '-', '')), unhex(replace(sid, '-', '')), v,
  json_object('headers', json_object('__event_type', dotted, '__aggregate_root_type', kind, '__aggregate_root_version', v, '__aggregate_root_id', sid, '__event_id', eid,
    '__time_of_recording', strftime('%Y-%m-%d %H:%M:%S', at / 1000000, 'unixepoch') || printf('.%06d+0000', at % 1000000), '__time_of_recording_format', 'Y-m-d H:i:s.uO'),
  'payload', json(data)) FROM story ORDER BY n;
