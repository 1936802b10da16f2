//! A large document as a tree, read from its own bytes as it is opened: no value of it is made before it is in view.
//!
//! A container of more than 1,000 values is shown in groups, so that the rows of the tree stay few.

use std::ops::Range;
use std::sync::Arc;

use egui::mutex::Mutex;
use egui::{Sense, Ui};

use super::json_paint::paint_row;
use super::json_rows::{Openings, TreeRow};
use super::json_text::Kind;
use super::tree_area;
use crate::codec::{Child, Node, Outline};

/// How many values, or groups of them, lie directly in one row of the tree at most.
const GROUP: usize = 1_000;
/// How deep a tree is shown; what lies deeper is read as it is stored.
const DEEPEST: usize = 256;
/// The longest text that a row shows, in bytes.
const LONGEST: usize = 300;

/// A large document to be shown.
pub struct OutlineTree {
    /// What tells this tree from others in the same panel.
    pub salt: &'static str,
    /// What the tree shows, for the name of its parts.
    pub name: &'static str,
    /// The document.
    pub outline: Arc<Outline>,
}

/// One row, and what of the document it stands for.
struct OutlineRow {
    row: TreeRow,
    node: Node,
}

/// What is remembered of a tree between frames.
#[derive(Default)]
struct Memory {
    openings: Openings,
    outline: Option<Arc<Outline>>,
    stale: bool,
    rows: Arc<Vec<OutlineRow>>,
}

impl OutlineTree {
    /// Draws the tree, at most `max_height` points high, and answers the texts that a person wants copied.
    pub fn show(&self, ui: &mut Ui, max_height: f32) -> Vec<String> {
        let id = ui.make_persistent_id(self.salt);
        let memory = ui.data_mut(|data| Arc::clone(data.get_temp_mut_or_default::<Arc<Mutex<Memory>>>(id)));
        let rows = self.rows(&mut memory.lock());
        let (mut copied, mut turned) = (Vec::new(), None);
        tree_area::show(
            ui,
            id,
            (self.name, max_height, None),
            &rows,
            |line| &line.row,
            |ui, place, line| {
                let response = ui.interact(place.rect, id.with((&line.row.path, line.node)), Sense::CLICK);
                paint_row(ui, place.rect, &line.row, false, &response);
                tree_area::describe(ui, &response, &line.row);
                if let (true, Some(open)) = (response.clicked() || place.turned, line.row.open) {
                    turned = Some((line.row.path.clone(), !open));
                }
                place.area.menu(ui, &response, place.wants_menu, |ui| copied.extend(self.menu(ui, line)));
                response
            },
        );
        if let Some((path, open)) = turned {
            let mut memory = memory.lock();
            memory.openings.insert(path, open);
            memory.stale = true;
        }
        copied
    }

    fn menu(&self, ui: &mut Ui, line: &OutlineRow) -> Option<String> {
        let stored = || String::from_utf8_lossy(self.outline.json(line.node)).into_owned();
        let plain = || serde_json::from_slice::<String>(self.outline.json(line.node)).unwrap_or_else(|_| stored());
        if line.row.kind != Kind::Container && ui.button("Copy value").clicked() {
            return Some(plain());
        }
        if ui.button("Copy raw JSON").clicked() {
            return Some(stored());
        }
        if ui.button("Copy path").clicked() {
            return Some(line.row.path.split('@').next().unwrap_or_default().trim_end_matches('/').to_owned());
        }
        None
    }

    /// The rows of the document, made anew only where something was opened or closed.
    fn rows(&self, memory: &mut Memory) -> Arc<Vec<OutlineRow>> {
        let same = memory.outline.as_ref().is_some_and(|outline| Arc::ptr_eq(outline, &self.outline));
        if !same || memory.stale {
            if !same {
                memory.openings = Openings::new();
            }
            let mut layout = Layout { outline: &self.outline, openings: &memory.openings, rows: Vec::new() };
            layout.root();
            memory.rows = Arc::new(layout.rows);
            memory.outline = Some(Arc::clone(&self.outline));
            memory.stale = false;
        }
        Arc::clone(&memory.rows)
    }
}

struct Layout<'a> {
    outline: &'a Outline,
    openings: &'a Openings,
    rows: Vec<OutlineRow>,
}

impl Layout<'_> {
    fn root(&mut self) {
        let root = self.outline.root();
        match self.outline.is_object(root) {
            Some(_) => self.inside("", 0, root, 0..self.outline.count(root)),
            None => self.value("", String::new(), 0, root),
        }
    }

    /// Some values of a container, in groups where they are many.
    fn inside(&mut self, path: &str, depth: usize, container: Node, range: Range<usize>) {
        let mut size = 1;
        while range.len() > GROUP * size {
            size *= GROUP;
        }
        if size == 1 {
            for child in self.outline.children(container, range) {
                let Child { key, index, node } = child;
                let key = key.map_or_else(|| index.to_string(), |key| self.key(key));
                self.value(&format!("{path}/{}", key.replace('~', "~0").replace('/', "~1")), key, depth, node);
            }
            return;
        }
        for start in range.clone().step_by(size) {
            let part = start..(start + size).min(range.end);
            // What comes behind the `@` is no part of the path: it tells the groups apart.
            let name = format!("{path}/@{}-{}", part.start, part.end);
            let open = self.is_open(&name, false);
            let row = TreeRow {
                key: format!("{} … {}", part.start, part.end - 1),
                ..container_row(&name, depth, format!("[{}]", part.len()), open)
            };
            self.rows.push(OutlineRow { row, node: container });
            if open {
                self.inside(path, depth + 1, container, part);
            }
        }
    }

    fn value(&mut self, path: &str, key: String, depth: usize, node: Node) {
        let Some(object) = self.outline.is_object(node) else {
            let row = TreeRow {
                key,
                kind: self.kind(node),
                text: self.text(node),
                open: None,
                ..container_row(path, depth, String::new(), false)
            };
            self.rows.push(OutlineRow { row, node });
            return;
        };
        let count = self.outline.count(node);
        let open = count > 0 && depth < DEEPEST && self.is_open(path, false);
        let text = if object { format!("{{{count}}}") } else { format!("[{count}]") };
        let row = container_row(path, depth, text, open);
        let can_open = (count > 0 && depth < DEEPEST).then_some(open);
        self.rows.push(OutlineRow { row: TreeRow { key, open: can_open, ..row }, node });
        if open {
            self.inside(path, depth + 1, node, 0..count);
        }
    }

    fn is_open(&self, path: &str, at_first: bool) -> bool {
        self.openings.get(path).copied().unwrap_or(at_first)
    }

    fn key(&self, range: Range<usize>) -> String {
        String::from_utf8_lossy(cut(self.outline.slice(range))).into_owned()
    }

    fn text(&self, node: Node) -> String {
        let json = self.outline.json(node);
        let more = if json.len() > LONGEST { "…" } else { "" };
        format!("{}{more}", String::from_utf8_lossy(cut(json)))
    }

    fn kind(&self, node: Node) -> Kind {
        match self.outline.json(node).first() {
            Some(b'"') => Kind::Text,
            Some(b'n') => Kind::Null,
            _ => Kind::Number,
        }
    }
}

fn cut(bytes: &[u8]) -> &[u8] {
    bytes.get(..LONGEST).unwrap_or(bytes)
}

fn container_row(path: &str, depth: usize, text: String, open: bool) -> TreeRow {
    TreeRow {
        path: path.to_owned(),
        key: String::new(),
        depth,
        kind: Kind::Container,
        text,
        preview: String::new(),
        open: Some(open),
        mark: None,
        before: None,
        by: None,
        guessed: false,
    }
}

#[cfg(test)]
mod tests {
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable as _;

    use super::*;
    use crate::ui::theme;

    fn harness(json: String) -> Harness<'static, Vec<String>> {
        let outline = Arc::new(Outline::read(json.into_bytes().into()).unwrap());
        let show = move |ui: &mut Ui, copied: &mut Vec<String>| {
            theme::apply(ui.ctx(), egui::ThemePreference::Dark);
            let tree = OutlineTree { salt: "tree", name: "document", outline: Arc::clone(&outline) };
            copied.extend(tree.show(ui, 400.0));
        };
        Harness::builder().with_size([400.0, 420.0]).build_ui_state(show, Vec::new())
    }

    #[test]
    fn many_values_lie_in_groups_that_open() {
        let items: Vec<String> = (0..2_500).map(|number| format!("{{\"n\":{number}.50}}")).collect();
        let mut harness = harness(format!("{{\"items\":[{}],\"a\":\"\\u00fc\"}}", items.join(",")));
        harness.run();
        for name in ["items: [2500]", "2000 … 2499: [500]", "2007: {1}"] {
            harness.get_by_label(name).click();
            harness.run();
        }
        harness.get_by_label("n: 2007.50").click_secondary();
        harness.run();
        harness.get_by_label("Copy path").click();
        harness.run();
        assert_eq!(*harness.state(), ["/items/2007/n"]);
    }

    #[test]
    fn a_text_is_copied_as_what_it_says() {
        let mut harness = harness("{\"a\":\"\\u00fc\"}".to_owned());
        harness.run();
        harness.get_by_label("a: \"\\u00fc\"").click_secondary();
        harness.run();
        harness.get_by_label("Copy value").click();
        harness.run();
        assert_eq!(*harness.state(), ["ü"]);
    }
}
