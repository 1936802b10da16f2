//! Rows that are added at the newest end of a table: it stays at that end, or keeps its place and says how many are new.

use egui::{Button, Context, Id, Rect, RichText, Ui, vec2};

use super::scroll::{Anchor, Extent};
use crate::ui::numbers::grouped;
use crate::ui::theme;

/// How a table follows its newest end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tail {
    /// Whether the newest row is the first one.
    pub newest_first: bool,
    /// Whether all rows that there were are counted: what is added while they are is not new.
    pub complete: bool,
    /// Whether the table goes on with the newest row while it is in view.
    pub follows: bool,
}

/// What is remembered of a table that is followed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Followed {
    question: u64,
    /// Whether all rows were counted before.
    settled: bool,
    /// How many rows there were in the last frame, and how many when the newest was last in view.
    rows: u64,
    seen: u64,
    at_end: bool,
}

impl Followed {
    pub(super) fn load(ctx: &Context, id: Id, question: u64) -> Self {
        let known = ctx.data(|data| data.get_temp::<Self>(id.with("followed"))).unwrap_or_default();
        if known.question == question { known } else { Self { question, ..Self::default() } }
    }

    pub(super) fn store(self, ctx: &Context, id: Id) {
        ctx.data_mut(|data| data.insert_temp(id.with("followed"), self));
    }

    /// Takes in how many rows there are now; answers where the table stands then.
    pub(super) fn grow(&mut self, tail: Tail, anchor: Anchor, extent: Extent) -> Anchor {
        if extent.rows < self.rows {
            // Another file, or the same one from its beginning.
            *self = Self { question: self.question, ..Self::default() };
        }
        let added = extent.rows.saturating_sub(self.rows);
        let is_new = self.settled && added > 0;
        let anchor = if is_new && self.at_end && tail.follows {
            end(tail, extent)
        } else if is_new && tail.newest_first {
            // Rows above push down what is in view, unless the view goes with it.
            anchor.scrolled(points(added, extent), extent)
        } else {
            anchor
        };
        if !self.settled {
            self.seen = extent.rows;
        }
        self.settled |= tail.complete;
        self.rows = extent.rows;
        anchor
    }

    /// Takes in where the table stands after the wheel and the keys; answers how many rows are new since the newest one
    /// was in view.
    pub(super) fn stand(&mut self, tail: Tail, anchor: Anchor, extent: Extent) -> u64 {
        let newest = end(tail, extent);
        let away = (anchor.fraction(extent) - newest.fraction(extent)).abs() * points(extent.rows, extent);
        self.at_end = away < f64::from(extent.row_height);
        if self.at_end {
            self.seen = extent.rows;
        }
        extent.rows - self.seen
    }
}

/// Where the newest row is in view.
pub(super) fn end(tail: Tail, extent: Extent) -> Anchor {
    if tail.newest_first { Anchor::default() } else { Anchor::at_fraction(1.0, extent) }
}

#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 rows, which no file holds")]
fn points(rows: u64, extent: Extent) -> f64 {
    rows as f64 * f64::from(extent.row_height)
}

/// The button that says how many rows are new, over the rows at the newest end; whether it was pressed.
pub(super) fn button(ui: &mut Ui, tail: Tail, new: u64, body: Rect) -> bool {
    if new == 0 {
        return false;
    }
    let palette = theme::palette(ui);
    let paused = if tail.follows { "" } else { "Paused: " };
    let text = format!("{paused}{} new", grouped(new));
    let size = vec2(18.0 + 7.5 * f32::from(u16::try_from(text.len()).unwrap_or(u16::MAX)), theme::ROW);
    let gap = 2.0 * theme::STEP + size.y / 2.0;
    let y = if tail.newest_first { body.top() + gap } else { body.bottom() - gap };
    let place = Rect::from_center_size(egui::pos2(body.center().x, y), size);
    let button = Button::new(RichText::new(&text).color(palette.on_accent)).fill(palette.accent).corner_radius(12);
    let response = ui.put(place, button).accessible_name(&text);
    response.on_hover_text("Go to the newest").clicked()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIVE: Tail = Tail { newest_first: false, complete: true, follows: true };

    fn extent(rows: u64) -> Extent {
        Extent { rows, row_height: 20.0, view: 100.0 }
    }

    /// A table of so many rows whose end is in view.
    fn at_end(tail: Tail, rows: u64) -> (Followed, Anchor) {
        let mut followed = Followed::default();
        followed.grow(tail, Anchor::default(), extent(rows));
        let anchor = end(tail, extent(rows));
        assert_eq!(followed.stand(tail, anchor, extent(rows)), 0);
        (followed, anchor)
    }

    #[test]
    fn at_the_end_it_stays_at_the_end() {
        for newest_first in [false, true] {
            let tail = Tail { newest_first, ..LIVE };
            let (mut followed, anchor) = at_end(tail, 50);
            let anchor = followed.grow(tail, anchor, extent(62));
            assert_eq!(anchor, end(tail, extent(62)));
            assert_eq!(followed.stand(tail, anchor, extent(62)), 0);
        }
    }

    #[test]
    fn away_from_the_end_or_paused_it_keeps_its_place_and_counts() {
        let (mut followed, anchor) = at_end(LIVE, 50);
        let up = anchor.scrolled(-400.0, extent(50));
        assert_eq!(followed.stand(LIVE, up, extent(50)), 0);
        assert_eq!(followed.grow(LIVE, up, extent(62)), up);
        assert_eq!(followed.stand(LIVE, up, extent(62)), 12);
        let paused = Tail { follows: false, ..LIVE };
        let (mut followed, anchor) = at_end(paused, 50);
        assert_eq!(followed.grow(paused, anchor, extent(60)), anchor);
        assert_eq!(followed.stand(paused, anchor, extent(60)), 10);
        // Where the newest is first, what is in view moves down with its row.
        let tail = Tail { newest_first: true, ..paused };
        let (mut followed, anchor) = at_end(tail, 50);
        let anchor = followed.grow(tail, anchor, extent(57));
        assert_eq!(anchor.top_row, 7);
        assert_eq!(followed.stand(tail, anchor, extent(57)), 7);
    }

    #[test]
    fn what_is_counted_at_first_is_not_new() {
        let counting = Tail { complete: false, ..LIVE };
        let mut followed = Followed::default();
        for rows in [0, 1_000, 5_000] {
            assert_eq!(followed.grow(counting, Anchor::default(), extent(rows)), Anchor::default());
            assert_eq!(followed.stand(counting, Anchor::default(), extent(rows)), 0);
        }
        // Another file is counted anew.
        followed.grow(counting, Anchor::default(), extent(0));
        followed.grow(LIVE, Anchor::default(), extent(6_000));
        assert_eq!(followed.stand(LIVE, Anchor::default(), extent(6_000)), 0);
        followed.grow(counting, Anchor::default(), extent(6_003));
        assert_eq!(followed.stand(counting, Anchor::default(), extent(6_003)), 3);
    }
}
