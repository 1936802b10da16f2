-- PaperTrail's versions, with its YAML and its JSON columns.
CREATE TABLE versions (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, item_type VARCHAR NOT NULL, item_id BIGINT NOT NULL, event VARCHAR NOT NULL, whodunnit VARCHAR, object TEXT, object_changes TEXT, created_at DATETIME(6));
INSERT INTO versions (item_type, item_id, event, whodunnit, object, object_changes, created_at) VALUES
  ('Article', 7, 'create', 'ann', NULL, '{"id":[null,7],"title":[null,"First"],"price":[null,"8.50"]}', '2026-01-05 08:00:00.100000'),
  ('Article', 7, 'update', 'bo', '{"id":7,"title":"First","price":"8.50"}', '{"title":["First","Second"],"price":["8.50",null]}', '2026-01-05 08:00:01.100000'),
  ('Article', 8, 'create', 'ann', NULL, '---' || char(10) || 'id:' || char(10) || '-' || char(10) || '- 8' || char(10) || 'title:' || char(10) || '-' || char(10) || '- Łódź' || char(10), '2026-01-05 08:00:02.100000'),
  ('Article', 7, 'destroy', 'bo', '{"id":7,"title":"Second","price":null}', NULL, '2026-01-05 08:00:03.100000');
