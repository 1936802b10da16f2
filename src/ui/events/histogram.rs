//! How the events spread over time, as bars; a press or a drag over them filters by that time.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use egui::accesskit::Role;
use egui::{CursorIcon, Rect, Response, Sense, Ui, Vec2, WidgetInfo, vec2};

use super::super::{numbers, theme};
use crate::codec::visible;
use crate::filter::{Condition, Filter, Moment, Term};
use crate::model::Command;
use crate::session::{Bucket, Histogram, Kind};

/// The bar at which a drag began.
#[derive(Debug, Default)]
pub(super) struct Draft {
    from: Option<usize>,
}

/// Paints the bars. `filter` is the present filter; a chosen time takes the place of the one in it.
pub(super) fn show(ui: &mut Ui, histogram: &Histogram, filter: &Filter, draft: &mut Draft, out: &mut Vec<Command>) {
    let (outer, response) = ui.allocate_exact_size(size(ui), Sense::CLICK | Sense::DRAG);
    let mut rect = outer.shrink2(vec2(theme::MARGIN, 0.0));
    rect.max.y -= 1.5 * theme::STEP;
    let bars = Bars { rect, buckets: &histogram.buckets, kinds: &histogram.kinds };
    let under = response.hover_pos().or_else(|| response.interact_pointer_pos()).and_then(|at| bars.at(at.x));
    let chosen = choose(&response, under, draft);
    bars.paint(ui, !filter.is_empty(), chosen.or(under.map(|bar| (bar, bar))));
    if let (Some((first, last)), true) = (chosen, response.drag_stopped() || response.clicked()) {
        draft.from = None;
        out.extend(bars.command(first, last, filter));
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "Events over time"));
    tooltip(response, &bars, chosen.or(under.map(|bar| (bar, bar))));
}

/// Keeps the place of the bars free until they are known.
pub(super) fn keep_place(ui: &mut Ui) {
    ui.allocate_exact_size(size(ui), Sense::hover());
}

fn size(ui: &Ui) -> Vec2 {
    vec2(ui.available_width(), theme::HISTOGRAM + 1.5 * theme::STEP)
}

/// The bars from where the pointer was pressed to where it is.
fn choose(response: &Response, under: Option<usize>, draft: &mut Draft) -> Option<(usize, usize)> {
    if response.drag_started() {
        draft.from = under;
    }
    if !response.dragged() && !response.drag_stopped() && !response.clicked() {
        draft.from = None;
        return None;
    }
    let here = under?;
    let from = draft.from.unwrap_or(here);
    Some((from.min(here), from.max(here)))
}

fn tooltip(response: Response, bars: &Bars<'_>, chosen: Option<(usize, usize)>) {
    let Some((first, last)) = chosen.filter(|_| response.hovered() || response.dragged()) else { return };
    let Some(text) = bars.describe(first, last) else { return };
    response.on_hover_cursor(CursorIcon::PointingHand).on_hover_text_at_pointer(text);
}

struct Bars<'a> {
    rect: Rect,
    buckets: &'a [Bucket],
    /// The same by event type, where these are few.
    kinds: &'a [Kind],
}

impl Bars<'_> {
    /// The place of a bar, full height.
    #[expect(clippy::cast_precision_loss, reason = "there are some hundred bars at most")]
    fn place(&self, bar: usize) -> Rect {
        let step = self.rect.width() / self.buckets.len().max(1) as f32;
        let left = self.rect.left() + step * bar as f32;
        // Two points apart as long as there is room for that.
        let gap = if step > 5.0 { 2.0 } else { step * 0.2 };
        Rect::from_x_y_ranges(left..=left + step - gap, self.rect.y_range())
    }

    fn at(&self, x: f32) -> Option<usize> {
        (0..self.buckets.len())
            .rfind(|bar| self.place(*bar).left() <= x)
            .or(Some(0).filter(|_| !self.buckets.is_empty()))
    }

    fn paint(&self, ui: &Ui, filtered: bool, chosen: Option<(usize, usize)>) {
        let palette = theme::palette(ui);
        let highest = self.buckets.iter().map(|bucket| bucket.all).max().unwrap_or_default().max(1);
        for (index, bucket) in self.buckets.iter().enumerate() {
            let place = self.place(index);
            let is_chosen = chosen.is_some_and(|(first, last)| (first..=last).contains(&index));
            let quiet = if is_chosen { 0.55 } else { 0.32 };
            if self.kinds.is_empty() {
                bar(ui, place, (0, bucket.all), highest, palette.accent.gamma_multiply(quiet));
            } else {
                // Under a filter its own bar stands out.
                let strength = if filtered { quiet } else { 0.5 + quiet / 2.0 };
                self.stack(ui, index, place, highest, strength);
            }
            if filtered {
                bar(ui, place, (0, bucket.matching), highest, palette.accent.gamma_multiply(0.9));
            }
        }
    }

    /// One bar made of the event types, one on the other in their own colours.
    fn stack(&self, ui: &Ui, index: usize, place: Rect, highest: u64, strength: f32) {
        let dark = theme::palette(ui).dark;
        let mut below = 0;
        for kind in self.kinds {
            let count = kind.counts.get(index).copied().unwrap_or_default();
            let color = theme::event_type_color(&kind.event_type, dark).gamma_multiply(strength);
            bar(ui, place, (below, below + count), highest, color);
            below += count;
        }
    }

    /// How many events of each type there are in some bars, the most frequent first.
    fn types(&self, first: usize, last: usize) -> String {
        let sum = |kind: &Kind| kind.counts.get(first..=last).map_or(0, |counts| counts.iter().sum::<u64>());
        let mut types: Vec<_> = self.kinds.iter().map(|kind| (sum(kind), &kind.event_type)).collect();
        types.retain(|(count, _)| *count > 0);
        types.sort_by(|(a, one), (b, other)| b.cmp(a).then_with(|| one.cmp(other)));
        types.iter().fold(String::new(), |mut text, (count, name)| {
            // Writing to a text cannot fail.
            let _ = write!(text, "\n{} {}", numbers::grouped(*count), visible(name));
            text
        })
    }

    fn describe(&self, first: usize, last: usize) -> Option<String> {
        let chosen = self.buckets.get(first..=last)?;
        let (from, to) = (chosen.first()?.from, chosen.last()?.to);
        let sum = |count: fn(&Bucket) -> u64| chosen.iter().map(count).sum::<u64>();
        let (all, matching) = (sum(|bucket| bucket.all), sum(|bucket| bucket.matching));
        let events = if matching == all {
            format!("{} events", numbers::grouped(all))
        } else {
            format!("{} of {} events", numbers::grouped(matching), numbers::grouped(all))
        };
        Some(format!("{} – {} UTC\n{events}{}", written(from)?, written(to)?, self.types(first, last)))
    }

    /// The filter with the time of these bars in place of the time that it has.
    fn command(&self, first: usize, last: usize, filter: &Filter) -> Option<Command> {
        let from = moment(self.buckets.get(first)?.from)?;
        let to = moment(self.buckets.get(last)?.to)?;
        let mut filter = filter.clone();
        filter
            .terms
            .retain(|term| term.negated || !matches!(term.condition, Condition::After(_) | Condition::Before(_)));
        filter.terms.push(Term::new(Condition::After(Moment::at(from))));
        filter.terms.push(Term::new(Condition::Before(Moment::at(to))));
        Some(Command::SetFilter(filter.to_string()))
    }
}

/// One bar, or a part of it from one count to another; at least two points high where the bar stands for anything.
fn bar(ui: &Ui, place: Rect, (from, to): (u64, u64), highest: u64, color: egui::Color32) {
    if from == to {
        return;
    }
    #[expect(clippy::cast_precision_loss, reason = "a height in points")]
    let height = |count: u64| place.height() * (count as f32 / highest as f32);
    let (bottom, top) = (height(from), if from == 0 { height(to).max(2.0) } else { height(to) });
    let rounding = egui::CornerRadius { nw: 1, ne: 1, sw: 0, se: 0 };
    let part = place.with_min_y(place.bottom() - top).with_max_y(place.bottom() - bottom);
    ui.painter().rect_filled(part, rounding, color);
}

fn moment(milliseconds: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(milliseconds)
}

fn written(milliseconds: i64) -> Option<String> {
    Some(moment(milliseconds)?.format("%Y-%m-%d %H:%M:%S").to_string())
}

#[cfg(test)]
mod tests {
    use egui::pos2;

    use super::*;

    fn buckets() -> Vec<Bucket> {
        let at = |hour: i64| hour * 3_600_000;
        (0..4).map(|hour| Bucket { from: at(hour), to: at(hour + 1), all: 10, matching: 4 }).collect()
    }

    #[test]
    fn a_place_finds_its_bar_and_says_what_it_holds() {
        let buckets = buckets();
        let bars = Bars { rect: Rect::from_min_size(pos2(0.0, 0.0), vec2(400.0, 34.0)), buckets: &buckets, kinds: &[] };
        assert_eq!(bars.at(-3.0), Some(0));
        assert_eq!(bars.at(150.0), Some(1));
        assert_eq!(bars.at(900.0), Some(3));
        let text = "1970-01-01 01:00:00 – 1970-01-01 03:00:00 UTC\n8 of 20 events";
        assert_eq!(bars.describe(1, 2).unwrap(), text);
    }

    #[test]
    fn a_chosen_time_takes_the_place_of_the_one_before() {
        let buckets = buckets();
        let bars = Bars { rect: Rect::from_min_size(pos2(0.0, 0.0), vec2(400.0, 34.0)), buckets: &buckets, kinds: &[] };
        let filter = Filter::parse("after:2020-01-01 type:a").unwrap();
        let Some(Command::SetFilter(text)) = bars.command(0, 1, &filter) else { panic!("a filter was chosen") };
        assert_eq!(text, "type:a after:1970-01-01T00:00:00Z before:1970-01-01T02:00:00Z");
    }
}
