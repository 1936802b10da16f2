-- Names in camel case, with dashes, and such as SQL uses itself.
-- table = Event-Log
-- stream = streamId
-- version = streamVersion
-- type = Order
-- time = occurredAt
-- data = event-body
-- position = Index
-- metadata = event-meta
CREATE TABLE [Event-Log] ([Index] INTEGER PRIMARY KEY, [streamId] TEXT NOT NULL, [streamVersion] INT NOT NULL, [Order] TEXT NOT NULL, [occurredAt] INTEGER NOT NULL, [event-body] TEXT NOT NULL, [event-meta] TEXT NOT NULL);
CREATE UNIQUE INDEX [ix-stream] ON [Event-Log] ([streamId], [streamVersion]);
INSERT INTO [Event-Log] SELECT n, sid, v, type, at / 1000, data, meta FROM story ORDER BY n;
