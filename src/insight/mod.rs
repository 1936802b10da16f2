//! Questions about the whole store.
