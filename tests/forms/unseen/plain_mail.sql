-- A mail store: messages in mailboxes, numbered within each.
-- plain
CREATE TABLE mailboxes (id INTEGER PRIMARY KEY, name TEXT, uid_validity INTEGER);
CREATE TABLE messages (id INTEGER PRIMARY KEY, mailbox_id INTEGER NOT NULL REFERENCES mailboxes (id), uid INTEGER NOT NULL, message_id TEXT, subject TEXT, sender TEXT, recipients TEXT, date INTEGER, flags TEXT, size INTEGER, preview TEXT, UNIQUE (mailbox_id, uid));
INSERT INTO mailboxes VALUES (1, 'INBOX', 7), (2, 'Sent', 8), (3, 'Archive', 9);
INSERT INTO messages SELECT n, n % 3 + 1, (n - 1) / 3 + 1, '<' || eid || '@example.org>', 'About ' || n, actor || '@example.org', 'bob@example.org', at / 1000000, CASE n % 2 WHEN 0 THEN 'seen' ELSE '' END, 1000 + n, 'Dear Bob, ' || n FROM story ORDER BY n;
