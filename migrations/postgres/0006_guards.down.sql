DROP TRIGGER events_are_never_emptied ON eventscope.events;
DROP TRIGGER events_are_never_changed ON eventscope.events;
DROP FUNCTION eventscope.refuse_changes();
CREATE INDEX events_by_position ON eventscope.events (position);
CREATE INDEX events_by_id       ON eventscope.events (event_id);
DROP INDEX eventscope.events_at_one_position;
DROP INDEX eventscope.events_of_one_id;
