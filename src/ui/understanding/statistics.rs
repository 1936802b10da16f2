//! The window for statistics: how much there is of what, in tables and bars of which each leads to what it counts.

use std::fmt::Write as _;

use chrono::{Days, NaiveDate, NaiveTime};
use egui::{Align, Color32, RichText, Role, ScrollArea, Sense, Ui, WidgetInfo, vec2};

use super::super::controls::tab;
use super::super::dialogs::dialog;
use super::super::numbers::{counted, grouped, size};
use super::super::scene::Scene;
use super::super::survey::{Buttons, reservation};
use super::super::theme;
use super::super::widgets::{focus_ring, text_in};
use super::bars::{self, Bar};
use super::export::{self, Form};
use super::{WIDTH, height, note, told_from};
use crate::codec::visible;
use crate::event::StreamName;
use crate::filter::{Condition, Field, Filter, Moment, Term};
use crate::insight::{Amount, ExtentSummary, Large};
use crate::model::Command;
use crate::session::{Count, Counted};

/// How many bars the days are shown in, at the most.
const BARS: u64 = 180;

/// The height of a tab, in points.
const TAB: f32 = 30.0;

/// What is counted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum By {
    #[default]
    Types,
    Streams,
    Actors,
    Time,
    Sizes,
}

impl By {
    const ALL: [Self; 5] = [Self::Types, Self::Streams, Self::Actors, Self::Time, Self::Sizes];

    const fn title(self) -> &'static str {
        match self {
            Self::Types => "By type",
            Self::Streams => "By stream",
            Self::Actors => "By actor",
            Self::Time => "Over time",
            Self::Sizes => "By size",
        }
    }
}

/// What is chosen in the window.
#[derive(Debug, Default)]
pub(super) struct Draft {
    by: By,
    /// Whether bytes are compared rather than events.
    bytes: bool,
}

/// Paints the window.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, draft: &mut super::UnderstandingDraft, out: &mut Vec<Command>) {
    let (Some(session), draft) = (scene.session, &mut draft.statistics) else { return };
    dialog(ui, "Statistics", WIDTH, out, |ui, out| {
        let counted = session.counted();
        let begin = (Command::CountAgain, "Count again");
        let found = counted.as_ref().and_then(|counted| counted.findings.summary.clone());
        let is_sample = counted.as_ref().is_some_and(|counted| counted.findings.sampled.is_some());
        let export = |ui: &mut Ui, out: &mut Vec<Command>| match &found {
            Some(_) if is_sample => export::not_yet(ui, "Export as CSV…"),
            Some(found) => table_file(ui, scene, found, out),
            None => {}
        };
        let buttons = Buttons { begin, stop: Command::StopCounting };
        buttons.show_with(ui, scene, counted.as_deref(), summary, export, out);
        let high = height(ui) + theme::ROW;
        let Some(found) = counted.as_ref().and_then(|counted| counted.findings.summary.as_deref()) else {
            // As high as with what is counted: nothing moves away from under the pointer.
            ui.add_space(high + TAB + ui.spacing().item_spacing.y);
            return;
        };
        tabs(ui, draft);
        ui.push_id(draft.by as usize, |ui| {
            // The window stays where it is whatever is chosen in it.
            ui.set_min_height(high);
            match draft.by {
                By::Types => types(ui, found, draft.bytes, high, out),
                By::Streams => streams(ui, found, draft.bytes, high, out),
                By::Actors => actors(ui, found, draft.bytes, high, out),
                By::Time => time(ui, found, draft.bytes, high, out),
                By::Sizes => sizes(ui, found, high, out),
            }
        });
    });
}

/// Everything that was counted as a table.
fn table_file(ui: &mut Ui, scene: &Scene<'_>, found: &ExtentSummary, out: &mut Vec<Command>) {
    let form = Form {
        title: "CSV",
        help: "A table for a spreadsheet: a row for each type, stream, actor, day and hour.",
        ending: "statistics.csv".to_owned(),
        what: "The statistics".to_owned(),
        text: &|| found.csv(),
    };
    export::button(ui, scene, "Export as CSV…", &form, out);
}

/// A number of events on average: whole where a tenth of one is of no account.
fn rounded(average: f64) -> String {
    let whole = || format!("{average:.0}").parse::<i64>().ok().map(grouped);
    if average < 100.0 { format!("{average:.1}") } else { whole().unwrap_or_else(|| format!("{average:.0}")) }
}

/// How far it is, and what there is, in a sentence.
fn summary(counted_so_far: &Counted, ui: &Ui) -> (String, Color32) {
    let found = &counted_so_far.findings;
    let mut told = match &found.summary {
        Some(summary) => {
            let about = if found.sampled.is_some() { "About " } else { "" };
            let events = counted(Count::complete(summary.total.events), "event", "events");
            let rate = summary.per_day.map(|rate| format!(", {} a day", rounded(rate))).unwrap_or_default();
            let mut told = format!("{about}{events}{rate}; {} of payload.", size(summary.total.bytes));
            if let Some(streams) = summary.streams_count {
                let streams = counted(Count::complete(streams), "stream", "streams");
                told = format!("{about}{events} in {streams}{rate}; {} of payload.", size(summary.total.bytes));
            }
            told + &told_from(found.sampled)
        }
        None => "Reading the events…".to_owned(),
    };
    if counted_so_far.is_running() && found.read > 0 {
        // Writing to a text cannot fail.
        let _ = write!(told, " {} read so far.", grouped(found.read));
    }
    (told + &reservation(counted_so_far, "count again"), theme::palette(ui).dim)
}

fn tabs(ui: &mut Ui, draft: &mut Draft) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 16.0;
        for by in By::ALL {
            if tab(ui, by.title(), by == draft.by).clicked() {
                draft.by = by;
            }
        }
        ui.with_layout(egui::Layout::right_to_left(Align::Center), |ui| {
            ui.checkbox(&mut draft.bytes, "Compare bytes");
        });
    });
}

fn types(ui: &mut Ui, found: &ExtentSummary, bytes: bool, height: f32, out: &mut Vec<Command>) {
    let dark = theme::palette(ui).dark;
    let dot = |name: &String| Some(theme::event_type_color(name, dark));
    let filter = |name: &String| filtered([Term::field(Field::Type, name)]);
    table(ui, ("types", "event type"), &found.types, (bytes, height), &dot, &filter, out);
}

fn actors(ui: &mut Ui, found: &ExtentSummary, bytes: bool, height: f32, out: &mut Vec<Command>) {
    if found.actors.is_empty() {
        return note(ui, "The events of this store name no actors.");
    }
    let filter = |name: &String| filtered([Term::field(Field::Actor, name)]);
    table(ui, ("actors", "actor"), &found.actors, (bytes, height), &|_| None, &filter, out);
}

fn streams(ui: &mut Ui, found: &ExtentSummary, bytes: bool, height: f32, out: &mut Vec<Command>) {
    if found.streams.is_empty() {
        return note(ui, "Streams are counted once everything is read: a sample would name the wrong ones.");
    }
    caption(ui, "How many streams have up to so many events");
    bars::show(ui, "Lengths of streams", &powers(&found.stream_lengths, "events", "stream", "streams"), 84.0, false);
    let open = |stream: &StreamName| vec![Command::SelectStream(stream.clone())];
    let height = height - 84.0 - 2.0 * theme::ROW;
    table(ui, ("streams", "stream"), &found.streams, (bytes, height), &|_| None, &open, out);
}

fn caption(ui: &mut Ui, text: &str) {
    ui.label(RichText::new(text).font(theme::section()).color(theme::palette(ui).dim));
}

/// The commands that show just what these terms let through.
fn filtered(terms: impl IntoIterator<Item = Term>) -> Vec<Command> {
    vec![Command::SetFilter(Filter { terms: terms.into_iter().collect() }.to_string())]
}

/// A table of names with their amounts, each with a bar; a press on one gives its commands.
fn table<K: ToString>(
    ui: &mut Ui,
    (salt, what): (&str, &str),
    rows: &[(K, Amount)],
    (bytes, height): (bool, f32),
    dot: &dyn Fn(&K) -> Option<Color32>,
    press: &dyn Fn(&K) -> Vec<Command>,
    out: &mut Vec<Command>,
) {
    let measure = |amount: &Amount| if bytes { amount.bytes } else { amount.events };
    // By events they are in order already.
    let mut order: Vec<usize> = (0..rows.len()).collect();
    if bytes {
        order.sort_by_key(|row| std::cmp::Reverse(rows.get(*row).map(|(_, amount)| amount.bytes)));
    }
    let most = rows.iter().map(|(_, amount)| measure(amount)).max().unwrap_or_default().max(1);
    ui.spacing_mut().item_spacing.y = 0.0;
    let area = ScrollArea::vertical().id_salt(salt).max_height(height).auto_shrink(false);
    area.show_rows(ui, theme::ROW, order.len(), |ui, shown| {
        for (name, amount) in order.get(shown).unwrap_or_default().iter().filter_map(|row| rows.get(*row)) {
            #[expect(clippy::cast_precision_loss, reason = "a share of a width")]
            let share = measure(amount) as f32 / most as f32;
            if amount_row(ui, (&name.to_string(), what), *amount, share, dot(name)) {
                out.extend(press(name));
                out.push(Command::CloseOverlay);
            }
        }
    });
}

/// One row: the name, a bar, how many events, how many bytes. Says whether it was pressed.
fn amount_row(ui: &mut Ui, (name, what): (&str, &str), amount: Amount, share: f32, dot: Option<Color32>) -> bool {
    let palette = theme::palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), theme::ROW), Sense::click());
    let (events, bytes) = (grouped(amount.events), size(amount.bytes));
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("{} {events} events", visible(name))));
    if response.hovered() {
        ui.painter().rect_filled(rect, f32::from(theme::ROUNDING), palette.hover);
    }
    if response.has_focus() {
        focus_ring(ui, rect);
    }
    let inside = rect.shrink2(vec2(6.0, 0.0));
    let column = |from: f32, to: f32| {
        let at = |share: f32| inside.left() + inside.width() * share;
        inside.with_min_x(at(from)).with_max_x(at(to) - 2.0 * theme::STEP)
    };
    let mut title = column(0.0, 0.38);
    if let Some(color) = dot {
        ui.painter().circle_filled(title.left_center() + vec2(3.5, 0.0), 3.5, color);
        title.min.x += 14.0;
    }
    text_in(ui.painter(), title, Align::Min, &visible(name), theme::text(), palette.text);
    let bar = column(0.38, 0.74).shrink2(vec2(0.0, 8.0));
    let bar = bar.with_max_x(bar.left() + (bar.width() * share).max(1.0));
    ui.painter().rect_filled(bar, 1.0, palette.accent.gamma_multiply(0.55));
    text_in(ui.painter(), column(0.74, 0.88), Align::Max, &events, theme::mono(), palette.text);
    text_in(ui.painter(), column(0.88, 1.0), Align::Max, &bytes, theme::mono(), palette.dim);
    let each = amount.bytes.checked_div(amount.events).unwrap_or_default();
    let more = format!("{}\n{events} events, {bytes}, {} each\nPress to show this {what}.", visible(name), size(each));
    response.on_hover_text(more).clicked()
}

fn time(ui: &mut Ui, found: &ExtentSummary, bytes: bool, height: f32, out: &mut Vec<Command>) {
    let days = buckets(&found.days);
    if days.is_empty() {
        return note(ui, "The events of this store have no times that can be read.");
    }
    let measure = |amount: &Amount| if bytes { amount.bytes } else { amount.events };
    let what = |amount: &Amount| format!("{} events, {}", grouped(amount.events), size(amount.bytes));
    caption(ui, "By day, in UTC; a press or a drag shows the events of these days");
    let bars: Vec<Bar> = days
        .iter()
        .map(|(first, last, amount)| Bar {
            label: first.to_string(),
            value: measure(amount),
            more: if first == last {
                format!("{first}\n{}", what(amount))
            } else {
                format!("{first} to {last}\n{}", what(amount))
            },
        })
        .collect();
    let half = (height - 4.0 * theme::ROW) / 2.0;
    if let Some((first, last)) = bars::show(ui, "Events by day", &bars, half, true)
        && let Some((from, to)) = days.get(first).map(|day| day.0).zip(days.get(last).map(|day| day.1))
    {
        out.extend(days_filter(from, to));
        out.push(Command::CloseOverlay);
    }
    ui.add_space(2.0 * theme::STEP);
    caption(ui, "By hour of the day, in UTC");
    let hour = |(hour, amount): (usize, &Amount)| Bar {
        label: format!("{hour:02}"),
        value: measure(amount),
        more: format!("{hour:02}:00 to {hour:02}:59\n{}", what(amount)),
    };
    let hours: Vec<Bar> = found.hours.iter().enumerate().map(hour).collect();
    bars::show(ui, "Events by hour of the day", &hours, half, false);
}

/// The days in runs of the same length, those without events too: the first and the last day of each.
fn buckets(days: &[(NaiveDate, Amount)]) -> Vec<(NaiveDate, NaiveDate, Amount)> {
    let (Some((first, _)), Some((last, _))) = (days.first(), days.last()) else { return Vec::new() };
    let span = u64::try_from(last.signed_duration_since(*first).num_days()).unwrap_or_default() + 1;
    let length = span.div_ceil(BARS);
    let mut found = Vec::new();
    let mut next = days.iter().peekable();
    let mut from = Some(*first);
    while let Some(begin) = from.filter(|begin| begin <= last) {
        let end = begin.checked_add_days(Days::new(length - 1)).unwrap_or(*last);
        let mut amount = Amount::default();
        while let Some((_, more)) = next.next_if(|(day, _)| *day <= end) {
            amount.events += more.events;
            amount.bytes += more.bytes;
        }
        found.push((begin, end.min(*last), amount));
        from = end.succ_opt();
    }
    found
}

fn days_filter(from: NaiveDate, to: NaiveDate) -> Vec<Command> {
    let moment = |day: NaiveDate| Moment::at(day.and_time(NaiveTime::MIN).and_utc());
    let after = Term::new(Condition::After(moment(from)));
    let before = to.succ_opt().map(|day| Term::new(Condition::Before(moment(day))));
    filtered(std::iter::once(after).chain(before))
}

fn powers(counts: &[(u32, u64)], of: &str, one: &str, many: &str) -> Vec<Bar> {
    let bar = |(power, count): &(u32, u64)| {
        let up_to = grouped(1_u64 << power.min(&63));
        let more = format!("{}\nup to {up_to} {of}", counted(Count::complete(*count), one, many));
        Bar { label: format!("≤ {up_to}"), value: *count, more }
    };
    counts.iter().map(bar).collect()
}

fn sizes(ui: &mut Ui, found: &ExtentSummary, height: f32, out: &mut Vec<Command>) {
    caption(ui, "How many events have data and metadata of up to so many bytes");
    bars::show(ui, "Sizes of events", &powers(&found.sizes, "bytes", "event", "events"), 120.0, false);
    ui.add_space(theme::STEP);
    caption(ui, "The largest");
    ui.spacing_mut().item_spacing.y = 0.0;
    let height = height - 120.0 - 3.0 * theme::ROW;
    let area = ScrollArea::vertical().id_salt("largest").max_height(height).auto_shrink(false);
    area.show_rows(ui, theme::ROW, found.largest.len(), |ui, rows| {
        for large in found.largest.get(rows).unwrap_or_default() {
            if large_row(ui, large) {
                out.push(Command::SelectEvent(large.position));
                out.push(Command::CloseOverlay);
            }
        }
    });
}

fn large_row(ui: &mut Ui, large: &Large) -> bool {
    let palette = theme::palette(ui);
    let (position, bytes, stream) = (grouped(large.position), size(large.bytes), large.stream.to_string());
    let cells = [
        (0.0, bytes.as_str(), theme::mono(), palette.text),
        (0.12, position.as_str(), theme::mono(), palette.accent),
        (0.26, large.event_type.as_str(), theme::text(), palette.text),
        (0.58, stream.as_str(), theme::mono(), palette.dim),
    ];
    let name = format!("{bytes} {position} {}", large.event_type);
    super::super::survey::row(ui, &name, &cells, format!("{} bytes", grouped(large.bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_without_events_are_bars_too_and_many_days_share_one() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let amount = |events| Amount { events, bytes: 10 * events };
        let few = buckets(&[(day("2026-03-01"), amount(2)), (day("2026-03-04"), amount(3))]);
        assert_eq!(few.iter().map(|bucket| bucket.2.events).collect::<Vec<_>>(), [2, 0, 0, 3]);
        let many = buckets(&[(day("2020-01-01"), amount(2)), (day("2026-01-01"), amount(3))]);
        assert!(many.len() <= 180 && many.iter().map(|bucket| bucket.2.events).sum::<u64>() == 5);
        assert_eq!((many[0].0, many.last().unwrap().1), (day("2020-01-01"), day("2026-01-01")));
        assert_eq!(buckets(&[]), []);
    }

    #[test]
    fn some_days_are_a_filter() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let commands = days_filter(day("2026-03-01"), day("2026-03-02"));
        let [Command::SetFilter(text)] = commands.as_slice() else { panic!("{commands:?}") };
        assert_eq!(text, "after:2026-03-01T00:00:00Z before:2026-03-03T00:00:00Z");
    }
}
