//! The window for rules: at the left the event types, in the middle the rule that is typed, at the right how the selected
//! step comes out by it.

mod completion;
mod correct;
mod correct_draft;
mod draft;
mod editor;
mod explain;
mod jq_text;
mod proposals;

use std::sync::Arc;

use egui::{Button, Id, Label, RichText, ScrollArea, Ui, vec2};

use super::controls::{badge, dim, failure, faint, main_button, nothing_here, offer};
use super::dialogs::dialog;
use super::numbers::grouped;
use super::scene::Scene;
use super::theme;
use crate::codec::visible;
use crate::model::{Command, RulePart, Versions};
use crate::session::{Loading, RuleSheet, Session, SheetType, Trial, TrialOutcome};

pub use correct::show as correct;
pub use correct_draft::CorrectDraft;
pub use draft::RulesDraft;
use editor::Field;

/// The width of the window, in points.
const WIDTH: f32 = 1180.0;

/// The width of the list of event types.
const TYPES: f32 = 230.0;

/// The width of how a step comes out.
const STEP: f32 = 400.0;

/// How high its columns are at the most: beyond that they would be empty below.
const HIGHEST: f32 = 620.0;

/// The share of the height that the typed rule takes, and that of what the events say.
const EDITED: f32 = 0.35;
const SAID: f32 = 0.4;

/// How a step came out, or why it did not.
type Tried = (Option<Arc<TrialOutcome>>, Option<Arc<crate::Error>>);

/// Paints the window.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, draft: &mut RulesDraft, out: &mut Vec<Command>) {
    let Some((session, stream)) = scene.session.zip(scene.view.place.stream.as_ref()) else { return };
    draft.turn_to(&stream.aggregate_type);
    let of = if stream.aggregate_type.is_empty() { "all streams" } else { &stream.aggregate_type };
    let title = format!("Rules for {of}");
    let height = (ui.ctx().content_rect().height() - 190.0).clamp(300.0, HIGHEST);
    dialog(ui, &title, WIDTH, out, |ui, out| {
        let loading = session.rule_sheet(&stream.aggregate_type, Some(stream));
        let Some(sheet) = loading.value().cloned() else {
            match &loading {
                Loading::Failed(error) => failure(ui, error),
                _ => nothing_here(ui, "Reading the events…"),
            }
            return;
        };
        draft.take_in(&sheet);
        draft.take_proposal(ui.input(|input| input.time));
        head(ui, session, &sheet);
        let outcome = scene.environment.versions.map(|versions| tried(ui, session, draft, &sheet, scene, versions));
        let last = outcome.as_ref().and_then(|(outcome, _)| outcome.clone());
        ui.allocate_ui_with_layout(
            vec2(ui.available_width(), height),
            egui::Layout::left_to_right(egui::Align::Min),
            |ui| {
                ui.spacing_mut().item_spacing.x = 3.0 * theme::STEP;
                let middle = ui.available_width() - TYPES - STEP - 6.0 * theme::STEP;
                column(ui, TYPES, height, |ui| types(ui, draft, &sheet));
                column(ui, middle, height, |ui| rule(ui, draft, &sheet, last.as_deref(), height));
                column(ui, STEP, height, |ui| step(ui, scene, draft, outcome, height, out));
            },
        );
        buttons(ui, scene, draft, last.as_deref(), out);
    });
}

fn column(ui: &mut Ui, width: f32, height: f32, add_contents: impl FnOnce(&mut Ui)) {
    ui.allocate_ui_with_layout(vec2(width, height), egui::Layout::top_down(egui::Align::Min), |ui| {
        ui.set_width(width);
        ui.spacing_mut().item_spacing.y = theme::STEP;
        add_contents(ui);
    });
}

/// Where the rules come from, and where they go.
fn head(ui: &mut Ui, session: &Session, sheet: &RuleSheet) {
    let reducers = session.reducers(&sheet.aggregate_type);
    let text = if reducers.command.is_some() {
        "Your application's own code folds the streams: rules are not used before you end it.".to_owned()
    } else {
        let file = sheet.path.display();
        format!("In use: {}. What you change is saved in {file}, with the rules that are in use now.", reducers.label)
    };
    let text = dim(ui, text);
    ui.add(Label::new(text).wrap());
}

/// How the selected step comes out by what is typed, a moment after it is typed. The last outcome without a flaw stands
/// in while there is one.
fn tried(
    ui: &Ui,
    session: &Session,
    draft: &mut RulesDraft,
    sheet: &RuleSheet,
    scene: &Scene<'_>,
    versions: Versions,
) -> Tried {
    let Some(stream) = scene.view.place.stream.clone() else { return (None, None) };
    let edits = draft.settled(ui);
    let loading = session.try_rules(&Trial { stream, version: versions.shown, edits }, sheet);
    if let Loading::Ready(outcome) = &loading {
        draft.came_out(outcome);
    }
    (loading.value().cloned(), loading.error().cloned())
}

fn types(ui: &mut Ui, draft: &mut RulesDraft, sheet: &RuleSheet) {
    ScrollArea::vertical().id_salt("rule types").auto_shrink([false, false]).show(ui, |ui| {
        section(ui, "Before the first event");
        ui.horizontal(|ui| {
            part_row(ui, draft, &RulePart::Initial, "Initial state", "Initial state", "The state before any event");
        });
        ui.add_space(theme::STEP);
        section(ui, "Event types");
        for kind in &sheet.types {
            type_row(ui, draft, kind);
            upcast_rows(ui, draft, kind);
        }
        if sheet.types.is_empty() {
            nothing_here(ui, "No event of this type was seen.");
        }
    });
}

fn type_row(ui: &mut Ui, draft: &mut RulesDraft, kind: &SheetType) {
    let palette = theme::palette(ui);
    let part = RulePart::Rule(kind.event_type.to_string());
    let unruled = kind.rule.is_none() && !draft.is_edited(&part);
    ui.horizontal(|ui| {
        ui.spacing_mut().interact_size.y = theme::TREE_ROW;
        let color = super::theme::event_type_color(&kind.event_type, palette.dark);
        ui.label(RichText::new("●").font(theme::small()).color(color));
        let (name, seen) =
            (format!("Rule for {}", kind.event_type), format!("{} events were seen", grouped(kind.seen)));
        part_row(ui, draft, &part, &kind.event_type, &name, &seen);
        if unruled {
            ui.label(RichText::new("no rule").font(theme::small()).color(palette.chg));
        }
    });
}

/// A part of the rules to choose, and whether it was edited.
fn part_row(ui: &mut Ui, draft: &mut RulesDraft, part: &RulePart, text: &str, name: &str, hover: &str) {
    let text = RichText::new(visible(text)).font(theme::mono());
    let row = ui.selectable_label(draft.selected() == Some(part), text).accessible_name(name);
    if row.on_hover_text(hover).clicked() {
        draft.select(part);
    }
    if draft.is_edited(part) {
        ui.label(RichText::new("edited").font(theme::small()).color(theme::palette(ui).accent));
    }
}

/// The upcasters of an event type below it, and for the type that is looked at the next one that it may have.
fn upcast_rows(ui: &mut Ui, draft: &mut RulesDraft, kind: &SheetType) {
    let known = draft.upcasts(&kind.event_type);
    for from in &known {
        let part = RulePart::Upcast(kind.event_type.to_string(), *from);
        ui.horizontal(|ui| {
            ui.spacing_mut().interact_size.y = theme::TREE_ROW;
            ui.add_space(5.0 * theme::STEP);
            let name = format!("Upcaster of {} from version {from}", kind.event_type);
            part_row(
                ui,
                draft,
                &part,
                &format!("from version {from}"),
                &name,
                "Turns old data into the next version's",
            );
        });
    }
    let looked_at = match draft.selected() {
        Some(RulePart::Rule(name) | RulePart::Upcast(name, _)) => **name == *kind.event_type,
        Some(RulePart::Initial) | None => false,
    };
    if !looked_at {
        return;
    }
    // The oldest version that is seen and not yet taken; where events have none, the first.
    let newest = kind.versions.last().copied();
    let open = kind.versions.iter().copied().find(|version| Some(*version) != newest && !known.contains(version));
    let next = open.unwrap_or_else(|| known.last().map_or(1, |last| last + 1));
    ui.horizontal(|ui| {
        ui.add_space(5.0 * theme::STEP);
        let button = ui.small_button("Add an upcaster");
        let hover = format!("For events of schema version {next}: their data is turned into the next version's first");
        if button.on_hover_text(hover).clicked() {
            draft.select(&RulePart::Upcast(kind.event_type.to_string(), next));
        }
    });
}

fn section(ui: &mut Ui, text: &str) {
    let palette = theme::palette(ui);
    ui.add(Label::new(RichText::new(visible(text)).font(theme::section()).color(palette.dim)).truncate());
}

fn rule(ui: &mut Ui, draft: &mut RulesDraft, sheet: &RuleSheet, outcome: Option<&TrialOutcome>, height: f32) {
    let Some(part) = draft.selected().cloned() else {
        nothing_here(ui, "Choose an event type at the left.");
        return;
    };
    let words = PartWords::of(&part);
    section(ui, &words.title);
    let kind = match &part {
        RulePart::Rule(name) | RulePart::Upcast(name, _) => sheet.types.iter().find(|kind| *kind.event_type == **name),
        RulePart::Initial => None,
    };
    let flaw = outcome.and_then(|outcome| outcome.flaws.get(&part)).filter(|_| draft.is_settled());
    let id = Id::unique(("rule text", &words.title));
    let goes_on = part != RulePart::Initial;
    let field = Field { name: &words.name, hint: words.hint, goes_on, id, sheet, kind, flaw };
    let time = ui.input(|input| input.time);
    let lines = lines_in(ui, height * EDITED);
    draft.edit(time, |text, completion| field.show(ui, text, completion, lines));
    if let Some((flaw, text)) = flaw.zip(draft.text()) {
        editor::fault(ui, text, flaw);
    }
    ui.horizontal_wrapped(|ui| {
        for (text, name) in words.offers {
            if ui.button(RichText::new(*text).font(theme::mono())).on_hover_text(*name).clicked() {
                draft.set(time, text);
            }
        }
        if ui.add_enabled(draft.is_edited(&part), Button::new("Put back")).clicked() {
            draft.put_back(time, &part);
        }
    });
    let help = faint(ui, words.help);
    ui.add(Label::new(help).wrap());
    if let Some(kind) = kind {
        says(ui, kind, height);
    }
}

/// How many lines of a rule fit into a height; no less than a rule of some length has.
fn lines_in(ui: &Ui, height: f32) -> usize {
    const LEAST: usize = 8;
    let line = ui.text_style_height(&egui::TextStyle::Monospace).max(1.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a window has some hundreds of lines")]
    let lines = (height / line) as usize;
    lines.max(LEAST)
}

/// What is said of a part of the rules.
struct PartWords {
    title: String,
    /// What its text field is called.
    name: String,
    hint: &'static str,
    help: &'static str,
    /// What can be put in with one click, and what that does.
    offers: &'static [(&'static str, &'static str)],
}

impl PartWords {
    fn of(part: &RulePart) -> Self {
        match part {
            RulePart::Initial => Self {
                title: "Initial state".to_owned(),
                name: "Initial state as JSON".to_owned(),
                hint: "{\"balance\": 0}",
                help: "JSON: the state of every stream before its first event. Where there is nothing, it is empty.",
                offers: &[],
            },
            RulePart::Rule(event_type) => Self {
                title: format!("Rule for {event_type}"),
                name: format!("Rule text for {event_type}"),
                hint: ".balance += $event.data.amount",
                help: "A filter of jq on the state, with the event in $event. Ctrl+Space shows what it may go on with. An \
                       empty rule is none.",
                offers: &[
                    ("merge", "Merge its data"),
                    ("replace", "Its data is the state"),
                    ("ignore", "It changes nothing"),
                ],
            },
            RulePart::Upcast(event_type, from) => Self {
                title: format!("Upcaster of {event_type} from version {from}"),
                name: format!("Upcaster text for {event_type} from version {from}"),
                hint: ".amount_cents = .amount * 100 | del(.amount)",
                help: "A filter of jq on the data of events of this schema version: what comes out is data of the next \
                       one. It holds for all streams. An empty upcaster is none.",
                offers: &[],
            },
        }
    }
}

/// What the events of a type say, to look at while a rule is written.
fn says(ui: &mut Ui, kind: &SheetType, height: f32) {
    ui.add_space(theme::STEP);
    section(ui, "What its events say");
    if kind.fields.is_empty() {
        let text = faint(ui, "Nothing that has a name: their data is empty, or no object.");
        ui.add(Label::new(text).wrap());
    }
    let area = ScrollArea::vertical().id_salt("rule fields").max_height((height * SAID).max(60.0));
    area.auto_shrink([false, true]).show(ui, |ui| {
        for field in &kind.fields {
            ui.horizontal(|ui| {
                ui.spacing_mut().interact_size.y = theme::TREE_ROW;
                ui.label(RichText::new(visible(&field.path)).font(theme::mono()).color(theme::palette(ui).key));
                let example = dim(ui, &field.example).font(theme::mono());
                ui.add(Label::new(example).truncate());
            });
        }
    });
}

fn step(
    ui: &mut Ui,
    scene: &Scene<'_>,
    draft: &RulesDraft,
    outcome: Option<Tried>,
    height: f32,
    out: &mut Vec<Command>,
) {
    if let Some(versions) = scene.environment.versions {
        ui.horizontal(|ui| {
            section(ui, &format!("Version {} of {}", grouped(versions.shown), grouped(versions.last)));
            for (command, text) in [(Command::StepBack, "◀"), (Command::StepForward, "▶")] {
                let name = command.entry().title;
                offer(ui, scene.environment, command, Button::new(text), name, out);
            }
            if draft.has_edits() {
                badge(ui, "by the edited rules", theme::palette(ui).accent, false);
            }
        });
    }
    let (outcome, error) = outcome.unwrap_or_default();
    if let Some(error) = error {
        failure(ui, &error);
    }
    let shown = outcome.as_ref().and_then(|outcome| outcome.step.as_ref());
    match (shown, draft.last_step()) {
        (Some(step), _) => explain::show(ui, step, false, height - theme::ROW, out),
        (None, Some(step)) => explain::show(ui, step, true, height - theme::ROW, out),
        (None, None) => nothing_here(ui, "Folding the stream…"),
    }
}

fn buttons(
    ui: &mut Ui,
    scene: &Scene<'_>,
    draft: &mut RulesDraft,
    outcome: Option<&TrialOutcome>,
    out: &mut Vec<Command>,
) {
    ui.horizontal(|ui| {
        let button = main_button(ui, "Save these rules");
        let reason = if !draft.has_edits() {
            Some("Nothing was changed.")
        } else if outcome.is_some_and(|outcome| !outcome.flaws.is_empty()) {
            Some("A rule cannot be read. Mend it first.")
        } else {
            None
        };
        if let Some(reason) = reason {
            ui.add_enabled(false, button).accessible_name("Save these rules").on_disabled_hover_text(reason);
        } else {
            let save = Command::SaveRules(Box::new(draft.edits()));
            offer(ui, scene.environment, save, button, "Save these rules", out);
        }
        if ui.add_enabled(draft.has_edits(), Button::new("Discard changes")).clicked() {
            draft.discard();
        }
    });
}
