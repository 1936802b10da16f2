-- A music player's library and playlists.
-- plain
CREATE TABLE tracks (id INTEGER PRIMARY KEY, album_id INTEGER, track_no INTEGER, title TEXT, genre TEXT, tags TEXT, added_at TEXT, play_count INTEGER);
CREATE TABLE playlist_items (playlist_id INTEGER, position INTEGER, track_id INTEGER, added_at TEXT, PRIMARY KEY (playlist_id, position));
INSERT INTO tracks SELECT n, sno, v, 'Song ' || n, 'rock', json_object('bpm', n, 'key', 'C'), iso, n % 9 FROM story ORDER BY n;
INSERT INTO playlist_items SELECT sno, v, n, iso FROM story ORDER BY n;
