-- A copy of a message broker's log: partitions and offsets, the key is what the message is about.
-- table = records
-- stream = key
-- version = none
-- type = value->type
-- time = timestamp
-- data = value
-- position = rowid
CREATE TABLE records (topic TEXT NOT NULL, partition INTEGER NOT NULL, "offset" INTEGER NOT NULL, key TEXT, value TEXT, headers TEXT, timestamp INTEGER NOT NULL, PRIMARY KEY (topic, partition, "offset"));
INSERT INTO records SELECT 'shop', sno % 2, row_number() OVER (PARTITION BY sno % 2 ORDER BY n) - 1, sid, json_object('type', type, 'data', json(data)), '[]', at / 1000 FROM story ORDER BY n;
