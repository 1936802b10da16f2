-- A store that nobody has written to: names and constraints are all there is.
-- table = domain_events
-- stream = aggregate_id
-- version = sequence_number
-- type = event_type
-- time = occurred_at
-- data = payload
-- position = global_sequence
CREATE TABLE domain_events (global_sequence INTEGER PRIMARY KEY AUTOINCREMENT, aggregate_id TEXT NOT NULL, aggregate_type TEXT NOT NULL, sequence_number INTEGER NOT NULL, event_type TEXT NOT NULL, payload TEXT NOT NULL, metadata TEXT, occurred_at TEXT NOT NULL,
  UNIQUE (aggregate_id, sequence_number));
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, created_at TEXT);
