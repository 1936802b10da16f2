//! The filter language: its syntax, and what it becomes in SQL.
