CREATE INDEX events_by_time        ON events (recorded_at);
