-- The first three events of a new application.
-- table = events
-- stream = stream_id
-- version = version
-- type = type
-- time = created_at
-- data = data
CREATE TABLE events (id INTEGER PRIMARY KEY, stream_id TEXT NOT NULL, version INTEGER NOT NULL, type TEXT NOT NULL, data TEXT NOT NULL, created_at TEXT NOT NULL, UNIQUE (stream_id, version));
INSERT INTO events VALUES (1, 'cart-1', 1, 'CartCreated', '{"owner":"anna"}', '2026-05-01T10:00:00Z'),
  (2, 'cart-1', 2, 'ItemAdded', '{"sku":"a","qty":1}', '2026-05-01T10:00:05Z'), (3, 'cart-2', 1, 'CartCreated', '{"owner":"bert"}', '2026-05-01T10:02:00Z');
