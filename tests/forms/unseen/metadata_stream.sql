-- A PHP library: stream, version and type of the aggregate are keys of the metadata.
-- table = event_stream
-- stream = metadata->_aggregate_id
-- version = metadata->_aggregate_version
-- type = event_name
-- time = created_at
-- data = payload
-- kind = metadata->_aggregate_type
-- position = no
-- event_id = event_id
-- metadata = metadata
CREATE TABLE event_stream (no INTEGER PRIMARY KEY AUTOINCREMENT, event_id CHAR(36) NOT NULL UNIQUE, event_name VARCHAR(100) NOT NULL, payload TEXT NOT NULL, metadata TEXT NOT NULL, created_at DATETIME(6) NOT NULL);
INSERT INTO event_stream SELECT NULL, eid, 'Shop\Event\' || type, data, json_object('_aggregate_id', sid, '_aggregate_type', kind, '_aggregate_version', v, '_causation_id', cause), strftime('%Y-%m-%dT%H:%M:%f', at / 1e6, 'unixepoch') || '000' FROM story ORDER BY n;
