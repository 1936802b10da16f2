//! A small shop's event database, written with the built-in store.
