-- What things were at some versions, in columns rather than a document.
-- snapshots = account_history
CREATE TABLE changes (no INTEGER PRIMARY KEY, subject TEXT NOT NULL, nr INTEGER NOT NULL, kind TEXT NOT NULL, day TEXT NOT NULL, info TEXT NOT NULL, UNIQUE (subject, nr));
CREATE TABLE account_history (subject TEXT NOT NULL, nr INTEGER NOT NULL, title TEXT, total INTEGER, PRIMARY KEY (subject, nr));
INSERT INTO changes SELECT n, sid, v, type, iso, data FROM story ORDER BY n;
INSERT INTO account_history SELECT sid, v, name, total FROM came WHERE kind = 'account' AND v % 2 = 1;
