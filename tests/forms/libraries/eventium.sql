-- eventium-sqlite, as persistent makes its tables; what a projection of the whole store has made is under the nil UUID.
CREATE TABLE "events" ("id" INTEGER PRIMARY KEY, "uuid" VARCHAR NOT NULL, "version" INTEGER NOT NULL, "payload" VARCHAR NOT NULL, "metadata" VARCHAR NULL, CONSTRAINT "unique_uuid_version" UNIQUE ("uuid", "version"));
CREATE TABLE "projection_snapshots" ("projection_name" VARCHAR NOT NULL, "key" VARCHAR NOT NULL, "position" INTEGER NOT NULL, "state" VARCHAR NOT NULL, "updated_at" TIMESTAMP NOT NULL, PRIMARY KEY ("projection_name", "key"));
INSERT INTO events (uuid, version, payload, metadata) VALUES
  ('22222222-2222-4222-8222-222222222222', 0, '{"tag":"AccountOpened","contents":{"owner":"Zoë"}}', '{"eventType":"AccountOpened","correlationId":"33333333-3333-4333-8333-333333333333","causationId":null,"createdAt":"2026-01-05T08:00:00.001Z"}'),
  ('22222222-2222-4222-8222-222222222222', 1, '{"tag":"AccountFrozen"}', NULL);
INSERT INTO projection_snapshots VALUES
  ('account', '22222222-2222-4222-8222-222222222222', 1, '{"owner":"Zoë","frozen":true}', '2026-01-05T08:02:00Z'),
  ('counts', '00000000-0000-0000-0000-000000000000', 2, '{"accounts":1}', '2026-01-05T08:02:00Z');
