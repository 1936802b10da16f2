-- What users are told, and whether they read it.
-- plain
CREATE TABLE notifications (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL, type TEXT NOT NULL, data TEXT NOT NULL, read_at TEXT, status TEXT NOT NULL, created_at TEXT NOT NULL);
CREATE INDEX notifications_user ON notifications (user_id, created_at);
INSERT INTO notifications SELECT n, sno + 1, type, data, CASE WHEN n < 70 THEN iso END, 'sent', iso FROM story ORDER BY n;
