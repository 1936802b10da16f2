-- A German application's log and its memory of what things came to, as messages of MessagePack.
-- snapshots = gedaechtnis
CREATE TABLE vorgaenge (lfd INTEGER PRIMARY KEY, akte TEXT NOT NULL, blatt INTEGER NOT NULL, art TEXT NOT NULL, wann TEXT NOT NULL, inhalt TEXT NOT NULL, UNIQUE (akte, blatt));
CREATE TABLE gedaechtnis (akte TEXT NOT NULL, bis INTEGER NOT NULL, bild BLOB NOT NULL, PRIMARY KEY (akte, bis));
CREATE TABLE einstellungen (schluessel TEXT PRIMARY KEY, wert TEXT);
INSERT INTO vorgaenge SELECT n, sid, v, type, iso, data FROM story ORDER BY n;
INSERT INTO gedaechtnis SELECT sid, v, messagepack(state) FROM came WHERE v % 4 = 0;
INSERT INTO einstellungen VALUES ('sprache', 'de'), ('farbe', 'blau');
