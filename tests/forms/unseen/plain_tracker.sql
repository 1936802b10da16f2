-- An issue tracker: issues and what people say about them.
-- plain
CREATE TABLE projects (id INTEGER PRIMARY KEY, key TEXT UNIQUE, name TEXT, settings TEXT);
CREATE TABLE issues (id INTEGER PRIMARY KEY, project_id INTEGER REFERENCES projects (id), number INTEGER NOT NULL, type TEXT NOT NULL, title TEXT NOT NULL, body TEXT, status TEXT NOT NULL, priority TEXT, assignee TEXT, labels TEXT, created_at TEXT, updated_at TEXT, closed_at TEXT, UNIQUE (project_id, number));
CREATE TABLE comments (id INTEGER PRIMARY KEY, issue_id INTEGER NOT NULL REFERENCES issues (id), author TEXT NOT NULL, body TEXT NOT NULL, created_at TEXT NOT NULL);
INSERT INTO projects SELECT DISTINCT sno + 1, upper(substr(sid, 1, 3)) || sno, 'Project ' || sno, '{"public":true}' FROM story;
INSERT INTO issues SELECT n, sno + 1, v, CASE n % 3 WHEN 0 THEN 'bug' WHEN 1 THEN 'feature' ELSE 'task' END, 'Something is wrong in ' || n, 'Long text ' || n, CASE n % 2 WHEN 0 THEN 'open' ELSE 'closed' END, 'high', actor, json_array('ui', 'area' || n % 4), iso, iso, NULL FROM story ORDER BY n;
INSERT INTO comments SELECT n, n, actor, 'I think that ' || n || ' is right.', iso FROM story ORDER BY n;
