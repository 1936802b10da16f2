-- Two stores of Eventuous in one file, under two prefixes.
CREATE TABLE shop_streams (stream_id INTEGER PRIMARY KEY AUTOINCREMENT, stream_name TEXT NOT NULL UNIQUE, version INTEGER NOT NULL DEFAULT(-1));
CREATE TABLE shop_messages (global_position INTEGER PRIMARY KEY AUTOINCREMENT, message_id TEXT NOT NULL, message_type TEXT NOT NULL, stream_id INTEGER NOT NULL REFERENCES shop_streams(stream_id), stream_position INTEGER NOT NULL, json_data TEXT NOT NULL, json_metadata TEXT, created TEXT NOT NULL, UNIQUE(stream_id, stream_position));
CREATE TABLE shop_checkpoints (id TEXT PRIMARY KEY, position INTEGER NULL);
CREATE TABLE billing_streams (stream_id INTEGER PRIMARY KEY AUTOINCREMENT, stream_name TEXT NOT NULL UNIQUE, version INTEGER NOT NULL DEFAULT(-1));
CREATE TABLE billing_messages (global_position INTEGER PRIMARY KEY AUTOINCREMENT, message_id TEXT NOT NULL, message_type TEXT NOT NULL, stream_id INTEGER NOT NULL REFERENCES billing_streams(stream_id), stream_position INTEGER NOT NULL, json_data TEXT NOT NULL, json_metadata TEXT, created TEXT NOT NULL, UNIQUE(stream_id, stream_position));
INSERT INTO shop_streams VALUES (1, 'Order-1', 1);
INSERT INTO shop_messages VALUES
  (1, 'm-1', 'V1.OrderPlaced', 1, 0, '{"total":"1.10"}', '{"eventuous.correlation-id":"req-1","user":"ann"}', '2026-01-05 08:00:00.0010000'),
  (2, 'm-2', 'V1.OrderPaid', 1, 1, '{}', NULL, '2026-01-05 08:00:01.0000000');
INSERT INTO billing_streams VALUES (1, 'Invoice-1', 0);
INSERT INTO billing_messages VALUES (1, 'b-1', 'V1.InvoiceIssued', 1, 0, '{"total":"1.10"}', NULL, '2026-01-05 08:00:02.0000000');
