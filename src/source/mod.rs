//! Reads any database through a profile.
