-- A tracker's history of fields: one row, one field, before and after.
-- table = ticket_change
-- stream = ticket
-- version = none
-- type = field
-- time = time
-- data = field,newvalue | newvalue | oldvalue,newvalue
-- actor = author
CREATE TABLE ticket (id INTEGER PRIMARY KEY, type TEXT, time INTEGER, changetime INTEGER, component TEXT, severity TEXT, owner TEXT, status TEXT, summary TEXT);
CREATE TABLE ticket_change (ticket INTEGER, time INTEGER, author TEXT, field TEXT, oldvalue TEXT, newvalue TEXT, UNIQUE (ticket, time, field));
INSERT INTO ticket SELECT sno + 1, 'defect', min(at), max(at), 'core', 'normal', 'anna', 'new', 'It fails' FROM story GROUP BY sid;
INSERT INTO ticket_change SELECT sno + 1, at, actor, CASE v % 3 WHEN 0 THEN 'status' WHEN 1 THEN 'owner' ELSE 'comment' END, 'a' || v, 'b' || n FROM story ORDER BY n;
