-- eventsourcing with table names of the application's own and ids that are free text; tracking from before 9.4.
CREATE TABLE shop_events (originator_id TEXT, originator_version INTEGER, topic TEXT, state BLOB, PRIMARY KEY (originator_id, originator_version));
CREATE TABLE shop_snapshots (originator_id TEXT, originator_version INTEGER, topic TEXT, state BLOB, PRIMARY KEY (originator_id, originator_version)) WITHOUT ROWID;
CREATE TABLE tracking (application_name TEXT, notification_id INTEGER, PRIMARY KEY (application_name, notification_id)) WITHOUT ROWID;
INSERT INTO shop_events VALUES
  ('dog-1', 1, 'kennel.model:Dog.Registered', CAST('{"timestamp":{"_type_":"datetime_iso","_data_":"2026-01-05T08:00:00.001000+00:00"},"name":"Rex"}' AS BLOB)),
  ('dog-1', 2, 'kennel.model:Dog.TrickAdded', CAST('{"timestamp":"2026-01-05T08:00:01.000000+00:00","trick":"roll over"}' AS BLOB));
INSERT INTO shop_snapshots VALUES
  ('dog-1', 2, 'eventsourcing.domain:Snapshot', CAST('{"timestamp":{"_type_":"datetime_iso","_data_":"2026-01-05T08:00:02.000000+00:00"},"topic":"kennel.model:Dog","state":{"name":"Rex","tricks":["roll over"]}}' AS BLOB));
INSERT INTO tracking VALUES ('upstream', 1), ('upstream', 2), ('__migration__', 1);
