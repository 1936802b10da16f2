-- Form 5: one sequenced log without streams, and what a reader made of it.
CREATE TABLE events (
  sequence   INTEGER PRIMARY KEY AUTOINCREMENT,
  event_type TEXT NOT NULL,
  payload    TEXT NOT NULL,
  stored_at  TEXT NOT NULL
);
CREATE TABLE projection_notes (note_id INTEGER PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE checkpoints (projection TEXT PRIMARY KEY, position INTEGER NOT NULL);
CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO events (event_type, payload, stored_at) VALUES
  ('NoteWritten', '{"note_id": 0, "text": "It''s note 0 ☕"}', '2026-03-02T09:00:37.121013Z'),
  ('NoteTagged', '{"note_id": 0, "tags": ["a", "b"]}', '2026-03-02T09:01:14.122026Z'),
  ('NoteWritten', '{"note_id": 2, "text": ""}', '2026-03-02T09:01:51.123039Z'),
  ('NotePinned', '{"note_id": 2}', '2026-03-02T09:02:28.124052Z'),
  ('SettingsChanged', '{"theme": "light"}', '2026-03-02T09:03:05.125065Z'),
  ('NoteWritten', '{"note_id": 5, "text": "It''s note 5 ☕"}', '2026-03-02T09:03:42.126078Z'),
  ('NoteTagged', '{"note_id": 5, "tags": ["a", "b"]}', '2026-03-02T09:04:19.127091Z'),
  ('NoteWritten', '{"note_id": 7, "text": ""}', '2026-03-02T09:04:56.128104Z'),
  ('NotePinned', '{"note_id": 7}', '2026-03-02T09:05:33.129117Z'),
  ('SettingsChanged', '{"theme": "dark"}', '2026-03-02T09:06:10.130130Z'),
  ('NoteWritten', '{"note_id": 10, "text": "It''s note 10 ☕"}', '2026-03-02T09:06:47.131143Z'),
  ('NoteTagged', '{"note_id": 10, "tags": ["a", "b"]}', '2026-03-02T09:07:24.132156Z'),
  ('NoteWritten', '{"note_id": 12, "text": ""}', '2026-03-02T09:08:01.133169Z'),
  ('NotePinned', '{"note_id": 12}', '2026-03-02T09:08:38.134182Z'),
  ('SettingsChanged', '{"theme": "light"}', '2026-03-02T09:09:15.135195Z'),
  ('NoteWritten', '{"note_id": 15, "text": "It''s note 15 ☕"}', '2026-03-02T09:09:52.136208Z'),
  ('NoteTagged', '{"note_id": 15, "tags": ["a", "b"]}', '2026-03-02T09:10:29.137221Z'),
  ('NoteWritten', '{"note_id": 17, "text": ""}', '2026-03-02T09:11:06.138234Z');
INSERT INTO projection_notes (note_id, text) VALUES
  (0, 'It''s note 0 ☕'),
  (2, ''),
  (5, 'It''s note 5 ☕'),
  (7, ''),
  (10, 'It''s note 10 ☕'),
  (12, ''),
  (15, 'It''s note 15 ☕'),
  (17, '');
INSERT INTO checkpoints (projection, position) VALUES
  ('notes', 16);
INSERT INTO settings (key, value) VALUES
  ('theme', 'light');
