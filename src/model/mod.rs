//! What a person can do and see.
