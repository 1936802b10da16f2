//! The first events as they would show through the edited mapping.

use std::sync::Arc;

use egui::{Ui, vec2};

use super::draft::MappingDraft;
use super::preview_event;
use crate::session::{Loading, MappingPreview, PreviewRow};
use crate::ui::controls::{failure, faint, heading, nothing_here};
use crate::ui::scene::Scene;
use crate::ui::widgets::{Cell, Table, TableColumn, TableRows};
use crate::ui::{moment, theme};

/// How many rows there are at most.
const ROWS: f32 = 10.0;

/// The columns: heading, width in points, whether numbers.
const COLUMNS: [(&str, f32, bool); 6] = [
    ("Position", 64.0, true),
    ("Stream", 120.0, false),
    ("V", 36.0, true),
    ("Type", 120.0, false),
    ("Time", 114.0, false),
    ("Data", 128.0, false),
];

/// Paints the first events, and the selected one in full.
pub(super) fn show(ui: &mut Ui, scene: &Scene<'_>, draft: &mut MappingDraft, preview: &Loading<Arc<MappingPreview>>) {
    heading(ui, "What it makes of the first events", |ui| {
        let note = match preview {
            Loading::Missing | Loading::Stale(_) => "Reading…",
            Loading::Ready(preview) if !preview.sorted && !preview.rows.is_empty() => {
                "As they are stored: ordering so many rows takes long without an index"
            }
            _ => "",
        };
        let note = faint(ui, note);
        ui.label(note);
    });
    let height = theme::TABLE_HEADER + ROWS * theme::ROW + theme::SCROLLBAR;
    let shown = preview.value().filter(|preview| !preview.rows.is_empty());
    ui.allocate_ui_with_layout(vec2(ui.available_width(), height), egui::Layout::top_down(egui::Align::Min), |ui| {
        ui.set_min_height(height);
        match (shown, preview.error()) {
            (_, Some(error)) => failure(ui, error),
            (Some(preview), None) => rows(ui, scene, draft, preview),
            (None, None) if preview.is_loading() => nothing_here(ui, "Reading the first events…"),
            (None, None) => nothing_here(ui, "No event can be read like this."),
        }
    });
    if let Some(row) = shown.and_then(|preview| preview.rows.get(draft.row)) {
        preview_event::show(ui, scene, row);
    }
}

fn rows(ui: &mut Ui, scene: &Scene<'_>, draft: &mut MappingDraft, preview: &MappingPreview) {
    let column = |(title, width, right): (&'static str, f32, bool)| TableColumn {
        title,
        caption: "",
        width,
        least: width,
        right,
        sorted: None,
        sortable: false,
        fills: title == "Data",
    };
    let columns = COLUMNS.map(column);
    let mut rows = Rows { shown: &preview.rows, scene, palette: theme::palette(ui), selected: draft.row };
    let table = Table {
        salt: "mapping preview",
        name: "preview",
        keys: false,
        columns: &columns,
        reveal: None,
        question: 0,
        gap: None,
        takes_keyboard: false,
        tail: None,
        marks: (&[], ""),
    };
    table.show(ui, &mut rows);
    draft.row = rows.selected;
}

struct Rows<'a> {
    shown: &'a [PreviewRow],
    scene: &'a Scene<'a>,
    palette: &'static theme::Palette,
    selected: usize,
}

impl<'a> TableRows for Rows<'a> {
    type Row = &'a PreviewRow;

    fn count(&self) -> u64 {
        self.shown.len() as u64
    }

    fn want(&self, _rows: std::ops::Range<u64>) {}

    fn row(&self, number: u64) -> Option<&'a PreviewRow> {
        self.shown.get(usize::try_from(number).ok()?)
    }

    fn cell<'r>(&'r self, row: &'r &'a PreviewRow, column: usize) -> Cell<'r> {
        let plain = |text: &'r str| Cell {
            text: text.into(),
            color: self.palette.text,
            font: theme::mono(),
            dot: None,
            middle: false,
        };
        let quiet = |cell: Cell<'r>| Cell { color: self.palette.dim, ..cell };
        match column {
            0 => quiet(plain(&row.position)),
            1 => plain(&row.row.stream_text),
            2 => plain(&row.version),
            3 => Cell {
                dot: Some(theme::event_type_color(&row.row.event_type, self.palette.dark)),
                ..plain(&row.row.event_type)
            },
            4 => {
                let time = row.row.timestamp.as_ref();
                let text = time.map(|time| moment::clock(time, self.scene.view.time_mode)).unwrap_or_default();
                quiet(Cell { text: text.into(), ..plain("") })
            }
            _ => quiet(plain(&row.row.preview)),
        }
    }

    fn is_selected(&self, number: u64, _row: &&'a PreviewRow) -> bool {
        usize::try_from(number) == Ok(self.selected)
    }

    fn tooltip(&self, row: &&'a PreviewRow, column: usize) -> Option<String> {
        let time = row.row.timestamp.as_ref().filter(|_| column == 4)?;
        Some(format!("{}\nstored as {}", moment::full(time, self.scene.view.time_mode), time.stored))
    }

    fn pressed(&mut self, number: u64, _row: &&'a PreviewRow) {
        self.selected = usize::try_from(number).unwrap_or_default();
    }
}
