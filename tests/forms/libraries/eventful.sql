-- eventful-sqlite: no metadata at all.
CREATE TABLE "events" ("id" INTEGER PRIMARY KEY, "uuid" VARCHAR NOT NULL, "version" INTEGER NOT NULL, "event" VARCHAR NOT NULL, CONSTRAINT "unique_uuid_version" UNIQUE ("uuid", "version"));
INSERT INTO events (uuid, version, event) VALUES
  ('22222222-2222-4222-8222-222222222222', 0, '{"tag":"CounterAmountAdded","contents":3}'),
  ('22222222-2222-4222-8222-222222222222', 1, '{"tag":"CounterFailedOutOfBounds","contents":[]}');
