-- A French journal without a key of its own: an index leads to the file, the time is in seconds.
-- table = journal
-- stream = dossier
-- version = rang
-- type = nature
-- time = instant
-- data = contenu
-- position = numero
CREATE TABLE journal (numero INTEGER PRIMARY KEY, dossier TEXT, rang INTEGER, nature TEXT, auteur TEXT, instant INTEGER, contenu TEXT);
CREATE INDEX par_dossier ON journal (dossier, rang);
INSERT INTO journal SELECT n, sid, v, dotted, actor, at / 1000000, data FROM story ORDER BY n;
