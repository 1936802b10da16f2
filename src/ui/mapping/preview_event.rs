//! One event of the preview in full: what no column of the table shows.

use egui::{Grid, RichText, Ui};

use crate::codec::visible;
use crate::session::PreviewRow;
use crate::ui::controls::heading;
use crate::ui::moment;
use crate::ui::scene::Scene;
use crate::ui::theme;

/// Paints the envelope of an event, as far as it has one, and its data.
pub(super) fn show(ui: &mut Ui, scene: &Scene<'_>, row: &PreviewRow) {
    heading(ui, "The selected event", |_| {});
    let event = &row.row;
    let time = event.timestamp.as_ref().map(|time| moment::full(time, scene.view.time_mode));
    let lines = [
        ("stream", Some(event.stream_text.as_str()).filter(|text| !text.is_empty())),
        ("event type", Some(&*event.event_type).filter(|text| !text.is_empty())),
        ("timestamp", time.as_deref()),
        ("event id", event.event_id.as_deref()),
        ("schema version", event.schema_version.as_deref()),
        ("actor", event.actor.as_deref()),
        ("source", event.source.as_deref()),
        ("causation", event.causation_id.as_deref()),
        ("correlation", event.correlation_id.as_deref()),
        ("data", Some(event.preview.as_str()).filter(|text| !text.is_empty())),
    ];
    Grid::new("mapping event").num_columns(2).spacing([12.0, 2.0]).min_row_height(18.0).show(ui, |ui| {
        for (title, value) in lines {
            if let Some(value) = value {
                pair(ui, title, value);
            }
        }
    });
}

/// A quiet title with its value, in one line.
fn pair(ui: &mut Ui, title: &str, value: &str) {
    let palette = theme::palette(ui);
    ui.label(RichText::new(visible(title)).font(theme::mono()).color(palette.key));
    ui.add(egui::Label::new(RichText::new(visible(value)).font(theme::mono())).truncate())
        .on_hover_text(visible(value));
    ui.end_row();
}
