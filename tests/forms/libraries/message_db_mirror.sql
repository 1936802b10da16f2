-- Message DB's own table and names, mirrored.
CREATE TABLE messages (global_position INTEGER PRIMARY KEY, position BIGINT NOT NULL, time TEXT NOT NULL, stream_name TEXT NOT NULL, type TEXT NOT NULL, data TEXT, metadata TEXT, id TEXT NOT NULL);
CREATE UNIQUE INDEX messages_stream ON messages (stream_name, position);
INSERT INTO messages VALUES
  (1, 0, '2026-01-05 08:00:00.123', 'order-1', 'Placed', '{"customer":"anna"}', '{"correlationStreamName":"cart-9"}', '31111111-1111-4111-8111-111111111111'),
  (2, 1, '2026-01-05 08:00:01.123', 'order-1', 'Paid', '{"amount":12.5}', '{"correlationStreamName":"cart-9","causationMessageGlobalPosition":1}', '32222222-2222-4222-8222-222222222222');
