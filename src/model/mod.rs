//! What a person can do and see.

pub mod column;

pub use column::{Column, ColumnLayout, Sort};
