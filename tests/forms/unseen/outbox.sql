-- The event table, and beside it the outbox from which the same events go out: it is larger, and no store.
-- table = event_log
-- stream = aggregate_id
-- version = aggregate_version
-- type = event_name
-- time = occurred_at
-- data = payload
-- position = id
-- kind = aggregate_type
CREATE TABLE event_log (id INTEGER PRIMARY KEY, aggregate_type TEXT NOT NULL, aggregate_id TEXT NOT NULL, aggregate_version INTEGER NOT NULL, event_name TEXT NOT NULL, payload TEXT NOT NULL, occurred_at TEXT NOT NULL,
  UNIQUE (aggregate_type, aggregate_id, aggregate_version));
CREATE TABLE outbox_messages (id TEXT PRIMARY KEY, topic TEXT NOT NULL, partition_key TEXT NOT NULL, partition_no INTEGER, offset_no INTEGER, event_type TEXT NOT NULL, payload TEXT NOT NULL, headers TEXT, created_at TEXT NOT NULL, published_at TEXT, attempts INTEGER NOT NULL DEFAULT 0,
  UNIQUE (partition_no, offset_no));
INSERT INTO event_log SELECT n, kind, sid, v, dotted, data, iso FROM story ORDER BY n;
INSERT INTO outbox_messages SELECT eid, 'shop.' || kind, sid, sno % 3, row_number() OVER (PARTITION BY sno % 3 ORDER BY n) - 1, dotted, json_object('id', eid, 'type', dotted, 'time', iso, 'data', json(data)), meta, iso, CASE WHEN n < 80 THEN iso END, 1 FROM story ORDER BY n;
