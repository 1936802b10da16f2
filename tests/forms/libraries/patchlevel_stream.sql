-- patchlevel's stream store: a stream's name in place of aggregate and id, and a playhead that may be missing.
CREATE TABLE event_store (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, stream VARCHAR(255) NOT NULL, playhead INTEGER DEFAULT NULL, event VARCHAR(255) NOT NULL, payload CLOB NOT NULL, recorded_on DATETIME NOT NULL, new_stream_start BOOLEAN DEFAULT 0 NOT NULL, archived BOOLEAN DEFAULT 0 NOT NULL, custom_headers CLOB NOT NULL);
CREATE UNIQUE INDEX UNIQ_STREAM ON event_store (stream, playhead);
CREATE TABLE subscriptions (id VARCHAR(255) NOT NULL, group_name VARCHAR(32) NOT NULL, run_mode VARCHAR(16) NOT NULL, position INTEGER NOT NULL, status VARCHAR(32) NOT NULL, PRIMARY KEY (id));
INSERT INTO event_store (stream, playhead, event, payload, recorded_on, custom_headers) VALUES
  ('order-22222222-2222-4222-8222-222222222222', 1, 'order.placed', '{"total":"1.10"}', '2026-01-05 08:00:00', '[{"name":"user","payload":{"id":"ann"}}]'),
  ('mails', NULL, 'mail.sent', '{"to":"ann"}', '2026-01-05 08:00:01', '[]'),
  ('order-22222222-2222-4222-8222-222222222222', 2, 'order.paid', '{}', '2026-01-05 08:00:02', '[]');
INSERT INTO subscriptions VALUES ('orders', 'projector', 'from_beginning', 2, 'active');
