//! The window for schemas: what the data of each event type looks like, what changed in it without a new version, and what
//! differs between two versions.

use std::sync::Arc;

use egui::{Color32, Id, RichText, Ui};

use super::super::controls::{dim, link};
use super::super::dialogs::dialog;
use super::super::fuzzy::Finder;
use super::super::numbers::{counted, grouped};
use super::super::scene::Scene;
use super::super::survey::{Buttons, reservation};
use super::super::theme;
use super::super::widgets::Entry;
use super::export::{self, Form};
use super::panes;
use super::sheet::{self, Sheet};
use super::{WIDTH, height, note, told_from, upcasting};
use crate::codec::visible;
use crate::insight::schema::{Schemas, TypeSchema};
use crate::model::Command;
use crate::session::{Count, Inferred};

/// The width of the list of types, in points.
const LIST: f32 = 300.0;

/// What is chosen in the window.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// What is typed to find a type.
    wanted: String,
    /// The type that is shown, by its name.
    chosen: Option<String>,
    /// The other version that it is compared with, by its name.
    compared: Option<String>,
    /// The upcaster between the two.
    upcaster: upcasting::Begun,
    /// What is painted of the type that is shown.
    sheet: Option<(Arc<Schemas>, String, Sheet)>,
    /// What is painted of the types that are found.
    listed: Option<Listed>,
}

/// The types that are found by what is typed.
#[derive(Debug)]
struct Listed {
    of: Arc<Schemas>,
    wanted: String,
    rows: Vec<Row>,
}

/// A type in the list.
#[derive(Debug)]
struct Row {
    title: String,
    event_type: String,
    count: String,
}

impl Listed {
    fn new(schemas: &Arc<Schemas>, wanted: &str) -> Self {
        let mut finder = Finder::new(wanted);
        let row = |schema: &TypeSchema| {
            let (title, count) = (schema.name(), grouped(schema.events.count));
            finder.score(&title).is_some().then(|| Row { title, event_type: schema.event_type.clone(), count })
        };
        let rows = schemas.types().filter_map(row).collect();
        Self { of: Arc::clone(schemas), wanted: wanted.to_owned(), rows }
    }

    fn is_of(&self, schemas: &Arc<Schemas>, wanted: &str) -> bool {
        Arc::ptr_eq(&self.of, schemas) && self.wanted == wanted
    }
}

impl Draft {
    fn choose(&mut self, name: String) {
        self.compared = None;
        self.chosen = Some(name);
    }

    /// The list of types, made anew where the schemas or what is typed are others.
    fn listed(&mut self, schemas: &Arc<Schemas>) -> &Listed {
        let wanted = self.wanted.trim();
        let known = self.listed.take().filter(|listed| listed.is_of(schemas, wanted));
        self.listed.insert(known.unwrap_or_else(|| Listed::new(schemas, wanted)))
    }

    /// What is painted of a schema, made anew where it is another one.
    fn sheet(&mut self, schemas: &Arc<Schemas>, schema: &TypeSchema) -> &Sheet {
        let name = schema.name();
        let known = self.sheet.as_ref();
        if !known.is_some_and(|(of, shown, _)| Arc::ptr_eq(of, schemas) && *shown == name) {
            self.sheet = None;
        }
        &self.sheet.get_or_insert_with(|| (Arc::clone(schemas), name, Sheet::of(schema))).2
    }
}

/// Paints the window.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, draft: &mut super::UnderstandingDraft, out: &mut Vec<Command>) {
    let (Some(session), draft) = (scene.session, &mut draft.schemas) else { return };
    dialog(ui, "Schemas", WIDTH, out, |ui, out| {
        let inferred = session.inferred();
        let begin = (Command::InferSchemasAgain, "Infer again");
        let found = inferred.as_ref().and_then(|inferred| inferred.findings.schemas.clone());
        let chosen = draft.chosen.clone();
        let export = |ui: &mut Ui, out: &mut Vec<Command>| {
            if let Some(schemas) = &found {
                files(ui, scene, schemas, shown(schemas, chosen.as_deref()), out);
            }
        };
        let buttons = Buttons { begin, stop: Command::StopInferring };
        buttons.show_with(ui, scene, inferred.as_deref(), summary, export, out);
        let high = height(ui) + theme::ROW;
        let Some(schemas) = inferred.as_ref().and_then(|inferred| inferred.findings.schemas.as_ref()) else {
            ui.add_space(high);
            return;
        };
        ui.horizontal_top(|ui| {
            ui.vertical(|ui| list(ui, schemas, draft, high));
            if let Some(schema) = shown(schemas, draft.chosen.as_deref()) {
                panes::beside(ui, high, |ui| detail(ui, scene, (schemas, schema), draft, high, out));
            }
        });
    });
}

/// The schema that is shown: the chosen one, or else the first.
fn shown<'s>(schemas: &'s Schemas, chosen: Option<&str>) -> Option<&'s TypeSchema> {
    let is_chosen = |schema: &&TypeSchema| chosen.is_some_and(|name| schema.is_named(name));
    chosen.and_then(|_| schemas.types().find(is_chosen)).or_else(|| schemas.types().next())
}

/// How far it is, and what was found, in a sentence.
fn summary(inferred: &Inferred, ui: &Ui) -> (String, Color32) {
    let found = &inferred.findings;
    let told = match &found.schemas {
        Some(schemas) => {
            let number = schemas.types().count() as u64;
            let types = counted(Count::complete(number), "schema", "schemas");
            let left_out = match schemas.left_out() {
                0 => String::new(),
                events => format!(" {} events of further types were left out.", grouped(events)),
            };
            format!("{types}, by event type and schema version.{}{left_out}", told_from(found.sampled))
        }
        None => "Reading the events…".to_owned(),
    };
    let read = match found.read {
        read if inferred.is_running() && read > 0 => format!(" {} read so far.", grouped(read)),
        _ => String::new(),
    };
    (told + &read + &reservation(inferred, "infer again"), theme::palette(ui).dim)
}

fn list(ui: &mut Ui, schemas: &Arc<Schemas>, draft: &mut Draft, height: f32) {
    ui.set_width(LIST);
    let (name, id) = ("Find event type", Id::unique("schema to find"));
    Entry { name, hint: "Find event type…", id, framed: true }.show(ui, &mut draft.wanted);
    let chosen = draft.chosen.clone();
    let rows = &draft.listed(schemas).rows;
    let number = match &chosen {
        Some(chosen) => rows.iter().position(|row| row.title == *chosen).unwrap_or(usize::MAX),
        None => 0,
    };
    let palette = theme::palette(ui);
    let pressed = panes::list(ui, "schemas", (LIST, height - theme::ENTRY - 8.0), rows.len(), number, |number| {
        let Row { title, event_type, count } = rows.get(number)?;
        let color = theme::event_type_color(event_type, palette.dark);
        Some(panes::Entry {
            name: format!("{title} {count} events"), sign: ("•", color), title, count: count.clone()
        })
    });
    let pressed = pressed.and_then(|number| rows.get(number)).map(|row| row.title.clone());
    if let Some(name) = pressed {
        draft.choose(name);
    }
}

fn detail(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (schemas, schema): (&Arc<Schemas>, &TypeSchema),
    draft: &mut Draft,
    height: f32,
    out: &mut Vec<Command>,
) {
    let top = ui.cursor().top();
    ui.spacing_mut().item_spacing.y = theme::STEP;
    title(ui, scene, schema, out);
    let others: Vec<&TypeSchema> =
        schemas.versions(&schema.event_type).filter(|other| other.name() != schema.name()).collect();
    if !others.is_empty() {
        ui.horizontal(|ui| {
            ui.label("Compare with");
            for other in &others {
                let name = other.name();
                let on = draft.compared.as_ref() == Some(&name);
                if ui.selectable_label(on, visible(&name)).clicked() {
                    draft.compared = (!on).then_some(name);
                }
            }
        });
    }
    let left = |ui: &Ui| (height - (ui.cursor().top() - top)).max(4.0 * theme::ROW);
    let other = others.iter().find(|other| draft.compared.as_ref() == Some(&other.name()));
    if let Some(other) = other {
        upcasting::upcaster(ui, scene, (schemas, schema, other), &mut draft.upcaster, out);
        return sheet::differences(ui, other, schema, left(ui));
    }
    let changes = schema.changes();
    if !changes.is_empty() {
        sheet::changes(ui, &changes, out);
    }
    let height = left(ui);
    let event_type = schema.event_type.clone();
    draft.sheet(schemas, schema).show(ui, &event_type, height, out);
}

fn title(ui: &mut Ui, scene: &Scene<'_>, schema: &TypeSchema, out: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    ui.horizontal(|ui| {
        ui.label(RichText::new(visible(&schema.name())).font(theme::semibold()).color(palette.text));
        let count = dim(ui, format!("{}, from", counted(Count::complete(schema.events.count), "event", "events")));
        ui.label(count);
        let (first, last) = schema.positions();
        if link(ui, &grouped(first), true).on_hover_text("Show its first event").clicked() {
            out.extend([Command::SelectEvent(first), Command::CloseOverlay]);
        }
        let to = dim(ui, "to");
        ui.label(to);
        if link(ui, &grouped(last), true).on_hover_text("Show its last event").clicked() {
            out.extend([Command::SelectEvent(last), Command::CloseOverlay]);
        }
        upcasting::reducer(ui, scene, schema, out);
    });
    let missing = [(schema.without_data, "have no data"), (schema.unread, "have data that cannot be read")];
    for (count, what) in missing.into_iter().filter(|(count, _)| *count > 0) {
        note(ui, &format!("{} {what}.", grouped(count)));
    }
}

/// The forms in which what was inferred is written.
fn files(ui: &mut Ui, scene: &Scene<'_>, schemas: &Arc<Schemas>, shown: Option<&TypeSchema>, out: &mut Vec<Command>) {
    let one = shown.map(|schema| (schema.name(), move || format!("{:#}\n", schema.json_schema())));
    let all = || format!("{:#}\n", schemas.json_schema());
    let mut forms = Vec::new();
    if let Some((name, text)) = &one {
        forms.push(Form {
            title: "This schema",
            help: "JSON Schema (draft 2020-12), which every event of this type and version fulfils.",
            ending: format!("{}.schema.json", export::file_name(name)),
            what: format!("The schema of {name}"),
            text,
        });
    }
    forms.push(Form {
        title: "All schemas",
        help: "One document of JSON Schema (draft 2020-12) that defines each by the name of its type and version.",
        ending: "schemas.json".to_owned(),
        what: "The schemas of all event types".to_owned(),
        text: &all,
    });
    export::menu(ui, scene, &forms, out);
}
