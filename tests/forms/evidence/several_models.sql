-- Read models for two of three kinds, one of them with the kind in a column, and a list of all streams.
-- models = board, search_entries
-- streams = stream_heads
CREATE TABLE msgs (id INTEGER PRIMARY KEY, category TEXT NOT NULL, stream TEXT NOT NULL, idx INTEGER NOT NULL, type TEXT NOT NULL, time TEXT NOT NULL, data TEXT NOT NULL, UNIQUE (stream, idx));
CREATE TABLE stream_heads (stream TEXT PRIMARY KEY, category TEXT NOT NULL, head INTEGER NOT NULL);
CREATE TABLE board (task TEXT PRIMARY KEY, label TEXT, who TEXT, position INTEGER);
CREATE TABLE search_entries (category TEXT NOT NULL, ref TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (category, ref));
INSERT INTO msgs SELECT n, kind, sid, v, type, iso, data FROM story ORDER BY n;
INSERT INTO stream_heads SELECT sid, kind, v FROM last;
INSERT INTO board SELECT sid, name, owner, sno FROM last WHERE kind = 'task';
INSERT INTO search_entries SELECT kind, sid, name FROM last;
