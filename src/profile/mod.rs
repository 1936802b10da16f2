//! What the tables of a database mean: profiles, detection, and how stored values are decoded.

pub mod codec;
