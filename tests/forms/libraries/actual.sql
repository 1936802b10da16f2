-- Actual Budget: each message sets one column of one row; the clock is a hybrid logical one.
CREATE TABLE messages_crdt (id INTEGER PRIMARY KEY, timestamp TEXT NOT NULL UNIQUE, dataset TEXT NOT NULL, row TEXT NOT NULL, column TEXT NOT NULL, value BLOB NOT NULL);
CREATE TABLE messages_clock (id INTEGER PRIMARY KEY, clock TEXT);
CREATE TABLE transactions (id TEXT PRIMARY KEY, acct TEXT, amount INTEGER, notes TEXT, tombstone INTEGER DEFAULT 0);
INSERT INTO messages_crdt VALUES
  (1, '2026-01-05T08:00:00.000Z-0000-a1b2c3d4e5f60718', 'transactions', 't-1', 'amount', CAST('N:-1250' AS BLOB)),
  (2, '2026-01-05T08:00:00.000Z-0001-a1b2c3d4e5f60718', 'transactions', 't-1', 'notes', CAST('S:coffee' AS BLOB)),
  (3, '2026-01-05T08:00:05.000Z-0000-a1b2c3d4e5f60718', 'transactions', 't-1', 'notes', CAST('0:' AS BLOB));
INSERT INTO messages_clock VALUES (1, '{"timestamp":"2026-01-05T08:00:05.000Z-0000-a1b2c3d4e5f60718","merkle":{}}');
INSERT INTO transactions VALUES ('t-1', NULL, -1250, NULL, 0);
