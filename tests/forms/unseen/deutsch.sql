-- A shop in German: no name helps, but for what the values are.
-- table = vorgaenge
-- stream = vorgang
-- version = nummer
-- type = art
-- time = zeitpunkt
-- data = inhalt
-- position = lfd
CREATE TABLE vorgaenge (lfd INTEGER PRIMARY KEY, vorgang TEXT NOT NULL, nummer INTEGER NOT NULL, art TEXT NOT NULL, bearbeiter TEXT NOT NULL, zeitpunkt TEXT NOT NULL, inhalt TEXT NOT NULL, UNIQUE (vorgang, nummer));
CREATE TABLE kunden (id INTEGER PRIMARY KEY, name TEXT, ort TEXT);
INSERT INTO kunden VALUES (1, 'Anna', 'Aachen'), (2, 'Bert', 'Bonn');
INSERT INTO vorgaenge SELECT n, 'V-' || printf('%05d', sno), v, CASE type WHEN 'OrderPlaced' THEN 'BestellungAufgegeben' ELSE 'Vorgang' || type END, actor, strftime('%Y-%m-%dT%H:%M:%fZ', at / 1e6, 'unixepoch'), data FROM story ORDER BY n;
