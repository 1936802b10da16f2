-- An application in TypeScript: camel case, microseconds, the aggregate as a pair of columns.
-- table = storedEvents
-- stream = entityId
-- version = entityVersion
-- type = eventName
-- time = happenedAt
-- data = eventPayload
-- kind = entityName
-- position = rowid
-- event_id = eventId
CREATE TABLE storedEvents (eventId TEXT PRIMARY KEY, entityName TEXT NOT NULL, entityId TEXT NOT NULL, entityVersion INTEGER NOT NULL, eventName TEXT NOT NULL, eventPayload TEXT NOT NULL, eventContext TEXT, happenedAt INTEGER NOT NULL);
CREATE UNIQUE INDEX entity ON storedEvents (entityName, entityId, entityVersion);
INSERT INTO storedEvents SELECT eid, kind_name, sid, v, type, data, meta, at FROM story ORDER BY n;
