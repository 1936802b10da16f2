-- Each row is the whole thing after a change, numbered: a history without types.
-- table = document_history
-- stream = document_id
-- version = revision
-- type = none
-- time = saved_at
-- data = content
-- actor = saved_by
CREATE TABLE documents (id INTEGER PRIMARY KEY, title TEXT, content TEXT, updated_at TEXT);
CREATE TABLE document_history (document_id INTEGER NOT NULL REFERENCES documents (id), revision INTEGER NOT NULL, content TEXT NOT NULL, saved_by TEXT, saved_at TEXT NOT NULL, PRIMARY KEY (document_id, revision));
INSERT INTO documents SELECT sno + 1, 'Document ' || sno, '{}', max(iso) FROM story GROUP BY sid;
INSERT INTO document_history SELECT sno + 1, v, json_object('title', 'Document ' || sno, 'body', 'Text ' || n, 'words', n), actor, iso FROM story ORDER BY n;
