-- Takes the whole log away. The store only runs this on a log that is empty.
DROP TABLE streams;
DROP TABLE events;
PRAGMA application_id = 0;
