-- The whole event in one document, in the form of CloudEvents; the row has no more than its number.
-- table = inbox_archive
-- stream = event->subject
-- version = none
-- type = event->type
-- time = event->time
-- data = event | event->data
-- event_id = event->id
CREATE TABLE inbox_archive (id INTEGER PRIMARY KEY, event TEXT NOT NULL);
INSERT INTO inbox_archive SELECT n, json_object('specversion', '1.0', 'id', eid, 'source', '/shop', 'type', 'org.example.' || dotted, 'subject', kind || '/' || sid, 'time', iso, 'data', json(data)) FROM story ORDER BY n;
