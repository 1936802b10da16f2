//! A picture of the window between its taking and its saving.

use std::sync::Arc;

use egui::ColorImage;

use crate::model::NewFile;

/// A picture that was taken.
#[derive(Debug)]
pub(super) struct Taken {
    /// Where it goes, and what is known of it.
    pub(super) file: NewFile,
    /// The picture.
    pub(super) pixels: Arc<ColorImage>,
}
