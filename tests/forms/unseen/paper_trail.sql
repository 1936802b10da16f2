-- A Ruby library: each row is what a record was before, and what changed.
-- table = versions
-- stream = item_id
-- version = none
-- type = event
-- time = created_at
-- data = object_changes
-- kind = item_type
-- actor = whodunnit
CREATE TABLE versions (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, item_type VARCHAR NOT NULL, item_id BIGINT NOT NULL, event VARCHAR NOT NULL, whodunnit VARCHAR, object TEXT, object_changes TEXT, created_at DATETIME(6));
CREATE INDEX index_versions_on_item_type_and_item_id ON versions (item_type, item_id);
INSERT INTO versions SELECT NULL, kind_name, sno + 100, CASE WHEN v = 1 THEN 'create' WHEN v % 6 = 0 THEN 'destroy' ELSE 'update' END, actor, CASE WHEN v > 1 THEN data END, json_object('note', json_array(NULL, 'n' || n), 'count', json_array(v, v + 1)), strftime('%Y-%m-%d %H:%M:%f', at / 1e6, 'unixepoch') FROM story ORDER BY n;
