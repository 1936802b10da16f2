-- How far each named reader of the log has come: subscriptions and projections.
CREATE TABLE checkpoints (
    name       TEXT    NOT NULL PRIMARY KEY CHECK (name <> ''),
    position   INTEGER NOT NULL,                     -- of the last event that it has dealt with
    updated_at TEXT    NOT NULL                      -- UTC, as in events.recorded_at
) STRICT, WITHOUT ROWID;
