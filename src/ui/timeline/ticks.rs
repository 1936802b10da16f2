//! Where the ticks of a history stand: one per event, or one per pixel where there are more events than pixels.

use std::ops::Range;
use std::sync::Arc;

use super::Shown;
use crate::session::{Mark, Marks, Outcome};

/// The layout of the ticks of one history, kept until the history or the width is another.
#[derive(Default)]
pub struct Ticks {
    history: Option<Shown>,
    /// For each mark, how many failed before it: a range of thousands is asked in one subtraction.
    failed_before: Vec<u32>,
}

/// The ticks of one history.
#[derive(Clone, Copy)]
pub struct Layout<'a> {
    marks: &'a Marks,
    failed_before: &'a [u32],
}

/// One tick.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// From 0, the first mark, to 1, the last one.
    pub at: f32,
    /// The marks that it stands for.
    pub marks: Range<usize>,
    /// Whether the rule of one of them failed.
    pub failed: bool,
}

impl Ticks {
    /// The layout of `history`, from the last frame where it is the same.
    pub fn lay_out<'a>(&'a mut self, history: &'a Shown) -> Layout<'a> {
        if !self.history.as_ref().is_some_and(|known| Arc::ptr_eq(known, history)) {
            // While a stream is folded its history only grows.
            let known = self.history.take().filter(|known| history.marks.go_on_from(&known.marks));
            let counted = known.map_or(0, |known| known.marks.len());
            self.failed_before.truncate(counted + 1);
            count_failed(&mut self.failed_before, history.marks.range(counted..history.marks.len()));
            self.history = Some(Arc::clone(history));
        }
        Layout { marks: &history.marks, failed_before: &self.failed_before }
    }
}

fn count_failed<'m>(sums: &mut Vec<u32>, marks: impl Iterator<Item = &'m Mark>) {
    if sums.is_empty() {
        sums.push(0);
    }
    let mut sum = sums.last().copied().unwrap_or_default();
    sums.extend(marks.map(|mark| {
        sum += u32::from(matches!(mark.outcome, Outcome::Failed(_)));
        sum
    }));
}

impl<'a> Layout<'a> {
    /// The ticks on a track of `width` pixels: no more than one per three of them, so that each is seen.
    pub fn on(self, width: f32) -> impl Iterator<Item = Tick> + 'a {
        let count = self.marks.len();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a width in pixels is small")]
        let slots = ((width / 3.0).floor().max(1.0) as usize).min(count);
        (0..slots).map(move |slot| {
            let marks = slot * count / slots..(slot + 1) * count / slots;
            Tick { at: fraction(marks.start, count), failed: self.any_failed(&marks), marks }
        })
    }

    /// Which mark stands nearest to a place from 0 to 1.
    #[must_use]
    pub fn nearest(self, at: f32) -> usize {
        let last = self.marks.len().saturating_sub(1);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "clamped"
        )]
        let index = (f64::from(at.clamp(0.0, 1.0)) * last as f64).round() as usize;
        index.min(last)
    }

    /// Where a mark stands, from 0 to 1.
    #[must_use]
    pub fn place(self, index: usize) -> f32 {
        fraction(index, self.marks.len())
    }

    fn any_failed(self, marks: &Range<usize>) -> bool {
        self.failed_before.get(marks.start) != self.failed_before.get(marks.end)
    }
}

/// The first at 0, the last at 1; a single one in the middle.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a fraction of a few thousand pixels")]
fn fraction(index: usize, count: usize) -> f32 {
    if count <= 1 { 0.5 } else { (index as f64 / (count - 1) as f64) as f32 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::History;

    fn history(count: i64, failed: Option<i64>) -> Shown {
        let mark = |version| Mark {
            version,
            position: version,
            event_type: "t".to_owned().into(),
            timestamp: None,
            schema_version: None,
            outcome: if failed == Some(version) { Outcome::Failed("no".into()) } else { Outcome::Applied },
            changed: 1,
        };
        Arc::new(History { marks: (0..count).map(mark).collect(), complete: true, ..History::default() })
    }

    #[test]
    fn every_mark_is_in_exactly_one_tick() {
        for (count, width) in [(1, 900.0), (7, 900.0), (300, 900.0), (100_000, 900.0), (5, 1.0)] {
            let history = history(count, None);
            let mut ticks = Ticks::default();
            let mut next = 0;
            for tick in ticks.lay_out(&history).on(width) {
                assert_eq!(tick.marks.start, next);
                next = tick.marks.end;
            }
            assert_eq!(next, history.marks.len());
        }
    }

    #[test]
    fn a_history_that_grows_is_counted_on() {
        let mut ticks = Ticks::default();
        let failed =
            |ticks: &mut Ticks, history: &Shown| ticks.lay_out(history).on(900.0).filter(|tick| tick.failed).count();
        assert_eq!(failed(&mut ticks, &history(5_000, None)), 0);
        let grown = history(9_000, Some(8_000));
        assert_eq!(failed(&mut ticks, &grown), 1);
        let mut longer = (*grown).clone();
        longer.marks.push(Mark { version: 9_000, ..grown.marks.get(8_000).unwrap().clone() });
        assert_eq!(failed(&mut ticks, &Arc::new(longer)), 2);
    }

    #[test]
    fn a_failure_is_seen_among_thousands() {
        let history = history(100_000, Some(77_777));
        let mut ticks = Ticks::default();
        let failed: Vec<_> = ticks.lay_out(&history).on(900.0).filter(|tick| tick.failed).collect();
        assert_eq!(failed.len(), 1);
        assert!(failed.first().unwrap().marks.contains(&77_777));
    }

    #[test]
    fn the_nearest_mark_of_a_marks_place_is_itself() {
        let history = history(7, None);
        let mut ticks = Ticks::default();
        let layout = ticks.lay_out(&history);
        for index in 0..7 {
            assert_eq!(layout.nearest(layout.place(index)), index);
        }
        assert_eq!(layout.nearest(-3.0), 0);
        assert_eq!(layout.nearest(9.0), 6);
    }
}
