-- The log of events, and the version that each stream stands at.
-- 0x45765363 is "EvSc": it names the format in the file's header, so that a file is recognised without being changed.
PRAGMA application_id = 1165382499;

-- The checks spell out OR where IN would be shorter: SQLite builds a table for an IN list of three at every insert,
-- which made an insert twice as slow.
CREATE TABLE events (
    position       INTEGER PRIMARY KEY AUTOINCREMENT,      -- place in the whole store; never used twice
    event_id       TEXT    NOT NULL UNIQUE,
    aggregate_type TEXT    NOT NULL CHECK (aggregate_type <> ''),
    aggregate_id   TEXT    NOT NULL CHECK (aggregate_id <> ''),
    version        INTEGER NOT NULL CHECK (version >= 1),  -- place in the stream, from 1 without gaps
    event_type     TEXT    NOT NULL CHECK (event_type <> ''),
    schema_version INTEGER NOT NULL DEFAULT 1 CHECK (schema_version >= 1),
    recorded_at    TEXT    NOT NULL,                       -- UTC, 2026-03-14T12:04:01.912345Z; never goes back
    actor          TEXT,
    actor_type     TEXT    CHECK (actor_type = 'user' OR actor_type = 'service' OR actor_type = 'system'),
    source         TEXT    CHECK (source = 'ui' OR source = 'api' OR source = 'import' OR source = 'webhook'
                                  OR source = 'system'),
    causation_id   TEXT,
    correlation_id TEXT,
    -- Text is JSON.
    data           ANY     NOT NULL CHECK (typeof(data) = 'text' OR typeof(data) = 'blob'),
    metadata       ANY     CHECK (metadata IS NULL OR typeof(metadata) = 'text' OR typeof(metadata) = 'blob'),
    UNIQUE (aggregate_type, aggregate_id, version)
) STRICT;

CREATE INDEX events_by_type        ON events (event_type);
CREATE INDEX events_by_time        ON events (recorded_at);
CREATE INDEX events_by_correlation ON events (correlation_id) WHERE correlation_id IS NOT NULL;
CREATE INDEX events_by_causation   ON events (causation_id)   WHERE causation_id   IS NOT NULL;

CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
BEGIN
    SELECT RAISE(ABORT, 'events are never changed: append a correcting event instead');
END;

CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
BEGIN
    SELECT RAISE(ABORT, 'events are never deleted: append a correcting event instead');
END;

CREATE TABLE streams (
    aggregate_type TEXT    NOT NULL,
    aggregate_id   TEXT    NOT NULL,
    version        INTEGER NOT NULL CHECK (version >= 1),      -- the version of the stream's last event
    PRIMARY KEY (aggregate_type, aggregate_id)
) STRICT, WITHOUT ROWID;
