//! The paths of a schema as rows: what stands at each, how often it is there and from where to where.

use egui::{Align, Popup, Role, ScrollArea, Sense, Ui, WidgetInfo, vec2};

use super::super::controls::link;
use super::super::numbers::grouped;
use super::super::theme;
use super::super::widgets::{focus_ring, text_in};
use crate::codec::visible;
use crate::event::Position;
use crate::filter::{Field, Filter, Path, Root, Segment, Term};
use crate::insight::schema::{self, Change, Changed, Kind, PathStep, Shape, TypeSchema};
use crate::model::{Command, RulePart, RuleStart};

/// Where the columns begin, as shares of the width: path, types, presence, first, last, values.
const COLUMNS: [f32; 6] = [0.0, 0.30, 0.44, 0.53, 0.63, 0.74];
/// The longest example, in characters.
const EXAMPLE: usize = 40;

/// The rows of a schema.
#[derive(Debug)]
pub(super) struct Sheet {
    rows: Vec<Row>,
}

/// One path.
#[derive(Debug)]
struct Row {
    path: String,
    types: String,
    presence: String,
    is_always: bool,
    first: Option<Position>,
    last: Option<Position>,
    values: String,
    more: String,
    /// What asks the filter for events that have it.
    has: Option<Term>,
    /// A rule that takes it over into the state.
    rule: Option<String>,
}

impl Sheet {
    /// The rows of a schema.
    pub(super) fn of(schema: &TypeSchema) -> Self {
        let row = |path: &schema::Path<'_>| {
            let (shape, seen) = (path.shape, path.shape.seen());
            let types: Vec<&str> = shape.kinds().map(|(kind, _)| kind.name()).collect();
            Row {
                path: path.to_string(),
                types: types.join(" | "),
                presence: percent(path.presence),
                is_always: path.presence >= 1.0,
                first: seen.map(|seen| seen.first),
                last: seen.map(|seen| seen.last),
                values: values(shape),
                more: more(path),
                has: filter_path(&path.steps).map(|path| Term::has(Root::Data, path)),
                rule: schema::rule_of(&path.steps, path.presence >= 1.0),
            }
        };
        Self { rows: schema.paths().iter().map(row).collect() }
    }

    /// Paints them, as high as `height`.
    pub(super) fn show(&self, ui: &mut Ui, event_type: &str, height: f32, out: &mut Vec<Command>) {
        ui.spacing_mut().item_spacing.y = 0.0;
        headings(ui);
        let area = ScrollArea::vertical().id_salt("paths").max_height(height - theme::ROW).auto_shrink(false);
        area.show_rows(ui, theme::ROW, self.rows.len(), |ui, rows| {
            for row in self.rows.get(rows).unwrap_or_default() {
                row.show(ui, event_type, out);
            }
        });
    }
}

fn column(rect: egui::Rect, number: usize) -> egui::Rect {
    let at = |share: f32| rect.left() + rect.width() * share;
    let from = COLUMNS.get(number).copied().unwrap_or(1.0);
    let to = COLUMNS.get(number + 1).copied().unwrap_or(1.0);
    rect.with_min_x(at(from)).with_max_x(at(to) - 2.0 * theme::STEP)
}

fn headings(ui: &mut Ui) {
    let palette = theme::palette(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), theme::ROW), Sense::hover());
    let inside = rect.shrink2(vec2(6.0, 0.0));
    let titles = ["Path", "Types", "Presence", "First", "Last", "Values"];
    for (number, title) in titles.into_iter().enumerate() {
        let align = if (2..5).contains(&number) { Align::Max } else { Align::Min };
        text_in(ui.painter(), column(inside, number), align, title, theme::small(), palette.faint);
    }
    ui.painter().hline(rect.x_range(), rect.bottom(), egui::Stroke::new(1.0, palette.line));
}

impl Row {
    fn show(&self, ui: &mut Ui, event_type: &str, out: &mut Vec<Command>) {
        let palette = theme::palette(ui);
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), theme::ROW), Sense::click());
        let name = format!("{} {} {}", self.path, self.types, self.presence);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, visible(&name)));
        let menu = Popup::menu(&response).show(|ui| self.menu(ui, event_type, out));
        if response.hovered() || menu.is_some() {
            ui.painter().rect_filled(rect, f32::from(theme::ROUNDING), palette.hover);
        }
        if response.has_focus() {
            focus_ring(ui, rect);
        }
        let inside = rect.shrink2(vec2(6.0, 0.0));
        let place = |position: Option<Position>| position.map(grouped).unwrap_or_default();
        let presence = if self.is_always { palette.dim } else { palette.chg };
        let cells = [
            (&*visible(&self.path), Align::Min, theme::mono(), palette.key),
            (&self.types, Align::Min, theme::text(), palette.text),
            (&self.presence, Align::Max, theme::mono(), presence),
            (&place(self.first), Align::Max, theme::mono(), palette.dim),
            (&place(self.last), Align::Max, theme::mono(), palette.dim),
            (&*visible(&self.values), Align::Min, theme::mono(), palette.string),
        ];
        for (number, (text, align, font, color)) in cells.into_iter().enumerate() {
            text_in(ui.painter(), column(inside, number), align, text, font, color);
        }
        if menu.is_none() {
            response.on_hover_text(&self.more);
        }
    }

    fn menu(&self, ui: &mut Ui, event_type: &str, out: &mut Vec<Command>) {
        ui.set_min_width(220.0);
        let mut item = |ui: &mut Ui, text: String, commands: &dyn Fn() -> Vec<Command>| {
            if ui.button(text).clicked() {
                out.extend(commands());
                ui.close();
            }
        };
        let go = |position: Position| vec![Command::SelectEvent(position), Command::CloseOverlay];
        if let Some(first) = self.first {
            item(ui, format!("Show the first event that has it, {}", grouped(first)), &|| go(first));
        }
        if let Some(last) = self.last {
            item(ui, format!("Show the last event that has it, {}", grouped(last)), &|| go(last));
        }
        if let Some(has) = &self.has {
            let filter = |term: Term| {
                let terms = vec![Term::field(Field::Type, event_type), term];
                vec![Command::SetFilter(Filter { terms }.to_string()), Command::CloseOverlay]
            };
            item(ui, "Only events that have it".to_owned(), &|| filter(has.clone()));
            if !self.is_always {
                item(ui, "Only events without it".to_owned(), &|| filter(has.clone().negated()));
            }
        }
        if let Some((rule, event)) = self.rule.clone().zip(self.first) {
            let part = RulePart::Rule(event_type.to_owned());
            let start = RuleStart { event, part, text: rule };
            item(ui, "Begin a reducer with it…".to_owned(), &|| vec![Command::BeginRule(Box::new(start.clone()))]);
        }
        item(ui, "Copy path".to_owned(), &|| vec![Command::CopyText(self.path.clone())]);
    }
}

/// The path as the filter takes it; none for the document itself and for keys that are no names.
fn filter_path(steps: &[PathStep]) -> Option<Path> {
    let segment = |step: &PathStep| match step {
        PathStep::Member(name) => Some(Segment::Key(name.clone())),
        PathStep::AnyItem => Some(Segment::Each),
        PathStep::AnyMember => None,
    };
    let segments: Option<Vec<Segment>> = steps.iter().map(segment).collect();
    segments.filter(|segments| !segments.is_empty()).map(|segments| Path { segments })
}

/// A share in percent. What some lack is never said to be in all of them, nor what some have in none.
pub(super) fn percent(share: f64) -> String {
    match share * 100.0 {
        all if all >= 100.0 => "100 %".to_owned(),
        most if most > 99.9 => "99.9 %".to_owned(),
        few if few < 0.1 => "<0.1 %".to_owned(),
        some => format!("{some:.1} %"),
    }
}

fn short(value: &serde_json::Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(EXAMPLE) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

fn values(shape: &Shape) -> String {
    if let Some(values) = shape.enumeration() {
        return values.join(" | ");
    }
    let mut parts: Vec<String> = shape.format().map(|format| format.name().to_owned()).into_iter().collect();
    if let Some((least, most)) = shape.range().filter(|(least, most)| least != most) {
        parts.push(format!("{least} to {most}"));
    }
    let examples: Vec<String> = shape.examples().map(short).collect();
    if !examples.is_empty() {
        parts.push(examples.join(", "));
    }
    parts.join("; ")
}

fn more(path: &schema::Path<'_>) -> String {
    let shape = path.shape;
    let mut lines = vec![visible(&path.to_string()).into_owned()];
    for (kind, span) in shape.kinds() {
        let (count, first, last) = (grouped(span.count), grouped(span.first), grouped(span.last));
        lines.push(format!("{}: {count} times, positions {first} to {last}", kind.name()));
    }
    if let Some((least, most)) = shape.lengths() {
        let items = if shape.count_of(Kind::Array) > 0 { "items or characters" } else { "characters" };
        lines.push(format!("{least} to {most} {items}"));
    }
    lines.push(visible(&values(shape)).into_owned());
    lines.join("\n")
}

/// Says what changed without a new version, with links to where it did.
pub(super) fn changes(ui: &mut Ui, changes: &[Change], out: &mut Vec<Command>) {
    /// How many are said.
    const SAID: usize = 4;
    for change in changes.iter().take(SAID) {
        ui.horizontal(|ui| {
            let words = match change.changed {
                Changed::Came => "is there from".to_owned(),
                Changed::Went => "is there only up to".to_owned(),
                Changed::Kind { before, after } => format!("was {} and is {} from", before.name(), after.name()),
            };
            super::changed(ui, &format!("~ {} {words}", change.path));
            if link(ui, &grouped(change.position), true).clicked() {
                out.extend([Command::SelectEvent(change.position), Command::CloseOverlay]);
            }
        });
    }
    if changes.len() > SAID {
        super::note(ui, &format!("and {} more changes without a new version.", changes.len() - SAID));
    }
}

/// Paints what differs between two versions.
pub(super) fn differences(ui: &mut Ui, before: &TypeSchema, after: &TypeSchema, height: f32) {
    let found = schema::compare(before, after);
    if found.is_empty() {
        return super::note(ui, "The two have the same paths with the same types.");
    }
    let palette = theme::palette(ui);
    ui.spacing_mut().item_spacing.y = 0.0;
    let area = ScrollArea::vertical().id_salt("schema differences").max_height(height).auto_shrink(false);
    area.show_rows(ui, theme::ROW, found.len(), |ui, rows| {
        for difference in found.get(rows).unwrap_or_default() {
            let (sign, color) = match (&difference.before, &difference.after) {
                (None, _) => ("+", palette.add),
                (_, None) => ("-", palette.del),
                _ => ("~", palette.chg),
            };
            let (there, here) = (side(difference.before.as_ref()), side(difference.after.as_ref()));
            let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), theme::ROW), Sense::hover());
            let name = format!("{sign} {}: {there} in {}, {here} in {}", difference.path, before.name(), after.name());
            response.widget_info(|| WidgetInfo::labeled(Role::Label, true, visible(&name)));
            let inside = rect.shrink2(vec2(6.0, 0.0));
            let at = |share: f32| inside.left() + inside.width() * share;
            let cell = |from: f32, to: f32| inside.with_min_x(at(from)).with_max_x(at(to) - 2.0 * theme::STEP);
            text_in(ui.painter(), cell(0.0, 0.03), Align::Min, sign, theme::mono(), color);
            text_in(ui.painter(), cell(0.03, 0.42), Align::Min, &visible(&difference.path), theme::mono(), palette.key);
            text_in(ui.painter(), cell(0.42, 0.71), Align::Min, &there, theme::text(), palette.dim);
            text_in(ui.painter(), cell(0.71, 1.0), Align::Min, &here, theme::text(), palette.text);
            response.on_hover_text(visible(&name));
        }
    });
}

fn side(said: Option<&(Vec<Kind>, f64)>) -> String {
    let Some((kinds, presence)) = said else { return "nothing".to_owned() };
    let kinds: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
    format!("{} in {}", kinds.join(" or "), percent(*presence))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_a_schema_is_one_of_the_filter() {
        let member = |name: &str| PathStep::Member(name.to_owned());
        let text = |steps: &[PathStep]| filter_path(steps).map(|path| Term::has(Root::Data, path));
        let found = text(&[member("lines"), PathStep::AnyItem, member("a b")]).unwrap();
        let filter = Filter { terms: vec![found] };
        assert_eq!(filter.to_string(), r#"has:data.lines[]."a b""#);
        assert_eq!(Filter::parse(&filter.to_string()).unwrap(), filter);
        assert_eq!(text(&[member("stock"), PathStep::AnyMember]), None);
        assert_eq!(text(&[]), None);
    }

    #[test]
    fn a_share_never_says_more_than_it_is() {
        assert_eq!([1.0, 0.9999, 0.5, 0.0001].map(percent), ["100 %", "99.9 %", "50.0 %", "<0.1 %"].map(str::to_owned));
    }
}
