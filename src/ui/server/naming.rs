//! Naming a server, and the password where it wants one.

use egui::{TextEdit, Ui, vec2};

use super::super::controls::{main_button, offer};
use super::super::scene::Scene;
use super::super::theme;
use super::super::widgets::Entry;
use super::draft::ServerDraft;
use super::{fault, kept, note};
use crate::model::Command;
use crate::session::servers::{PasswordAsked, ServerView};

/// Paints the form.
pub(super) fn show(ui: &mut Ui, scene: &Scene<'_>, view: &ServerView, draft: &mut ServerDraft, out: &mut Vec<Command>) {
    let mut entered = field(ui, "Host or URL", "db.example.com, /run/postgresql or postgres://…", &mut draft.host);
    let is_url = draft.is_url();
    ui.add_enabled_ui(!is_url, |ui| {
        ui.columns_const(|[left, middle, right]| {
            entered |= field(left, "Port", "5432", &mut draft.port);
            entered |= field(middle, "Database", "", &mut draft.database);
            entered |= field(right, "User", "", &mut draft.user);
        });
    });
    note(
        ui,
        "What is left empty is as psql takes it: from PGSERVICE, PGHOST, PGUSER and the others, and passwords from \
         ~/.pgpass. TLS is as sslmode says, in a URL or in PGSSLMODE. Nothing is written on the server.",
    );
    if view.password != PasswordAsked::No {
        entered |= password(ui, view, draft);
    }
    fault(ui, view);
    ui.add_space(theme::STEP);
    ui.horizontal(|ui| {
        let button = main_button(ui, "Connect");
        let command = || Command::ConnectServer(Box::default());
        let mut pressed = Vec::new();
        offer(ui, scene.environment, command(), button, "Connect", &mut pressed);
        if entered || !pressed.is_empty() {
            out.push(Command::ConnectServer(Box::new(draft.asked())));
        }
        if ui.button("Cancel").clicked() {
            out.push(Command::CloseOverlay);
        }
    });
    kept::show(ui, scene, view, draft, out);
}

/// An entry under its name; whether it was left with Enter.
fn field(ui: &mut Ui, name: &str, hint: &str, text: &mut String) -> bool {
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = theme::STEP;
        words(ui, name);
        let entry = Entry { name, hint, id: egui::Id::unique(("server", name)), framed: true }.show(ui, text);
        if ui.memory(|memory| memory.focused().is_none()) {
            entry.request_focus();
        }
        is_entered(ui, &entry)
    })
    .inner
}

fn is_entered(ui: &Ui, entry: &egui::Response) -> bool {
    entry.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter))
}

fn password(ui: &mut Ui, view: &ServerView, draft: &mut ServerDraft) -> bool {
    let entered = ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = theme::STEP;
        words(ui, if view.password == PasswordAsked::Refused { "Another password" } else { "Password" });
        // It is what is missing, each time it is asked for.
        let is_first = draft.password.is_none();
        let text = draft.password.get_or_insert_default();
        let edit = TextEdit::singleline(text).password(true).desired_width(f32::INFINITY);
        let entry = ui.add(edit.margin(vec2(9.0, 5.0))).accessible_name("Password");
        if is_first {
            entry.request_focus();
        }
        is_entered(ui, &entry)
    });
    if view.password == PasswordAsked::Wanted {
        note(ui, "The server asks for a password.");
    }
    ui.checkbox(&mut draft.remember, "Remember it in ~/.pgpass")
        .on_hover_text("Otherwise it is kept only until this program ends. psql finds it there, too.");
    entered.inner
}

fn words(ui: &mut Ui, title: &str) {
    let text = egui::RichText::new(title).font(theme::small()).color(theme::palette(ui).dim);
    ui.label(text);
}
