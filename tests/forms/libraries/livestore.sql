-- LiveStore's log of events: global numbers, and a client's own ones between two of them.
CREATE TABLE eventlog (seqNumGlobal INTEGER, seqNumClient INTEGER, seqNumRebaseGeneration INTEGER, parentSeqNumGlobal INTEGER, parentSeqNumClient INTEGER, parentSeqNumRebaseGeneration INTEGER, name TEXT, argsJson TEXT, clientId TEXT, sessionId TEXT, schemaHash INTEGER, syncMetadataJson TEXT, PRIMARY KEY (seqNumGlobal, seqNumClient, seqNumRebaseGeneration));
INSERT INTO eventlog VALUES
  (2, 0, 0, 1, 1, 0, 'v1.TodoCompleted', '{"id":"t-1"}', 'c-1', 's-1', -77, '{"_tag":"None"}'),
  (1, 0, 0, 0, 0, 0, 'v1.TodoCreated', '{"id":"t-1","text":"buy cups"}', 'c-1', 's-1', -77, '{"_tag":"None"}'),
  (1, 1, 0, 1, 0, 0, 'v1.UiStateSet', '{"filter":"all"}', 'c-1', 's-1', -77, '{"_tag":"None"}');
CREATE TABLE __livestore_sync_status (head INTEGER PRIMARY KEY);
