//! One line of the list of streams, painted.

use std::sync::Arc;

use egui::accesskit::Role;
use egui::{Align, Color32, FontId, Id, Rect, Response, Sense, Ui, WidgetInfo, pos2};

use super::super::widgets::{focus_ring, text_in, triangle};
use super::super::{numbers, theme};
use super::layout::Line;
use crate::filter::Term;
use crate::model::{Command, ViewState};
use crate::session::{Checkpoint, Overview, StreamGroup, StreamList, StreamSummary, TableEntry};

/// How far a stream stands beneath its group, in points from the panel's edge.
const INDENTED: f32 = 28.0;

/// Where a line is painted, and what is selected.
pub(super) struct Row<'a> {
    pub(super) ui: &'a Ui,
    pub(super) rect: Rect,
    pub(super) id: Id,
    pub(super) view: &'a ViewState,
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
    /// Paints the line. Answers the group that was pressed.
    pub(super) fn show(
        &self,
        line: &Line,
        streams: &StreamList,
        overview: &Overview,
        out: &mut Vec<Command>,
    ) -> Option<Arc<str>> {
        match *line {
            Line::Group { group, count, open } => return self.group(streams.groups.get(group)?, count, open),
            Line::Stream { indented, .. } => self.stream(line.stream(streams)?, indented, out),
            Line::Table(table) => self.table(overview.tables.get(table)?, out),
            Line::Checkpoint(reader) => self.checkpoint(overview.checkpoints.get(reader)?, out),
            Line::Caption(caption) => self.caption(caption),
            Line::Heading(title) => self.heading(title),
            Line::Space => {}
        }
        None
    }

    fn group(&self, group: &StreamGroup, count: usize, open: bool) -> Option<Arc<str>> {
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
        response.widget_info(|| WidgetInfo::labeled(Role::TreeItem, true, name));
        self.ui.ctx().accesskit_node_builder(response.id, |node| node.set_expanded(open));
        response.clicked().then(|| Arc::clone(&group.aggregate_type))
    }

    fn stream(&self, stream: &StreamSummary, indented: bool, out: &mut Vec<Command>) {
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
        response.widget_info(|| WidgetInfo::labeled(Role::TreeItem, true, &stream.name.aggregate_id));
        self.tell(&response, selected, format!("{} events", stream.events));
        if response.clicked() {
            out.push(Command::SelectStream(stream.name.clone()));
        }
        response.context_menu(|ui| stream_menu(ui, stream, out));
        response.on_hover_text(format!("{}\n{} events", stream.name, numbers::grouped(stream.events)));
    }

    fn table(&self, table: &TableEntry, out: &mut Vec<Command>) {
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
        response.widget_info(|| WidgetInfo::labeled(Role::TreeItem, true, &*table.name));
        self.tell(&response, selected, about(table));
        if response.clicked() {
            out.push(Command::ShowTable(table.name.to_string()));
        }
        response.on_hover_text(about(table));
    }

    /// A reader of the events: its name, and how far it is behind them.
    fn checkpoint(&self, reader: &Checkpoint, out: &mut Vec<Command>) {
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
        response.widget_info(|| WidgetInfo::labeled(Role::TreeItem, true, &about));
        if response.clicked() {
            out.push(Command::ShowTable(reader.table.clone()));
        }
        response.context_menu(|ui| {
            if let (Some(position), Some(_)) = (reader.position, reader.behind)
                && ui.button(format!("Show event {}", numbers::grouped(position))).clicked()
            {
                out.push(Command::SelectEvent(position));
            }
            if ui.button("Copy name").clicked() {
                out.push(Command::CopyText(reader.name.clone()));
            }
        });
        response.on_hover_text(about);
    }

    /// What the tables beneath it are for.
    fn caption(&self, text: &str) {
        let palette = theme::palette(self.ui);
        let texts = Texts { left: theme::MARGIN, text, font: theme::small(), color: palette.faint, count: None };
        self.texts(&texts);
        let response = self.ui.interact(self.rect, self.id, Sense::empty());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    }

    fn heading(&self, title: &str) {
        let palette = theme::palette(self.ui);
        let texts = Texts { left: theme::MARGIN, text: title, font: theme::section(), color: palette.dim, count: None };
        self.texts(&texts);
        let response = self.ui.interact(self.rect, self.id, Sense::empty());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, title));
    }

    /// What lies under the texts: the selection, the pointer, the focus.
    fn ground(&self, selected: bool) -> Response {
        let palette = theme::palette(self.ui);
        let response = self.ui.interact(self.rect, self.id, Sense::click());
        let painter = self.ui.painter();
        if selected {
            painter.rect_filled(self.rect, 0, palette.accent_bg);
            painter.rect_filled(self.rect.with_max_x(self.rect.left() + 2.0), 0, palette.accent);
        } else if response.hovered() || response.context_menu_opened() {
            painter.rect_filled(self.rect, 0, palette.hover.gamma_multiply(0.6));
        }
        if response.has_focus() {
            focus_ring(self.ui, self.rect);
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
    let role = table.role.map(|role| format!(" of {role}")).unwrap_or_default();
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
