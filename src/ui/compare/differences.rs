//! What differs between two states, a line for each place; long texts word by word.

use std::sync::Arc;

use egui::cache::{ComputerMut, FrameCache};
use egui::text::{LayoutJob, TextFormat};
use egui::{Label, Role, ScrollArea, Stroke, Ui, WidgetInfo};
use serde_json::Value;

use super::super::theme::{self, Palette};
use crate::codec::visible_lines;
use crate::replay::compare::{Difference, Kind, Passage, passages};

/// How many differences are listed; more are only counted.
const LISTED: usize = 1000;

/// From how many characters on two texts are compared word by word.
const LONG: usize = 24;

/// The longest passage that both texts have which is written out, in characters; of a longer one the ends are.
const SAME: usize = 80;

/// Paints the list, at most so high.
pub(super) fn show(ui: &mut Ui, differences: &[Difference], height: f32) {
    ScrollArea::vertical().id_salt("compared").max_height(height).auto_shrink([false, true]).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = theme::STEP;
        for difference in differences.iter().take(LISTED) {
            let job = laid_out(ui, difference);
            let response = ui.add(Label::new(job).wrap());
            response.widget_info(|| WidgetInfo::labeled(Role::Label, true, line(difference)));
        }
        if differences.len() > LISTED {
            ui.label(format!("and {} more", differences.len() - LISTED));
        }
    });
}

/// The lines as text, for the clipboard.
pub(super) fn as_text(differences: &[Difference]) -> String {
    differences.iter().map(|difference| line(difference) + "\n").collect()
}

const fn sign(kind: Kind) -> &'static str {
    match kind {
        Kind::Added => "+",
        Kind::Removed => "-",
        Kind::Changed | Kind::Moved => "~",
    }
}

/// A difference as one line: `~ /on_hand: 3 → 0`.
fn line(difference: &Difference) -> String {
    let Difference { kind, label, before, after, .. } = difference;
    let place = if label.is_empty() { "the whole state" } else { label };
    let value = |value: &Option<Value>| value.as_ref().map(ToString::to_string).unwrap_or_default();
    let says = match kind {
        Kind::Added => value(after),
        Kind::Removed => value(before),
        Kind::Changed => format!("{} → {}", value(before), value(after)),
        Kind::Moved => "in another order".to_owned(),
    };
    format!("{} {place}: {says}", sign(*kind))
}

fn laid_out(ui: &Ui, difference: &Difference) -> LayoutJob {
    let palette = theme::palette(ui);
    let mut job = LayoutJob::default();
    let (color, label) = match difference.kind {
        Kind::Added => (palette.add, &difference.label),
        Kind::Removed => (palette.del, &difference.label),
        Kind::Changed | Kind::Moved => (palette.chg, &difference.label),
    };
    let place = if label.is_empty() { "the whole state" } else { label };
    put(&mut job, &format!("{} ", sign(difference.kind)), plain(color));
    put(&mut job, &format!("{place}  "), plain(palette.key));
    match (difference.kind, &difference.before, &difference.after) {
        (Kind::Changed, Some(Value::String(before)), Some(Value::String(after)))
            if before.chars().count().max(after.chars().count()) >= LONG =>
        {
            for passage in word_by_word(ui, before, after).iter() {
                put_passage(&mut job, passage, palette);
            }
        }
        (Kind::Moved, ..) => put(&mut job, "in another order", plain(palette.dim)),
        (_, before, after) => {
            if let Some(before) = before {
                put(&mut job, &before.to_string(), gone(palette));
            }
            if before.is_some() && after.is_some() {
                put(&mut job, "  ", plain(palette.dim));
            }
            if let Some(after) = after {
                put(&mut job, &after.to_string(), TextFormat { background: palette.add_bg, ..plain(palette.text) });
            }
        }
    }
    job
}

fn put(job: &mut LayoutJob, text: &str, format: TextFormat) {
    // What is longer than that is in the file, and one copy away.
    let cut = text.char_indices().nth(2000).map_or(text, |(end, _)| text.get(..end).unwrap_or(text));
    job.append(&visible_lines(cut), 0.0, format);
}

fn plain(color: egui::Color32) -> TextFormat {
    TextFormat { font_id: theme::mono(), color, ..TextFormat::default() }
}

fn gone(palette: &Palette) -> TextFormat {
    let strikethrough = Stroke::new(1.0, palette.del);
    TextFormat { background: palette.del_bg, strikethrough, ..plain(palette.dim) }
}

fn put_passage(job: &mut LayoutJob, passage: &Passage, palette: &Palette) {
    match passage {
        Passage::Same(text) => put(job, &shortened(text), plain(palette.dim)),
        Passage::Removed(text) => put(job, text, gone(palette)),
        Passage::Added(text) => put(job, text, TextFormat { background: palette.add_bg, ..plain(palette.text) }),
    }
}

/// What both have is only there to find one's way.
fn shortened(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    if letters.len() <= SAME {
        return text.to_owned();
    }
    let (front, back) = (&letters[..SAME / 2], &letters[letters.len() - SAME / 2..]);
    front.iter().chain(&['…']).chain(back).collect()
}

/// How texts become others; found out once while it is looked at, not in every frame.
type WordByWord = FrameCache<Arc<Vec<Passage>>, Words>;

#[derive(Default)]
struct Words;

impl ComputerMut<(&str, &str), Arc<Vec<Passage>>> for Words {
    fn compute(&mut self, (before, after): (&str, &str)) -> Arc<Vec<Passage>> {
        Arc::new(passages(before, after))
    }
}

fn word_by_word(ui: &Ui, before: &str, after: &str) -> Arc<Vec<Passage>> {
    ui.memory_mut(|memory| memory.caches.cache::<WordByWord>().get((before, after)).clone())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::replay::compare::compare;

    #[test]
    fn a_difference_is_one_line_for_the_clipboard_and_for_who_does_not_see_it() {
        let a = json!({"n": 3, "lines": [{"sku": "red"}, {"sku": "blue", "qty": 1}]});
        let b = json!({"n": 0, "lines": [{"sku": "blue", "qty": 2}], "x": null});
        let text = as_text(&compare(&a, &b));
        let mut lines: Vec<_> = text.lines().collect();
        lines.sort_unstable();
        let expected =
            ["+ /x: null", "- /lines/sku=red: {\"sku\":\"red\"}", "~ /lines/sku=blue/qty: 1 → 2", "~ /n: 3 → 0"];
        assert_eq!(lines, expected);
    }

    #[test]
    fn of_a_long_passage_that_both_have_the_ends_are_written() {
        let text = "é".repeat(500);
        assert_eq!(shortened(&text).chars().count(), SAME + 1);
        assert_eq!(shortened("short"), "short");
    }
}
