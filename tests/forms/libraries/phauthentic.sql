-- Phauthentic's event store for PDO: `stream` is the aggregate's type, payloads are PHP's own serialisation.
CREATE TABLE event_store (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,
  stream         VARCHAR(128) NOT NULL,
  aggregate_id   VARCHAR(36) NOT NULL,
  version        INTEGER NOT NULL,
  event          VARCHAR(255) NOT NULL,
  payload        TEXT NOT NULL,
  created_at     VARCHAR(128) NOT NULL,
  correlation_id VARCHAR(36),
  meta_data      TEXT
);
INSERT INTO event_store (stream, aggregate_id, version, event, payload, created_at, correlation_id, meta_data) VALUES
  ('Order', '22222222-2222-4222-8222-222222222222', 1, 'OrderPlaced', 'a:3:{s:3:"sku";s:8:"SKU-0000";s:3:"qty";i:3;s:2:"at";O:17:"DateTimeImmutable":2:{s:4:"date";s:26:"2026-01-05 08:15:00.001000";s:8:"timezone";s:3:"UTC";}}', '2026-01-05 08:15:00 001000', 'req-1', 'a:1:{s:4:"user";s:3:"ann";}'),
  ('Order', '22222222-2222-4222-8222-222222222222', 2, 'OrderPaid', 'a:1:{s:6:"amount";d:1.5;}', '2026-01-05 08:16:00 000000', 'req-1', 'a:0:{}');
