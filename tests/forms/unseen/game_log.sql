-- A game's moves: a match, a turn, a player, what was done; the moment is in the document.
-- table = moves
-- stream = match_id
-- version = turn
-- type = move->action
-- time = move->at
-- data = move
CREATE TABLE matches (match_id TEXT PRIMARY KEY, players TEXT, winner TEXT);
CREATE TABLE moves (match_id TEXT NOT NULL REFERENCES matches (match_id), turn INTEGER NOT NULL, player TEXT NOT NULL, move TEXT NOT NULL, PRIMARY KEY (match_id, turn));
INSERT INTO matches SELECT sid, '["anna","bert"]', NULL FROM story GROUP BY sid;
INSERT INTO moves SELECT sid, v, actor, json_object('action', CASE v % 4 WHEN 0 THEN 'attack' WHEN 1 THEN 'build' WHEN 2 THEN 'pass' ELSE 'trade' END, 'at', iso, 'args', json(data)) FROM story ORDER BY n;
