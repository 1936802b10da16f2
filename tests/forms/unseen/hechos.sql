-- A Spanish ledger of facts: no name helps; the document is bytes.
-- table = hechos
-- stream = expediente
-- version = orden
-- type = clase
-- time = momento
-- data = contenido
-- metadata = contexto
CREATE TABLE hechos (id INTEGER PRIMARY KEY, expediente TEXT, orden INTEGER, clase TEXT, usuario TEXT, momento INTEGER, contenido BLOB, contexto BLOB);
CREATE UNIQUE INDEX hechos_exp ON hechos (expediente, orden);
INSERT INTO hechos SELECT n, 'exp/' || sid, v, type, actor, at / 1000, CAST(data AS BLOB), CAST(meta AS BLOB) FROM story ORDER BY n;
