//! A document as a tree that opens and closes, of which only the rows in view are drawn.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

use egui::mutex::Mutex;
use egui::{Align, Rect, Response, Sense, Stroke, Ui};
use serde_json::Value;

use super::jq_path::jq_path;
use super::json_paint::paint_row;
pub use super::json_rows::{Made, Notes};
use super::json_rows::{Openings, TreeRow, containers, flatten, flatten_changes, flatten_places};
use super::json_search::{Find, contains};
use super::json_text::Kind;
use super::paint;
use super::tree_area::{self, PINNED, Place};
use crate::codec::{visible, visible_lines};
use crate::ui::theme;

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
    /// Whether a value can be put into the filter, and what else of its event.
    pub filterable: Option<Filterable>,
    /// The type that a value is stored with, by its JSON Pointer in the whole document.
    pub types: Option<&'a BTreeMap<String, String>>,
    /// What of it is looked for, and what is left out.
    pub view: TreeView<'a>,
}

/// What can be put into the filter beside a value: what its event is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filterable {
    /// Whether the event has a correlation id.
    pub correlated: bool,
}

/// What of a document is looked for, and what is left out.
#[derive(Clone, Copy, Debug, Default)]
pub struct TreeView<'a> {
    /// What is looked for.
    pub find: Option<Find<'a>>,
    /// Whether only what the selected event changed is shown.
    pub changes_only: bool,
}

/// What an event is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventOf {
    /// Its stream.
    Stream,
    /// Its type.
    Type,
    /// Its correlation id.
    Correlation,
}

/// What a person wants done with a value.
#[derive(Clone, Debug, PartialEq)]
pub enum TreeAction {
    /// Put this text on the clipboard.
    Copy(String),
    /// Show every value that the place at this JSON Pointer had.
    History(String),
    /// Show only the events that changed the place at this JSON Pointer.
    ChangedBy(String),
    /// Show the place at this JSON Pointer on top at every version, or no longer.
    Pin(String),
    /// Watch for a condition on this place, given as jq writes it.
    Watch(String),
    /// Say what is right at this JSON Pointer.
    Correct(String),
    /// Put the value at this JSON Pointer into the filter, for any item of the lists that it is in.
    FilterAny {
        /// Where.
        path: String,
        /// What is there.
        value: Value,
    },
    /// Let only events through that have something at this JSON Pointer, or have not.
    FilterHas {
        /// Where.
        path: String,
        /// Whether they must not have it.
        negated: bool,
    },
    /// Let only events through that are of the same as this one.
    Only(EventOf),
    /// Say that what stands at this JSON Pointer is no part of the state.
    NoState(String),
    /// Say what is missing at this JSON Pointer, or beside it.
    Missing(String),
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
    changes_only: bool,
    /// The last request to bring a place into view that was met.
    found: u64,
    rows: Arc<Vec<TreeRow>>,
}

impl JsonTree<'_> {
    /// Draws the tree, at most `max_height` points high, and answers what a person wants done.
    pub fn show(&self, ui: &mut Ui, max_height: f32) -> Vec<TreeAction> {
        let id = ui.make_persistent_id(self.salt);
        let memory = ui.data_mut(|data| Arc::clone(data.get_temp_mut_or_default::<Arc<Mutex<Memory>>>(id)));
        let (rows, reveal) = {
            let mut memory = memory.lock();
            let asked = memory.open_found(self.view.find.as_ref());
            let rows = self.rows(&mut memory);
            (Arc::clone(&rows), asked.and_then(|path| row_of(&rows, &path)))
        };
        let mut actions = Vec::new();
        tree_area::show(
            ui,
            id,
            (self.name, max_height, reveal),
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
        // What is looked for may be in what is unchanged.
        let changes_only = self.view.changes_only && self.view.find.is_none();
        if !same || memory.stale || memory.revision != self.revision || memory.changes_only != changes_only {
            memory.rows = Arc::new(match self.notes.as_ref().filter(|_| changes_only) {
                Some(notes) => flatten_changes(self.value, &memory.openings, notes),
                None => flatten(self.value, &memory.openings, self.notes.as_ref()),
            });
            memory.changes_only = changes_only;
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
        self.paint_found(ui, place.rect, row);
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
            response.clone().on_hover_text_at_pointer(visible(&format!("stored as {name}")));
        }
        let made = self.notes.and_then(|notes| notes.made).filter(|_| response.hovered());
        if let Some(why) = made.and_then(|made| (made.why)(&row.path)) {
            response.clone().on_hover_text_at_pointer(visible_lines(&why));
        }
        if row.kind != Kind::LeftOut {
            place.area.menu(ui, &response, place.wants_menu, |ui| self.menu(ui, row, memory, actions));
        }
        response
    }

    /// Draws the rows of single places, each under its name, and answers what a person wants done.
    pub fn show_places(&self, ui: &mut Ui, places: &[(String, String)]) -> Vec<TreeAction> {
        let Some(notes) = &self.notes else { return Vec::new() };
        let (id, rows) = (ui.make_persistent_id((self.salt, "places")), flatten_places(self.value, places, notes));
        let (memory, mut actions) = (Mutex::new(Memory::default()), Vec::new());
        #[expect(clippy::cast_precision_loss, reason = "a few rows")]
        let height = rows.len() as f32 * theme::TREE_ROW;
        tree_area::show(
            ui,
            id,
            (PINNED, height, None),
            &rows,
            |row| row,
            |ui, place, row| self.row(ui, place, row, &memory, &mut actions),
        );
        actions
    }

    /// Lets a row in which what is looked for was found stand out, the one that is shown most.
    fn paint_found(&self, ui: &Ui, rect: Rect, row: &TreeRow) {
        let Some(find) = &self.view.find else { return };
        if !contains(&row.key, find.needle) && (row.kind == Kind::Container || !contains(&row.text, find.needle)) {
            return;
        }
        let palette = theme::palette(ui);
        ui.painter().rect_filled(rect, 0, palette.accent_bg);
        if find.current == Some(row.path.as_str()) {
            ui.painter().rect_stroke(rect.shrink(0.5), 0, Stroke::new(1.0, palette.accent), egui::StrokeKind::Inside);
        }
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
        if let Some(Filterable { correlated }) = self.filterable {
            self.place_filter_menu(ui, row, correlated, actions);
        }
        if self.asks() {
            ui.separator();
            if ui.button("Every value it had").clicked() {
                actions.push(TreeAction::History(row.path.clone()));
            }
            if !row.path.is_empty() && ui.button("Only events that changed it").clicked() {
                actions.push(TreeAction::ChangedBy(row.path.clone()));
            }
            if ui.button("Pin on top, or let go").clicked() {
                actions.push(TreeAction::Pin(row.path.clone()));
            }
            if ui.button("Watch this value…").clicked() {
                actions.push(TreeAction::Watch(jq_path(self.value, &row.path)));
            }
        }
        if self.notes.and_then(|notes| notes.made).is_some_and(|made| made.corrects) {
            correct_menu(ui, row, actions);
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
        if self.filterable.is_some() && row.kind != Kind::Container {
            self.value_filter_menu(ui, row, value, actions);
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

impl JsonTree<'_> {
    /// What a value does for the filter.
    fn value_filter_menu(&self, ui: &mut Ui, row: &TreeRow, value: &Value, actions: &mut Vec<TreeAction>) {
        for (title, negated) in [("Include in filter", false), ("Exclude from filter", true)] {
            if ui.button(title).clicked() {
                actions.push(TreeAction::Filter { path: self.path(row), value: value.clone(), negated });
            }
        }
        if self.within_list(row) && ui.button("Include in any item").clicked() {
            actions.push(TreeAction::FilterAny { path: self.path(row), value: value.clone() });
        }
    }

    /// What a place, and what its event is of, do for the filter.
    fn place_filter_menu(&self, ui: &mut Ui, row: &TreeRow, correlated: bool, actions: &mut Vec<TreeAction>) {
        ui.separator();
        if !self.path(row).is_empty() {
            for (title, negated) in [("Only events that have it", false), ("Only events without it", true)] {
                if ui.button(title).clicked() {
                    actions.push(TreeAction::FilterHas { path: self.path(row), negated });
                }
            }
        }
        for (title, of) in [
            ("Only this stream", EventOf::Stream),
            ("Only this type", EventOf::Type),
            ("Only this correlation", EventOf::Correlation),
        ] {
            if (of != EventOf::Correlation || correlated) && ui.button(title).clicked() {
                actions.push(TreeAction::Only(of));
            }
        }
    }

    /// Whether a value is in an item of a list.
    fn within_list(&self, row: &TreeRow) -> bool {
        let ends = row.path.match_indices('/').map(|(at, _)| at);
        ends.filter_map(|end| row.path.get(..end))
            .any(|pointer| self.value.pointer(pointer).is_some_and(Value::is_array))
    }
}

/// What a person can say of a value that is not right.
fn correct_menu(ui: &mut Ui, row: &TreeRow, actions: &mut Vec<TreeAction>) {
    ui.separator();
    let path = || row.path.clone();
    let entries = [
        ("Correct value…", TreeAction::Correct(path())),
        ("This is no state", TreeAction::NoState(path())),
        ("Something is missing…", TreeAction::Missing(path())),
    ];
    for (title, action) in entries {
        if ui.button(title).clicked() {
            actions.push(action);
        }
    }
}

impl Memory {
    /// Opens what holds the place that is to be brought into view, once for each request; answers which place that is.
    fn open_found(&mut self, find: Option<&Find<'_>>) -> Option<String> {
        let find = find?;
        let path = find.current.filter(|_| find.request != self.found)?;
        self.found = find.request;
        for (end, _) in path.match_indices('/').skip(1) {
            let above = path.get(..end).unwrap_or_default();
            if self.openings.insert(above.to_owned(), true) != Some(true) {
                self.stale = true;
            }
        }
        Some(path.to_owned())
    }

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

/// Which row a place has.
fn row_of(rows: &[TreeRow], path: &str) -> Option<u64> {
    rows.iter().position(|row| row.path == path).and_then(|row| u64::try_from(row).ok())
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
                filterable: Some(Filterable { correlated: true }),
                types: None,
                view: TreeView::default(),
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
