-- A hash for each event that covers the event and the hash before it, in stores that were created with a chain:
-- those have a link at position 0, from which the chain starts.
CREATE TABLE chain (
    position INTEGER NOT NULL PRIMARY KEY,
    hash     BLOB    NOT NULL CHECK (length(hash) = 32)    -- SHA-256
) STRICT;

CREATE TRIGGER links_are_never_changed BEFORE UPDATE ON chain
BEGIN
    SELECT RAISE(ABORT, 'links of the chain are never changed');
END;

CREATE TRIGGER links_are_never_deleted BEFORE DELETE ON chain
BEGIN
    SELECT RAISE(ABORT, 'links of the chain are never deleted');
END;
