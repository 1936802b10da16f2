-- Pages of a site: blocks of each page in their order, with content in JSON.
-- plain
CREATE TABLE pages (id INTEGER PRIMARY KEY, slug TEXT UNIQUE, title TEXT, status TEXT, published_at TEXT, updated_at TEXT);
CREATE TABLE blocks (id INTEGER PRIMARY KEY, page_id INTEGER NOT NULL REFERENCES pages (id), position INTEGER NOT NULL, type TEXT NOT NULL, content TEXT NOT NULL, updated_at TEXT NOT NULL, UNIQUE (page_id, position));
INSERT INTO pages SELECT sno + 1, 'page-' || sno, 'Page', 'live', min(iso), max(iso) FROM story GROUP BY sid;
INSERT INTO blocks SELECT n, sno + 1, v, CASE v % 3 WHEN 0 THEN 'text' WHEN 1 THEN 'image' ELSE 'quote' END, json_object('body', 'Words ' || n), iso FROM story ORDER BY n;
