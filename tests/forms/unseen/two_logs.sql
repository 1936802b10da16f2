-- Two contexts keep their events in one file: the larger one is chosen, the other offered.
-- table = sales_events
-- stream = stream_id
-- version = version
-- type = type
-- time = created_at
-- data = payload
-- others = stock_events
CREATE TABLE sales_events (id INTEGER PRIMARY KEY, stream_id TEXT, version INTEGER, type TEXT, payload TEXT, created_at INTEGER, UNIQUE (stream_id, version));
CREATE TABLE stock_events (id INTEGER PRIMARY KEY, stream_id TEXT, version INTEGER, type TEXT, payload TEXT, created_at INTEGER, UNIQUE (stream_id, version));
INSERT INTO sales_events SELECT NULL, sid, v, dotted, data, at / 1000 FROM story WHERE kind <> 'task' ORDER BY n;
INSERT INTO stock_events SELECT NULL, sid, v, dotted, data, at / 1000 FROM story WHERE kind = 'task' ORDER BY n;
