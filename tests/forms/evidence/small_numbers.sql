-- Streams are short numbers, and so are the keys of tables that have nothing to do with them. One does.
-- models = tickets
CREATE TABLE history (id INTEGER PRIMARY KEY, item INTEGER NOT NULL, step INTEGER NOT NULL, action TEXT NOT NULL, at TEXT NOT NULL, payload TEXT NOT NULL, UNIQUE (item, step));
CREATE TABLE tickets (id INTEGER PRIMARY KEY, subject TEXT, reporter TEXT, spent INTEGER);
CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT NOT NULL, price INTEGER NOT NULL, revision INTEGER NOT NULL);
CREATE TABLE backups (id INTEGER PRIMARY KEY, version INTEGER NOT NULL, state TEXT NOT NULL);
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT);
INSERT INTO history SELECT n, sno + 1, v, type, iso, data FROM story ORDER BY n;
INSERT INTO tickets SELECT sno + 1, name, owner, total FROM last;
INSERT INTO products SELECT sno + 1, 'product ' || sno, sno * 95, 1 + sno % 3 FROM last;
INSERT INTO backups SELECT sno + 1, 1 + sno % 3, json_object('files', sno * 900, 'folder', 'home ' || sno) FROM last;
INSERT INTO users VALUES (1, 'anna', 'anna@example.org'), (2, 'bert', 'bert@example.org'), (3, 'carla', NULL);
