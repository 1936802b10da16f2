-- An application in Go: an id of its own, the version called seq, a time with a zone.
-- table = event
-- stream = agg_id
-- version = agg_seq
-- type = evt
-- time = ts
-- data = data
-- kind = agg
-- position = rowid
-- event_id = id
CREATE TABLE event (id TEXT PRIMARY KEY, agg TEXT NOT NULL, agg_id TEXT NOT NULL, agg_seq INTEGER NOT NULL, evt TEXT NOT NULL, data BLOB, ts DATETIME NOT NULL, UNIQUE (agg, agg_id, agg_seq));
INSERT INTO event SELECT eid, kind, sid, v, dotted, CAST(data AS BLOB), strftime('%Y-%m-%d %H:%M:%f', at / 1e6, 'unixepoch') || '000000 +0000 UTC' FROM story ORDER BY n;
