-- DBOS for Python, its system database in SQLite: results as JSON, or pickled where the application does not choose.
CREATE TABLE workflow_status (workflow_uuid TEXT PRIMARY KEY, status TEXT, name TEXT, authenticated_user TEXT, assumed_role TEXT, authenticated_roles TEXT, request TEXT, output TEXT, error TEXT, executor_id TEXT, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, application_version TEXT, application_id TEXT, class_name TEXT DEFAULT NULL, config_name TEXT DEFAULT NULL, recovery_attempts INTEGER DEFAULT 0, queue_name TEXT, workflow_timeout_ms INTEGER, workflow_deadline_epoch_ms INTEGER, inputs TEXT, started_at_epoch_ms INTEGER, deduplication_id TEXT, priority INTEGER NOT NULL DEFAULT 0, serialization TEXT DEFAULT NULL);
CREATE TABLE operation_outputs (workflow_uuid TEXT NOT NULL, function_id INTEGER NOT NULL, function_name TEXT NOT NULL DEFAULT '', output TEXT, error TEXT, child_workflow_id TEXT, started_at_epoch_ms INTEGER, completed_at_epoch_ms INTEGER, serialization TEXT, PRIMARY KEY (workflow_uuid, function_id));
INSERT INTO workflow_status (workflow_uuid, status, name, inputs, output, error, created_at, updated_at, serialization) VALUES
  ('wf-0', 'SUCCESS', 'checkout', '{"positionalArgs":["S1",8]}', '{"order":{"sku":"S1","qty":2,"note":null},"payment":"paid"}', NULL, 1767600000000, 1767600002000, 'portable_json'),
  ('wf-1', 'ERROR', 'checkout', '{"positionalArgs":["S3",500]}', NULL, '{"name":"ValueError","message":"too much"}', 1767600010000, 1767600012000, 'portable_json'),
  ('wf-2', 'PENDING', 'checkout', '{"positionalArgs":["S4",1]}', NULL, NULL, 1767600020000, 1767600020000, 'portable_json');
INSERT INTO operation_outputs VALUES
  ('wf-0', 1, 'reserve', '{"sku":"S1","qty":2}', NULL, NULL, 1767600000471, 1767600000473, 'portable_json'),
  ('wf-0', 2, 'charge', 'gASVCAAAAAAAAACMBHBhaWSULg==', NULL, NULL, 1767600001519, 1767600001520, 'py_pickle'),
  ('wf-1', 1, 'reserve', '{"sku":"S3","qty":2}', NULL, NULL, 1767600010795, 1767600010796, 'portable_json'),
  ('wf-2', 1, 'reserve', '{"sku":"S4","qty":2}', NULL, NULL, 1767600020795, 1767600020796, 'portable_json');
