//! Stored bytes: text by the line, anything else in hexadecimal digits. Only what is in view is drawn, and of a large
//! value only one page is looked at.

use std::ops::Range;
use std::sync::Arc;

use egui::{RichText, ScrollArea, Ui};

use super::controls::{dim, faint};
use super::numbers::grouped;
use super::theme;
use crate::codec::HexView;
use crate::event::{Decoded, Payload, StorageClass};

/// How many bytes of text go on one line at most: laying out one long line costs more than the whole window.
const LINE_BYTES: usize = 400;
/// How many bytes of a large value are shown at a time.
const PAGE: usize = 256 << 10;
/// A value of more bytes than this is shown by pages.
const LARGE: usize = 1 << 20;

/// Which bytes are shown, and where their lines begin: found once for each value, page and width.
#[derive(Debug, Default)]
pub struct BytesDraft {
    raw: Option<Arc<[u8]>>,
    page: usize,
    columns: usize,
    /// The lines of a text; `None` where the page is no text.
    lines: Option<Vec<Range<usize>>>,
}

impl BytesDraft {
    /// Begins anew where other bytes are shown than before.
    fn turn_to(&mut self, raw: &Arc<[u8]>) {
        if !self.raw.as_ref().is_some_and(|known| Arc::ptr_eq(known, raw)) {
            *self = Self { raw: Some(Arc::clone(raw)), ..Self::default() };
        }
    }
}

/// Paints the stored bytes of a value, at most `max_height` points high where that is said.
pub fn show(ui: &mut Ui, payload: &Payload, draft: &mut BytesDraft, max_height: Option<f32>) {
    if payload.raw.is_empty() {
        let text = dim(ui, "Nothing is stored here.");
        ui.label(text);
        return;
    }
    draft.turn_to(&payload.raw);
    let pages = if payload.raw.len() > LARGE { payload.raw.len().div_ceil(PAGE) } else { 1 };
    if pages > 1 {
        turn_pages(ui, pages, draft);
    }
    let page = if pages > 1 { page_of(&payload.raw, draft.page) } else { 0..payload.raw.len() };
    let bytes = payload.raw.get(page.clone()).unwrap_or_default();
    let columns = columns(ui);
    if draft.columns != columns {
        draft.columns = columns;
        draft.lines = text_of(payload.storage, bytes).map(|text| line_ranges(text, columns));
    }
    match &draft.lines {
        // The lines were found in a text: their ends are those of letters.
        Some(lines) => rows(ui, lines.len(), max_height, |row| {
            let line = lines.get(row).and_then(|range| bytes.get(range.clone())).unwrap_or_default();
            String::from_utf8_lossy(line).replace(char::is_control, " ")
        }),
        None => digits(ui, bytes, max_height),
    }
}

/// The way from page to page.
fn turn_pages(ui: &mut Ui, pages: usize, draft: &mut BytesDraft) {
    ui.horizontal(|ui| {
        let before = draft.page;
        if ui.add_enabled(draft.page > 0, egui::Button::new("Previous page")).clicked() {
            draft.page -= 1;
        }
        if ui.add_enabled(draft.page + 1 < pages, egui::Button::new("Next page")).clicked() {
            draft.page += 1;
        }
        let mut number = draft.page + 1;
        let entry = egui::DragValue::new(&mut number).range(1..=pages).speed(0.2);
        ui.add(entry).accessible_name("Page");
        draft.page = number.clamp(1, pages) - 1;
        let of = faint(ui, format!("of {}", grouped(i128::try_from(pages).unwrap_or(i128::MAX))));
        ui.label(of);
        if draft.page != before {
            draft.columns = 0;
        }
    });
}

/// The bytes of a page, which begins and ends between letters where it is a text.
fn page_of(raw: &[u8], page: usize) -> Range<usize> {
    let boundary = |at: usize| {
        let inside = |at: usize| raw.get(at).is_some_and(|byte| byte & 0b1100_0000 == 0b1000_0000);
        let at = at.min(raw.len());
        (at..=raw.len().min(at + 3)).find(|at| !inside(*at)).unwrap_or(at)
    };
    boundary(page * PAGE)..boundary((page + 1) * PAGE)
}

/// The bytes as text, where they are one.
fn text_of(storage: StorageClass, bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    (storage != StorageClass::Blob || is_printable(text)).then_some(text)
}

/// `text · 1,234 bytes · zlib, json`.
#[must_use]
pub fn kind(payload: &Payload) -> String {
    let size = payload.unread().unwrap_or(payload.raw.len() as u64);
    let encodings = match payload.decoded() {
        Decoded::Document { encodings, .. } if !encodings.is_empty() => format!(" · {}", encodings.join(", ")),
        _ => String::new(),
    };
    format!("{} · {} bytes{encodings}", storage(payload), grouped(size))
}

/// The storage class in a word.
#[must_use]
pub fn storage(payload: &Payload) -> &'static str {
    match payload.storage {
        StorageClass::Null => "null",
        StorageClass::Integer => "integer",
        StorageClass::Real => "real",
        StorageClass::Text => "text",
        StorageClass::Blob => "blob",
    }
}

fn is_printable(text: &str) -> bool {
    text.chars().take(4096).all(|letter| !letter.is_control() || letter.is_whitespace())
}

/// How many letters fit on a line.
fn columns(ui: &Ui) -> usize {
    let letter = ui.fonts_mut(|fonts| fonts.glyph_width(&theme::mono(), 'm')).max(1.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a width in letters is small")]
    let columns = ((ui.available_width() - theme::MARGIN) / letter) as usize;
    columns.clamp(16, LINE_BYTES)
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

fn digits(ui: &mut Ui, raw: &[u8], max_height: Option<f32>) {
    let view = HexView::new(raw);
    rows(ui, view.len(), max_height, |index| {
        view.row(index)
            .map(|row| format!("{}  {}  {}", row.offset_text, row.digits, row.characters))
            .unwrap_or_default()
    });
}

fn rows(ui: &mut Ui, count: usize, max_height: Option<f32>, line: impl Fn(usize) -> String) {
    let height = ui.text_style_height(&egui::TextStyle::Monospace);
    ui.spacing_mut().item_spacing.y = 2.0;
    let area = ScrollArea::both().id_salt("raw").auto_shrink([false, max_height.is_some()]);
    area.max_height(max_height.unwrap_or(f32::INFINITY)).show_rows(ui, height, count, |ui, range| {
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

    #[test]
    fn pages_lie_side_by_side_and_end_between_letters() {
        let text = format!("x{}", "ß".repeat(LARGE));
        let raw = text.as_bytes();
        let pages: Vec<_> = (0..raw.len().div_ceil(PAGE)).map(|page| page_of(raw, page)).collect();
        assert_eq!((pages[0].start, pages.last().unwrap().end), (0, raw.len()));
        for pair in pages.windows(2) {
            assert_eq!(pair[0].end, pair[1].start);
        }
        assert!(pages.iter().all(|page| std::str::from_utf8(&raw[page.clone()]).is_ok()));
    }
}
