-- What was asked of the application, so that a command that arrives twice is processed once.
CREATE TABLE eventscope.commands (
    command_id     text        NOT NULL PRIMARY KEY,
    command_type   text        NOT NULL CHECK (command_type <> ''),
    aggregate_type text        NOT NULL,
    aggregate_id   text        NOT NULL,
    processed_at   timestamptz NOT NULL,
    actor          text,
    source         text        CHECK (source IN ('ui', 'api', 'import', 'webhook', 'system')),
    data           text,                                               -- JSON
    -- The events that it produced lie together: from this position on, so many.
    first_position bigint,
    event_count    bigint      NOT NULL CHECK (event_count >= 0)
);
