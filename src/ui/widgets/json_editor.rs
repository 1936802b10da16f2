//! An editor for a JSON document that colours what is typed and says where it is wrong.

use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat};
use egui::{Color32, Frame, Galley, Key, Margin, Modifiers, Response, Stroke, TextBuffer, TextEdit, Ui};
use serde_json::Value;

use super::completion::{Completion, Offers, cursor_in};

use crate::ui::theme::{self, Palette};

/// The longest text that is coloured, in bytes; colouring a longer one would be felt while typing.
const COLOURED: usize = 64 * 1024;

/// Says what a text may go on with.
type GoesOn<'a> = &'a dyn Fn(&str, usize, bool) -> Option<(Offers, bool)>;

/// A JSON document that is being typed.
#[derive(Clone, Debug, Default)]
pub struct JsonEditor {
    text: String,
    /// What the text means; `None` before it is first read.
    read: Option<Result<Value, JsonFault>>,
}

/// Where a text stops being JSON, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonFault {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// What is wrong there.
    pub message: String,
}

impl std::fmt::Display for JsonFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Line {}, column {}: {}", self.line, self.column, self.message)
    }
}

impl JsonEditor {
    /// An editor that starts with this document, laid out over several lines; an empty one for `null`.
    #[must_use]
    pub fn new(value: &Value) -> Self {
        Self::from_text(if value.is_null() { String::new() } else { format!("{value:#}") })
    }

    /// An editor that starts with this text.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self { text: text.into(), read: None }
    }

    /// What was typed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The document, or where it is wrong. An empty text is `null`: there is no document.
    pub fn value(&mut self) -> Result<&Value, &JsonFault> {
        self.read.get_or_insert_with(|| read(&self.text)).as_ref()
    }

    /// Lays the document out over several lines, where it is one.
    pub fn tidy(&mut self) {
        if let Ok(value) = self.value() {
            *self = Self::new(&value.clone());
        }
    }

    /// Draws the editor, at least `rows` lines high, and under it where the text is wrong. `name` is its accessible name.
    pub fn show(&mut self, ui: &mut Ui, name: &str, rows: usize) -> Response {
        self.show_completed(ui, name, rows, &mut Completion::default(), &|_, _, _| None)
    }

    /// The same, with a list of what the text may go on with: `offers` is asked for that at a byte of the text, and whether
    /// a person wants to see it even where nothing is typed yet. It answers, too, whether Return takes the first of them.
    pub fn show_completed(
        &mut self,
        ui: &mut Ui,
        name: &str,
        rows: usize,
        completion: &mut Completion,
        offers: GoesOn<'_>,
    ) -> Response {
        let id = ui.make_persistent_id(("json", name));
        let focused = ui.memory(|memory| memory.has_focus(id));
        let taken = if focused { completion.keys(ui) } else { None };
        if let Some(offer) = taken {
            completion.put_in(ui, id, &mut self.text, &offer);
            self.read = None;
        }
        let asked = focused && ui.input_mut(|input| input.consume_key(Modifiers::CTRL, Key::Space));
        let palette = theme::palette(ui);
        let line = if self.value().is_err() { palette.del } else { palette.line };
        let frame = Frame::new()
            .fill(palette.bg)
            .stroke(Stroke::new(1.0, line))
            .corner_radius(theme::ROUNDING)
            .inner_margin(Margin::symmetric(8, 6));
        let mut layouter = |ui: &Ui, text: &dyn TextBuffer, width: f32| layout(ui, text.as_str(), width, palette);
        let output = TextEdit::multiline(&mut self.text)
            .id(id)
            .code_editor()
            .frame(frame)
            .desired_rows(rows)
            .desired_width(f32::INFINITY)
            .layouter(&mut layouter)
            .show(ui);
        let response = output.response.response.clone().accessible_name(name);
        if response.changed() {
            self.read = None;
        }
        let goes_on = response.has_focus() && (response.changed() || asked);
        if let Some(at) = cursor_in(&self.text, &output).filter(|_| goes_on) {
            let (offers, first) = offers(&self.text, at, asked).unwrap_or_default();
            completion.offer(offers, first);
        }
        if let Some(offer) = completion.list(ui, &output) {
            completion.put_in(ui, id, &mut self.text, &offer);
            self.read = None;
        }
        if let Err(fault) = self.value() {
            ui.colored_label(palette.del, fault.to_string());
        }
        response
    }
}

fn read(text: &str) -> Result<Value, JsonFault> {
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(text).map_err(|error| fault(&error, text))
}

fn fault(error: &serde_json::Error, text: &str) -> JsonFault {
    let full = error.to_string();
    let end = full.rfind(" at line ").unwrap_or(full.len());
    JsonFault {
        line: error.line().max(1),
        column: characters(text, error.line(), error.column()).max(1),
        message: full.get(..end).unwrap_or(&full).to_owned(),
    }
}

/// A column that counts bytes, as one that counts characters.
fn characters(text: &str, line: usize, bytes: usize) -> usize {
    let line = text.split('\n').nth(line.saturating_sub(1)).unwrap_or_default();
    line.char_indices().take_while(|(start, _)| *start < bytes).count()
}

fn layout(ui: &Ui, text: &str, width: f32, palette: &Palette) -> Arc<Galley> {
    let mut job = LayoutJob::default();
    let mut piece = |text: &str, color: Color32| {
        job.append(text, 0.0, TextFormat { font_id: theme::mono(), color, ..TextFormat::default() });
    };
    if text.len() > COLOURED {
        piece(text, palette.text);
    } else {
        for token in Tokens(text) {
            piece(token, token_color(token, text, palette));
        }
    }
    job.wrap.max_width = width;
    ui.fonts_mut(|fonts| fonts.layout_job(job))
}

fn token_color(token: &str, text: &str, palette: &Palette) -> Color32 {
    match token.as_bytes().first() {
        Some(b'"') if is_key(token, text) => palette.key,
        Some(b'"') => palette.string,
        Some(first) if first.is_ascii_alphanumeric() || *first == b'-' => palette.number,
        _ => palette.dim,
    }
}

/// Whether a string is followed by a colon.
fn is_key(token: &str, text: &str) -> bool {
    let end = token.as_ptr().addr() - text.as_ptr().addr() + token.len();
    text.get(end..).is_some_and(|rest| rest.trim_start().starts_with(':'))
}

/// The strings, words and the rest of a JSON text, in order and without gaps, however wrong the text is.
struct Tokens<'a>(&'a str);

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let text = self.0;
        let first = text.chars().next()?;
        let end = if first == '"' {
            string_end(text)
        } else {
            let kind = is_word(first);
            text.find(|letter| letter == '"' || is_word(letter) != kind).unwrap_or(text.len())
        };
        let (token, rest) = text.split_at(end);
        self.0 = rest;
        Some(token)
    }
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '-' | '+' | '.')
}

/// Where the string ends that `text` begins with; it ends with the line at the latest.
fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            '\n' => return at,
            '"' if !escaped => return at + 1,
            _ => escaped = letter == '\\' && !escaped,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable as _;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_fault_is_told_with_its_line_and_column() {
        let mut editor = JsonEditor::from_text("{\n  \"ä\": 1,,\n}");
        let fault = editor.value().unwrap_err();
        assert_eq!((fault.line, fault.column), (2, 10));
        assert_eq!(JsonEditor::from_text("").value(), Ok(&Value::Null));
    }

    #[test]
    fn numbers_keep_their_digits() {
        let mut editor = JsonEditor::from_text("[8.00, 12345678901234567890]");
        assert_eq!(editor.value().unwrap().to_string(), "[8.00,12345678901234567890]");
        assert_eq!(JsonEditor::new(&json!({"a": 1})).text(), "{\n  \"a\": 1\n}");
    }

    #[test]
    fn what_is_typed_is_read_and_its_fault_is_shown() {
        let show = |ui: &mut Ui, editor: &mut JsonEditor| {
            theme::apply(ui.ctx(), egui::ThemePreference::Dark);
            editor.show(ui, "Data", 4);
        };
        let mut harness = Harness::builder().build_ui_state(show, JsonEditor::default());
        harness.run();
        harness.get_by_label("Data").focus();
        harness.run();
        harness.get_by_label("Data").type_text("{\"a\": }");
        harness.run();
        assert!(harness.query_by_label_contains("Line 1, column 7").is_some());
    }

    proptest! {
        #[test]
        fn the_pieces_are_the_text(text in "[ -~\n\"\\\\äöü]{0,80}") {
            prop_assert_eq!(Tokens(&text).collect::<String>(), text);
        }
    }
}
