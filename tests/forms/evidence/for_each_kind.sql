-- A table of states for each kind of thing.
-- snapshots = account_mementos, order_mementos
CREATE TABLE domain_events (id INTEGER PRIMARY KEY, aggregate_type TEXT NOT NULL, aggregate_id TEXT NOT NULL, version INTEGER NOT NULL, event_type TEXT NOT NULL, occurred_at TEXT NOT NULL, data TEXT NOT NULL, UNIQUE (aggregate_type, aggregate_id, version));
CREATE TABLE order_mementos (id TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (id, version));
CREATE TABLE account_mementos (id TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (id, version));
INSERT INTO domain_events SELECT n, kind, sid, v, type, iso, data FROM story ORDER BY n;
INSERT INTO order_mementos SELECT sid, v, state FROM came WHERE kind = 'order' AND v % 3 = 0;
INSERT INTO account_mementos SELECT sid, v, state FROM came WHERE kind = 'account' AND v % 3 = 0;
