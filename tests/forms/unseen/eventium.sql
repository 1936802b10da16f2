-- A Haskell library: the type is the tag of the payload, the time is in the metadata.
-- table = events
-- stream = uuid
-- version = version
-- type = payload->tag | metadata->eventType
-- time = metadata->createdAt
-- data = payload | payload->contents
-- metadata = metadata
-- position = id
CREATE TABLE events (id INTEGER PRIMARY KEY, uuid VARCHAR NOT NULL, version INTEGER NOT NULL, payload VARCHAR NOT NULL, metadata VARCHAR NOT NULL,
  CONSTRAINT unique_uuid_version UNIQUE (uuid, version));
CREATE TABLE projection_snapshots (uuid VARCHAR PRIMARY KEY, version INTEGER, state VARCHAR);
INSERT INTO events SELECT NULL, sid, v - 1, json_object('tag', type, 'contents', json(data)),
  json_object('eventType', type, 'correlationId', corr, 'causationId', NULL, 'createdAt', strftime('%Y-%m-%dT%H:%M:%fZ', at / 1e6, 'unixepoch')) FROM story ORDER BY n;
