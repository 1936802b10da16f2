-- Where the events lie that were moved out of this file, so that it stays small. This file decides what lies where: of
-- an archive only those events count that are recorded here, whatever else a crash or a restoration left in it.
CREATE TABLE archives (
    archive          INTEGER PRIMARY KEY,
    id               TEXT    NOT NULL UNIQUE,        -- as in the archive's own archive_of
    file             TEXT    NOT NULL UNIQUE,        -- as seen from this file's folder, with slashes
    generation       INTEGER NOT NULL,               -- the archive has come this far, or it is an older copy
    events           INTEGER NOT NULL DEFAULT 0 CHECK (events >= 0),  -- how many of archived lie in it
    -- Of all events that ever went there: so that time and positions go on behind them.
    last_position    INTEGER,
    last_recorded_at TEXT
) STRICT;

-- The archived versions of each stream; those behind them lie in events. Runs that follow each other in one archive
-- are one row.
CREATE TABLE archived (
    aggregate_type TEXT    NOT NULL,
    aggregate_id   TEXT    NOT NULL,
    first_version  INTEGER NOT NULL CHECK (first_version >= 1),
    last_version   INTEGER NOT NULL CHECK (last_version >= first_version),
    archive        INTEGER NOT NULL REFERENCES archives (archive),
    PRIMARY KEY (aggregate_type, aggregate_id, first_version)
) STRICT, WITHOUT ROWID;

-- In an archive itself one row, which is its mark; in a store none.
CREATE TABLE archive_of (
    id         TEXT    NOT NULL PRIMARY KEY,
    generation INTEGER NOT NULL                      -- counts what was written to it
) STRICT, WITHOUT ROWID;

DROP TRIGGER events_are_never_deleted;

CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
WHEN NOT EXISTS (SELECT 1 FROM archived
                 WHERE aggregate_type = OLD.aggregate_type AND aggregate_id = OLD.aggregate_id
                   AND OLD.version BETWEEN first_version AND last_version)
BEGIN
    SELECT RAISE(ABORT, 'events are never deleted: append a correcting event instead');
END;

-- What is recorded as archived, and what is no longer, lies in events at that moment: before it is deleted from
-- there, or after it was brought back.
CREATE TRIGGER what_is_archived_is_here_before BEFORE INSERT ON archived
WHEN (SELECT count(*) FROM events
      WHERE aggregate_type = NEW.aggregate_type AND aggregate_id = NEW.aggregate_id
        AND version BETWEEN NEW.first_version AND NEW.last_version) <> NEW.last_version - NEW.first_version + 1
BEGIN
    SELECT RAISE(ABORT, 'only events that are in this file are archived');
END;

CREATE TRIGGER what_is_archived_grows_and_shrinks_behind BEFORE UPDATE ON archived
WHEN (NEW.aggregate_type, NEW.aggregate_id, NEW.first_version, NEW.archive)
     IS NOT (OLD.aggregate_type, OLD.aggregate_id, OLD.first_version, OLD.archive)
  OR (SELECT count(*) FROM events
      WHERE aggregate_type = OLD.aggregate_type AND aggregate_id = OLD.aggregate_id
        AND version > min(OLD.last_version, NEW.last_version)
        AND version <= max(OLD.last_version, NEW.last_version)) <> abs(NEW.last_version - OLD.last_version)
BEGIN
    SELECT RAISE(ABORT, 'events that are archived stay recorded until they are back in this file');
END;

CREATE TRIGGER what_is_archived_is_here_after BEFORE DELETE ON archived
WHEN (SELECT count(*) FROM events
      WHERE aggregate_type = OLD.aggregate_type AND aggregate_id = OLD.aggregate_id
        AND version BETWEEN OLD.first_version AND OLD.last_version) <> OLD.last_version - OLD.first_version + 1
BEGIN
    SELECT RAISE(ABORT, 'events that are archived stay recorded until they are back in this file');
END;
