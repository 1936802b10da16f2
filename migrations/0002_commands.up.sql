-- What was asked of the application, so that a command that arrives twice is processed once.
CREATE TABLE commands (
    command_id     TEXT    NOT NULL PRIMARY KEY,
    command_type   TEXT    NOT NULL CHECK (command_type <> ''),
    aggregate_type TEXT    NOT NULL,
    aggregate_id   TEXT    NOT NULL,
    processed_at   TEXT    NOT NULL,                 -- UTC, as in events.recorded_at
    actor          TEXT,
    source         TEXT    CHECK (source = 'ui' OR source = 'api' OR source = 'import' OR source = 'webhook'
                                  OR source = 'system'),
    data           TEXT,                             -- JSON
    -- The events that it produced lie together: from this position on, so many.
    first_position INTEGER,
    event_count    INTEGER NOT NULL CHECK (event_count >= 0)
) STRICT, WITHOUT ROWID;

CREATE INDEX commands_by_stream ON commands (aggregate_type, aggregate_id);
CREATE INDEX commands_by_time   ON commands (processed_at);
