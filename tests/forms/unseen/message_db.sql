-- A port of a message store: generated columns take the stream's name apart, no key is unique but the id, times are local.
-- table = messages
-- stream = stream_name
-- version = position
-- type = message_type
-- time = time
-- data = data
-- kind = category | stream_name before '-'
-- position = global_position
-- event_id = id
-- metadata = metadata
CREATE TABLE messages (global_position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, stream_name TEXT NOT NULL,
  message_type TEXT NOT NULL, position INTEGER NOT NULL, data TEXT, metadata TEXT, time TEXT DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now', 'localtime')),
  category TEXT GENERATED ALWAYS AS (CASE WHEN instr(stream_name, '-') > 0 THEN substr(stream_name, 1, instr(stream_name, '-') - 1) ELSE stream_name END) VIRTUAL,
  stream_id TEXT GENERATED ALWAYS AS (CASE WHEN instr(stream_name, '-') > 0 THEN substr(stream_name, instr(stream_name, '-') + 1) END) VIRTUAL);
CREATE INDEX messages_category ON messages (category, global_position);
INSERT INTO messages (id, stream_name, message_type, position, data, metadata, time)
  SELECT eid, kind || '-' || sid, type, v - 1, data, meta, strftime('%Y-%m-%d %H:%M:%f', at / 1e6, 'unixepoch') FROM story ORDER BY n;
