-- ADK before its event data became JSON: the actions are a Python pickle.
CREATE TABLE sessions (app_name VARCHAR(128) NOT NULL, user_id VARCHAR(128) NOT NULL, id VARCHAR(128) NOT NULL, state TEXT NOT NULL, create_time DATETIME NOT NULL, update_time DATETIME NOT NULL, PRIMARY KEY (app_name, user_id, id));
CREATE TABLE events (id VARCHAR(128) NOT NULL, app_name VARCHAR(128) NOT NULL, user_id VARCHAR(128) NOT NULL, session_id VARCHAR(128) NOT NULL, invocation_id VARCHAR(256) NOT NULL, author VARCHAR(256) NOT NULL, actions BLOB NOT NULL, long_running_tool_ids_json TEXT, branch VARCHAR(256), timestamp DATETIME NOT NULL, content TEXT, grounding_metadata TEXT, PRIMARY KEY (id, app_name, user_id, session_id));
INSERT INTO sessions VALUES ('shopbot', 'ann', 's-1', '{}', '2026-01-05 08:00:00', '2026-01-05 08:00:01');
INSERT INTO events (id, app_name, user_id, session_id, invocation_id, author, actions, timestamp, content) VALUES
  ('e-1', 'shopbot', 'ann', 's-1', 'inv-1', 'user', X'80049503000000000000007D942E', '2026-01-05 08:00:01.000500', '{"parts":[{"text":"hello"}],"role":"user"}');
