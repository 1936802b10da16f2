//! Beginnings that the window for schemas makes: a reducer for a type, an upcaster between two of its versions.

use std::sync::Arc;

use egui::{Button, Ui};

use super::super::controls::offer;
use super::super::scene::Scene;
use super::export::{self, Form, file_name};
use crate::insight::schema::{Schemas, TypeSchema, Upcaster};
use crate::model::{Command, RulePart, RuleStart};

/// The button that begins a rule with all that events of a type say.
pub(super) fn reducer(ui: &mut Ui, scene: &Scene<'_>, schema: &TypeSchema, out: &mut Vec<Command>) {
    let Some(text) = schema.rule() else { return };
    let part = RulePart::Rule(schema.event_type.clone());
    let start = RuleStart { event: schema.positions().0, part, text };
    let command = Command::BeginRule(Box::new(start));
    offer(ui, scene.environment, command, Button::new("Begin a reducer…").small(), "Begin a reducer…", out);
}

/// The upcaster between the two versions that are compared, made once for them.
#[derive(Debug, Default)]
pub(super) struct Begun {
    of: Option<(Arc<Schemas>, String)>,
    upcaster: Option<Upcaster>,
    jq: String,
}

impl Begun {
    fn made(&mut self, schemas: &Arc<Schemas>, title: &str, before: &TypeSchema, after: &TypeSchema) -> &Self {
        let known = self.of.as_ref().is_some_and(|(of, name)| Arc::ptr_eq(of, schemas) && name == title);
        if !known {
            let upcaster = Upcaster::between(before, after);
            let jq = upcaster.jq();
            *self = Self { of: Some((Arc::clone(schemas), title.to_owned())), upcaster: Some(upcaster), jq };
        }
        self
    }
}

/// The upcaster from the older of two versions to the newer one: in the rules, on the clipboard, in a file.
pub(super) fn upcaster(
    ui: &mut Ui,
    scene: &Scene<'_>,
    (schemas, one, other): (&Arc<Schemas>, &TypeSchema, &TypeSchema),
    begun: &mut Begun,
    out: &mut Vec<Command>,
) {
    let (before, after) = if is_older(one, other) { (one, other) } else { (other, one) };
    let title = format!("Upcaster of {} to {}", before.name(), after.name());
    let Begun { upcaster: Some(upcaster), jq, .. } = begun.made(schemas, &title, before, after) else { return };
    ui.horizontal_wrapped(|ui| {
        ui.label(crate::codec::visible(&title));
        let number = upcaster.number();
        let button = Button::new("Begin in the rules…");
        if let Some(number) = number {
            let part = RulePart::Upcast(after.event_type.clone(), number);
            let start = RuleStart { event: before.positions().0, part, text: jq.clone() };
            offer(ui, scene.environment, Command::BeginRule(Box::new(start)), button, "Begin in the rules…", out);
        } else {
            let why = "An upcaster of the rules leads from a version that is a number to the next one.";
            ui.add_enabled(false, button).accessible_name("Begin in the rules…").on_disabled_hover_text(why);
        }
        if ui.button("Copy as jq").on_hover_text("A filter from the old data to the new").clicked() {
            out.push(Command::CopyText(jq.clone()));
        }
        if ui.button("Copy as Rust").on_hover_text("A function for your application; it needs serde_json").clicked() {
            out.push(Command::CopyText(upcaster.rust()));
        }
        let file = Form {
            title: "Rust",
            help: "A function for your application, as a file; it needs serde_json.",
            ending: format!("{}-to-{}.rs", file_name(&before.name()), file_name(&after.name())),
            what: title.clone(),
            text: &|| upcaster.rust(),
        };
        export::button(ui, scene, "Save as Rust…", &file, out);
    });
}

/// Whether a schema version is the older of two: by its number, else by when it came first.
fn is_older(one: &TypeSchema, other: &TypeSchema) -> bool {
    let number = |schema: &TypeSchema| schema.schema_version.as_ref().and_then(|version| version.parse::<u64>().ok());
    match (number(one), number(other)) {
        (Some(one), Some(other)) => one < other,
        _ => one.positions().0 <= other.positions().0,
    }
}
