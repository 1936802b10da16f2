//! What writing the event would do: the row, the expected version, and what the state becomes.

use std::sync::Arc;

use egui::{Grid, RichText, Ui};

use super::super::controls::{dim, failure};
use super::super::numbers::grouped;
use super::super::theme;
use super::super::widgets::{JsonTree, Notes, TreeView};
use super::Previewed;
use crate::event::ExpectedVersion;
use crate::session::{Draft, Loading, Outcome, Preview};

/// The height of the tree, in points.
const TREE: f32 = 300.0;

/// Paints the preview, or why there is none.
pub(super) fn show(ui: &mut Ui, wanted: &Result<Draft, String>, preview: Option<&Previewed>) {
    match (wanted, preview) {
        (Err(_), _) => quiet(ui, "The row, the expected version and what the state becomes are shown here first."),
        (Ok(draft), Some(Loading::Ready(preview) | Loading::Stale(preview))) => {
            expected(ui, draft, preview);
            row(ui, preview);
            state(ui, preview);
        }
        (Ok(_), Some(Loading::Failed(error))) => failure(ui, error),
        (Ok(_), _) => quiet(ui, "Working out what it would do…"),
    }
}

fn quiet(ui: &mut Ui, text: &str) {
    let text = dim(ui, text);
    ui.add(egui::Label::new(text).wrap());
}

fn title(ui: &mut Ui, text: &str) {
    ui.add_space(theme::STEP);
    ui.label(RichText::new(text).font(theme::section()).color(theme::palette(ui).dim));
}

fn expected(ui: &mut Ui, draft: &Draft, preview: &Preview) {
    title(ui, "Stream");
    let what = match preview.expected {
        ExpectedVersion::NoStream => "is a new stream".to_owned(),
        ExpectedVersion::Exactly(version) => format!("is expected at version {}", grouped(version)),
        other => format!("is expected at {other}"),
    };
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = theme::STEP;
        ui.label(RichText::new(draft.stream.to_string()).font(theme::mono()));
        ui.label(format!("{what}; the event becomes version {}.", grouped(preview.version)));
    });
}

fn row(ui: &mut Ui, preview: &Preview) {
    title(ui, "Row");
    let palette = theme::palette(ui);
    Grid::new("preview row").num_columns(2).spacing([12.0, 2.0]).min_row_height(18.0).show(ui, |ui| {
        for (column, value) in &preview.row {
            ui.label(RichText::new(column).font(theme::mono()).color(palette.key));
            let value: String = value.chars().take(400).collect();
            ui.add(egui::Label::new(RichText::new(value).font(theme::mono())).truncate());
            ui.end_row();
        }
    });
}

fn state(ui: &mut Ui, preview: &Arc<Preview>) {
    title(ui, "State it leads to");
    match &preview.outcome {
        Outcome::Failed(error) => {
            let text = format!("× Its rule fails; the state stays as it is. {error}");
            ui.add(egui::Label::new(RichText::new(text).color(theme::palette(ui).del)).wrap());
        }
        Outcome::Unhandled => quiet(ui, "No rule is for this type: the state stays as it is."),
        Outcome::Ignored => quiet(ui, "The rule for this type says that it changes nothing."),
        Outcome::Applied if preview.changes.is_empty() => quiet(ui, "It changes nothing."),
        Outcome::Applied => {}
    }
    let owner: Arc<Preview> = Arc::clone(preview);
    let tree = JsonTree {
        at: "",
        salt: "preview state",
        name: "state it leads to",
        value: &preview.state_after,
        owner,
        notes: Some(Notes { changes: &preview.changes, by: &|_| None, asks: false, made: None }),
        revision: 0,
        filterable: None,
        types: None,
        view: TreeView::default(),
    };
    tree.show(ui, TREE);
}
