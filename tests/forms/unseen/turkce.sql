-- A Turkish archive: milliseconds as text, the type as a phrase with dots.
-- table = olaylar
-- stream = kayit
-- version = sira
-- type = olay
-- time = zaman
-- data = icerik
-- position = no
CREATE TABLE olaylar (no INTEGER PRIMARY KEY, kayit TEXT NOT NULL, sira INTEGER NOT NULL, olay TEXT NOT NULL, zaman TEXT NOT NULL, kisi TEXT, icerik TEXT NOT NULL);
CREATE UNIQUE INDEX olay_sira ON olaylar (kayit, sira);
INSERT INTO olaylar SELECT n, 'k' || printf('%06d', sno * 991), v, dotted, iso, actor, data FROM story ORDER BY n;
