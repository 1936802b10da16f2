-- Form 1: an agent harness's log. No version; replayed by timestamp, then id.
CREATE TABLE events (
  id             VARCHAR(36)  NOT NULL PRIMARY KEY,
  aggregate_type VARCHAR(100) NOT NULL,
  aggregate_id   VARCHAR(36)  NOT NULL,
  event_type     VARCHAR(200) NOT NULL,
  payload        JSON         NOT NULL,
  timestamp      DATETIME     NOT NULL DEFAULT CURRENT_TIMESTAMP,
  consensus_id   VARCHAR(36)
);
CREATE INDEX ix_events_aggregate ON events (aggregate_type, aggregate_id, timestamp);
CREATE INDEX ix_events_event_type ON events (event_type);
INSERT INTO events (id, aggregate_type, aggregate_id, event_type, payload, timestamp, consensus_id) VALUES
  ('23b8c1e9-3924-46de-beb1-3b9046685257', 'seed', 'seed_000', 'seed.drafted', '{"goal": "Sort the inbox #0 — naïve", "criteria": ["fast", "safe"], "event_version": 1}', '2026-03-02 09:00:37.121013', NULL),
  ('bd9c66b3-ad3c-4d6d-9a3d-1fa7bc8960a9', 'seed', 'seed_000', 'seed.ambiguity.scored', '{"score": 0.31, "event_version": 1}', '2026-03-02 09:01:14.122026', NULL),
  ('972a8469-1641-4f82-8b9d-2434e465e150', 'seed', 'seed_000', 'seed.approved', '{"approved_by": "rae", "event_version": 1}', '2026-03-02 09:01:51.123039', 'bdd640fb-0667-4ad1-9c80-317fa3b1799d'),
  ('17fc695a-07a0-4a6e-8822-e8f36c031199', 'seed', 'seed_001', 'seed.drafted', '{"goal": "Sort the inbox #1 — naïve", "criteria": ["fast", "safe"], "event_version": 1}', '2026-03-02 09:02:28.124052', NULL),
  ('9a1de644-815e-46d1-bb8f-aa1837f8a88b', 'seed', 'seed_001', 'seed.ambiguity.scored', '{"score": 0.21, "event_version": 1}', '2026-03-02 09:03:05.125065', NULL),
  ('b74d0fb1-32e7-4629-8fad-c1a606cb0fb3', 'seed', 'seed_002', 'seed.drafted', '{"goal": "Sort the inbox #2 — naïve", "criteria": ["fast", "safe"], "event_version": 1}', '2026-03-02 09:03:42.126078', NULL),
  ('6b65a6a4-8b81-48f6-b38a-088ca65ed389', 'seed', 'seed_002', 'seed.ambiguity.scored', '{"score": 0.10999999999999999, "event_version": 1}', '2026-03-02 09:04:19.127091', NULL),
  ('47378190-96da-4dac-b2ff-5d2a386ecbe0', 'seed', 'seed_002', 'seed.approved', '{"approved_by": "rae", "event_version": 1}', '2026-03-02 09:04:56.128104', 'bdd640fb-0667-4ad1-9c80-317fa3b1799d'),
  ('c241330b-01a9-471f-9e8a-774bcf36d58b', 'session', 'orch_000', 'session.started', '{"seed_id": "seed_000", "model": "m-1", "budget": {"usd": "1.50"}, "event_version": 1}', '2026-03-02 09:05:33.129117', NULL),
  ('6c307511-b2b9-437a-a8df-6ec4ce4a2bbd', 'session', 'orch_000', 'session.step.completed', '{"step": 1, "tokens": 9007199254740993, "ok": true, "event_version": 1}', '2026-03-02 09:06:10.130130', NULL),
  ('371ecd7b-27cd-4130-8722-9389571aa876', 'session', 'orch_000', 'session.step.completed', '{"step": 2, "tokens": 9007199254740994, "ok": false, "event_version": 1}', '2026-03-02 09:06:10.130130', NULL),
  ('1a2a73ed-562b-4f79-8374-59eef50bea63', 'session', 'orch_000', 'session.step.completed', '{"step": 3, "tokens": 9007199254740995, "ok": true, "event_version": 1}', '2026-03-02 09:06:10.130130', NULL),
  ('5be6128e-18c2-4797-a142-ea7d17be3111', 'session', 'orch_000', 'session.failed', '{"reason": "quota", "event_version": 1}', '2026-03-02 09:06:47.131143', NULL),
  ('43b7a3a6-9a8d-4a03-980d-7b71d8f56413', 'session', 'orch_001', 'session.started', '{"seed_id": "seed_001", "model": "m-1", "budget": {"usd": "1.50"}, "event_version": 1}', '2026-03-02 09:07:24.132156', NULL),
  ('759cde66-bacf-43d0-8b1f-9163ce9ff57f', 'session', 'orch_001', 'session.step.completed', '{"step": 1, "tokens": 9007199254740993, "ok": true, "event_version": 1}', '2026-03-02 09:08:01.133169', NULL),
  ('ec1b8ca1-f91e-4d4c-9ff4-9b7889463e85', 'session', 'orch_001', 'session.step.completed', '{"step": 2, "tokens": 9007199254740994, "ok": false, "event_version": 1}', '2026-03-02 09:08:01.133169', NULL),
  ('4b0dbb41-8d52-48f1-942c-3fe860e7a113', 'session', 'orch_001', 'session.step.completed', '{"step": 3, "tokens": 9007199254740995, "ok": true, "event_version": 1}', '2026-03-02 09:08:01.133169', NULL),
  ('e2acf72f-9e57-4f7a-a0ee-89aed453dd32', 'session', 'orch_001', 'session.completed', '{"reason": null, "event_version": 1}', '2026-03-02 09:08:38.134182', 'bdd640fb-0667-4ad1-9c80-317fa3b1799d'),
  ('3139d32c-93cd-49bf-9c94-1cf0dc98d2c1', 'session', 'orch_002', 'session.started', '{"seed_id": "seed_002", "model": "m-1", "budget": {"usd": "1.50"}, "event_version": 1}', '2026-03-02 09:09:15.135195', NULL),
  ('a9488d99-0bbb-4599-91ce-5dd2b45ed1f0', 'session', 'orch_002', 'session.step.completed', '{"step": 1, "tokens": 9007199254740993, "ok": true, "event_version": 1}', '2026-03-02 09:09:52.136208', NULL),
  ('fc377a4c-4a15-444d-85e7-ce8a3a578a8e', 'session', 'orch_002', 'session.step.completed', '{"step": 2, "tokens": 9007199254740994, "ok": false, "event_version": 1}', '2026-03-02 09:09:52.136208', NULL),
  ('ddd1dfb2-3b98-4ef8-9af6-1a26146d3f31', 'session', 'orch_002', 'session.step.completed', '{"step": 3, "tokens": 9007199254740995, "ok": true, "event_version": 1}', '2026-03-02 09:09:52.136208', NULL),
  ('7412b293-4729-4739-a14f-f3d719db3ad0', 'session', 'orch_002', 'session.failed', '{"reason": "quota", "event_version": 1}', '2026-03-02 09:10:29.137221', NULL),
  ('29a3b2e9-5d65-4441-9588-42dea2bc372f', 'session', 'orch_003', 'session.started', '{"seed_id": "seed_000", "model": "m-1", "budget": {"usd": "1.50"}, "event_version": 1}', '2026-03-02 09:11:06.138234', NULL),
  ('ab9099a4-35a2-40ae-9af3-05535ec42e08', 'session', 'orch_003', 'session.step.completed', '{"step": 1, "tokens": 9007199254740993, "ok": true, "event_version": 1}', '2026-03-02 09:11:43.139247', NULL),
  ('aefcfad8-efc8-4849-b3aa-7efe4458a885', 'session', 'orch_003', 'session.step.completed', '{"step": 2, "tokens": 9007199254740994, "ok": false, "event_version": 1}', '2026-03-02 09:11:43.139247', NULL),
  ('a28defe3-9bf0-4273-9247-6f57a5e5a5ab', 'session', 'orch_003', 'session.step.completed', '{"step": 3, "tokens": 9007199254740995, "ok": true, "event_version": 1}', '2026-03-02 09:11:43.139247', NULL),
  ('3eabedcb-baa8-4dd4-88bd-64072bcfbe01', 'session', 'orch_003', 'session.completed', '{"reason": null, "event_version": 1}', '2026-03-02 09:12:20.140260', 'bdd640fb-0667-4ad1-9c80-317fa3b1799d');
