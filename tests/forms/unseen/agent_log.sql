-- What agents did: a session, a step without a key, a role, usage in numbers.
-- table = agent_events
-- stream = session_id
-- version = step
-- type = event
-- time = created_at
-- data = payload
-- position = id
CREATE TABLE agent_sessions (id TEXT PRIMARY KEY, model TEXT, status TEXT, created_at REAL, updated_at REAL);
CREATE TABLE agent_events (id INTEGER PRIMARY KEY, session_id TEXT NOT NULL, step INTEGER NOT NULL, role TEXT NOT NULL, event TEXT NOT NULL, tokens INTEGER, cost REAL, payload TEXT NOT NULL, created_at REAL NOT NULL);
CREATE INDEX agent_events_session ON agent_events (session_id);
INSERT INTO agent_sessions SELECT sid, 'm', 'done', min(at) / 1e6, max(at) / 1e6 FROM story GROUP BY sid;
INSERT INTO agent_events SELECT n, sid, v - 1, CASE v % 2 WHEN 0 THEN 'assistant' ELSE 'user' END, CASE v % 4 WHEN 0 THEN 'tool_call' WHEN 1 THEN 'message' WHEN 2 THEN 'message' ELSE 'tool_result' END, n * 7, n / 100.0, json_object('text', 'Step ' || n, 'tool', CASE WHEN v % 4 = 0 THEN 'search' END), at / 1e6 FROM story ORDER BY n;
