//! Choosing among what was found on a server.

use egui::{Button, RadioButton, RichText, ScrollArea, Ui};

use super::super::controls::{command_button, dim, failure, main_button, offer};
use super::super::numbers::{grouped, size};
use super::super::scene::Scene;
use super::super::theme;
use super::super::widgets::Entry;
use super::draft::ServerDraft;
use super::{fault, kept, note};
use crate::model::{Command, SliceAsked};
use crate::session::Loading;
use crate::session::servers::{Candidate, Expected, ServerView};

/// How high the list of what was found may get, in points.
const FOUND: f32 = 150.0;

/// Paints what was found, and what can be chosen of it.
pub(super) fn show(ui: &mut Ui, scene: &Scene<'_>, view: &ServerView, draft: &mut ServerDraft, out: &mut Vec<Command>) {
    server(ui, view);
    let surest = view.found.iter().find(|candidate| candidate.readable).map(|candidate| candidate.table.as_str());
    found(ui, view, draft, surest);
    ui.separator();
    choice(ui, draft);
    let slice = draft.slice(surest);
    expected(ui, view, slice.as_ref(), out);
    if let Some(events) = view.stopped {
        note(
            ui,
            format!("It was stopped: {} events are kept. Gathering the same goes on from there.", grouped(events)),
        );
    }
    fault(ui, view);
    ui.horizontal(|ui| {
        let button = main_button(ui, "Gather");
        match slice {
            Ok(slice) => {
                offer(ui, scene.environment, Command::GatherSlice(Box::new(slice)), button, "Gather", out);
            }
            Err(reason) => {
                ui.add_enabled(false, Button::new("Gather")).on_disabled_hover_text(reason);
            }
        }
        command_button(ui, scene.environment, Command::LeaveServer, None, out);
        if ui.button("Cancel").clicked() {
            out.push(Command::CloseOverlay);
        }
    });
    kept::show(ui, scene, view, draft, out);
}

fn server(ui: &mut Ui, view: &ServerView) {
    let place = RichText::new(view.place.as_deref().unwrap_or_default()).font(theme::mono());
    ui.add(egui::Label::new(place).truncate());
    if view.is_standby {
        note(ui, format!("{}, a standby: it shows what the server has that it follows, a little later.", view.engine));
    } else {
        note(ui, format!("{}. Sizes and rows are its own estimate.", view.engine));
    }
}

fn found(ui: &mut Ui, view: &ServerView, draft: &mut ServerDraft, surest: Option<&str>) {
    if view.found.is_empty() {
        note(ui, "Nothing that this user may see looks like a log of events. Name the table:");
        draft.other.get_or_insert_default();
    }
    let chosen = draft.table.clone().or_else(|| surest.map(str::to_owned));
    ScrollArea::vertical().id_salt("found").max_height(FOUND).show(ui, |ui| {
        for candidate in view.found.iter() {
            let on = draft.other.is_none() && chosen.as_ref() == Some(&candidate.table);
            if row(ui, candidate, on) {
                (draft.table, draft.other) = (Some(candidate.table.clone()), None);
            }
        }
        ui.horizontal(|ui| {
            if !view.found.is_empty() && ui.radio(draft.other.is_some(), "Another table").clicked() {
                draft.other.get_or_insert_default();
            }
            if let Some(other) = &mut draft.other {
                entry(ui, "Table", "schema.table", other);
            }
        });
    });
}

/// A table that was found; whether it was pressed.
fn row(ui: &mut Ui, candidate: &Candidate, on: bool) -> bool {
    let Candidate { table, title, reason, rows, bytes, readable, .. } = candidate;
    ui.horizontal(|ui| {
        let radio = RadioButton::new(on, RichText::new(table).font(theme::mono()));
        let pressed = ui.add_enabled(*readable, radio).on_hover_text(reason);
        let pressed =
            pressed.on_disabled_hover_text("Whoever owns it can give the right: GRANT SELECT ON it TO this user.");
        let about = if *readable {
            format!("{title} · about {} rows · {}", grouped(*rows), size(*bytes))
        } else {
            format!("{title} · this user has not the right to read it")
        };
        let about = dim(ui, about);
        ui.add(egui::Label::new(about).truncate());
        pressed.clicked()
    })
    .inner
}

fn choice(ui: &mut Ui, draft: &mut ServerDraft) {
    ui.horizontal(|ui| {
        ui.radio_value(&mut draft.all, false, "The last");
        ui.scope(|ui| {
            ui.set_max_width(110.0);
            let before = draft.last.clone();
            entry(ui, "How many events", "100000", &mut draft.last);
            if before != draft.last {
                draft.all = false;
            }
        });
        ui.label("events");
        ui.add_space(theme::MARGIN);
        ui.radio_value(&mut draft.all, true, "All events");
        ui.add_space(theme::MARGIN);
        ui.checkbox(&mut draft.follow, "Follow").on_hover_text("New events are added as they come.");
    });
    ui.columns_const(|[left, right]| {
        named(left, "Only these streams", "order-7, order-8", &mut draft.streams);
        named(right, "Only these types", "order.*, payment.received", &mut draft.types);
    });
    ui.columns_const(|[left, right]| {
        named(left, "From", "2026-01-31T12:00 or now-2d", &mut draft.after);
        named(right, "Before", "2026-02-01", &mut draft.before);
    });
}

fn named(ui: &mut Ui, name: &str, hint: &str, text: &mut String) {
    ui.spacing_mut().item_spacing.y = theme::STEP;
    ui.label(RichText::new(name).font(theme::small()).color(theme::palette(ui).dim));
    entry(ui, name, hint, text);
}

fn entry(ui: &mut Ui, name: &str, hint: &str, text: &mut String) {
    Entry { name, hint, id: egui::Id::unique(("server choice", name)), framed: true }.show(ui, text);
}

/// How much it would be, which is asked for where it is not known.
fn expected(ui: &mut Ui, view: &ServerView, slice: Result<&SliceAsked, &&str>, out: &mut Vec<Command>) {
    let slice = match slice {
        Ok(slice) => SliceAsked { follow: false, ..slice.clone() },
        Err(reason) => return note(ui, *reason),
    };
    if view.expected_of.as_ref() != Some(&slice) {
        out.push(Command::ExpectSlice(Box::new(slice)));
    }
    match &view.expected {
        Loading::Failed(error) => failure(ui, error),
        Loading::Missing => note(ui, "The server is asked how much that is…"),
        Loading::Ready(expected) | Loading::Stale(expected) => note(ui, said(expected)),
    }
}

fn said(expected: &Expected) -> String {
    let Expected { events, bytes, seconds } = *expected;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is an estimate")]
    let whole = seconds.ceil() as u64;
    let time = match whole {
        0 | 1 => "a second".to_owned(),
        2..120 => format!("{whole} seconds"),
        _ => format!("{} minutes", grouped(whole / 60)),
    };
    format!("About {} events, {}, gathered in about {time}.", grouped(events), size(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_is_said_in_words() {
        let expected = Expected { events: 100_000, bytes: 24_000_000, seconds: 1.7 };
        assert_eq!(said(&expected), "About 100,000 events, 24.0 MB, gathered in about 2 seconds.");
        let expected = Expected { events: 0, bytes: 0, seconds: 0.0 };
        assert_eq!(said(&expected), "About 0 events, 0 B, gathered in about a second.");
        let expected = Expected { events: 9_000_000, bytes: 3_000_000_000, seconds: 180.0 };
        assert_eq!(said(&expected), "About 9,000,000 events, 3.0 GB, gathered in about 3 minutes.");
    }
}
