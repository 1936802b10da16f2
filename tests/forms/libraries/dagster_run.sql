-- Dagster's usual layout: a file for each run, with a single run in it.
CREATE TABLE event_logs (id INTEGER NOT NULL, run_id VARCHAR(255), event TEXT NOT NULL, dagster_event_type TEXT, timestamp TIMESTAMP, step_key TEXT, asset_key TEXT, partition TEXT, PRIMARY KEY (id));
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
INSERT INTO event_logs VALUES
  (1, '0708163a-0fd2-4c90-a63a-44406be38755', '{"__class__":"EventLogEntry","timestamp":1795225059.57}', 'PIPELINE_START', '2026-11-21 01:37:39.570695', NULL, NULL, NULL),
  (2, '0708163a-0fd2-4c90-a63a-44406be38755', '{"__class__":"EventLogEntry","user_message":"splitting"}', NULL, '2026-11-21 01:37:39.623734', 'split', NULL, NULL);
