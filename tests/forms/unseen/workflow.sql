-- A workflow library: a history with its own sequence; the time is a number of milliseconds inside the document.
-- table = history
-- stream = execution_id
-- version = seq
-- type = event_data->type | event_data->event_type
-- time = event_data->timestamp_ms
-- data = event_data
-- position = rowid
CREATE TABLE executions (instance_id TEXT NOT NULL, execution_id TEXT PRIMARY KEY, status TEXT NOT NULL, output TEXT, started_at TIMESTAMP, completed_at TIMESTAMP);
CREATE TABLE history (execution_id TEXT NOT NULL, seq INTEGER NOT NULL, event_data TEXT NOT NULL, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, PRIMARY KEY (execution_id, seq));
CREATE TABLE worker_queue (id INTEGER PRIMARY KEY, work_item TEXT NOT NULL, lock_token TEXT, locked_until INTEGER, created_at TIMESTAMP);
INSERT INTO executions SELECT DISTINCT 'inst-' || sno, sid, 'Completed', NULL, '2026-01-01 00:00:00', '2026-01-02 00:00:00' FROM story;
INSERT INTO history SELECT sid, v, json_object('event_id', v, 'type', type, 'timestamp_ms', at / 1000, 'source_event_id', v - 1, 'input', json(data)), NULL FROM story ORDER BY n;
INSERT INTO worker_queue SELECT n, json_object('kind', 'activity', 'execution', sid), NULL, NULL, '2026-01-01 00:00:00' FROM story WHERE n % 9 = 0;
