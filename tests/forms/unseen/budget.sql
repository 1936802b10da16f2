-- A budget application that synchronises by messages: one row sets one column of one row. Times are hybrid logical clocks.
-- table = messages_crdt
-- stream = row | (dataset,row)
-- version = none
-- type = column | none
-- time = timestamp
-- data = column,value | value
-- kind = dataset
-- position = id
CREATE TABLE messages_crdt (id INTEGER PRIMARY KEY, timestamp TEXT NOT NULL UNIQUE, dataset TEXT NOT NULL, row TEXT NOT NULL, "column" TEXT NOT NULL, value BLOB NOT NULL);
CREATE INDEX messages_crdt_search ON messages_crdt (dataset, row, "column", timestamp);
CREATE TABLE transactions (id TEXT PRIMARY KEY, acct TEXT, amount INTEGER, notes TEXT, cleared INTEGER, tombstone INTEGER DEFAULT 0);
INSERT INTO messages_crdt SELECT NULL, strftime('%Y-%m-%dT%H:%M:%fZ', at / 1e6, 'unixepoch') || printf('-%04X-', n % 3) || 'a1b2c3d4e5f60718',
  kind || 's', sid, CASE v % 4 WHEN 0 THEN 'amount' WHEN 1 THEN 'acct' WHEN 2 THEN 'notes' ELSE 'cleared' END,
  CASE v % 4 WHEN 0 THEN 'N:' || n * 100 WHEN 1 THEN 'S:' || actor WHEN 2 THEN 'S:coffee ' || n ELSE 'N:1' END FROM story ORDER BY n;
INSERT INTO transactions SELECT DISTINCT sid, 'anna', 100, 'coffee', 1, 0 FROM story;
