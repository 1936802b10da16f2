-- .NET's ticks and CBOR; the actor is a word among few, too.
-- table = EventRecords
-- stream = StreamKey
-- version = Revision
-- type = ClrType
-- time = UtcTicks
-- data = Blob
-- position = Sequence
CREATE TABLE EventRecords (Sequence INTEGER PRIMARY KEY, StreamKey TEXT NOT NULL, Revision INTEGER NOT NULL, UserName TEXT NOT NULL, ClrType TEXT NOT NULL, UtcTicks INTEGER NOT NULL, Blob BLOB NOT NULL, UNIQUE (StreamKey, Revision));
INSERT INTO EventRecords SELECT n, sid, v, actor, 'Shop.Contracts.' || type || ', Shop.Contracts', 621355968000000000 + at * 10, cbor(data) FROM story ORDER BY n;
