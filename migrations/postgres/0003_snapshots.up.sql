-- States that the application stored so that loading a long stream need not fold all of it.
CREATE TABLE eventscope.snapshots (
    aggregate_type text        NOT NULL,
    aggregate_id   text        NOT NULL,
    version        bigint      NOT NULL CHECK (version >= 1),          -- the version of the stream that the state is at
    state_version  bigint      NOT NULL CHECK (state_version >= 1),    -- the shape of the state, which the application counts
    taken_at       timestamptz NOT NULL,
    state          text        NOT NULL,                               -- JSON
    PRIMARY KEY (aggregate_type, aggregate_id, version)
);
