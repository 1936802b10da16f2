-- Feature flags and rules in JSON, changed in place.
-- plain
CREATE TABLE flags (id INTEGER PRIMARY KEY, environment TEXT NOT NULL, key TEXT NOT NULL, type TEXT NOT NULL, rules TEXT NOT NULL, enabled INTEGER NOT NULL, version INTEGER NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL, UNIQUE (environment, key));
INSERT INTO flags SELECT n, CASE n % 2 WHEN 0 THEN 'production' ELSE 'staging' END, 'flag-' || n, CASE n % 2 WHEN 0 THEN 'boolean' ELSE 'variant' END, json_object('percent', n), 1, n % 4 + 1, iso, iso FROM story ORDER BY n;
