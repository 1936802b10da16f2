//! The windows that say what is in a store and what is wrong with it: statistics, schemas, audit.

mod audit;
mod bars;
pub(super) mod export;
mod panes;
mod schemas;
mod sheet;
mod statistics;
mod upcasting;

use egui::{Label, RichText, Ui};

use super::controls::dim;
use super::numbers::grouped;
use super::theme;
use crate::codec::visible;
use crate::insight::Sampled;

pub use audit::show as audit;
pub use schemas::show as schemas;
pub use statistics::show as statistics;

/// The width of these windows, and the height of what they list, in points.
const WIDTH: f32 = 1080.0;
const HEIGHT: f32 = 400.0;

/// What is chosen in these windows.
#[derive(Debug, Default)]
pub struct UnderstandingDraft {
    statistics: statistics::Draft,
    schemas: schemas::Draft,
    audit: audit::Draft,
}

/// How high the lists may be in a window of this height.
fn height(ui: &Ui) -> f32 {
    (ui.ctx().content_rect().height() - 300.0).clamp(160.0, HEIGHT)
}

/// What something was told from, where that is a sample.
fn told_from(sampled: Option<Sampled>) -> String {
    match sampled {
        Some(Sampled { events, of }) => {
            format!(" Told from a sample of {} of {} events.", grouped(events), grouped(of))
        }
        None => String::new(),
    }
}

/// A sentence that accompanies.
fn note(ui: &mut Ui, text: &str) {
    let text = dim(ui, text);
    ui.add(Label::new(text).wrap());
}

/// A sentence in the colour of a change.
fn changed(ui: &mut Ui, text: &str) {
    let text = RichText::new(visible(text)).color(theme::palette(ui).chg);
    ui.add(Label::new(text).wrap());
}
