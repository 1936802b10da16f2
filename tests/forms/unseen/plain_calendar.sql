-- A calendar: its events are appointments.
-- plain
CREATE TABLE calendars (id INTEGER PRIMARY KEY, name TEXT, colour TEXT);
CREATE TABLE events (id INTEGER PRIMARY KEY, calendar_id INTEGER NOT NULL REFERENCES calendars (id), uid TEXT NOT NULL UNIQUE, title TEXT NOT NULL, category TEXT, location TEXT, start_at TEXT NOT NULL, end_at TEXT NOT NULL, all_day INTEGER, attendees TEXT, recurrence TEXT, created_at TEXT, updated_at TEXT);
INSERT INTO calendars VALUES (1, 'Work', 'red'), (2, 'Home', 'blue');
INSERT INTO events SELECT n, n % 2 + 1, eid, 'Meeting ' || n, CASE n % 3 WHEN 0 THEN 'meeting' WHEN 1 THEN 'call' ELSE 'holiday' END, 'Room ' || n % 5, datetime(at / 1000000 + (n * 37 % 90) * 86400, 'unixepoch'), datetime(at / 1000000 + (n * 37 % 90) * 86400 + 3600, 'unixepoch'), 0, json_array(actor || '@example.org', n || '@example.org'), NULL, iso, iso FROM story ORDER BY n;
