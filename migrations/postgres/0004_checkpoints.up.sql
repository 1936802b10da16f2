-- How far each named reader of the log has come: subscriptions and projections.
CREATE TABLE eventscope.checkpoints (
    name       text        NOT NULL PRIMARY KEY CHECK (name <> ''),
    position   bigint      NOT NULL,                                   -- of the last event that it has dealt with
    updated_at timestamptz NOT NULL
);
