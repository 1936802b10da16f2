//! The text of a rule as it is painted: its parts in their colours, and what is wrong underlined.

use egui::text::{LayoutJob, TextFormat};
use egui::{Color32, Stroke};

use crate::replay::Flaw;
use crate::ui::theme::{self, Palette};

/// The longest text that is coloured, in bytes; colouring a longer one would be felt while typing.
const COLOURED: usize = 32 * 1024;

/// Words of the language.
const KEYWORDS: [&str; 21] = [
    "if", "then", "elif", "else", "end", "as", "def", "reduce", "foreach", "and", "or", "not", "try", "catch", "label",
    "break", "import", "include", "true", "false", "null",
];

/// What a part of a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Space,
    Comment,
    Text,
    Number,
    Variable,
    Field,
    Keyword,
    Name,
    Sign,
}

/// The parts of a rule's text, in order and without gaps, however wrong the text is.
pub(super) struct Parts<'a>(pub(super) &'a str);

impl<'a> Iterator for Parts<'a> {
    type Item = (Part, &'a str);

    fn next(&mut self) -> Option<(Part, &'a str)> {
        let text = self.0;
        let mut letters = text.chars();
        let first = letters.next()?;
        let second = letters.next();
        let word = |from: usize| {
            let rest = text.get(from..).unwrap_or_default();
            from + rest.find(|letter| !is_word(letter)).unwrap_or(rest.len())
        };
        let (part, end) = match (first, second) {
            ('#', _) => (Part::Comment, text.find('\n').unwrap_or(text.len())),
            ('"', _) => (Part::Text, text_end(text)),
            ('$', _) => (Part::Variable, word(1)),
            ('.', Some('"')) => (Part::Field, 1 + text_end(text.get(1..).unwrap_or_default())),
            ('.', Some(next)) if is_word(next) && !next.is_ascii_digit() => (Part::Field, word(1)),
            _ if first.is_whitespace() => {
                (Part::Space, text.find(|letter: char| !letter.is_whitespace()).unwrap_or(text.len()))
            }
            _ if first.is_ascii_digit() => {
                let end = text.find(|letter: char| !is_word(letter) && letter != '.').unwrap_or(text.len());
                (Part::Number, end)
            }
            _ if is_word(first) => {
                let end = word(0);
                let known = text.get(..end).is_some_and(|name| KEYWORDS.contains(&name));
                (if known { Part::Keyword } else { Part::Name }, end)
            }
            _ => (Part::Sign, first.len_utf8()),
        };
        let (token, rest) = text.split_at(end);
        self.0 = rest;
        Some((part, token))
    }
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Where the string ends that `text` begins with; what is interpolated belongs to it.
fn text_end(text: &str) -> usize {
    let (mut escaped, mut depth) = (false, 0_usize);
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            '(' if escaped => depth += 1,
            '(' if depth > 0 => depth += 1,
            ')' if depth > 0 => depth -= 1,
            '"' if !escaped && depth == 0 => return at + 1,
            _ => {}
        }
        escaped = letter == '\\' && !escaped;
    }
    text.len()
}

fn color(part: Part, palette: &Palette) -> Color32 {
    match part {
        Part::Comment | Part::Sign => palette.dim,
        Part::Text => palette.string,
        Part::Number => palette.number,
        Part::Variable => palette.accent,
        Part::Field => palette.key,
        Part::Keyword => palette.chg,
        Part::Name | Part::Space => palette.text,
    }
}

/// Lays a rule out with what is wrong underlined.
pub(super) fn lay_out(text: &str, flaw: Option<&Flaw>, width: f32, palette: &Palette) -> LayoutJob {
    let mut job = LayoutJob::default();
    let wrong = flaw.map(|flaw| wrong_part(text, flaw.at));
    let mut at = 0;
    let whole = [(Part::Name, text)];
    let plain = text.len() > COLOURED;
    let parts: Box<dyn Iterator<Item = (Part, &str)>> =
        if plain { Box::new(whole.into_iter()) } else { Box::new(Parts(text)) };
    for (part, token) in parts {
        let mut format = TextFormat { font_id: theme::mono(), color: color(part, palette), ..TextFormat::default() };
        format.italics = part == Part::Comment;
        if !plain && wrong == Some(at) {
            format.underline = Stroke::new(2.0, palette.del);
            format.background = palette.del_bg;
        }
        job.append(token, 0.0, format);
        at += token.len();
    }
    job.wrap.max_width = width;
    job
}

/// Where the part begins that a flaw is in; where a text ends too early, its last part.
fn wrong_part(text: &str, flaw: usize) -> usize {
    let (mut start, mut last) = (0, 0);
    for (part, token) in Parts(text) {
        if part != Part::Space {
            last = start;
            if flaw < start + token.len() {
                return start;
            }
        }
        start += token.len();
    }
    last
}

/// The line and the column of a byte, as editors count them.
pub(super) fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..text.floor_char_boundary(at)).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    (line, before.rsplit('\n').next().unwrap_or_default().chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_parts_of_a_rule_are_told_apart() {
        let rule =
            ".balance += $event.data.amount # cents\n| if .x == \"a\\(1 + (2))\" then .\"y z\" = 1.5e3 else . end";
        let parts: Vec<_> = Parts(rule).filter(|(part, _)| *part != Part::Space).collect();
        let of = |wanted: Part| -> Vec<&str> {
            parts.iter().filter(|(part, _)| *part == wanted).map(|(_, token)| *token).collect()
        };
        assert_eq!(of(Part::Field), [".balance", ".data", ".amount", ".x", ".\"y z\""]);
        assert_eq!(of(Part::Variable), ["$event"]);
        assert_eq!(of(Part::Comment), ["# cents"]);
        assert_eq!(of(Part::Text), ["\"a\\(1 + (2))\""]);
        assert_eq!(of(Part::Keyword), ["if", "then", "else", "end"]);
        assert_eq!(of(Part::Number), ["1.5e3"]);
    }

    #[test]
    fn what_is_wrong_is_underlined_and_so_is_the_end_of_what_ends_too_early() {
        let underlined = |text: &str, at: usize| {
            let flaw = Flaw { message: String::new(), at };
            let job = lay_out(text, Some(&flaw), 400.0, &theme::DARK);
            let wrong: Vec<_> = job.sections.iter().filter(|section| section.format.underline.width > 0.0).collect();
            assert_eq!(wrong.len(), 1);
            job.text[wrong[0].byte_range.start.0..wrong[0].byte_range.end.0].to_owned()
        };
        assert_eq!(underlined(".a = foo", 5), "foo");
        assert_eq!(underlined(".a = ", 5), "=");
        assert_eq!(line_and_column("a\nä b", 4), (2, 2));
    }

    proptest! {
        #[test]
        fn the_parts_are_the_text(text in "[ -~\n\"\\\\äöü]{0,80}") {
            prop_assert_eq!(Parts(&text).map(|(_, token)| token).collect::<String>(), text);
        }

        #[test]
        fn any_place_is_in_some_part(text in "[ -~\n]{1,60}", at in 0_usize..80) {
            prop_assert!(wrong_part(&text, at) <= text.len());
        }
    }
}
