//! The form for a new event: what is typed at the left, what writing it would do at the right. The data is completed and
//! checked by what events of its type look like.

mod completion;
mod fields;
mod fit;
mod place;
mod preview;

use egui::{RichText, ScrollArea, Ui};

use super::controls::{main_button, sentence};
use super::dialogs::dialog;
use super::scene::Scene;
use super::theme;
use super::widgets::{Completion, JsonEditor};
use crate::Error;
use crate::event::{Event, ExpectedVersion, NewEvent, StreamName};
use crate::model::{Appending, Command};
use crate::session::{self, Loading, Session};

/// The width of the form, in points.
const WIDTH: f32 = 1040.0;

/// What is typed into the form.
#[derive(Debug, Default)]
pub struct AppendDraft {
    aggregate_type: String,
    aggregate_id: String,
    event_type: String,
    schema_version: String,
    actor: String,
    actor_type: Option<String>,
    source: Option<String>,
    causation_id: String,
    correlation_id: String,
    data: JsonEditor,
    /// What the data may go on with.
    completion: Completion,
    metadata: JsonEditor,
    trouble: Option<Trouble>,
    sent: bool,
    /// Where the stream was when the form showed it first: what the person who fills it in knows of.
    expected: Option<(StreamName, ExpectedVersion)>,
}

/// Why the last attempt did not write.
#[derive(Debug)]
struct Trouble {
    text: String,
    hint: Option<String>,
    /// The stream moved on: reading it again helps.
    conflict: bool,
}

impl AppendDraft {
    /// Starts a new event, for the stream that is shown where there is one; what was typed before and not written
    /// stays.
    pub fn begin(&mut self, stream: Option<&StreamName>) {
        self.expected = None;
        if !self.event_type.is_empty() {
            return;
        }
        let stream = stream.cloned().unwrap_or_default();
        *self = Self {
            aggregate_type: stream.aggregate_type,
            aggregate_id: stream.aggregate_id,
            data: JsonEditor::from_text("{\n  \n}"),
            ..Self::default()
        };
    }

    /// Starts with what `event` says. Its id, position, version and time are its own.
    pub fn duplicate(&mut self, event: &Event) {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        *self = Self {
            aggregate_type: event.stream.aggregate_type.clone(),
            aggregate_id: event.stream.aggregate_id.clone(),
            event_type: event.event_type.clone(),
            schema_version: text(&event.schema_version),
            actor: text(&event.actor),
            actor_type: event.actor_type.clone(),
            source: event.source.clone(),
            causation_id: text(&event.causation_id),
            correlation_id: text(&event.correlation_id),
            data: JsonEditor::new(&event.data.to_stored_json()),
            metadata: JsonEditor::new(&event.metadata.to_stored_json()),
            ..Self::default()
        };
    }

    /// The event is on its way.
    pub fn sent(&mut self) {
        self.sent = true;
        self.trouble = None;
    }

    /// The event was written.
    pub fn written(&mut self) {
        *self = Self::default();
    }

    /// Empties the form, save for the stream.
    pub fn clear(&mut self) {
        let stream = StreamName::new(self.aggregate_type.clone(), self.aggregate_id.clone());
        *self = Self::default();
        self.begin(Some(&stream));
    }

    /// The stream was not where it was expected to be.
    pub fn conflicts(&mut self, error: &Error) {
        self.failed(error);
        if let Some(trouble) = &mut self.trouble {
            trouble.conflict = true;
        }
    }

    /// Holds what writing would do now against what was shown first: what others wrote since is for the person to see.
    fn keep_to(&mut self, stream: &StreamName, preview: &session::Preview) {
        match &self.expected {
            Some((of, expected)) if of == stream => {
                if *expected != preview.expected && !self.sent && self.trouble.is_none() {
                    let actual = match preview.expected {
                        ExpectedVersion::Exactly(version) => Some(version),
                        _ => None,
                    };
                    self.conflicts(&Error::conflict(stream.clone(), *expected, actual));
                }
            }
            _ => self.expected = Some((stream.clone(), preview.expected)),
        }
    }

    /// The event could not be written.
    pub fn failed(&mut self, error: &Error) {
        self.sent = false;
        let text = sentence(&error.to_string());
        self.trouble = Some(Trouble { text, hint: error.hint().map(str::to_owned), conflict: false });
    }

    /// What was typed, as an event for a stream; otherwise what is still missing.
    fn draft(&mut self) -> Result<session::Draft, String> {
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let stream = StreamName::new(self.aggregate_type.trim(), self.aggregate_id.trim());
        if stream.aggregate_id.is_empty() {
            return Err("Say which stream the event goes to.".to_owned());
        }
        let event_type = text(&self.event_type).ok_or("Say what happened: the event needs a type.")?;
        let data = self.data.value().map_err(|fault| format!("The data is no JSON. {fault}."))?.clone();
        let metadata = self.metadata.value().map_err(|fault| format!("The metadata is no JSON. {fault}."))?.clone();
        let event = NewEvent {
            schema_version: text(&self.schema_version),
            actor: text(&self.actor),
            actor_type: self.actor_type.clone(),
            source: self.source.clone(),
            causation_id: text(&self.causation_id),
            correlation_id: text(&self.correlation_id),
            metadata: metadata.into(),
            ..NewEvent::new(event_type, data)
        };
        Ok(session::Draft { stream, event })
    }
}

/// Paints the form over the panels.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, draft: &mut AppendDraft, out: &mut Vec<Command>) {
    let Some(session) = scene.session else { return };
    dialog(ui, "New event", WIDTH, out, |ui, out| {
        let height = (ui.ctx().content_rect().height() - 240.0).clamp(200.0, 640.0);
        let wanted = draft.draft();
        let preview = wanted.as_ref().ok().map(|draft| session.preview(draft));
        if let (Ok(wanted), Some(Loading::Ready(preview))) = (&wanted, &preview) {
            draft.keep_to(&wanted.stream, preview);
        }
        ui.spacing_mut().item_spacing.x = 2.0 * theme::MARGIN;
        ui.columns(2, |columns| {
            if let [left, right] = columns {
                scrolled(left, "form", height, |ui| fields::show(ui, session, draft));
                scrolled(right, "preview", height, |ui| preview::show(ui, &wanted, preview.as_ref()));
            }
        });
        trouble(ui, session, draft, out);
        buttons(ui, scene, draft, wanted, preview, out);
    });
}

/// A column that scrolls by itself, with room for its scrollbar.
fn scrolled(ui: &mut Ui, name: &str, height: f32, add_contents: impl FnOnce(&mut Ui)) {
    let area = ScrollArea::vertical().id_salt(name).max_height(height).min_scrolled_height(height);
    area.auto_shrink([false, true]).show(ui, |ui| {
        ui.set_max_width(ui.available_width() - theme::SCROLLBAR);
        add_contents(ui);
    });
}

type Previewed = Loading<std::sync::Arc<session::Preview>>;

fn trouble(ui: &mut Ui, _session: &Session, draft: &mut AppendDraft, out: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    let Some(trouble) = &draft.trouble else { return };
    let mut reload = false;
    let frame = egui::Frame::new().fill(palette.del_bg).corner_radius(theme::ROUNDING).inner_margin(10);
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.add(egui::Label::new(RichText::new(&trouble.text).color(palette.del)).wrap());
        if let Some(hint) = &trouble.hint {
            ui.add(egui::Label::new(hint).wrap());
        }
        if trouble.conflict {
            reload =
                ui.button("Reload").on_hover_text("Read the stream again and expect the version it is at.").clicked();
        }
    });
    if reload {
        draft.trouble = None;
        draft.expected = None;
        out.push(Command::Refresh);
    }
}

fn buttons(
    ui: &mut Ui,
    scene: &Scene<'_>,
    draft: &AppendDraft,
    wanted: Result<session::Draft, String>,
    preview: Option<Previewed>,
    out: &mut Vec<Command>,
) {
    let ready = ready(draft, wanted, preview);
    let allowed = Command::NewEvent.resolve(scene.environment);
    ui.horizontal(|ui| {
        let button = ui.add_enabled(ready.is_ok() && allowed.is_ok(), main_button(ui, "Append event"));
        let button = button.accessible_name("Append event");
        match (allowed, ready) {
            (Err(reason), _) => drop(button.on_disabled_hover_text(reason)),
            (Ok(()), Err(reason)) => {
                button.on_disabled_hover_text(&reason);
                ui.label(RichText::new(reason).color(theme::palette(ui).dim));
            }
            (Ok(()), Ok(appending)) => {
                if button.clicked() {
                    out.push(Command::Append(Box::new(appending)));
                }
            }
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if ui.button("Cancel").on_hover_text("Close the form. What was typed stays in it.").clicked() {
                out.push(Command::CloseOverlay);
            }
            if ui.button("Clear").on_hover_text("Empty the form.").clicked() {
                out.push(Command::ClearDraft);
            }
        });
    });
}

/// What would be written, or why nothing can be written yet.
fn ready(
    draft: &AppendDraft,
    wanted: Result<session::Draft, String>,
    preview: Option<Previewed>,
) -> Result<Appending, String> {
    let session::Draft { stream, event } = wanted?;
    if draft.sent {
        return Err("Writing…".to_owned());
    }
    if draft.trouble.as_ref().is_some_and(|trouble| trouble.conflict) {
        return Err("Reload the stream first.".to_owned());
    }
    match preview {
        Some(Loading::Ready(preview)) => Ok(Appending { stream, event, expected: preview.expected }),
        Some(Loading::Failed(error)) => Err(sentence(&error.to_string())),
        _ => Err("Working out what it would do…".to_owned()),
    }
}
