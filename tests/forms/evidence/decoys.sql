-- Nothing here is made of the events, whatever it is called and however it is keyed.
-- streams = streams
CREATE TABLE events (id INTEGER PRIMARY KEY, stream_id TEXT NOT NULL, version INTEGER NOT NULL, type TEXT NOT NULL, at TEXT NOT NULL, data TEXT NOT NULL, UNIQUE (stream_id, version));
CREATE TABLE streams (stream_id TEXT PRIMARY KEY, version INTEGER NOT NULL, touched TEXT);
CREATE TABLE outbox (id INTEGER PRIMARY KEY, stream_id TEXT NOT NULL, version INTEGER NOT NULL, payload TEXT NOT NULL, sent INTEGER NOT NULL);
CREATE TABLE locks (stream_id TEXT PRIMARY KEY, holder TEXT NOT NULL, until INTEGER NOT NULL);
CREATE TABLE order_view (id INTEGER PRIMARY KEY, name TEXT NOT NULL, width INTEGER NOT NULL);
CREATE TABLE snapshots (id INTEGER PRIMARY KEY, camera TEXT NOT NULL, version INTEGER NOT NULL, state TEXT NOT NULL);
CREATE TABLE tokens (stream_id TEXT PRIMARY KEY, secret TEXT NOT NULL, uses INTEGER NOT NULL);
CREATE TABLE last_seen (stream_id TEXT PRIMARY KEY, last_type TEXT NOT NULL);
CREATE TABLE replies (command TEXT PRIMARY KEY, stream_id TEXT NOT NULL, answer TEXT NOT NULL);
INSERT INTO events SELECT n, sid, v, type, iso, data FROM story ORDER BY n;
INSERT INTO streams SELECT sid, v, iso FROM last;
INSERT INTO outbox SELECT n, sid, v, data, 1 FROM story;
INSERT INTO locks SELECT sid, 'worker ' || (sno % 3), n * 7919 % 1013 FROM last;
INSERT INTO order_view SELECT sno, 'view ' || sno, 40 * sno FROM last;
INSERT INTO snapshots SELECT sno, 'front door', sno % 5, json_object('light', sno * 3, 'file', 'shot ' || sno || '.png') FROM last;
INSERT INTO tokens SELECT sid, hex(zeroblob(4)) || sno * 7919, sno * 13 % 7 FROM last;
INSERT INTO last_seen SELECT sid, type FROM last;
INSERT INTO replies SELECT eid, sid, json_object('status', 'ok', 'took', n * 31 % 17) FROM story;
