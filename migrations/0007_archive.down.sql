-- The store only runs this where nothing is archived.
DROP TRIGGER events_are_never_deleted;
DROP TABLE archive_of;
DROP TABLE archived;
DROP TABLE archives;

CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
BEGIN
    SELECT RAISE(ABORT, 'events are never deleted: append a correcting event instead');
END;
