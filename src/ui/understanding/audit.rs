//! The window for the audit: what is wrong in the store, the worst first, with what to do and where it is.

use std::sync::Arc;

use egui::{Align, Color32, Label, RichText, Role, ScrollArea, Sense, Ui, WidgetInfo, vec2};

use super::super::dialogs::dialog;
use super::super::numbers::{counted, grouped};
use super::super::scene::Scene;
use super::super::survey::{Buttons, reservation};
use super::super::theme::{self, Palette};
use super::super::widgets::{focus_ring, text_in};
use super::export::{self, Form};
use super::panes;
use super::{WIDTH, height, note, told_from};
use crate::codec::visible;
use crate::insight::audit::{AuditStep, Finding, Instance, Severity, report};
use crate::model::Command;
use crate::session::{Audited, Count};

/// The width of the list of findings, in points.
const LIST: f32 = 330.0;

/// What is chosen in the window.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// The finding that is shown, by its kind.
    chosen: Option<&'static str>,
}

/// Paints the window.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, draft: &mut super::UnderstandingDraft, out: &mut Vec<Command>) {
    let (Some(session), draft) = (scene.session, &mut draft.audit) else { return };
    dialog(ui, "Audit", WIDTH, out, |ui, out| {
        let audited = session.audited();
        let begin = (Command::AuditAgain, "Audit again");
        let findings = audited.as_ref().and_then(|audited| audited.findings.found.clone());
        let is_sample = audited.as_ref().is_some_and(|audited| audited.findings.sampled.is_some());
        let export = |ui: &mut Ui, out: &mut Vec<Command>| match &findings {
            Some(_) if is_sample => export::not_yet(ui, "Export…"),
            Some(findings) => reports(ui, scene, findings, out),
            None => {}
        };
        let buttons = Buttons { begin, stop: Command::StopAuditing };
        buttons.show_with(ui, scene, audited.as_deref(), summary, export, out);
        let high = height(ui) + theme::ROW;
        let found = audited.as_ref().and_then(|audited| audited.findings.found.as_ref());
        let Some(found) = found.filter(|found| !found.is_empty()) else {
            // The window keeps its height while something may still be found.
            if audited.as_ref().is_none_or(|audited| audited.is_running()) {
                ui.add_space(high);
            }
            return;
        };
        let chosen = found.iter().position(|finding| Some(finding.kind) == draft.chosen).unwrap_or_default();
        let palette = theme::palette(ui);
        let kinds: Vec<String> = found.iter().map(|finding| words(finding.kind)).collect();
        ui.horizontal_top(|ui| {
            let pressed = panes::list(ui, "findings", (LIST, high), found.len(), chosen, |number| {
                let (finding, title) = (found.get(number)?, kinds.get(number)?);
                let count = grouped(finding.count);
                let name = format!("{}: {title} {count}", finding.severity.name());
                Some(panes::Entry { name, sign: sign(finding.severity, palette), title, count })
            });
            if let Some(finding) = pressed.and_then(|number| found.get(number)) {
                draft.chosen = Some(finding.kind);
            }
            if let Some(finding) = found.get(chosen) {
                panes::beside(ui, high, |ui| detail(ui, finding, high, out));
            }
        });
    });
}

/// The forms in which the report is written, as the command line does.
fn reports(ui: &mut Ui, scene: &Scene<'_>, findings: &Arc<Vec<Finding>>, out: &mut Vec<Command>) {
    let file = scene.session.and_then(|session| session.overview()).map(|overview| overview.path.clone());
    let lines = || report::ndjson(findings);
    let sarif = || format!("{:#}\n", report::sarif(&file.clone().unwrap_or_default(), findings));
    let what = "The report of the audit".to_owned();
    let forms = [
        Form {
            title: "NDJSON",
            help: "An object of JSON a line, one for each kind of fault.",
            ending: "audit.ndjson".to_owned(),
            what: what.clone(),
            text: &lines,
        },
        Form {
            title: "SARIF",
            help: "SARIF 2.1.0, which build servers and editors show.",
            ending: "audit.sarif".to_owned(),
            what,
            text: &sarif,
        },
    ];
    export::menu(ui, scene, &forms, out);
}

/// How far it is, and what was found, in a sentence.
fn summary(audited: &Audited, ui: &Ui) -> (String, Color32) {
    let (palette, report) = (theme::palette(ui), &audited.findings);
    let step = match report.step.filter(|_| audited.is_running()) {
        Some(AuditStep::File) => " SQLite looks through the file…".to_owned(),
        Some(AuditStep::Events(count)) => format!(" {} events read so far.", grouped(count)),
        Some(AuditStep::Snapshots(count)) => format!(" Comparing the snapshots, {} so far.", grouped(count)),
        None => String::new(),
    };
    let Some(found) = &report.found else {
        let told = if audited.is_running() { "Looking through the store…" } else { "Nothing was found so far." };
        return (told.to_owned() + &step + &reservation(audited, "audit again"), palette.dim);
    };
    let of = |severity| found.iter().filter(|finding| finding.severity == severity).count() as u64;
    let said = |severity, one, many| counted(Count::complete(of(severity)), one, many);
    let told = match found.len() {
        0 if report.sampled.is_none() => "Nothing is wrong.".to_owned(),
        0 => "Nothing so far.".to_owned(),
        _ => format!(
            "{}, {}, {}.",
            said(Severity::Error, "error", "errors"),
            said(Severity::Warning, "warning", "warnings"),
            said(Severity::Note, "note", "notes")
        ),
    };
    let color = match (of(Severity::Error), of(Severity::Warning)) {
        (0, 0) => palette.dim,
        (0, _) => palette.chg,
        _ => palette.del,
    };
    (told + &told_from(report.sampled) + &step + &reservation(audited, "audit again"), color)
}

/// What stands before a finding: a sign, so that colour is not alone in saying how bad it is.
fn sign(severity: Severity, palette: &Palette) -> (&'static str, Color32) {
    match severity {
        Severity::Error => ("×", palette.del),
        Severity::Warning => ("!", palette.chg),
        Severity::Note => ("·", palette.dim),
    }
}

/// The word for a kind as people read it.
fn words(kind: &str) -> String {
    super::super::controls::sentence_case(&kind.replace('_', " "))
}

fn detail(ui: &mut Ui, finding: &Finding, height: f32, out: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    let top = ui.cursor().top();
    ui.spacing_mut().item_spacing.y = theme::STEP;
    let (_, color) = sign(finding.severity, palette);
    let severity = super::super::controls::sentence_case(finding.severity.name());
    ui.label(RichText::new(severity).font(theme::section()).color(color));
    let explanation = RichText::new(visible(&finding.explanation)).color(palette.text);
    ui.add(Label::new(explanation).wrap());
    note(ui, finding.advice);
    ui.add_space(theme::STEP);
    let listed = finding.instances.len() as u64;
    let places = match finding.count {
        count if count > listed => format!("{} of {} places", grouped(listed), grouped(count)),
        count => counted(Count::complete(count), "place", "places"),
    };
    ui.label(RichText::new(places).font(theme::section()).color(palette.dim));
    ui.spacing_mut().item_spacing.y = 0.0;
    let left = (height - (ui.cursor().top() - top)).max(4.0 * theme::ROW);
    let area = ScrollArea::vertical().id_salt(("instances", finding.kind)).max_height(left).auto_shrink(false);
    area.show_rows(ui, theme::ROW, finding.instances.len(), |ui, rows| {
        for instance in finding.instances.get(rows).unwrap_or_default() {
            place(ui, instance, out);
        }
    });
}

/// One place where the fault is; a press goes there, where it is an event or in a stream.
fn place(ui: &mut Ui, instance: &Instance, out: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    let command = match (instance.position, &instance.stream, instance.version) {
        (Some(position), ..) => Some(Command::SelectEvent(position)),
        (None, Some(stream), Some(version)) => Some(Command::SelectStreamAt((stream.clone(), version))),
        (None, Some(stream), None) => Some(Command::SelectStream(stream.clone())),
        (None, None, _) => None,
    };
    let sense = if command.is_some() { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), theme::ROW), sense);
    let role = if command.is_some() { Role::Button } else { Role::Label };
    let name = instance.to_string();
    response.widget_info(|| WidgetInfo::labeled(role, true, visible(&name)));
    if response.hovered() && command.is_some() {
        ui.painter().rect_filled(rect, f32::from(theme::ROUNDING), palette.hover);
    }
    if response.has_focus() {
        focus_ring(ui, rect);
    }
    let mut inside = rect.shrink2(vec2(6.0, 0.0));
    let mut column = |text: &str, width: f32, align: Align, color: Color32| {
        let (cell, left) = inside.split_left_right_at_x(inside.left() + width);
        text_in(ui.painter(), cell, align, text, theme::mono(), color);
        inside = left.with_min_x(left.left() + theme::MARGIN);
    };
    if let Some(position) = instance.position {
        column(&grouped(position), 76.0, Align::Max, palette.accent);
    }
    if let Some(stream) = &instance.stream {
        let version = instance.version.map(|version| format!(" v{}", grouped(version))).unwrap_or_default();
        column(&visible(&format!("{stream}{version}")), 220.0, Align::Min, palette.text);
    }
    text_in(ui.painter(), inside, Align::Min, &visible(&instance.what), theme::text(), palette.dim);
    if response.on_hover_text(visible(&name)).clicked()
        && let Some(command) = command
    {
        out.extend([command, Command::CloseOverlay]);
    }
}
