//! One line of the list of streams, painted.

use std::sync::Arc;

use egui::accesskit::Role;
use egui::{Align, Color32, FontId, Rect, Response, Sense, Ui, WidgetInfo, pos2};

use super::super::widgets::{RowArea, RowKeys, text_in, triangle};
use super::super::{numbers, theme};
use super::layout::Line;
use crate::codec::visible;
use crate::filter::Term;
use crate::model::{Command, ViewState};
use crate::profile::Role as Purpose;
use crate::session::{Checkpoint, Overview, StreamGroup, StreamList, StreamSummary, TableEntry};

/// How far a stream stands beneath its group, in points from the panel's edge.
const INDENTED: f32 = 28.0;

/// Where a line is painted, and what is selected.
pub(super) struct Row<'a> {
    pub(super) ui: &'a Ui,
    pub(super) rect: Rect,
    pub(super) number: u64,
    pub(super) area: &'a RowArea,
    pub(super) keys: RowKeys,
    pub(super) view: &'a ViewState,
}

/// What was done with a line.
#[derive(Default)]
pub(super) struct Done {
    /// Whether the pointer pressed it, with either button.
    pub(super) pressed: bool,
    /// Whether the pointer opened what the line stands for: a stream or a table.
    pub(super) opened: bool,
    /// The group that is to be opened or closed.
    pub(super) turned: Option<Arc<str>>,
}

/// The texts of a line.
struct Texts<'a> {
    left: f32,
    text: &'a str,
    font: FontId,
    color: Color32,
    count: Option<String>,
}

impl Row<'_> {
    /// Paints the line. Answers what was done with it.
    pub(super) fn show(&self, line: &Line, streams: &StreamList, overview: &Overview, out: &mut Vec<Command>) -> Done {
        let shown = match *line {
            Line::Group { group, count, open } => {
                streams.groups.get(group).map(|group| (self.group(group, count, open), Some((group, open))))
            }
            Line::Stream { indented, .. } => {
                line.stream(streams).map(|stream| (self.stream(stream, indented, out), None))
            }
            Line::Table(table) => overview.tables.get(table).map(|table| (self.table(table, out), None)),
            Line::Checkpoint(reader) => {
                overview.checkpoints.get(reader).map(|reader| (self.checkpoint(reader, out), None))
            }
            Line::Caption(text) => self.words(text, theme::small(), theme::palette(self.ui).faint),
            Line::Heading(text) => self.words(text, theme::section(), theme::palette(self.ui).dim),
            Line::Space => None,
        };
        let Some((response, group)) = shown else { return Done::default() };
        if self.keys.on(self.number) {
            self.area.point_at(self.ui, &response);
        }
        let turns = |open: bool| self.taken(&response) || self.keys.on(self.number) && self.keys.turned == Some(!open);
        let turned = group.filter(|(_, open)| turns(*open)).map(|(group, _)| Arc::clone(&group.aggregate_type));
        let opened = response.clicked() && matches!(line, Line::Stream { .. } | Line::Table(_));
        Done { pressed: response.clicked() || response.secondary_clicked(), opened, turned }
    }

    /// Whether the line was pressed, by the pointer or by the keyboard.
    fn taken(&self, response: &Response) -> bool {
        response.clicked() || self.keys.on(self.number) && self.keys.taken
    }

    /// The menu of the line.
    fn menu(&self, response: &Response, contents: impl FnOnce(&mut Ui)) {
        self.area.menu(self.ui, response, self.keys.on(self.number) && self.keys.menu, contents);
    }

    fn group(&self, group: &StreamGroup, count: usize, open: bool) -> Response {
        let palette = theme::palette(self.ui);
        let response = self.ground(false);
        triangle(self.ui.painter(), pos2(self.rect.left() + 16.0, self.rect.center().y), open, palette.dim);
        let name = if group.aggregate_type.is_empty() { "(no type)" } else { &*group.aggregate_type };
        self.texts(&Texts {
            left: 24.0,
            text: name,
            font: theme::medium(13.0),
            color: palette.text,
            count: Some(numbers::grouped(i128::try_from(count).unwrap_or(i128::MAX))),
        });
        response.widget_info(|| WidgetInfo::labeled(Role::TreeItem, true, visible(name)));
        self.ui.ctx().accesskit_node_builder(response.id, |node| node.set_expanded(open));
        response
    }

    fn stream(&self, stream: &StreamSummary, indented: bool, out: &mut Vec<Command>) -> Response {
        let palette = theme::palette(self.ui);
        let selected = self.view.place.stream.as_ref() == Some(&stream.name);
        let response = self.ground(selected);
        self.texts(&Texts {
            left: if indented { INDENTED } else { theme::MARGIN },
            text: &stream.name.aggregate_id,
            font: theme::mono(),
            color: if selected { palette.text } else { palette.dim },
            count: Some(numbers::grouped(stream.events)),
        });
        response.widget_info(|| WidgetInfo::labeled(Role::TreeItem, true, visible(&stream.name.aggregate_id)));
        self.tell(&response, selected, format!("{} events", stream.events));
        if self.taken(&response) {
            out.push(Command::SelectStream(stream.name.clone()));
        }
        self.menu(&response, |ui| stream_menu(ui, stream, out));
        response.on_hover_text(format!("{}\n{} events", stream.name, numbers::grouped(stream.events)))
    }

    fn table(&self, table: &TableEntry, out: &mut Vec<Command>) -> Response {
        let palette = theme::palette(self.ui);
        let selected = self.view.place.table.as_deref() == Some(&*table.name);
        let response = self.ground(selected);
        self.texts(&Texts {
            left: INDENTED,
            text: &table.name,
            font: theme::text(),
            color: if selected { palette.text } else { palette.dim },
            count: table.rows.map(numbers::grouped),
        });
        response.widget_info(|| WidgetInfo::labeled(Role::TreeItem, true, visible(&table.name)));
        self.tell(&response, selected, about(table));
        if self.taken(&response) {
            out.push(Command::ShowTable(table.name.to_string()));
        }
        response.on_hover_text(about(table))
    }

    /// A reader of the events: its name, and how far it is behind them.
    fn checkpoint(&self, reader: &Checkpoint, out: &mut Vec<Command>) -> Response {
        let palette = theme::palette(self.ui);
        let response = self.ground(false);
        self.texts(&Texts {
            left: INDENTED + theme::MARGIN,
            text: &reader.name,
            font: theme::text(),
            color: palette.dim,
            count: Some(lag(reader)),
        });
        let about = about_reader(reader);
        response.widget_info(|| WidgetInfo::labeled(Role::TreeItem, true, visible(&about)));
        if self.taken(&response) {
            out.push(Command::ShowTable(reader.table.clone()));
        }
        self.menu(&response, |ui| {
            if let (Some(position), Some(_)) = (reader.position, reader.behind)
                && ui.button(format!("Show event {}", numbers::grouped(position))).clicked()
            {
                out.push(Command::SelectEvent(position));
            }
            if ui.button("Copy name").clicked() {
                out.push(Command::CopyText(reader.name.clone()));
            }
        });
        response.on_hover_text(about)
    }

    /// A line that says what is beneath it, and on which there is nothing to do.
    fn words<T>(&self, text: &str, font: FontId, color: Color32) -> Option<T> {
        self.texts(&Texts { left: theme::MARGIN, text, font, color, count: None });
        let response = self.ui.interact(self.rect, self.area.id.with(self.number), Sense::empty());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
        None
    }

    /// What lies under the texts: the selection and the pointer.
    fn ground(&self, selected: bool) -> Response {
        let palette = theme::palette(self.ui);
        let response = self.ui.interact(self.rect, self.area.id.with(self.number), Sense::CLICK);
        let painter = self.ui.painter();
        if selected {
            painter.rect_filled(self.rect, 0, palette.accent_bg);
            painter.rect_filled(self.rect.with_max_x(self.rect.left() + 2.0), 0, palette.accent);
        } else if response.hovered() || response.context_menu_opened() {
            painter.rect_filled(self.rect, 0, palette.hover.gamma_multiply(0.6));
        }
        response
    }

    /// The name at the left, cut where it meets the count at the right.
    fn texts(&self, texts: &Texts<'_>) {
        let palette = theme::palette(self.ui);
        let selected = texts.color == palette.text;
        let mut right = self.rect.right() - theme::MARGIN;
        let painter = self.ui.painter();
        if let Some(count) = &texts.count {
            let color = if selected { palette.dim } else { palette.faint };
            let place = self.rect.with_max_x(right);
            right -= text_in(painter, place, Align::Max, count, theme::text(), color).size().x + 2.0 * theme::STEP;
        }
        let place = self.rect.with_min_x(self.rect.left() + texts.left).with_max_x(right);
        text_in(painter, place, Align::Min, texts.text, texts.font.clone(), texts.color);
    }

    fn tell(&self, response: &Response, selected: bool, description: String) {
        self.ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_selected(selected);
            node.set_description(description);
        });
    }
}

fn stream_menu(ui: &mut Ui, stream: &StreamSummary, out: &mut Vec<Command>) {
    let term = Term::stream(&stream.name);
    let offers = [
        ("Show history", Command::SelectStream(stream.name.clone())),
        ("Include in filter", Command::AddTerm(term.to_string())),
        ("Exclude from filter", Command::AddTerm(term.negated().to_string())),
        ("Copy name", Command::CopyText(stream.name.to_string())),
    ];
    for (title, command) in offers {
        if ui.button(title).clicked() {
            out.push(command);
        }
    }
}

/// How far a reader is behind, in few words.
fn lag(reader: &Checkpoint) -> String {
    match (reader.position, reader.behind) {
        (_, Some(0)) => "up to date".to_owned(),
        (_, Some(behind)) => format!("{} behind", numbers::grouped(behind)),
        (Some(position), None) => format!("at {}", numbers::grouped(position)),
        (None, None) => String::new(),
    }
}

/// `orders-view: at 4,800, 22 behind`.
fn about_reader(reader: &Checkpoint) -> String {
    let Checkpoint { name, position, behind, .. } = reader;
    match (position, behind) {
        (Some(position), Some(_)) => format!("{name}: at {}, {}", numbers::grouped(*position), lag(reader)),
        (Some(position), None) => {
            format!("{name}: at {}, beyond the last event here: it follows another store", numbers::grouped(*position))
        }
        (None, _) => format!("{name}: it does not say at which position"),
    }
}

/// What a table is, in a few words.
fn about(table: &TableEntry) -> String {
    let kind = if table.is_view { "View" } else { "Table" };
    let role = match (table.role, &table.about) {
        (Some(Purpose::Projections), Some(about)) if about.starts_with("read model") => format!(", a {about}"),
        (_, Some(about)) => format!(" of {about}"),
        _ => String::new(),
    };
    let rows = table.rows.map(|rows| format!(", {} rows", numbers::grouped(rows))).unwrap_or_default();
    format!("{kind}{role}{rows}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_says_how_far_it_is_behind() {
        let reader = |position, behind| Checkpoint { table: "t".into(), name: "orders-view".into(), position, behind };
        assert_eq!(about_reader(&reader(Some(4_800), Some(22))), "orders-view: at 4,800, 22 behind");
        assert_eq!(about_reader(&reader(Some(4_822), Some(0))), "orders-view: at 4,822, up to date");
        assert!(about_reader(&reader(Some(9), None)).ends_with("it follows another store"));
        assert_eq!(lag(&reader(None, None)), "");
    }
}
