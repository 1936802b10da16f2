-- An early form of a Python library: the sequence and the place in it.
-- table = sequenced_items
-- stream = sequence_id
-- version = position
-- type = topic
-- time = state->timestamp
-- data = state
-- position = rowid
CREATE TABLE sequenced_items (sequence_id BLOB NOT NULL, position BIGINT NOT NULL, topic TEXT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (sequence_id, position));
INSERT INTO sequenced_items SELECT unhex(replace(sid, '-', '')), v - 1, 'shop.domain#' || kind_name || '.' || type, json_set(data, '$.timestamp', at / 1e6, '$.originator_version', v - 1) FROM story ORDER BY n;
