-- duroxide's history: one release writes an event's fields beside its type, an earlier one within a member of that name.
CREATE TABLE instances (instance_id TEXT PRIMARY KEY, orchestration_name TEXT NOT NULL, orchestration_version TEXT, current_execution_id INTEGER NOT NULL DEFAULT 1, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE executions (instance_id TEXT NOT NULL, execution_id INTEGER NOT NULL, status TEXT NOT NULL DEFAULT 'Running', output TEXT, started_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, completed_at TIMESTAMP, PRIMARY KEY (instance_id, execution_id));
CREATE TABLE history (instance_id TEXT NOT NULL, execution_id INTEGER NOT NULL, event_id INTEGER NOT NULL, event_type TEXT NOT NULL, event_data TEXT NOT NULL, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, PRIMARY KEY (instance_id, execution_id, event_id));
INSERT INTO instances (instance_id, orchestration_name) VALUES ('order-1', 'Checkout'), ('order-2', 'Checkout'), ('tick', 'Eternal');
INSERT INTO executions VALUES ('order-1', 1, 'Completed', '"paid"', '2026-01-05 08:00:00', '2026-01-05 08:00:01'), ('order-2', 1, 'Failed', 'no card', '2026-01-05 08:00:00', '2026-01-05 08:00:01'), ('tick', 1, 'ContinuedAsNew', '2', '2026-01-05 08:00:00', NULL), ('tick', 2, 'Running', NULL, '2026-01-05 08:00:00', NULL);
INSERT INTO history (instance_id, execution_id, event_id, event_type, event_data) VALUES
  ('order-1', 1, 1, 'OrchestrationStarted', '{"event_id":1,"instance_id":"order-1","execution_id":1,"timestamp_ms":1767600000000,"type":"OrchestrationStarted","name":"Checkout","version":"1.0.0","input":"{}"}'),
  ('order-1', 1, 2, 'ActivityScheduled', '{"event_id":2,"instance_id":"order-1","execution_id":1,"timestamp_ms":1767600000001,"type":"ActivityScheduled","name":"Charge","input":"8"}'),
  ('order-1', 1, 3, 'ActivityCompleted', '{"event_id":3,"source_event_id":2,"instance_id":"order-1","execution_id":1,"timestamp_ms":1767600000900,"type":"ActivityCompleted","result":"ok"}'),
  ('order-1', 1, 4, 'OrchestrationCompleted', '{"event_id":4,"instance_id":"order-1","execution_id":1,"timestamp_ms":1767600001000,"type":"OrchestrationCompleted","output":"\"paid\""}'),
  ('order-2', 1, 1, 'OrchestrationStarted', '{"OrchestrationStarted":{"event_id":1,"name":"Checkout","version":"1.0.0","input":"{}"}}'),
  ('order-2', 1, 2, 'OrchestrationFailed', '{"OrchestrationFailed":{"event_id":2,"error":"no card"}}'),
  ('tick', 1, 1, 'OrchestrationStarted', '{"event_id":1,"timestamp_ms":1767600000000,"type":"OrchestrationStarted","name":"Eternal","version":"1.0.0","input":"1"}'),
  ('tick', 1, 2, 'OrchestrationContinuedAsNew', '{"event_id":2,"timestamp_ms":1767600000000,"type":"OrchestrationContinuedAsNew","version":"1.0.0","input":"2"}'),
  ('tick', 2, 1, 'OrchestrationStarted', '{"event_id":1,"timestamp_ms":1767600000000,"type":"OrchestrationStarted","name":"Eternal","version":"1.0.0","input":"2"}');
