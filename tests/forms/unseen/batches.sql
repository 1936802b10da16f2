-- One row is a commit of several events; the revision is the number of the last one.
-- table = commits
-- stream = stream_id
-- version = revision
-- type = events[]->type | events->[0].type
-- time = committed_at
-- data = events | events[]
CREATE TABLE commits (commit_no INTEGER PRIMARY KEY, stream_id TEXT NOT NULL, revision INTEGER NOT NULL, committed_at TEXT NOT NULL, events TEXT NOT NULL, UNIQUE (stream_id, revision));
INSERT INTO commits SELECT min(n), sid, max(v), max(iso), json_group_array(json_object('type', type, 'data', json(data))) FROM story GROUP BY sid, (v + sno) / 3 ORDER BY min(n);
