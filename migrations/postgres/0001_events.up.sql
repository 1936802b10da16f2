-- The log of events, where it ends, and the version that each stream stands at, on a PostgreSQL server.
-- One row, which whoever appends holds until the commit: so that positions and moments are given in the order of commits,
-- without gaps, and no event ever appears before one that was read.
CREATE TABLE eventscope.log (
    is_one      boolean     NOT NULL DEFAULT true PRIMARY KEY CHECK (is_one),
    position    bigint      NOT NULL,                -- of the last event; 0 before the first
    recorded_at timestamptz NOT NULL,                -- of the last event
    rules       bigint      NOT NULL                 -- counts the changes to what is asked of events
);
INSERT INTO eventscope.log (position, recorded_at, rules) VALUES (0, '1970-01-01 00:00:00+00', 0);

-- A stream is what would be spread over several machines: the key begins with it. What else is unique is so by the row
-- above; the indexes that say so to other writers are in a step of their own, for where there can be none.
CREATE TABLE eventscope.events (
    position       bigint      NOT NULL CHECK (position >= 1),         -- place in the whole store; never used twice
    event_id       text        NOT NULL CHECK (event_id <> ''),
    aggregate_type text        NOT NULL CHECK (aggregate_type <> ''),
    aggregate_id   text        NOT NULL CHECK (aggregate_id <> ''),
    version        bigint      NOT NULL CHECK (version >= 1),          -- place in the stream, from 1 without gaps
    event_type     text        NOT NULL CHECK (event_type <> ''),
    schema_version bigint      NOT NULL DEFAULT 1 CHECK (schema_version >= 1),
    recorded_at    timestamptz NOT NULL,                               -- never goes back as positions go on
    actor          text,
    actor_type     text        CHECK (actor_type IN ('user', 'service', 'system')),
    source         text        CHECK (source IN ('ui', 'api', 'import', 'webhook', 'system')),
    causation_id   text,
    correlation_id text,
    -- JSON, to the letter: json would do on PostgreSQL, jsonb would not.
    data           text        NOT NULL,
    metadata       text,
    PRIMARY KEY (aggregate_type, aggregate_id, version)
);

CREATE INDEX events_by_position    ON eventscope.events (position);
CREATE INDEX events_by_id          ON eventscope.events (event_id);
CREATE INDEX events_by_type        ON eventscope.events (event_type, position);
CREATE INDEX events_by_correlation ON eventscope.events (correlation_id, position) WHERE correlation_id IS NOT NULL;
CREATE INDEX events_by_causation   ON eventscope.events (causation_id, position)   WHERE causation_id   IS NOT NULL;

CREATE TABLE eventscope.streams (
    aggregate_type text   NOT NULL,
    aggregate_id   text   NOT NULL,
    version        bigint NOT NULL CHECK (version >= 1),               -- the version of the stream's last event
    PRIMARY KEY (aggregate_type, aggregate_id)
);
