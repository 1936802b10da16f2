-- A port of Message DB: category and id are virtual columns, the time is local, and nothing forbids two equal versions.
CREATE TABLE messages (
  global_position INTEGER PRIMARY KEY AUTOINCREMENT,
  position        INTEGER NOT NULL,
  time            TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now', 'localtime')),
  stream_name     TEXT NOT NULL,
  message_type    TEXT NOT NULL,
  data            TEXT,
  metadata        TEXT,
  id              TEXT NOT NULL UNIQUE,
  category        TEXT GENERATED ALWAYS AS (CASE WHEN instr(stream_name, '-') > 0 THEN substr(stream_name, 1, instr(stream_name, '-') - 1) ELSE stream_name END) VIRTUAL,
  stream_id       TEXT GENERATED ALWAYS AS (CASE WHEN instr(stream_name, '-') > 0 THEN substr(stream_name, instr(stream_name, '-') + 1) END) VIRTUAL
);
CREATE INDEX messages_stream ON messages (stream_name, position);
INSERT INTO messages (position, time, stream_name, message_type, data, metadata, id) VALUES
  (0, '2026-01-05 09:00:00.001', 'account-123+456', 'Opened', '{"owner":"Zoë"}', '{"correlationStreamName":"web-7","causationMessageGlobalPosition":41}', '00000000-0000-4000-8000-000000000001'),
  (0, '2026-01-05 09:00:01.001', 'account', 'Counted', '{"accounts":1}', NULL, '00000000-0000-4000-8000-000000000002'),
  (1, '2026-01-05 09:00:02.001', 'account-123+456', 'Deposited', '{"amount":10.10}', '{}', '00000000-0000-4000-8000-000000000003');
