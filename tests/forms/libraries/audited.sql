-- Audited's audits: a creation has the values, an update pairs of them.
CREATE TABLE audits (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, auditable_id INTEGER, auditable_type VARCHAR, associated_id INTEGER, associated_type VARCHAR, user_id INTEGER, user_type VARCHAR, username VARCHAR, action VARCHAR, audited_changes TEXT, version INTEGER DEFAULT 0, comment VARCHAR, remote_address VARCHAR, request_uuid VARCHAR, created_at DATETIME);
INSERT INTO audits (auditable_id, auditable_type, user_id, user_type, action, audited_changes, version, remote_address, request_uuid, created_at) VALUES
  (7, 'Article', 1, 'User', 'create', '{"title":"First","tags":["a","b"],"price":8}', 1, '10.0.0.1', 'r-1', '2026-01-05 08:00:00'),
  (7, 'Article', 1, 'User', 'update', '{"title":["First","Second"],"tags":[["a","b"],["c"]]}', 2, '10.0.0.1', 'r-2', '2026-01-05 08:00:01'),
  (8, 'Article', 2, 'User', 'create', '{"title":"Other"}', 1, NULL, 'r-3', '2026-01-05 08:00:02'),
  (8, 'Article', 2, 'User', 'destroy', '{"title":"Other"}', 2, NULL, 'r-4', '2026-01-05 08:00:03');
