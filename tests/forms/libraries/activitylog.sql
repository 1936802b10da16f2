-- Laravel activitylog: what was done to a record, by whom, with the attributes after and before.
CREATE TABLE activity_log (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, log_name VARCHAR, description TEXT NOT NULL, subject_type VARCHAR, event VARCHAR, subject_id INTEGER, causer_type VARCHAR, causer_id INTEGER, properties TEXT, batch_uuid VARCHAR, created_at DATETIME, updated_at DATETIME);
CREATE INDEX subject ON activity_log (subject_type, subject_id);
INSERT INTO activity_log VALUES
  (1, 'default', 'created', 'App\Models\Article', 'created', 7, 'App\Models\User', 1, '{"attributes":{"title":"First","price":8}}', NULL, '2026-01-05 08:00:00', '2026-01-05 08:00:00'),
  (2, 'default', 'updated', 'App\Models\Article', 'updated', 7, 'App\Models\User', 2, '{"attributes":{"title":"Second"},"old":{"title":"First"}}', NULL, '2026-01-05 08:00:01', '2026-01-05 08:00:01'),
  (3, 'default', 'deleted', 'App\Models\Article', 'deleted', 7, NULL, NULL, '{"old":{"title":"Second","price":8}}', NULL, '2026-01-05 08:00:02', '2026-01-05 08:00:02');
