-- What the store asks of the events that are appended to it, whoever appends them. A change counts up log.rules, by which
-- a writer sees whether what it has read of them still holds.
CREATE TABLE eventscope.event_schemas (
    event_type     text        NOT NULL CHECK (event_type <> ''),
    schema_version bigint      NOT NULL CHECK (schema_version >= 1),
    schema         text        NOT NULL,                               -- the JSON Schema of the data of these events
    registered_at  timestamptz NOT NULL,
    PRIMARY KEY (event_type, schema_version)
);

CREATE TABLE eventscope.settings (
    -- The regular expression that such a name has to match as a whole.
    name   text        NOT NULL PRIMARY KEY CHECK (name IN ('event_types', 'aggregate_types')),
    value  text        NOT NULL,
    set_at timestamptz NOT NULL
);
