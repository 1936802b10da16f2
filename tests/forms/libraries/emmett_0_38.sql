-- Emmett 0.38: checkpoints are integers in emt_subscriptions. One stream was archived and has begun anew.
CREATE TABLE emt_streams (stream_id TEXT NOT NULL, stream_position BIGINT NOT NULL DEFAULT 0, partition TEXT NOT NULL DEFAULT 'global', stream_type TEXT NOT NULL, stream_metadata JSONB NOT NULL, is_archived BOOLEAN NOT NULL DEFAULT FALSE, PRIMARY KEY (stream_id, partition, is_archived), UNIQUE (stream_id, partition, is_archived));
CREATE TABLE emt_messages (stream_id TEXT NOT NULL, stream_position BIGINT NOT NULL, partition TEXT NOT NULL DEFAULT 'global', message_kind CHAR(1) NOT NULL DEFAULT 'E', message_data JSONB NOT NULL, message_metadata JSONB NOT NULL, message_schema_version TEXT NOT NULL, message_type TEXT NOT NULL, message_id TEXT NOT NULL, is_archived BOOLEAN NOT NULL DEFAULT FALSE, global_position INTEGER PRIMARY KEY, created DATETIME DEFAULT CURRENT_TIMESTAMP, UNIQUE (stream_id, stream_position, partition, is_archived));
CREATE TABLE emt_subscriptions (subscription_id TEXT NOT NULL, version INTEGER NOT NULL DEFAULT 1, partition TEXT NOT NULL DEFAULT 'global', last_processed_position BIGINT NOT NULL, PRIMARY KEY (subscription_id, partition, version));
INSERT INTO emt_messages (stream_id, stream_position, message_kind, message_data, message_metadata, message_schema_version, message_type, message_id, is_archived, global_position, created) VALUES
  ('cart-1', 1, 'E', '{"sku":"S1"}', '{}', '1', 'ItemAdded', 'm-1', 1, 1, '2026-01-05 08:00:00'),
  ('cart-1', 1, 'E', '{"sku":"S2"}', '{"correlationId":"req-1","causationId":"m-0"}', '1', 'ItemAdded', 'm-2', 0, 2, '2026-01-05 08:00:01'),
  ('cart-1', 2, 'C', '{"sku":"S3"}', '{}', '1', 'AddItem', 'm-3', 0, 3, '2026-01-05 08:00:02'),
  ('cart-1', 3, 'E', '{"sku":"S3"}', '{}', '1', 'ItemAdded', 'm-4', 0, 4, '2026-01-05 08:00:03');
INSERT INTO emt_streams VALUES ('cart-1', 3, '[object Object]', 'cart', '[]', 0), ('cart-1', 1, '[object Object]', 'cart', '[]', 1);
INSERT INTO emt_subscriptions VALUES ('carts', 1, 'emt:default', 3);
