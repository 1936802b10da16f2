//! Where the ticks of the part of a history that is in view stand: one per event, or one per few pixels where there are
//! more events than that.

use std::ops::Range;
use std::sync::Arc;

use super::Shown;
use crate::model::Span;
use crate::session::{FilterAnswer, Mark, Marks, Outcome, Session};

/// The layout of the ticks of one history, kept until the history or the width is another.
#[derive(Default)]
pub struct Ticks {
    history: Option<Shown>,
    /// For each mark, how many failed before it: a range of thousands is asked in one subtraction.
    failed_before: Vec<u32>,
    /// The answer of the filter that was counted, and how many of its events come before each mark.
    kept: Option<(FilterAnswer, usize)>,
    kept_before: Vec<u32>,
}

/// The ticks of the part of one history that is in view.
#[derive(Clone, Copy)]
pub struct Layout<'a> {
    marks: &'a Marks,
    failed_before: &'a [u32],
    kept_before: &'a [u32],
    span: Span,
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
    /// Whether the filter lets one of them through.
    pub kept: bool,
}

impl Ticks {
    /// The layout of `history`, from the last frame where it is the same.
    pub fn lay_out<'a>(&'a mut self, history: &'a Shown, span: Option<Span>) -> Layout<'a> {
        if !self.history.as_ref().is_some_and(|known| Arc::ptr_eq(known, history)) {
            // While a stream is folded its history only grows.
            let known = self.history.take().filter(|known| history.marks.go_on_from(&known.marks));
            let counted = known.map_or(0, |known| known.marks.len());
            self.failed_before.truncate(counted + 1);
            count_failed(&mut self.failed_before, history.marks.range(counted..history.marks.len()));
            self.history = Some(Arc::clone(history));
        }
        let span = span.and_then(|span| span.within(history.marks.len()));
        Layout {
            marks: &history.marks,
            failed_before: &self.failed_before,
            kept_before: &self.kept_before,
            span: span.unwrap_or_else(|| Span::whole(history.marks.len())),
        }
    }

    /// Counts which events of `history` the filter lets through; none of a long one while more are being found.
    pub fn count_kept(&mut self, history: &Shown, session: Option<&Session>) {
        let answer = session.and_then(Session::filter_answer);
        let answer = answer.filter(|answer| answer.complete || history.marks.len() <= COUNTED);
        let now = answer.map(|answer| (answer, history.marks.len()));
        let same = self.history.as_ref().is_some_and(|known| Arc::ptr_eq(known, history));
        if now == self.kept && same {
            return;
        }
        self.kept = now;
        self.kept_before.clear();
        let Some(matches) = now.and_then(|_| session?.filter_matches()) else { return };
        let mut sum = 0;
        self.kept_before.push(sum);
        self.kept_before.extend(history.marks.iter().map(|mark| {
            sum += u32::from(matches.contains(mark.position));
            sum
        }));
        if usize::try_from(sum).is_ok_and(|kept| kept == history.marks.len()) {
            // Where all are let through none stands out.
            self.kept_before.clear();
        }
    }
}

/// Up to how many events are counted anew whenever the filter found more.
const COUNTED: usize = 20_000;

fn count_failed<'m>(sums: &mut Vec<u32>, marks: impl Iterator<Item = Mark<'m>>) {
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
        let (first, count) = self.in_view();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a width in pixels is small")]
        let slots = ((width / 3.0).floor().max(1.0) as usize).min(count);
        (0..slots).map(move |slot| {
            let marks = first + slot * count / slots..first + (slot + 1) * count / slots;
            let (failed, kept) = (any(self.failed_before, &marks), any(self.kept_before, &marks));
            Tick { at: self.place(marks.start), failed, kept, marks }
        })
    }

    /// The first mark in view, and how many there are.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "both lie within the marks")]
    fn in_view(self) -> (usize, usize) {
        let first = self.span.start().ceil().max(0.0) as usize;
        let end = (self.span.end().floor().max(0.0) as usize).saturating_add(1).min(self.marks.len());
        (first, end.saturating_sub(first))
    }

    /// Which mark stands nearest to a place from 0 to 1.
    #[must_use]
    pub fn nearest(self, at: f32) -> usize {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
        let index = self.index_at(at.clamp(0.0, 1.0)).round().max(0.0) as usize;
        index.min(self.marks.len().saturating_sub(1))
    }

    /// What stands at a place from 0 to 1, between two marks as well as on one.
    #[must_use]
    pub fn index_at(self, at: f32) -> f64 {
        self.span.start() + f64::from(at) * self.span.length()
    }

    /// Where a mark stands, from 0 to 1; beyond them where it is not in view. A single one stands in the middle.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a fraction of some pixels")]
    pub fn place(self, index: usize) -> f32 {
        let length = self.span.length();
        if length > 0.0 { ((index as f64 - self.span.start()) / length) as f32 } else { 0.5 }
    }

    /// The part in view.
    #[must_use]
    pub fn span(self) -> Span {
        self.span
    }
}

/// Whether something was counted among these marks.
fn any(before: &[u32], marks: &Range<usize>) -> bool {
    before.get(marks.start) != before.get(marks.end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::History;

    fn history(count: i64, failed: Option<i64>) -> Shown {
        let failure = Outcome::Failed("no".into());
        let mark = |version| Mark {
            version,
            position: version,
            event_type: "t",
            timestamp: None,
            schema_version: None,
            outcome: if failed == Some(version) { &failure } else { &Outcome::Applied },
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
            for tick in ticks.lay_out(&history, None).on(width) {
                assert_eq!(tick.marks.start, next);
                next = tick.marks.end;
            }
            assert_eq!(next, history.marks.len());
        }
    }

    #[test]
    fn a_history_that_grows_is_counted_on() {
        let mut ticks = Ticks::default();
        let failed = |ticks: &mut Ticks, history: &Shown| {
            ticks.lay_out(history, None).on(900.0).filter(|tick| tick.failed).count()
        };
        assert_eq!(failed(&mut ticks, &history(5_000, None)), 0);
        let grown = history(9_000, Some(8_000));
        assert_eq!(failed(&mut ticks, &grown), 1);
        let mut longer = (*grown).clone();
        longer.marks.push(Mark { version: 9_000, ..grown.marks.get(8_000).unwrap() });
        assert_eq!(failed(&mut ticks, &Arc::new(longer)), 2);
    }

    #[test]
    fn a_failure_is_seen_among_thousands() {
        let history = history(100_000, Some(77_777));
        let mut ticks = Ticks::default();
        let failed: Vec<_> = ticks.lay_out(&history, None).on(900.0).filter(|tick| tick.failed).collect();
        assert_eq!(failed.len(), 1);
        assert!(failed.first().unwrap().marks.contains(&77_777));
    }

    #[test]
    fn the_nearest_mark_of_a_marks_place_is_itself() {
        let history = history(7, None);
        let mut ticks = Ticks::default();
        let layout = ticks.lay_out(&history, None);
        for index in 0..7 {
            assert_eq!(layout.nearest(layout.place(index)), index);
        }
        assert_eq!(layout.nearest(-3.0), 0);
        assert_eq!(layout.nearest(9.0), 6);
    }

    #[test]
    fn of_a_part_only_what_is_in_view_is_laid_out() {
        let history = history(1_000_000, Some(777_777));
        let mut ticks = Ticks::default();
        let near = Span::whole(1_000_000).zoomed(1e-9, 500_000.0, 1_000_000).unwrap();
        let layout = ticks.lay_out(&history, Some(near));
        let seen: Vec<_> = layout.on(900.0).collect();
        assert!(seen.len() <= 8 && seen.iter().all(|tick| tick.marks.len() == 1 && (0.0..=1.0).contains(&tick.at)));
        assert!(seen.iter().any(|tick| tick.marks.contains(&500_000)));
        for tick in &seen {
            assert_eq!(layout.nearest(tick.at), tick.marks.start);
        }
        assert!(layout.place(0) < 0.0 && layout.place(999_999) > 1.0);
    }
}
