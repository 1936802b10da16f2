-- An editor's operations: a document, its revision, who, and what.
-- table = ops
-- stream = doc_id
-- version = rev
-- type = op->type | op->kind
-- time = created
-- data = op
-- actor = author
CREATE TABLE docs (doc_id TEXT PRIMARY KEY, title TEXT, head INTEGER);
CREATE TABLE ops (doc_id TEXT NOT NULL REFERENCES docs (doc_id), rev INTEGER NOT NULL, author TEXT NOT NULL, op TEXT NOT NULL, created TEXT NOT NULL, PRIMARY KEY (doc_id, rev)) WITHOUT ROWID;
INSERT INTO docs SELECT sid, 'Doc', max(v) FROM story GROUP BY sid;
INSERT INTO ops SELECT sid, v - 1, actor, json_object('type', CASE v % 3 WHEN 0 THEN 'insert' WHEN 1 THEN 'delete' ELSE 'format' END, 'at', n, 'text', 'abc' || n), iso FROM story ORDER BY n;
