-- Nanoseconds and MessagePack.
-- table = journal_entries
-- stream = entity
-- version = seq_no
-- type = entry_type
-- time = written_at
-- data = content
-- position = ordinal
CREATE TABLE journal_entries (ordinal INTEGER PRIMARY KEY, entity TEXT NOT NULL, seq_no INTEGER NOT NULL, entry_type TEXT NOT NULL, written_at INTEGER NOT NULL, content BLOB NOT NULL, CHECK (seq_no > 0));
CREATE UNIQUE INDEX by_entity ON journal_entries (entity, seq_no);
INSERT INTO journal_entries SELECT n, kind || '|' || sid, v, dotted, at * 1000, messagepack(data) FROM story ORDER BY n;
