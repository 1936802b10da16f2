-- States that the application stored so that loading a long stream need not fold all of it.
CREATE TABLE snapshots (
    aggregate_type TEXT    NOT NULL,
    aggregate_id   TEXT    NOT NULL,
    version        INTEGER NOT NULL CHECK (version >= 1),        -- the version of the stream that the state is at
    state_version  INTEGER NOT NULL CHECK (state_version >= 1),  -- the shape of the state, which the application counts
    taken_at       TEXT    NOT NULL,                             -- UTC, as in events.recorded_at
    state          TEXT    NOT NULL,                             -- JSON
    UNIQUE (aggregate_type, aggregate_id, version)
) STRICT;
