-- A PHP package: a subject and a causer, each a type and a number.
-- table = activity_log
-- stream = subject_id
-- version = none
-- type = event | description
-- time = created_at
-- data = properties
-- kind = subject_type
-- actor = causer_id
CREATE TABLE activity_log (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, log_name VARCHAR, description TEXT NOT NULL, subject_type VARCHAR, subject_id INTEGER, causer_type VARCHAR, causer_id INTEGER, properties TEXT, created_at DATETIME, updated_at DATETIME, event VARCHAR, batch_uuid VARCHAR);
CREATE INDEX subject ON activity_log (subject_type, subject_id);
CREATE INDEX causer ON activity_log (causer_type, causer_id);
INSERT INTO activity_log SELECT NULL, 'default', CASE WHEN v = 1 THEN 'created' ELSE 'updated' END, 'App\Models\' || kind_name, sno + 1, 'App\Models\User', n % 3 + 1, json_object('attributes', json(data), 'old', json('{}')), datetime(at / 1000000, 'unixepoch'), datetime(at / 1000000, 'unixepoch'), CASE WHEN v = 1 THEN 'created' ELSE 'updated' END, NULL FROM story ORDER BY n;
