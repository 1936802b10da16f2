-- Marten's tables, mirrored.
CREATE TABLE mt_streams (id TEXT NOT NULL PRIMARY KEY, type TEXT, version BIGINT, timestamp TEXT NOT NULL, created TEXT, tenant_id TEXT DEFAULT '*DEFAULT*', is_archived BOOLEAN DEFAULT FALSE);
CREATE TABLE mt_events (seq_id BIGINT NOT NULL PRIMARY KEY, id TEXT NOT NULL, stream_id TEXT REFERENCES mt_streams (id), version BIGINT NOT NULL, data TEXT NOT NULL, type VARCHAR(500) NOT NULL, timestamp TEXT NOT NULL, tenant_id VARCHAR DEFAULT '*DEFAULT*', mt_dotnet_type VARCHAR, is_archived BOOLEAN DEFAULT FALSE, correlation_id TEXT);
CREATE UNIQUE INDEX pk_mt_events_stream_and_version ON mt_events (stream_id, version);
CREATE TABLE mt_event_progression (name VARCHAR PRIMARY KEY, last_seq_id BIGINT, last_updated TEXT);
INSERT INTO mt_streams VALUES ('11111111-1111-4111-8111-111111111111', 'order', 2, '2026-01-05 08:00:01+00', '2026-01-05 08:00:00+00', '*DEFAULT*', FALSE);
INSERT INTO mt_events VALUES
  (1, '21111111-1111-4111-8111-111111111111', '11111111-1111-4111-8111-111111111111', 1, '{"Customer":"anna"}', 'order_placed', '2026-01-05 08:00:00.123456+00', '*DEFAULT*', 'Shop.OrderPlaced, Shop', FALSE, 'x-1'),
  (2, '22222222-2222-4222-8222-222222222222', '11111111-1111-4111-8111-111111111111', 2, '{"Amount":12.5}', 'order_paid', '2026-01-05 08:00:01.123456+00', '*DEFAULT*', 'Shop.OrderPaid, Shop', FALSE, 'x-1');
INSERT INTO mt_event_progression VALUES ('orders', 1, '2026-01-05 08:00:02+00');
