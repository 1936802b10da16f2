-- Contacts, their fields, and a log of plain words.
-- plain
CREATE TABLE contacts (id INTEGER PRIMARY KEY, name TEXT, kind TEXT, extra TEXT, created_at TEXT, modified_at TEXT);
CREATE TABLE fields (contact_id INTEGER, position INTEGER, kind TEXT, value TEXT, PRIMARY KEY (contact_id, position));
CREATE TABLE log (id INTEGER PRIMARY KEY, level TEXT, logger TEXT, message TEXT, logged_at TEXT);
INSERT INTO contacts SELECT sno + 1, 'Name ' || sno, 'person', json_object('note', sid), min(iso), max(iso) FROM story GROUP BY sid;
INSERT INTO fields SELECT sno + 1, v, CASE v % 2 WHEN 0 THEN 'email' ELSE 'phone' END, 'x' || n FROM story ORDER BY n;
INSERT INTO log SELECT n, 'INFO', 'app.sync', 'Synchronised ' || n || ' contacts.', iso FROM story ORDER BY n;
