-- ADK's own SQLite session service: the columns of the other layout, with times as seconds since 1970.
CREATE TABLE app_states (app_name TEXT PRIMARY KEY, state TEXT NOT NULL, update_time REAL NOT NULL);
CREATE TABLE user_states (app_name TEXT NOT NULL, user_id TEXT NOT NULL, state TEXT NOT NULL, update_time REAL NOT NULL, PRIMARY KEY (app_name, user_id));
CREATE TABLE sessions (app_name TEXT NOT NULL, user_id TEXT NOT NULL, id TEXT NOT NULL, state TEXT NOT NULL, create_time REAL NOT NULL, update_time REAL NOT NULL, PRIMARY KEY (app_name, user_id, id));
CREATE TABLE events (id TEXT NOT NULL, app_name TEXT NOT NULL, user_id TEXT NOT NULL, session_id TEXT NOT NULL, invocation_id TEXT NOT NULL, timestamp REAL NOT NULL, event_data TEXT NOT NULL, PRIMARY KEY (app_name, user_id, session_id, id), FOREIGN KEY (app_name, user_id, session_id) REFERENCES sessions (app_name, user_id, id) ON DELETE CASCADE);
INSERT INTO sessions VALUES ('shopbot', 'ann', 's-1', '{"cart":["S1"]}', 1767600000.5, 1767600002.25);
INSERT INTO events VALUES
  ('e-2', 'shopbot', 'ann', 's-1', 'inv-1', 1767600002.25, '{"author":"root_agent","actions":{"state_delta":{"cart":["S1"]}}}'),
  ('e-1', 'shopbot', 'ann', 's-1', 'inv-1', 1767600001.5, '{"author":"user","actions":{"state_delta":{}}}');
