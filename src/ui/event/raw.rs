//! The stored bytes of a payload: text by the line, anything else in hexadecimal digits; only what is in view is drawn.

use std::ops::Range;
use std::sync::Arc;

use egui::{RichText, ScrollArea, Ui};

use super::super::controls::{dim, faint};
use super::super::numbers::grouped;
use super::super::theme;
use crate::event::{Decoded, Event, Payload, StorageClass};
use crate::model::Command;
use crate::profile::codec::HexView;

/// How many bytes of text go on one line at most: laying out one long line costs more than the whole window.
const LINE_BYTES: usize = 400;

/// Which payload is shown, and where its lines begin: found once for each payload and width.
#[derive(Debug, Default)]
pub struct RawDraft {
    metadata: bool,
    raw: Option<Arc<[u8]>>,
    columns: usize,
    lines: Vec<Range<usize>>,
}

/// Paints the stored bytes.
pub fn show(ui: &mut Ui, event: &Event, draft: &mut RawDraft, out: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        ui.selectable_value(&mut draft.metadata, false, "Data");
        ui.selectable_value(&mut draft.metadata, true, "Metadata");
        let payload = if draft.metadata { &event.metadata } else { &event.data };
        let text = faint(ui, kind(payload));
        ui.label(text);
        if !draft.metadata && ui.small_button("Copy").clicked() {
            out.push(Command::CopyRaw);
        }
    });
    let payload = if draft.metadata { &event.metadata } else { &event.data };
    if payload.raw.is_empty() {
        let text = dim(ui, "Nothing is stored here.");
        ui.label(text);
        return;
    }
    match std::str::from_utf8(&payload.raw) {
        Ok(text) if payload.storage != StorageClass::Blob || is_printable(text) => lines(ui, payload, text, draft),
        _ => digits(ui, &payload.raw),
    }
}

/// `text · 1,234 bytes · zlib, json`.
fn kind(payload: &Payload) -> String {
    let storage = match payload.storage {
        StorageClass::Null => "null",
        StorageClass::Integer => "integer",
        StorageClass::Real => "real",
        StorageClass::Text => "text",
        StorageClass::Blob => "blob",
    };
    let size = grouped(i128::try_from(payload.raw.len()).unwrap_or(i128::MAX));
    let encodings = match &payload.decoded {
        Decoded::Document { encodings, .. } if !encodings.is_empty() => format!(" · {}", encodings.join(", ")),
        _ => String::new(),
    };
    format!("{storage} · {size} bytes{encodings}")
}

fn is_printable(text: &str) -> bool {
    text.chars().take(4096).all(|letter| !letter.is_control() || letter.is_whitespace())
}

fn lines(ui: &mut Ui, payload: &Payload, text: &str, draft: &mut RawDraft) {
    let letter = ui.fonts_mut(|fonts| fonts.glyph_width(&theme::mono(), 'm')).max(1.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a width in letters is small")]
    let columns = (((ui.available_width() - theme::MARGIN) / letter) as usize).clamp(16, LINE_BYTES);
    let known = draft.raw.as_ref().is_some_and(|raw| Arc::ptr_eq(raw, &payload.raw)) && draft.columns == columns;
    if !known {
        draft.lines = line_ranges(text, columns);
        draft.raw = Some(Arc::clone(&payload.raw));
        draft.columns = columns;
    }
    rows(ui, draft.lines.len(), |row| {
        let line = draft.lines.get(row).and_then(|range| text.get(range.clone())).unwrap_or_default();
        line.replace(char::is_control, " ")
    });
}

/// Where the lines of a text are; one of more than `columns` letters is broken.
fn line_ranges(text: &str, columns: usize) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut begin = 0;
    let mut letters = 0;
    for (at, letter) in text.char_indices() {
        let after = at + letter.len_utf8();
        letters += 1;
        if letter == '\n' {
            ranges.push(begin..at);
        } else if letters >= columns {
            ranges.push(begin..after);
        } else {
            continue;
        }
        begin = after;
        letters = 0;
    }
    if begin < text.len() {
        ranges.push(begin..text.len());
    }
    ranges
}

fn digits(ui: &mut Ui, raw: &[u8]) {
    let view = HexView::new(raw);
    rows(ui, view.len(), |index| {
        view.row(index)
            .map(|row| format!("{}  {}  {}", row.offset_text, row.digits, row.characters))
            .unwrap_or_default()
    });
}

fn rows(ui: &mut Ui, count: usize, line: impl Fn(usize) -> String) {
    let height = ui.text_style_height(&egui::TextStyle::Monospace);
    ui.spacing_mut().item_spacing.y = 2.0;
    ScrollArea::both().id_salt("raw").auto_shrink(false).show_rows(ui, height, count, |ui, range| {
        for row in range {
            let text = RichText::new(line(row)).font(theme::mono());
            ui.add(egui::Label::new(text).extend().selectable(true));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_between_letters_and_nothing_is_lost() {
        let text = "a\nüü".to_owned() + &"ß".repeat(100);
        let ranges = line_ranges(&text, 30);
        assert_eq!(ranges.first().cloned(), Some(0..1));
        let joined: String = ranges.iter().map(|range| text.get(range.clone()).unwrap()).collect();
        assert_eq!(joined, text.replace('\n', ""));
    }
}
