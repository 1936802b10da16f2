-- Form 3: `version` is the version of the event type's shape; the correlation id sits in the metadata.
CREATE TABLE events (
  id             TEXT      PRIMARY KEY,
  event_type     TEXT      NOT NULL,
  aggregate_type TEXT      NOT NULL,
  aggregate_id   TEXT      NOT NULL,
  payload        JSON      NOT NULL,
  metadata       JSON      NOT NULL DEFAULT '{}',
  version        INTEGER   NOT NULL DEFAULT 1,
  created_at     TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_events_aggregate ON events (aggregate_type, aggregate_id);
CREATE INDEX idx_events_created_at ON events (created_at);
INSERT INTO events (id, event_type, aggregate_type, aggregate_id, payload, metadata, version, created_at) VALUES
  ('7c967f79-b7e9-4aca-a970-65e18e46d534', 'user.registered', 'user', '2a25a888-0f02-4ad0-a706-7ef466aa9385', '{"email": "u0@example.org", "name": "Zoë"}', '{"correlation_id": "req-1000", "source": "signup-service", "user_id": "u-0"}', 1, '2026-03-02 09:00:37.121013'),
  ('37bb3eec-4bf5-4b52-b09d-258c27a0c3d7', 'user.verified', 'user', '2a25a888-0f02-4ad0-a706-7ef466aa9385', '{"verified": true}', '{"correlation_id": "req-1000", "source": "signup-service", "user_id": "u-0"}', 1, '2026-03-02 09:01:14.122026'),
  ('bc594585-9445-48c0-8ef8-c2d6f7fd5646', 'user.registered', 'user', '63f2ae24-fc3d-4348-808d-4127610461e3', '{"email": "u1@example.org", "name": "Max"}', '{"correlation_id": "req-1001", "source": "signup-service", "user_id": "u-1"}', 1, '2026-03-02 09:01:51.123039'),
  ('504867ba-bf7b-439b-8f9a-ea4b8acd4e10', 'user.verified', 'user', '63f2ae24-fc3d-4348-808d-4127610461e3', '{"verified": true}', '{"correlation_id": "req-1001", "source": "signup-service", "user_id": "u-1"}', 1, '2026-03-02 09:02:28.124052'),
  ('7a0ecfea-958c-49ba-8cd6-20c20ea2622b', 'user.renamed', 'user', '63f2ae24-fc3d-4348-808d-4127610461e3', '{"name": "Name 1"}', '{"correlation_id": "req-1001", "source": "signup-service", "user_id": "u-1"}', 2, '2026-03-02 09:03:05.125065'),
  ('87f7e1fb-da4b-49ca-ab5c-f46780bacd64', 'user.registered', 'user', 'c8fe3ccd-c8b8-49c6-ad30-49cf43e458fc', '{"email": "u2@example.org", "name": "Ana"}', '{"correlation_id": "req-1002", "source": "signup-service", "user_id": "u-2"}', 1, '2026-03-02 09:03:42.126078'),
  ('82010c62-f5f5-4b22-8e8f-a8e0284d82e5', 'user.verified', 'user', 'c8fe3ccd-c8b8-49c6-ad30-49cf43e458fc', '{"verified": true}', '{"correlation_id": "req-1002", "source": "signup-service", "user_id": "u-2"}', 1, '2026-03-02 09:04:19.127091'),
  ('118a9d29-2f92-4996-99f1-95d014822f53', 'user.registered', 'user', 'b253d218-6c4a-47ea-8906-17f2747b6dba', '{"email": "u3@example.org", "name": "Iñaki"}', '{"correlation_id": "req-1003", "source": "signup-service", "user_id": "u-3"}', 1, '2026-03-02 09:04:56.128104'),
  ('dca02eec-acda-4acc-9165-e21098543881', 'user.verified', 'user', 'b253d218-6c4a-47ea-8906-17f2747b6dba', '{"verified": true}', '{"correlation_id": "req-1003", "source": "signup-service", "user_id": "u-3"}', 1, '2026-03-02 09:05:33.129117'),
  ('f10c718b-1eb0-438a-a75d-d5af3c365296', 'user.renamed', 'user', 'b253d218-6c4a-47ea-8906-17f2747b6dba', '{"name": "Name 3"}', '{"correlation_id": "req-1003", "source": "signup-service", "user_id": "u-3"}', 2, '2026-03-02 09:06:10.130130'),
  ('94340a03-3f07-4814-91d6-3f78e3e9de99', 'user.registered', 'user', 'c88a618e-fed4-457d-bb02-6576f512c4c3', '{"email": "u4@example.org", "name": "Bo"}', '{"correlation_id": "req-1004", "source": "signup-service", "user_id": "u-4"}', 1, '2026-03-02 09:06:47.131143'),
  ('14fcdd54-9e8f-4965-8a2c-827e98326856', 'user.verified', 'user', 'c88a618e-fed4-457d-bb02-6576f512c4c3', '{"verified": true}', '{"correlation_id": "req-1004", "source": "signup-service", "user_id": "u-4"}', 1, '2026-03-02 09:07:24.132156'),
  ('90b2b633-956b-4c0c-a849-9b926b5252e3', 'user.deleted', 'user', 'c88a618e-fed4-457d-bb02-6576f512c4c3', '{"deleted": true}', '{"correlation_id": "req-1004", "source": "signup-service", "user_id": "admin"}', 1, '2026-03-02 09:08:01.133169'),
  ('506e5a9a-b758-488d-ab73-295b344a54b8', 'invoice.issued', 'invoice', '42c18a62-ef48-48d5-90fd-9d3f85d51695', '{"total": "10.90", "user": "2a25a888-0f02-4ad0-a706-7ef466aa9385"}', '{"correlation_id": "req-2000", "source": "billing"}', 1, '2026-03-02 09:08:38.134182'),
  ('750cab75-4ccc-4bc2-a53f-8a28abf3e3fc', 'invoice.issued', 'invoice', '21813d25-6552-48a6-83ff-50113d1a85dd', '{"total": "11.90", "user": "63f2ae24-fc3d-4348-808d-4127610461e3"}', '{"correlation_id": "req-2001", "source": "billing"}', 1, '2026-03-02 09:09:15.135195'),
  ('ef8c485b-c07a-40f2-add4-253b50f0fd0a', 'invoice.paid', 'invoice', '21813d25-6552-48a6-83ff-50113d1a85dd', '{"method": "card"}', '{"correlation_id": "req-2001", "source": "billing"}', 3, '2026-03-02 09:09:52.136208'),
  ('19985f15-ff00-4d4d-9020-59e4ff9ab5c2', 'invoice.issued', 'invoice', '9f044aed-7552-4327-8262-7f7312922f83', '{"total": "12.90", "user": "c8fe3ccd-c8b8-49c6-ad30-49cf43e458fc"}', '{"correlation_id": "req-2002", "source": "billing"}', 1, '2026-03-02 09:10:29.137221'),
  ('8181a8cc-3691-47eb-89a2-688b12c136e0', 'invoice.paid', 'invoice', '9f044aed-7552-4327-8262-7f7312922f83', '{"method": "card"}', '{"correlation_id": "req-2002", "source": "billing"}', 3, '2026-03-02 09:11:06.138234');
