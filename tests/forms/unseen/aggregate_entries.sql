-- A Java framework's newer table: qualified names, the aggregate's key may be missing.
-- table = aggregate_event_entry
-- stream = aggregate_identifier
-- version = aggregate_sequence_number
-- type = type
-- time = timestamp
-- data = payload
-- kind = aggregate_type
-- position = global_index
-- event_id = identifier
-- metadata = metadata
CREATE TABLE aggregate_event_entry (global_index INTEGER PRIMARY KEY AUTOINCREMENT, identifier VARCHAR(255) NOT NULL UNIQUE, type VARCHAR(255) NOT NULL, version VARCHAR(255) NOT NULL, timestamp VARCHAR(255) NOT NULL, payload BLOB NOT NULL, metadata BLOB, aggregate_type VARCHAR(255), aggregate_identifier VARCHAR(255), aggregate_sequence_number BIGINT, UNIQUE (aggregate_identifier, aggregate_sequence_number));
INSERT INTO aggregate_event_entry SELECT NULL, eid, 'shop.' || kind || '.' || type, '0.0.1', strftime('%Y-%m-%dT%H:%M:%fZ', at / 1e6, 'unixepoch'), CAST(data AS BLOB), CAST(meta AS BLOB), kind_name, sid, v - 1 FROM story ORDER BY n;
