-- A chat with a machine: who said what, in order, and nothing more.
-- plain
CREATE TABLE conversations (id TEXT PRIMARY KEY, title TEXT, created_at TEXT);
CREATE TABLE messages (id INTEGER PRIMARY KEY, conversation_id TEXT NOT NULL REFERENCES conversations (id), seq INTEGER NOT NULL, role TEXT NOT NULL, content TEXT NOT NULL, created_at TEXT NOT NULL, UNIQUE (conversation_id, seq));
INSERT INTO conversations SELECT DISTINCT sid, 'Chat ' || sno, '2026-01-01T00:00:00Z' FROM story;
INSERT INTO messages SELECT n, sid, v, CASE v % 2 WHEN 1 THEN 'user' ELSE 'assistant' END, 'Well, ' || n || ' is a number of some interest to many people.', iso FROM story ORDER BY n;
