//! A table of any length and any columns: it asks for the rows in view, and draws only them.
//!
//! The owner of the rows implements [`TableRows`]. Before anything is drawn it is told which rows are needed, so that it
//! can have them read; a row that is not there yet is drawn as an empty one.

use egui::accesskit::Role;
use egui::{
    Align, Id, Key, Modifiers, Popup, Rect, Response, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use super::paint;
use super::scroll::{RowArea, RowScroll};
use super::table_header::{self, Places};
use super::table_rows::{Cell, TableColumn, TableRows};
use super::tail::{self, Followed, Tail};
use crate::codec::{visible, visible_lines};
use crate::model::Focus;
use crate::ui::keyboard::{self, Stop};
use crate::ui::theme;

/// A table to be shown.
#[derive(Clone, Debug)]
pub struct Table<'a> {
    /// What tells this table from others in the same panel.
    pub salt: &'static str,
    /// What the rows are: "events".
    pub name: &'static str,
    /// Whether it turns its own pages on the keys; otherwise something else selects other rows on them.
    pub keys: bool,
    /// The columns, from left to right.
    pub columns: &'a [TableColumn<'a>],
    /// A row to bring into view once for each key; `None` for the row while it is not known.
    pub reveal: Option<(u64, Option<u64>)>,
    /// Names the question that the rows answer; with another one the table starts at its first row.
    pub question: u64,
    /// The row before which something is that is not among the rows; it is marked.
    pub gap: Option<u64>,
    /// Whether the rows have the keyboard when nothing else has it.
    pub takes_keyboard: bool,
    /// How the newest end is followed, where rows are added there.
    pub tail: Option<Tail>,
    /// What is marked beside the scrollbar: how far down it is, from 0 to 1, and what the marks are.
    pub marks: (&'a [f32], &'a str),
}

/// What the rows are drawn with.
#[derive(Clone, Copy)]
struct Drawing<'a> {
    area: &'a RowArea,
    places: &'a Places,
    /// Whether the rows have the keyboard, and whether the menu of the selected one is wanted.
    focused: bool,
    wants_menu: bool,
}

impl Table<'_> {
    /// Draws the table into all of the space that is left. Answers how many whole rows are in view.
    pub fn show(&self, ui: &mut Ui, rows: &mut impl TableRows) -> u64 {
        let id = ui.make_persistent_id(self.salt);
        let (outer, _) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
        let places = Places::new(self.columns, outer.width() - theme::SCROLLBAR);
        let body = body(outer, &places);
        if !body.is_positive() {
            return 0;
        }
        let (row_height, name, keys) = (theme::ROW, self.name, self.keys);
        let area = RowArea { id, rows: rows.count(), row_height, name, stop: Stop::Rows, keys };
        let mut scroll = self.remembered(ui, id);
        if let Some((key, row)) = self.reveal {
            scroll.reveal(key, row, area.extent(body));
        }
        let extent = area.extent(body);
        let mut followed = Followed::load(ui.ctx(), id, self.question);
        if let Some(tail) = self.tail {
            scroll.anchor = followed.grow(tail, scroll.anchor, extent);
        }
        area.scroll(ui, body, &mut scroll);
        let first = scroll.anchor.top_row + u64::from(scroll.anchor.offset > theme::STEP / 2.0);
        rows.first_whole(first);
        let drawing = self.listen(ui, body, &area, &places, rows);
        self.contents(ui, outer, body, drawing, scroll, rows);
        // Over the rows, which reach to the edge.
        area.scrollbar(ui, body, &mut scroll);
        self.mark(ui, id, body);
        if let Some(tail) = self.tail {
            let new = followed.stand(tail, scroll.anchor, extent);
            if tail::button(ui, tail, new, body) {
                scroll.anchor = tail::end(tail, extent);
            }
            followed.store(ui.ctx(), id);
        }
        scroll.store(ui.ctx(), id);
        // Over the header, so that the press is the button's.
        self.columns_button(ui, outer, rows);
        area.extent(body).page()
    }

    /// Paints the marks beside the scrollbar.
    fn mark(&self, ui: &Ui, id: Id, body: Rect) {
        let (marks, name) = self.marks;
        if marks.is_empty() {
            return;
        }
        let color = theme::palette(ui).accent;
        let strip =
            body.with_min_x(body.right() - theme::SCROLLBAR - 1.0).with_max_x(body.right() - theme::SCROLLBAR + 3.0);
        for mark in marks {
            let y = strip.top() + strip.height() * mark.clamp(0.0, 1.0);
            ui.painter().hline(strip.x_range(), y, (2.0, color));
        }
        let strip = ui.interact(strip, id.with("marks"), Sense::hover());
        strip.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
        strip.on_hover_text(name);
    }

    /// Takes in the keys that are the rows' own.
    fn listen<'a>(
        &self,
        ui: &Ui,
        body: Rect,
        area: &'a RowArea,
        places: &'a Places,
        rows: &mut impl TableRows,
    ) -> Drawing<'a> {
        let focused = area.hold(ui, body, Role::Table, Focus::Rows);
        let nothing_has_it = ui.memory(|memory| memory.focused().is_none());
        // The Tab key leaves its widget before it reaches the next one.
        if self.takes_keyboard && nothing_has_it && ui.is_enabled() && !ui.input(|input| input.key_pressed(Key::Tab)) {
            area.take_keyboard(ui);
        }
        let listens = focused && ui.is_enabled() && !Popup::is_any_open(ui.ctx());
        if listens && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter)) {
            rows.entered();
        }
        Drawing { area, places, focused, wants_menu: listens && keyboard::takes_menu(ui.ctx()) }
    }

    /// Where the table was left, unless it answers another question since.
    fn remembered(&self, ui: &Ui, id: Id) -> RowScroll {
        let mut scroll = RowScroll::load(ui.ctx(), id);
        let asked = ui.data_mut(|data| {
            let last = data.get_temp_mut_or(id.with("question"), self.question);
            std::mem::replace(last, self.question)
        });
        if asked != self.question {
            scroll.restart();
        }
        scroll
    }

    /// The header and the rows, which scroll sideways together where the columns are wider than the view.
    fn contents(
        &self,
        ui: &mut Ui,
        outer: Rect,
        body: Rect,
        drawing: Drawing<'_>,
        scroll: RowScroll,
        rows: &mut impl TableRows,
    ) {
        let Drawing { area, places, .. } = drawing;
        let width = (places.total() + theme::SCROLLBAR).max(outer.width());
        let height = body.bottom() - outer.top();
        let mut ui = ui.new_child(UiBuilder::new().max_rect(outer).id_salt((self.salt, "contents")));
        ScrollArea::horizontal().id_salt(self.salt).auto_shrink(false).show(&mut ui, |ui| {
            let (content, _) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
            let body = content.with_min_y(content.top() + theme::TABLE_HEADER);
            let wanted = scroll.anchor.visible(area.extent(body));
            rows.want(wanted);
            area.draw(ui, body, scroll.anchor, |ui, number, rect| {
                self.row(ui, drawing, number, rect, rows);
                self.mark_gap(ui, number, rect, area.rows);
            });
            table_header::show(ui, area.id, content.with_max_y(body.top()), self.columns, places, rows);
        });
    }

    /// Marks where something is that is not among the rows.
    fn mark_gap(&self, ui: &Ui, number: u64, rect: Rect, rows: u64) {
        let Some(gap) = self.gap else { return };
        let y = match gap {
            gap if gap == number => rect.top(),
            gap if gap == rows && number + 1 == rows => rect.bottom() - 1.0,
            _ => return,
        };
        let color = theme::palette(ui).accent;
        ui.painter().hline(rect.x_range(), y, (2.0, color));
        paint::triangle(ui.painter(), pos2(rect.left() + 4.0, y), false, color);
    }

    fn row<R: TableRows>(&self, ui: &mut Ui, drawing: Drawing<'_>, number: u64, rect: Rect, rows: &mut R) {
        let Drawing { area, places, focused, wants_menu } = drawing;
        let Some(row) = rows.row(number) else {
            ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, (1.0, theme::palette(ui).row_line));
            return;
        };
        let response = ui.interact(rect, area.id.with(number), Sense::CLICK);
        let selected = rows.is_selected(number, &row);
        paint_row_ground(ui, rect, &response, selected, focused);
        for column in 0..self.columns.len() {
            self.cell(ui, &response, places.cell(rect, column), &row, column, rows);
        }
        let flag = rows.flag(&row);
        if flag.is_some() {
            let top = pos2(rect.left() + 3.0, rect.center().y - 6.0);
            paint::flag(ui.painter(), top, 12.0, theme::palette(ui).accent);
        }
        if response.clicked() || response.secondary_clicked() {
            rows.pressed(number, &row);
            area.take_keyboard(ui);
        }
        cell_menu(ui, &response, drawing, selected && wants_menu, &row, rows);
        self.tell(ui, &response, number, selected, &row, rows);
        if let Some(says) = flag {
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_description(&*visible(&says)));
        }
        if selected && focused {
            area.tell_current(ui, response.id);
        }
    }

    fn cell<R: TableRows>(&self, ui: &Ui, on: &Response, place: Rect, row: &R::Row, column: usize, rows: &R) {
        let Cell { text, color, font, dot, middle } = rows.cell(row, column);
        let painter = ui.painter_at(place.intersect(ui.clip_rect()));
        let mut inner = place.shrink2(vec2(2.0 * theme::STEP, 0.0));
        if let Some(dot) = dot.filter(|_| !text.is_empty()) {
            painter.circle_filled(inner.left_center() + vec2(3.5, 0.0), 3.5, dot);
            inner = inner.with_min_x(inner.left() + 14.0);
        }
        let right = self.columns.get(column).is_some_and(|column| column.right);
        let align = if right { Align::Max } else { Align::Min };
        let cut = if middle { paint::cut_in_the_middle(&painter, &text, &font, inner.width()) } else { None };
        let galley = paint::text_in(&painter, inner, align, cut.as_deref().unwrap_or(&text), font, color);
        let elided = galley.elided || cut.is_some();
        let under = on.hover_pos().is_some_and(|pointer| place.contains(pointer));
        if !under {
            return;
        }
        if let Some(tooltip) = rows.tooltip(row, column).or_else(|| elided.then(|| text.into_owned())) {
            on.clone().on_hover_text_at_pointer(visible_lines(&tooltip));
        }
    }

    /// Names the row by the texts of its cells, for screen readers and tests.
    fn tell<R: TableRows>(&self, ui: &Ui, on: &Response, number: u64, selected: bool, row: &R::Row, rows: &R) {
        on.widget_info(|| {
            let texts = (0..self.columns.len()).map(|column| rows.cell(row, column).text);
            let texts: Vec<_> = texts.filter(|text| !text.is_empty()).collect();
            WidgetInfo::labeled(Role::Row, true, visible(&texts.join(" ")))
        });
        ui.ctx().accesskit_node_builder(on.id, |node| {
            node.set_selected(selected);
            node.set_row_index(usize::try_from(number).unwrap_or(usize::MAX));
        });
    }

    fn columns_button(&self, ui: &mut Ui, outer: Rect, rows: &mut impl TableRows) {
        let Some(menu) = rows.columns_menu() else { return };
        let corner = outer.with_max_y(outer.top() + theme::TABLE_HEADER);
        table_header::columns_button(ui, corner, self.salt, menu);
    }
}

/// Where the rows are: beneath the header, and above the bar that scrolls sideways where there is one.
fn body(outer: Rect, places: &Places) -> Rect {
    let overflows = places.total() > outer.width() - theme::SCROLLBAR + 0.5;
    let bar = if overflows { theme::SCROLLBAR + theme::STEP } else { 0.0 };
    outer.with_min_y(outer.top() + theme::TABLE_HEADER).with_max_y(outer.bottom() - bar)
}

/// The menu of the cell that was pressed with the other button, or of the selected row where it is `wanted`.
fn cell_menu<R: TableRows>(
    ui: &Ui,
    response: &Response,
    drawing: Drawing<'_>,
    wanted: bool,
    row: &R::Row,
    rows: &mut R,
) {
    let id = response.id.with("menu");
    if response.secondary_clicked() || wanted {
        let at = response.interact_pointer_pos().filter(|_| !wanted);
        let column = at.and_then(|at| drawing.places.at(response.rect, at.x));
        let column = column.unwrap_or_else(|| rows.menu_column());
        ui.data_mut(|data| data.insert_temp(id, column));
    }
    drawing.area.menu(ui, response, wanted, |ui| {
        let column = ui.data(|data| data.get_temp(id)).unwrap_or_default();
        rows.cell_menu(ui, row, column);
    });
}

fn paint_row_ground(ui: &Ui, rect: Rect, response: &Response, selected: bool, focused: bool) {
    let palette = theme::palette(ui);
    if selected {
        ui.painter().rect_filled(rect, 0, palette.accent_bg);
        if focused {
            ui.painter().rect_filled(rect.with_max_x(rect.left() + 2.0), 0, palette.accent);
        }
    } else if response.hovered() || response.context_menu_opened() {
        ui.painter().rect_filled(rect, 0, palette.hover.gamma_multiply(0.6));
    }
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, (1.0, palette.row_line));
}

#[cfg(test)]
mod tests {
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable as _;

    use std::ops::Range;

    use super::*;

    /// Ten million rows of two columns, and what was done with them.
    #[derive(Default)]
    struct Numbers {
        selected: Option<u64>,
        sorted: Option<usize>,
        width: f32,
        reveal: Option<(u64, Option<u64>)>,
        question: u64,
        menu: Option<(u64, usize)>,
    }

    impl TableRows for Numbers {
        type Row = (u64, String);

        fn count(&self) -> u64 {
            10_000_000
        }

        fn want(&self, rows: Range<u64>) {
            assert!(rows.end - rows.start < 100, "only the rows in view are asked for");
        }

        fn row(&self, number: u64) -> Option<Self::Row> {
            Some((number, number.to_string()))
        }

        fn cell<'r>(&'r self, row: &'r Self::Row, column: usize) -> Cell<'r> {
            let text = if column == 0 { &row.1 } else { "even" };
            Cell { text: text.into(), color: theme::DARK.text, font: theme::mono(), dot: None, middle: false }
        }

        fn is_selected(&self, number: u64, _row: &Self::Row) -> bool {
            self.selected == Some(number)
        }

        fn pressed(&mut self, number: u64, _row: &Self::Row) {
            self.selected = Some(number);
        }

        fn sort(&mut self, column: usize) {
            self.sorted = Some(column);
        }

        fn resize(&mut self, _column: usize, width: f32) {
            self.width = width;
        }

        fn cell_menu(&mut self, ui: &mut Ui, row: &Self::Row, column: usize) {
            if ui.button("Take").clicked() {
                self.menu = Some((row.0, column));
            }
        }
    }

    fn show(ui: &mut Ui, rows: &mut Numbers) {
        theme::apply(ui.ctx(), egui::ThemePreference::Dark);
        let column = |title, fills| TableColumn {
            title,
            caption: "",
            width: 100.0,
            least: 100.0,
            right: false,
            sorted: None,
            sortable: true,
            fills,
        };
        let columns = [column("Number", false), column("Kind", true)];
        let table = Table {
            salt: "numbers",
            name: "numbers",
            keys: true,
            columns: &columns,
            reveal: rows.reveal,
            question: rows.question,
            gap: None,
            takes_keyboard: false,
            tail: None,
            marks: (&[], ""),
        };
        table.show(ui, rows);
    }

    fn harness(rows: Numbers) -> Harness<'static, Numbers> {
        // The first frame sets the fonts, which the next one draws with.
        Harness::builder().with_size([400.0, 300.0]).with_max_steps(20).build_ui_state(show, rows)
    }

    #[test]
    fn the_last_of_ten_million_rows_is_reached_by_the_keyboard() {
        let mut harness = harness(Numbers::default());
        harness.run();
        assert!(harness.query_by_label("0 even").is_some());
        harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::End);
        harness.run();
        let last = harness.get_by_label("9999999 even").rect();
        assert!(last.bottom() <= 300.0 && last.bottom() > 270.0, "{last:?}");
        harness.key_press(egui::Key::PageUp);
        harness.run();
        assert!(harness.query_by_label("9999999 even").is_none());
    }

    #[test]
    fn a_row_is_revealed_once_and_the_next_question_starts_at_the_first_row() {
        let mut harness = harness(Numbers { reveal: Some((1, Some(5_000_001))), ..Numbers::default() });
        harness.run();
        assert!(harness.query_by_label("5000001 even").is_some());
        harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::Home);
        harness.run();
        assert!(harness.query_by_label("0 even").is_some());
        harness.state_mut().reveal = Some((2, Some(70_000)));
        harness.run();
        assert!(harness.query_by_label("70000 even").is_some());
        harness.state_mut().question = 7;
        harness.state_mut().reveal = None;
        harness.run();
        assert!(harness.query_by_label("0 even").is_some());
    }

    #[test]
    fn the_wheel_moves_by_less_than_a_row_at_any_depth() {
        let mut harness = harness(Numbers { reveal: Some((1, Some(9_000_000))), ..Numbers::default() });
        harness.run();
        let before = harness.get_by_label("9000000 even").rect().top();
        harness.hover_at(egui::pos2(100.0, 200.0));
        for _ in 0..10 {
            harness.event(egui::Event::MouseWheel {
                unit: egui::MouseWheelUnit::Point,
                delta: vec2(0.0, -1.0),
                phase: egui::TouchPhase::Move,
                source: egui::MouseWheelSource::Unknown,
                modifiers: egui::Modifiers::NONE,
            });
            harness.run();
        }
        let after = harness.get_by_label("9000000 even").rect().top();
        assert!((before - after - 10.0).abs() < 0.6, "{before} {after}");
    }

    #[test]
    fn a_notch_of_the_wheel_is_three_rows_anywhere() {
        for row in [0, 9_000_000] {
            let mut harness = harness(Numbers { reveal: Some((1, Some(row))), ..Numbers::default() });
            harness.run();
            harness.hover_at(egui::pos2(100.0, 200.0));
            let top = |harness: &Harness<'static, Numbers>, row: u64| {
                harness.get_by_label(&format!("{row} even")).rect().top()
            };
            let before = top(&harness, row + 1);
            harness.event(egui::Event::MouseWheel {
                unit: egui::MouseWheelUnit::Line,
                delta: vec2(0.0, -1.0),
                phase: egui::TouchPhase::Move,
                source: egui::MouseWheelSource::Unknown,
                modifiers: egui::Modifiers::NONE,
            });
            // The wheel glides to its end.
            for _ in 0..60 {
                harness.step();
            }
            assert!((top(&harness, row + 4) - before).abs() < 0.01, "{} {before}", top(&harness, row + 4));
        }
    }

    #[test]
    fn a_press_selects_sorts_and_opens_the_menu_of_the_cell() {
        let mut harness = harness(Numbers::default());
        harness.run();
        harness.get_by_label("3 even").click();
        harness.run();
        assert_eq!(harness.state().selected, Some(3));
        harness.get_by_label("Kind").click();
        harness.run();
        assert_eq!(harness.state().sorted, Some(1));
        harness.get_by_label("2 even").click_secondary();
        harness.run();
        harness.get_by_label("Take").click();
        harness.run();
        assert_eq!(harness.state().menu, Some((2, 1)));
    }

    #[test]
    fn a_drag_of_a_columns_edge_widens_it() {
        let mut harness = harness(Numbers::default());
        harness.run();
        harness.drag_at(egui::pos2(107.0, 20.0));
        harness.run();
        harness.hover_at(egui::pos2(168.0, 20.0));
        harness.run();
        assert!((harness.state().width - 160.0).abs() < 2.0, "{}", harness.state().width);
    }
}
