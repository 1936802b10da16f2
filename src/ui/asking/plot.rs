//! The values of a number as a line over the versions, or over time, as wide as the panel: where it rose, fell, and
//! crossed nothing.

use egui::{Align2, Pos2, Rect, Response, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::super::numbers::grouped;
use super::super::theme;
use super::lines::Lines;
use crate::event::{TimestampRef, Version};
use crate::model::{Command, Versions};
use crate::session::{History, Mark, Moment, ValueStep};

/// The height of the plot, in points.
const HEIGHT: f32 = 44.0;
/// The space at its right for the greatest and the least number, in points.
const MARGIN: f32 = 34.0;

/// What is plotted, and onto what.
#[derive(Clone, Copy)]
struct Plot<'v> {
    values: &'v [ValueStep],
    axis: Axis,
    lowest: f64,
    highest: f64,
    rect: Rect,
}

/// What the values are plotted over.
#[derive(Clone, Copy, Debug)]
pub enum Axis {
    /// The versions of the stream.
    Versions(Versions),
    /// The time from its first event to its last, in milliseconds since 1970, and that of the version that is shown.
    Time {
        /// The first moment.
        first: i64,
        /// The one that is shown.
        shown: i64,
        /// The last one.
        last: i64,
    },
}

impl Axis {
    /// Over time, where the history knows the moments it takes; else over the versions.
    pub fn of(history: Option<&History>, versions: Versions, by_time: bool) -> Self {
        let time = || {
            let marks = &history.filter(|_| by_time)?.marks;
            let shown = marks.index_of(versions.shown).and_then(|index| marks.get(index))?;
            let at = |mark: Mark<'_>| mark.timestamp.and_then(millis);
            Some(Self::Time { first: at(marks.first()?)?, shown: at(shown)?, last: at(marks.last()?)? })
        };
        time().unwrap_or(Self::Versions(versions))
    }

    /// Where an event stands, from 0 to 1.
    fn place(self, moment: &Moment) -> f32 {
        match self {
            Self::Versions(Versions { first, last, .. }) => share(moment.version, first, last),
            Self::Time { first, last, .. } => {
                share(moment.timestamp.as_ref().and_then(millis).unwrap_or(first), first, last)
            }
        }
    }

    fn shown(self) -> f32 {
        match self {
            Self::Versions(Versions { first, shown, last }) | Self::Time { first, shown, last } => {
                share(shown, first, last)
            }
        }
    }
}

fn millis<'t>(timestamp: impl Into<TimestampRef<'t>>) -> Option<i64> {
    timestamp.into().utc.map(|utc| utc.timestamp_millis())
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a place among some pixels")]
fn share(at: i64, first: i64, last: i64) -> f32 {
    (at.saturating_sub(first) as f64 / last.saturating_sub(first).max(1) as f64).clamp(0.0, 1.0) as f32
}

/// Whether the values make a plot.
pub fn is_plot(lines: &Lines<'_>) -> bool {
    range(lines.values()).is_some()
}

/// Paints the plot where most of the values are numbers; a press goes to the version there.
pub fn show(ui: &mut Ui, name: &str, lines: &Lines<'_>, (axis, shown): (Axis, Version), out: &mut Vec<Command>) {
    let values = lines.values();
    let Some((lowest, highest)) = range(values) else { return };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::CLICK | Sense::DRAG);
    let label = format!("Plot of {name}, from {lowest} to {highest}");
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &label));
    let plot =
        Plot { values, axis, lowest, highest, rect: rect.shrink2(vec2(0.0, 6.0)).with_max_x(rect.right() - MARGIN) };
    plot.paint(ui);
    if let Some(step) = plot.under(&response)
        && (response.clicked() || response.dragged())
        && step.moment.version != shown
    {
        out.push(Command::SelectVersion(step.moment.version));
    }
    plot.hover(ui, &response);
    ui.add_space(theme::STEP);
}

/// The least and the greatest of the values; nothing where they are no numbers, or too few to make a line.
fn range(values: &[ValueStep]) -> Option<(f64, f64)> {
    let numbers = || values.iter().filter_map(|step| step.number);
    if numbers().count() < 2.max(values.len() / 2) {
        return None;
    }
    let least = numbers().fold(f64::INFINITY, f64::min);
    Some((least, numbers().fold(f64::NEG_INFINITY, f64::max)))
}

impl<'v> Plot<'v> {
    fn x(&self, moment: &Moment) -> f32 {
        self.rect.left() + self.rect.width() * self.axis.place(moment)
    }

    #[expect(clippy::cast_possible_truncation, reason = "a place among some pixels")]
    fn y(&self, number: f64) -> f32 {
        let span = self.highest - self.lowest;
        let share = if span > 0.0 { (number - self.lowest) / span } else { 0.5 };
        self.rect.bottom() - self.rect.height() * share as f32
    }

    fn paint(&self, ui: &Ui) {
        let palette = theme::palette(ui);
        if self.lowest < 0.0 && self.highest > 0.0 {
            let y = self.y(0.0);
            ui.painter().hline(self.rect.x_range(), y, Stroke::new(1.0, palette.line));
        }
        for line in self.steps() {
            ui.painter().line(line, Stroke::new(1.5, palette.accent));
        }
        let x = self.rect.left() + self.rect.width() * self.axis.shown();
        ui.painter().vline(x, self.rect.expand(4.0).y_range(), Stroke::new(1.0, palette.dim));
        for (number, align, at) in [
            (self.highest, Align2::RIGHT_TOP, self.rect.right_top() + vec2(MARGIN, -6.0)),
            (self.lowest, Align2::RIGHT_BOTTOM, self.rect.right_bottom() + vec2(MARGIN, 6.0)),
        ] {
            ui.painter().text(at, align, number, theme::small(), palette.faint);
        }
    }

    /// The values as lines of steps, parted where the place held no number. Where many lie under one pixel, it goes
    /// from the least to the greatest of them.
    fn steps(&self) -> Vec<Vec<Pos2>> {
        let mut lines = vec![Vec::new()];
        let (mut column, mut y) = (f32::NEG_INFINITY, None::<f32>);
        for step in self.values {
            let x = self.x(&step.moment);
            let next = step.number.map(|number| self.y(number));
            let Some(line) = lines.last_mut() else { return lines };
            if y.is_none() {
                column = x;
            }
            if let Some(before) = y
                && x - column >= 0.5
            {
                line.push(pos2(x, before));
                column = x;
            }
            match next {
                Some(next) => line.push(pos2(column.max(x.min(column + 0.5)), next)),
                None => lines.push(Vec::new()),
            }
            y = next;
        }
        if let (Some(line), Some(y)) = (lines.last_mut(), y) {
            line.push(pos2(self.rect.right(), y));
        }
        lines
    }

    /// The value that the place had at the version under the pointer.
    fn under(&self, response: &Response) -> Option<&'v ValueStep> {
        let pointer = response.interact_pointer_pos().or_else(|| response.hover_pos())?;
        // Clocks may go back, so each is looked at, the last one first.
        self.values.iter().rev().find(|step| self.x(&step.moment) <= pointer.x + 1.0).or_else(|| self.values.first())
    }

    fn hover(&self, ui: &Ui, response: &Response) {
        let Some(step) = self.under(response).filter(|_| response.hovered()) else { return };
        let palette = theme::palette(ui);
        if let Some(number) = step.number {
            ui.painter().circle_filled(pos2(self.x(&step.moment), self.y(number)), 3.0, palette.accent);
        }
        let value = step.text.as_deref().unwrap_or("removed");
        let text = format!("v{}  {value}  {}", grouped(step.moment.version), step.moment.event_type);
        response.clone().on_hover_text_at_pointer(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Timestamp;

    fn steps(values: &[(Version, Option<f64>)]) -> Vec<ValueStep> {
        let step = |(version, number): &(Version, Option<f64>)| ValueStep {
            moment: Moment { version: *version, ..Moment::default() },
            text: number.map(|number| number.to_string()),
            number: *number,
        };
        values.iter().map(step).collect()
    }

    fn plot(values: &[ValueStep], last: Version) -> Plot<'_> {
        let (lowest, highest) = range(values).unwrap();
        let rect = Rect::from_min_size(pos2(0.0, 0.0), vec2(300.0, 40.0));
        Plot { values, axis: Axis::Versions(Versions { first: 1, shown: 1, last }), lowest, highest, rect }
    }

    #[test]
    fn a_line_goes_in_steps_to_the_end_and_is_parted_where_there_is_no_number() {
        let values = steps(&[(1, Some(0.0)), (2, Some(10.0)), (3, None), (4, Some(5.0))]);
        let lines = plot(&values, 4).steps();
        let lines: Vec<Vec<(f32, f32)>> =
            lines.iter().map(|line| line.iter().map(|point| (point.x, point.y)).collect()).collect();
        assert_eq!(
            lines,
            [vec![(0.0, 40.0), (100.0, 40.0), (100.0, 0.0), (200.0, 0.0)], vec![(300.0, 20.0), (300.0, 20.0)]]
        );
    }

    #[test]
    fn over_time_a_value_stands_where_its_moment_does() {
        let at = |millis: i64| {
            let utc = chrono::DateTime::from_timestamp_millis(millis);
            Moment { timestamp: Some(Timestamp { stored: "".into(), utc }), ..Moment::default() }
        };
        let axis = Axis::Time { first: 1_000, shown: 3_000, last: 5_000 };
        for (millis, place) in [(1_000, 0.0), (2_000, 0.25), (5_000, 1.0), (9_000, 1.0)] {
            assert!((axis.place(&at(millis)) - place).abs() < 1e-6, "{millis}");
        }
        assert!((axis.shown() - 0.5).abs() < 1e-6);
        assert!((axis.place(&Moment::default())).abs() < 1e-6, "one without a moment does not leave the plot");
    }

    #[test]
    fn many_values_under_one_pixel_stay_within_the_plot() {
        let values: Vec<_> =
            (1..=100_000).map(|version| (version, Some(f64::from(u32::from(version % 7 == 0))))).collect();
        let values = steps(&values);
        let lines = plot(&values, 100_000).steps();
        assert!(lines[0].iter().all(|point| (0.0..=300.0).contains(&point.x) && (0.0..=40.0).contains(&point.y)));
    }

    #[test]
    fn words_are_no_plot() {
        assert_eq!(range(&steps(&[(1, None), (2, None), (3, Some(1.0))])), None);
        assert_eq!(range(&steps(&[(1, Some(1.0))])), None);
    }
}
