-- An application in Ruby: Rails' own columns, its updated_at among them, and the thing as a pair.
-- table = domain_events
-- stream = subject_id
-- version = none
-- type = type
-- time = created_at
-- data = data
-- kind = subject_type
CREATE TABLE domain_events (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, type VARCHAR NOT NULL, subject_type VARCHAR NOT NULL, subject_id INTEGER NOT NULL, data JSON NOT NULL, created_at DATETIME(6) NOT NULL, updated_at DATETIME(6) NOT NULL);
CREATE INDEX index_domain_events_on_subject ON domain_events (subject_type, subject_id);
INSERT INTO domain_events SELECT NULL, 'Events::' || type, kind_name, sno + 11, data, strftime('%Y-%m-%d %H:%M:%f', at / 1e6, 'unixepoch'), strftime('%Y-%m-%d %H:%M:%f', at / 1e6, 'unixepoch') FROM story ORDER BY n;
