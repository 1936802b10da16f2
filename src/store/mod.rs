//! The built-in event store: an append-only log of events in one SQLite file.
