-- TaskChampion's operations since the last synchronisation, and the tasks that they made.
CREATE TABLE operations (id INTEGER PRIMARY KEY AUTOINCREMENT, data STRING, uuid GENERATED ALWAYS AS (coalesce(json_extract(data, '$.Update.uuid'), json_extract(data, '$.Create.uuid'), json_extract(data, '$.Delete.uuid'))) VIRTUAL, synced bool DEFAULT false);
CREATE TABLE sync_meta (key STRING PRIMARY KEY, value STRING);
CREATE TABLE tasks (uuid STRING PRIMARY KEY, data STRING);
CREATE TABLE working_set (id INTEGER PRIMARY KEY, uuid STRING);
INSERT INTO operations (data) VALUES
  ('"UndoPoint"'),
  ('{"Create":{"uuid":"11111111-1111-4111-8111-111111111111"}}'),
  ('{"Update":{"uuid":"11111111-1111-4111-8111-111111111111","property":"description","old_value":null,"value":"buy cups","timestamp":"2026-01-05T08:00:00.123456789Z"}}'),
  ('{"Update":{"uuid":"11111111-1111-4111-8111-111111111111","property":"status","old_value":null,"value":"pending","timestamp":"2026-01-05T08:00:01Z"}}'),
  ('"UndoPoint"'),
  ('{"Update":{"uuid":"11111111-1111-4111-8111-111111111111","property":"start","old_value":null,"value":"1767600000","timestamp":"2026-01-05T08:00:02Z"}}'),
  ('{"Update":{"uuid":"11111111-1111-4111-8111-111111111111","property":"start","old_value":"1767600000","value":null,"timestamp":"2026-01-05T08:00:03Z"}}'),
  ('{"Create":{"uuid":"22222222-2222-4222-8222-222222222222"}}'),
  ('{"Delete":{"uuid":"22222222-2222-4222-8222-222222222222","old_task":{}}}');
INSERT INTO tasks VALUES ('11111111-1111-4111-8111-111111111111', '{"description":"buy cups","status":"pending"}');
