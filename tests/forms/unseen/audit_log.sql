-- A trail that an application keeps of what its users do: a pair of a type and a number names what was touched.
-- table = audit_log
-- stream = entity_id
-- version = none
-- type = action
-- time = created_at
-- data = changes
-- kind = entity_type
-- actor = user_id
-- position = id
CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT UNIQUE, name TEXT);
CREATE TABLE audit_log (id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER REFERENCES users (id), action TEXT NOT NULL, entity_type TEXT NOT NULL, entity_id INTEGER NOT NULL,
  changes TEXT, ip_address TEXT, user_agent TEXT, created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP);
CREATE INDEX audit_entity ON audit_log (entity_type, entity_id);
INSERT INTO users VALUES (1, 'anna@example.org', 'Anna'), (2, 'bert@example.org', 'Bert'), (3, 'carla@example.org', 'Carla');
INSERT INTO audit_log SELECT NULL, n % 3 + 1, CASE WHEN v = 1 THEN 'create' WHEN v % 5 = 0 THEN 'delete' ELSE 'update' END, kind_name, sno * 7, data, '10.0.0.' || n % 9, 'Mozilla/5.0 (X11)',
  strftime('%Y-%m-%d %H:%M:%S', at / 1000000, 'unixepoch') FROM story ORDER BY n;
