-- Holds other programs to what the store itself does: events are appended and never changed, and no position and no id is
-- there twice. The store does not rely on it, and a server that lacks triggers, or spreads the events over several machines,
-- is without.
CREATE UNIQUE INDEX events_at_one_position ON eventscope.events (position);
CREATE UNIQUE INDEX events_of_one_id       ON eventscope.events (event_id);
DROP INDEX eventscope.events_by_position;
DROP INDEX eventscope.events_by_id;

CREATE FUNCTION eventscope.refuse_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are never changed or deleted: append a correcting event instead'
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE TRIGGER events_are_never_changed BEFORE UPDATE OR DELETE ON eventscope.events
    FOR EACH ROW EXECUTE FUNCTION eventscope.refuse_changes();
CREATE TRIGGER events_are_never_emptied BEFORE TRUNCATE ON eventscope.events
    FOR EACH STATEMENT EXECUTE FUNCTION eventscope.refuse_changes();
