//! The stored bytes of the selected event's data or metadata.

use egui::Ui;

use super::super::bytes::{self, BytesDraft};
use super::super::controls::faint;
use super::super::scene::Scene;
use super::super::{controls, large};
use crate::event::Event;
use crate::filter::Root;
use crate::model::Command;
use crate::session::{Large, Session, ValuePlace};

/// Which payload is shown, and how far it was leafed through.
#[derive(Debug, Default)]
pub struct RawDraft {
    metadata: bool,
    bytes: BytesDraft,
}

/// Paints the stored bytes.
pub fn show(
    ui: &mut Ui,
    scene: &Scene<'_>,
    session: &Session,
    event: &Event,
    draft: &mut RawDraft,
    out: &mut Vec<Command>,
) {
    ui.horizontal(|ui| {
        ui.selectable_value(&mut draft.metadata, false, "Data");
        ui.selectable_value(&mut draft.metadata, true, "Metadata");
        let payload = if draft.metadata { &event.metadata } else { &event.data };
        let text = faint(ui, bytes::kind(payload));
        ui.label(text);
        if !draft.metadata {
            controls::command_button(ui, scene.environment, Command::CopyRaw, Some("Copy"), out);
        }
    });
    let (payload, root) = if draft.metadata { (&event.metadata, Root::Metadata) } else { (&event.data, Root::Data) };
    let Some(size) = payload.unread() else { return bytes::show(ui, payload, &mut draft.bytes, None) };
    match session.large(&ValuePlace::Event(event.position, root)) {
        Large::Ready(value) => bytes::show(ui, &value.payload, &mut draft.bytes, None),
        other => large::offer(
            ui,
            session,
            &large::Offer { what: large::of(root), size, command: large::command(root) },
            &other,
            out,
        ),
    }
}
