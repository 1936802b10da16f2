-- A queue of jobs: each has a class, arguments and a life.
-- plain
CREATE TABLE jobs (id INTEGER PRIMARY KEY, queue TEXT NOT NULL, type TEXT NOT NULL, payload TEXT NOT NULL, status TEXT NOT NULL, priority INTEGER, attempts INTEGER NOT NULL, last_error TEXT, run_at TEXT, locked_by TEXT, created_at TEXT NOT NULL, finished_at TEXT);
CREATE INDEX jobs_queue ON jobs (queue, status, run_at);
INSERT INTO jobs SELECT n, CASE n % 2 WHEN 0 THEN 'mail' ELSE 'default' END, 'Send' || type || 'Mail', data, CASE WHEN n < 90 THEN 'done' ELSE 'ready' END, 0, 1, NULL, iso, NULL, iso, CASE WHEN n < 90 THEN iso END FROM story ORDER BY n;
