-- Julian days and compressed JSON, in a table without a unique key.
-- table = changes
-- stream = doc
-- version = rev
-- type = op
-- time = at
-- data = packed
-- position = rowid
CREATE TABLE changes (doc TEXT, rev INTEGER, op TEXT, at REAL, packed BLOB);
CREATE INDEX changes_doc ON changes (doc, rev);
INSERT INTO changes SELECT sid, v, dotted, at / 86400e6 + 2440587.5, zlib(data) FROM story ORDER BY n;
