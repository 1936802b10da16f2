-- One log among hundreds of other tables.
-- table = entity_history
-- stream = entity_uuid
-- version = entity_revision
-- type = change_type
-- time = changed_on
-- data = change_json
-- position = change_no
CREATE TABLE entity_history (change_no INTEGER PRIMARY KEY, entity_uuid TEXT NOT NULL, entity_revision INTEGER NOT NULL, change_type TEXT NOT NULL, changed_by TEXT, changed_on TEXT NOT NULL, change_json TEXT NOT NULL);
CREATE UNIQUE INDEX one_revision ON entity_history (entity_uuid, entity_revision);
INSERT INTO entity_history SELECT n, sid, v, type, actor, strftime('%Y-%m-%d %H:%M:%S', at / 1000000, 'unixepoch'), data FROM story ORDER BY n;
-- repeat 300
CREATE TABLE part_{n} (id INTEGER PRIMARY KEY, name TEXT, kind TEXT, status TEXT, options TEXT, owner_id INTEGER, created_at TEXT, updated_at TEXT);
INSERT INTO part_{n} SELECT n, 'part ' || n, kind, 'active', '{"colour":"red"}', n % 5, iso, iso FROM story WHERE n < 30;
