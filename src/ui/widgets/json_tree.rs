//! A document as a tree that opens and closes, of which only the rows in view are drawn.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

use egui::mutex::Mutex;
use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Align, Color32, Rect, Response, Sense, Stroke, Ui, pos2};
use serde_json::Value;

use super::jq_path::jq_path;
pub use super::json_rows::Notes;
use super::json_rows::{Kind, Mark, Openings, TreeRow, containers, flatten};
use super::paint;
use super::tree_area::{self, Place};
use crate::ui::theme::{self, Palette};

/// A document to be shown.
pub struct JsonTree<'a> {
    /// What tells this tree from others in the same panel. What was opened is remembered under it.
    pub salt: &'static str,
    /// What the tree shows, for the name of its parts: "data", "state".
    pub name: &'static str,
    /// The document.
    pub value: &'a Value,
    /// Where it stands in a larger one that is not shown: a JSON Pointer, empty for the whole.
    pub at: &'a str,
    /// What holds the document. It is kept as long as the rows made of it are, so that another document at the same
    /// address cannot be taken for it.
    pub owner: Arc<dyn Any + Send + Sync>,
    /// What is known beside the values; the column of marks is there even where nothing changed.
    pub notes: Option<Notes<'a>>,
    /// Changes with the notes, where they can change while the document stays.
    pub revision: u64,
    /// Whether a value can be put into the filter.
    pub filterable: bool,
    /// The type that a value is stored with, by its JSON Pointer in the whole document.
    pub types: Option<&'a BTreeMap<String, String>>,
}

/// What a person wants done with a value.
#[derive(Clone, Debug, PartialEq)]
pub enum TreeAction {
    /// Put this text on the clipboard.
    Copy(String),
    /// Show every value that the place at this JSON Pointer had.
    History(String),
    /// Watch for a condition on this place, given as jq writes it.
    Watch(String),
    /// Show only the events with this value at this place, or only the others.
    Filter {
        /// The JSON Pointer of the value.
        path: String,
        /// The value.
        value: Value,
        /// Whether to show the others.
        negated: bool,
    },
}

/// What is remembered of a tree between frames.
#[derive(Default)]
struct Memory {
    openings: Openings,
    owner: Option<Arc<dyn Any + Send + Sync>>,
    revision: u64,
    stale: bool,
    rows: Arc<Vec<TreeRow>>,
}

impl JsonTree<'_> {
    /// Draws the tree, at most `max_height` points high, and answers what a person wants done.
    pub fn show(&self, ui: &mut Ui, max_height: f32) -> Vec<TreeAction> {
        let id = ui.make_persistent_id(self.salt);
        let memory = ui.data_mut(|data| Arc::clone(data.get_temp_mut_or_default::<Arc<Mutex<Memory>>>(id)));
        let rows = self.rows(&mut memory.lock());
        let mut actions = Vec::new();
        tree_area::show(
            ui,
            id,
            (self.name, max_height),
            &rows,
            |row| row,
            |ui, place, row| self.row(ui, place, row, &memory, &mut actions),
        );
        actions
    }

    /// The rows of the document, made anew only where something changed.
    fn rows(&self, memory: &mut Memory) -> Arc<Vec<TreeRow>> {
        let same =
            memory.owner.as_ref().is_some_and(|owner| std::ptr::addr_eq(Arc::as_ptr(owner), Arc::as_ptr(&self.owner)));
        if !same || memory.stale || memory.revision != self.revision {
            memory.rows = Arc::new(flatten(self.value, &memory.openings, self.notes.as_ref()));
            memory.owner = Some(Arc::clone(&self.owner));
            memory.revision = self.revision;
            memory.stale = false;
        }
        Arc::clone(&memory.rows)
    }

    fn row(
        &self,
        ui: &Ui,
        place: &Place<'_>,
        row: &TreeRow,
        memory: &Mutex<Memory>,
        actions: &mut Vec<TreeAction>,
    ) -> Response {
        let response = ui.interact(place.rect, place.area.id.with(&row.path), Sense::CLICK);
        let gutter = paint_row(ui, place.rect, row, self.notes.is_some(), &response);
        tree_area::describe(ui, &response, row);
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_description(match self.type_of(row) {
                Some(name) => format!("{}; stored as {name}", row.description()).trim_start_matches("; ").to_owned(),
                None => row.description(),
            });
        });
        if response.clicked() || place.turned {
            memory.lock().turn(row);
        }
        if let Some(gutter) = gutter.filter(|_| self.asks()) {
            way_in(ui, &response, gutter, row, actions);
        }
        if let Some(name) = self.type_of(row).filter(|_| response.hovered()) {
            response.clone().on_hover_text_at_pointer(format!("stored as {name}"));
        }
        let why = self.notes.and_then(|notes| notes.why).filter(|_| response.hovered());
        if let Some(why) = why.and_then(|why| why(&row.path)) {
            response.clone().on_hover_text_at_pointer(why);
        }
        place.area.menu(ui, &response, place.wants_menu, |ui| self.menu(ui, row, memory, actions));
        response
    }

    /// Whether the values have a history.
    fn asks(&self) -> bool {
        self.notes.is_some_and(|notes| notes.asks)
    }

    /// The type that a row's value is stored with.
    fn type_of(&self, row: &TreeRow) -> Option<&str> {
        self.types?.get(&self.path(row)).map(String::as_str)
    }

    /// The place of a row in the whole document.
    fn path(&self, row: &TreeRow) -> String {
        format!("{}{}", self.at, row.path)
    }

    fn menu(&self, ui: &mut Ui, row: &TreeRow, memory: &Mutex<Memory>, actions: &mut Vec<TreeAction>) {
        if let Some(value) = self.value.pointer(&row.path) {
            self.value_menu(ui, row, value, actions);
        }
        if ui.button("Copy path").clicked() {
            actions.push(TreeAction::Copy(self.path(row)));
        }
        if ui.button("Copy jq path").clicked() {
            actions.push(TreeAction::Copy(jq_path(self.value, &row.path)));
        }
        if self.asks() {
            ui.separator();
            if ui.button("Every value it had").clicked() {
                actions.push(TreeAction::History(row.path.clone()));
            }
            if ui.button("Watch this value…").clicked() {
                actions.push(TreeAction::Watch(jq_path(self.value, &row.path)));
            }
        }
        if row.open.is_none() {
            return;
        }
        ui.separator();
        for (title, open) in [("Expand all below", true), ("Collapse all below", false)] {
            if ui.button(title).clicked() {
                memory.lock().turn_all(self.value, row, open);
            }
        }
    }

    fn value_menu(&self, ui: &mut Ui, row: &TreeRow, value: &Value, actions: &mut Vec<TreeAction>) {
        if self.filterable && row.kind != Kind::Container {
            for (title, negated) in [("Include in filter", false), ("Exclude from filter", true)] {
                if ui.button(title).clicked() {
                    actions.push(TreeAction::Filter { path: self.path(row), value: value.clone(), negated });
                }
            }
            ui.separator();
        }
        let plain = || value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if ui.button("Copy value").clicked() {
            actions.push(TreeAction::Copy(plain()));
        }
        if row.kind == Kind::Container && ui.button("Copy subtree").clicked() {
            actions.push(TreeAction::Copy(format!("{value:#}")));
        }
        if ui.button("Copy raw JSON").clicked() {
            actions.push(TreeAction::Copy(value.to_string()));
        }
    }
}

impl Memory {
    fn turn(&mut self, row: &TreeRow) {
        if let Some(open) = row.open {
            self.openings.insert(row.path.clone(), !open);
            self.stale = true;
        }
    }

    fn turn_all(&mut self, root: &Value, row: &TreeRow, open: bool) {
        let mut paths = Vec::new();
        if let Some(value) = root.pointer(&row.path) {
            containers(&row.path, value, row.depth, &mut paths);
        }
        self.openings.extend(paths.into_iter().map(|path| (path, open)));
        self.stale = true;
    }
}

/// Makes who set a value the way to every value it had.
fn way_in(ui: &Ui, response: &Response, gutter: Rect, row: &TreeRow, actions: &mut Vec<TreeAction>) {
    let way = ui.interact(gutter, response.id.with("history"), Sense::CLICK);
    way.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Link, true, format!("History of {}", row.key)));
    if way.hovered()
        && let Some(by) = &row.by
    {
        paint::text_in(ui.painter(), gutter, Align::Max, by, theme::small(), theme::palette(ui).accent);
    }
    let way = way.on_hover_cursor(egui::CursorIcon::PointingHand).on_hover_text("Every value it had");
    if way.clicked() {
        actions.push(TreeAction::History(row.path.clone()));
    }
}

/// Paints a row; answers where who set its value stands.
pub(super) fn paint_row(ui: &Ui, rect: Rect, row: &TreeRow, marks: bool, response: &Response) -> Option<Rect> {
    let palette = theme::palette(ui);
    let look = Look::of(row, palette);
    if let Some(ground) = look.ground {
        ui.painter().rect_filled(rect, 0, ground);
    }
    if response.hovered() || response.context_menu_opened() {
        ui.painter().rect_filled(rect, 0, palette.hover.gamma_multiply(0.5));
    }
    let mut left = rect.left() + theme::MARGIN;
    if marks {
        let (sign, color) = look.sign;
        let place = rect.with_min_x(left).with_max_x(left + theme::MARGIN);
        paint::text_in(ui.painter(), place, Align::Min, sign, theme::mono(), color);
        left += theme::MARGIN + theme::STEP;
    }
    #[expect(clippy::cast_precision_loss, reason = "a depth is small")]
    let indent = row.depth as f32 * theme::INDENT;
    left += indent;
    if let Some(open) = row.open {
        paint::triangle(ui.painter(), pos2(left + 4.0, rect.center().y), open, palette.dim);
        left += 3.5 * theme::STEP;
    }
    let right = paint_by(ui, rect, row, look.quiet);
    paint_value(ui, rect.with_min_x(left).with_max_x(right), row, &look, palette, response);
    let edge = rect.right() - theme::MARGIN;
    row.by.as_ref().map(|_| rect.with_max_x(edge).with_min_x(right + 2.0 * theme::STEP))
}

/// How a row is coloured.
struct Look {
    ground: Option<Color32>,
    sign: (&'static str, Color32),
    value: Color32,
    /// Text that accompanies; on a coloured ground it has to be stronger to be read.
    quiet: Color32,
}

impl Look {
    fn of(row: &TreeRow, palette: &Palette) -> Self {
        let (ground, sign) = match row.mark {
            Some(Mark::Added) => (Some(palette.add_bg), ("+", palette.add)),
            Some(Mark::Changed) => (Some(palette.chg_bg), ("~", palette.chg)),
            Some(Mark::Removed) => (Some(palette.del_bg), ("-", palette.del)),
            None => (None, ("", palette.faint)),
        };
        let quiet = if ground.is_some() { palette.dim } else { palette.faint };
        let value = match row.kind {
            Kind::Text => palette.string,
            Kind::Number => palette.number,
            Kind::Null | Kind::Container => quiet,
        };
        Self { ground, sign, value, quiet }
    }
}

/// Paints who set the value at the right edge, and answers where the space for the value ends.
fn paint_by(ui: &Ui, rect: Rect, row: &TreeRow, color: Color32) -> f32 {
    let right = rect.right() - theme::MARGIN;
    let Some(by) = &row.by else { return right };
    let place = rect.with_max_x(right).with_min_x(rect.left() + rect.width() * 0.5);
    let galley = paint::text_in(ui.painter(), place, Align::Max, by, theme::small(), color);
    right - galley.size().x - 2.0 * theme::STEP
}

/// Paints the key, the value before where it changed, and the value.
fn paint_value(ui: &Ui, place: Rect, row: &TreeRow, look: &Look, palette: &Palette, response: &Response) {
    let mut job = LayoutJob::default();
    let format = |color| TextFormat { font_id: theme::mono(), color, ..TextFormat::default() };
    let gap = if row.key.is_empty() { 0.0 } else { 2.0 * theme::STEP };
    job.append(&row.key, 0.0, format(palette.key));
    let before = row.before.as_ref().filter(|_| row.mark == Some(Mark::Changed));
    if let Some(before) = before {
        let strikethrough = Stroke::new(1.0, palette.dim);
        job.append(before, gap, TextFormat { strikethrough, ..format(palette.dim) });
    }
    let removed = row.mark == Some(Mark::Removed);
    let strikethrough = if removed { Stroke::new(1.0, palette.dim) } else { Stroke::NONE };
    let text = if row.preview.is_empty() { &row.text } else { &row.preview };
    let color = if removed { palette.dim } else { look.value };
    job.append(
        text,
        if before.is_some() { 2.0 * theme::STEP } else { gap },
        TextFormat { strikethrough, ..format(color) },
    );
    job.wrap =
        TextWrapping { max_width: place.width().max(0.0), max_rows: 1, break_anywhere: true, ..Default::default() };
    job.break_on_newline = false;
    let galley = ui.painter().layout_job(job);
    let top = place.center().y - galley.size().y / 2.0;
    let elided = galley.elided;
    ui.painter().galley(pos2(place.left(), top.round()), galley, palette.text);
    if elided && response.hovered() {
        response.clone().on_hover_text_at_pointer(&row.text);
    }
}

#[cfg(test)]
mod tests {
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable as _;
    use serde_json::json;

    use super::*;

    fn harness(value: Value) -> Harness<'static, Vec<TreeAction>> {
        let value = Arc::new(value);
        let show = move |ui: &mut Ui, actions: &mut Vec<TreeAction>| {
            theme::apply(ui.ctx(), egui::ThemePreference::Light);
            let owner: Arc<Value> = Arc::clone(&value);
            let tree = JsonTree {
                at: "",
                salt: "tree",
                name: "data",
                value: &value,
                owner,
                notes: None,
                revision: 0,
                filterable: true,
                types: None,
            };
            actions.extend(tree.show(ui, 400.0));
        };
        Harness::builder().with_size([400.0, 420.0]).build_ui_state(show, Vec::new())
    }

    #[test]
    fn a_press_opens_and_closes_a_container() {
        let mut harness = harness(json!({"price": {"amount": 8, "deep": {"a": 1}}, "sku": "cup"}));
        harness.run();
        assert!(harness.query_by_label("a: 1").is_none());
        harness.get_by_label("deep: {1}").click();
        harness.run();
        assert!(harness.query_by_label("a: 1").is_some());
        harness.get_by_label("price: {2}").click();
        harness.run();
        assert!(harness.query_by_label("amount: 8").is_none());
        assert!(harness.query_by_label("sku: \"cup\"").is_some());
    }

    #[test]
    fn a_value_is_copied_and_filtered_by_its_menu() {
        let mut harness = harness(json!({"price": {"amount": 8}, "sku": "cup"}));
        harness.run();
        for (row, entry) in
            [("sku: \"cup\"", "Copy value"), ("amount: 8", "Copy path"), ("amount: 8", "Exclude from filter")]
        {
            harness.get_by_label(row).click_secondary();
            harness.run();
            harness.get_by_label(entry).click();
            harness.run();
        }
        let exclude = TreeAction::Filter { path: "/price/amount".into(), value: json!(8), negated: true };
        assert_eq!(
            *harness.state(),
            [TreeAction::Copy("cup".into()), TreeAction::Copy("/price/amount".into()), exclude]
        );
    }

    #[test]
    fn a_large_document_opens_wholly_and_draws_only_what_is_in_view() {
        let items: Vec<Value> = (0..30_000).map(|number| json!({"a": number, "b": "x"})).collect();
        let mut harness = harness(json!({"items": items}));
        harness.run();
        harness.get_by_label("items: [30000]").click_secondary();
        harness.run();
        harness.get_by_label("Expand all below").click();
        harness.run();
        assert!(harness.query_by_label("a: 0").is_some());
        assert!(harness.query_by_label("a: 30").is_none());
    }
}
