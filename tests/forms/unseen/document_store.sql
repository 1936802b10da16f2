-- A document database's event tables: the sequence is no row number, the primary key is a UUID.
-- table = mt_events
-- stream = stream_id
-- version = version
-- type = type
-- time = timestamp
-- data = data
-- position = seq_id
-- event_id = id
CREATE TABLE mt_streams (id TEXT NOT NULL PRIMARY KEY, type TEXT, version BIGINT, timestamp TEXT NOT NULL, snapshot TEXT, created TEXT, tenant_id TEXT DEFAULT '*DEFAULT*', is_archived BOOLEAN DEFAULT FALSE);
CREATE TABLE mt_events (seq_id BIGINT NOT NULL PRIMARY KEY, id TEXT NOT NULL, stream_id TEXT REFERENCES mt_streams (id) ON DELETE CASCADE, version BIGINT NOT NULL, data TEXT NOT NULL, type VARCHAR(500) NOT NULL,
  timestamp TEXT NOT NULL, tenant_id VARCHAR DEFAULT '*DEFAULT*', mt_dotnet_type VARCHAR, is_archived BOOLEAN DEFAULT FALSE);
CREATE UNIQUE INDEX pk_mt_events_stream_and_version ON mt_events (stream_id, version);
CREATE UNIQUE INDEX pk_mt_events_id_unique ON mt_events (id);
CREATE TABLE mt_event_progression (name VARCHAR PRIMARY KEY, last_seq_id BIGINT, last_updated TEXT);
CREATE TABLE mt_doc_order (id TEXT PRIMARY KEY, data TEXT NOT NULL, mt_last_modified TEXT, mt_version TEXT, mt_dotnet_type TEXT);
INSERT INTO mt_streams SELECT sid, kind, max(v), max(iso), NULL, min(iso), '*DEFAULT*', 0 FROM story GROUP BY sid;
INSERT INTO mt_events SELECT n, eid, sid, v, data, replace(dotted, '.', '_'), strftime('%Y-%m-%d %H:%M:%f+00', at / 1e6, 'unixepoch'), '*DEFAULT*', 'Shop.' || type || ', Shop', 0 FROM story ORDER BY n;
INSERT INTO mt_doc_order SELECT sid, json_object('Id', sid, 'Lines', json('[]')), max(iso), max(eid), 'Shop.Order' FROM story GROUP BY sid;
