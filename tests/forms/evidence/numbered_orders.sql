-- Rows with numbers, of streams that have a word before them; and what the application keeps for itself.
-- models = bestellungen
-- checkpoints = fortschritt
CREATE TABLE ereignisse (pos INTEGER PRIMARY KEY, strom TEXT NOT NULL, nr INTEGER NOT NULL, typ TEXT NOT NULL, zeit TEXT NOT NULL, daten TEXT NOT NULL, UNIQUE (strom, nr));
CREATE TABLE bestellungen (id INTEGER PRIMARY KEY, titel TEXT, kunde TEXT, summe INTEGER);
CREATE TABLE fortschritt (wer TEXT PRIMARY KEY, position INTEGER NOT NULL);
INSERT INTO ereignisse SELECT n, kind || '-' || sno, v, type, iso, data FROM story ORDER BY n;
INSERT INTO bestellungen SELECT sno, name, owner, total FROM last WHERE kind = 'order';
INSERT INTO fortschritt VALUES ('bestellungen', 130), ('mails', 90);
