-- A PHP library: the aggregate's type in a column called stream, PHP's own serialisation, microseconds after a space.
-- table = event_store
-- stream = aggregate_id
-- version = version
-- type = event
-- time = created_at
-- data = payload
-- kind = stream
-- position = id
CREATE TABLE event_store (id INTEGER PRIMARY KEY AUTOINCREMENT, stream VARCHAR(128) NOT NULL, aggregate_id CHAR(36) NOT NULL,
  version INTEGER NOT NULL, event VARCHAR(255) NOT NULL, payload TEXT NOT NULL, meta_data TEXT, correlation_id CHAR(36), created_at TEXT NOT NULL);
CREATE UNIQUE INDEX event_store_stream ON event_store (stream, aggregate_id, version);
INSERT INTO event_store SELECT NULL, 'App\Domain\' || kind_name, sid, v, 'App\Domain\Event\' || type,
  'a:2:{s:6:"number";i:' || n || ';s:4:"note";s:5:"abcde";}', 'a:0:{}', corr, strftime('%Y-%m-%d %H:%M:%S', at / 1000000, 'unixepoch') || printf(' %06d', at % 1000000)
  FROM story ORDER BY n;
