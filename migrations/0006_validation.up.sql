-- What the file asks of the events that are appended to it, whoever appends them; and no event is ever replaced.
CREATE TABLE event_schemas (
    event_type     TEXT    NOT NULL CHECK (event_type <> ''),
    schema_version INTEGER NOT NULL CHECK (schema_version >= 1),
    schema         TEXT    NOT NULL,                         -- the JSON Schema of the data of these events
    registered_at  TEXT    NOT NULL,                         -- UTC, as in events.recorded_at
    PRIMARY KEY (event_type, schema_version)
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
    -- `event_types` and `aggregate_types`: the regular expression that such a name has to match as a whole;
    -- `encoding`: in what the data is stored, `json` (as without it) or `messagepack`.
    name   TEXT NOT NULL PRIMARY KEY CHECK (name = 'event_types' OR name = 'aggregate_types' OR name = 'encoding'),
    value  TEXT NOT NULL,
    set_at TEXT NOT NULL                                     -- UTC, as in events.recorded_at
) STRICT, WITHOUT ROWID;

-- Counts the changes to both, by which a writer sees whether what it has read of them still holds.
CREATE TABLE rules_generation (
    generation INTEGER NOT NULL
) STRICT;
INSERT INTO rules_generation VALUES (0);

CREATE TRIGGER a_schema_was_registered AFTER INSERT ON event_schemas
BEGIN UPDATE rules_generation SET generation = generation + 1; END;
CREATE TRIGGER a_schema_was_changed AFTER UPDATE ON event_schemas
BEGIN UPDATE rules_generation SET generation = generation + 1; END;
CREATE TRIGGER a_schema_was_removed AFTER DELETE ON event_schemas
BEGIN UPDATE rules_generation SET generation = generation + 1; END;
CREATE TRIGGER a_setting_was_made AFTER INSERT ON settings
BEGIN UPDATE rules_generation SET generation = generation + 1; END;
CREATE TRIGGER a_setting_was_changed AFTER UPDATE ON settings
BEGIN UPDATE rules_generation SET generation = generation + 1; END;
CREATE TRIGGER a_setting_was_removed AFTER DELETE ON settings
BEGIN UPDATE rules_generation SET generation = generation + 1; END;

-- The same check without a function call: every text and every blob is at least the empty text, and no number is. An
-- insert that calls no function and fails by FAIL cannot leave half a row, so that SQLite keeps no journal of each
-- statement; with one, the trigger below would double the time of an insert. A check is no part of what is stored, which
-- is why it may be written anew in this way (https://www.sqlite.org/lang_altertable.html#otheralter).
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(replace(sql,
    'CHECK (typeof(data) = ''text'' OR typeof(data) = ''blob'')', 'CHECK (data >= '''')'),
    'CHECK (metadata IS NULL OR typeof(metadata) = ''text'' OR typeof(metadata) = ''blob'')', 'CHECK (metadata >= '''')')
WHERE type = 'table' AND name = 'events';
PRAGMA writable_schema = RESET;

-- INSERT OR REPLACE deletes what is in its way without asking the trigger that refuses DELETE.
CREATE TRIGGER events_are_never_replaced BEFORE INSERT ON events
BEGIN
    SELECT RAISE(FAIL, 'events are never replaced: there is an event at this position')
    FROM events WHERE position = NEW.position;
    SELECT RAISE(FAIL, 'events are never replaced: there is an event with this event_id')
    FROM events WHERE event_id = NEW.event_id;
    SELECT RAISE(FAIL, 'events are never replaced: there is an event at this version of the stream')
    FROM events
    WHERE aggregate_type = NEW.aggregate_type AND aggregate_id = NEW.aggregate_id AND version = NEW.version;
END;
