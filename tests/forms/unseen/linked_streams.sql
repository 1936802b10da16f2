-- An Elixir library: events have no stream; a table links them to their own and to $all, where they have other numbers.
-- table = events
-- stream = event_id=>stream_events.event_id:stream_id=>streams.stream_id:stream_uuid
-- version = event_id=>stream_events.event_id:stream_version | event_id=>stream_events.event_id:original_stream_version
-- type = event_type
-- time = created_at
-- data = data
-- event_id = event_id
-- metadata = metadata
CREATE TABLE streams (stream_id INTEGER PRIMARY KEY, stream_uuid TEXT NOT NULL UNIQUE, stream_version BIGINT NOT NULL DEFAULT 0, created_at TEXT, deleted_at TEXT);
CREATE TABLE events (event_id TEXT PRIMARY KEY NOT NULL, event_type TEXT NOT NULL, causation_id TEXT, correlation_id TEXT, data BLOB NOT NULL, metadata BLOB, created_at TEXT NOT NULL);
CREATE TABLE stream_events (event_id TEXT NOT NULL REFERENCES events (event_id), stream_id BIGINT NOT NULL REFERENCES streams (stream_id), stream_version BIGINT NOT NULL,
  original_stream_id BIGINT REFERENCES streams (stream_id), original_stream_version BIGINT, PRIMARY KEY (event_id, stream_id));
CREATE UNIQUE INDEX ix_stream_events ON stream_events (stream_id, stream_version);
CREATE TABLE subscriptions (subscription_id INTEGER PRIMARY KEY, stream_uuid TEXT, subscription_name TEXT, last_seen BIGINT, created_at TEXT);
INSERT INTO streams VALUES (0, '$all', 0, '2026-01-01 00:00:00', NULL);
INSERT INTO streams SELECT sno + 1, kind || '-' || sid, max(v), min(iso), NULL FROM story GROUP BY sid;
INSERT INTO events SELECT eid, 'Elixir.Shop.' || type, cause, corr, CAST(data AS BLOB), CAST(meta AS BLOB), strftime('%Y-%m-%d %H:%M:%f', at / 1e6, 'unixepoch') || '000' FROM story ORDER BY n;
INSERT INTO stream_events SELECT eid, sno + 1, v, sno + 1, v FROM story ORDER BY n;
INSERT INTO stream_events SELECT eid, 0, n, sno + 1, v FROM story ORDER BY n;
UPDATE streams SET stream_version = (SELECT max(n) FROM story) WHERE stream_id = 0;
