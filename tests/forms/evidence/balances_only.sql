-- A read model of nothing but sums.
-- models = saldi
CREATE TABLE movimenti (id INTEGER PRIMARY KEY, conto TEXT NOT NULL, progressivo INTEGER NOT NULL, tipo TEXT NOT NULL, quando TEXT NOT NULL, dati TEXT NOT NULL, UNIQUE (conto, progressivo));
CREATE TABLE saldi (conto TEXT PRIMARY KEY, saldo INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO movimenti SELECT n, sid, v, type, iso, data FROM story ORDER BY n;
INSERT INTO saldi SELECT sid, total FROM last;
