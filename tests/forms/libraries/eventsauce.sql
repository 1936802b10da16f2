-- EventSauce's default table, restated for SQLite: ids are 16 bytes, everything else is inside the payload.
CREATE TABLE domain_messages (
  id                INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id          BINARY(16) NOT NULL,
  aggregate_root_id BINARY(16) NOT NULL,
  version           INTEGER NULL,
  payload           VARCHAR(16001) NOT NULL
);
CREATE INDEX reconstitution ON domain_messages (aggregate_root_id, version);
INSERT INTO domain_messages (event_id, aggregate_root_id, version, payload) VALUES
  (X'11111111111141118111111111111111', X'22222222222242228222222222222222', 1, '{"headers":{"__event_type":"order.placed","__aggregate_root_type":"order","__time_of_recording":"2026-01-05 08:00:00.001000+0000","__aggregate_root_version":1},"payload":{"total":"1.10"}}'),
  (X'33333333333343338333333333333333', X'22222222222242228222222222222222', 2, '{"headers":{"__event_type":"order.paid","__aggregate_root_type":"order","__time_of_recording":"2026-01-05 08:01:00.000000+0000","__aggregate_root_version":2},"payload":{"by":"card"}}');
