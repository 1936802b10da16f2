//! Folds streams into states and changes.
