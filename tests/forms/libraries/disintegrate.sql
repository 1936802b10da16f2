-- disintegrate: an event is found by the identifiers of what it concerns, a column each.
CREATE TABLE event (event_id INTEGER PRIMARY KEY, event_type VARCHAR(255), payload BLOB, inserted_at TEXT DEFAULT (datetime('now')), course_id TEXT, student_id TEXT);
CREATE TABLE event_listener (id TEXT PRIMARY KEY, last_processed_event_id INTEGER, updated_at TEXT);
INSERT INTO event VALUES
  (1, 'CourseCreated', CAST('{"CourseCreated":{"course_id":"c-1","seats":2}}' AS BLOB), '2026-01-05 08:00:00', 'c-1', NULL),
  (2, 'StudentSubscribed', CAST('{"StudentSubscribed":{"course_id":"c-1","student_id":"s-1"}}' AS BLOB), '2026-01-05 08:00:01', 'c-1', 's-1');
INSERT INTO event_listener VALUES ('seats', 1, '2026-01-05 08:00:02');
