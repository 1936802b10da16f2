//! The window for bookmarks: each with its note, to go there, to write on it, to take it away; as a list in Markdown.

use egui::{Button, Id, Key, Label, RichText, TextEdit, Ui, vec2};

use super::controls::{dim, faint};
use super::dialogs::dialog;
use super::fuzzy::Finder;
use super::numbers::{counted, grouped};
use super::scene::Scene;
use super::survey::{self, WIDTH};
use super::theme;
use super::widgets::Entry;
use crate::codec::{visible, visible_lines};
use crate::model::{Bookmark, Command, bookmarks_as_markdown};
use crate::session::Count;

/// The height of the list, and of the entry for a note, in points.
const HEIGHT: f32 = 300.0;
const NOTE: f32 = 92.0;

/// What stands at the right of each bookmark, in points.
const BUTTONS: f32 = 84.0;

/// What is looked for among the bookmarks, and the one whose note is written.
#[derive(Debug, Default)]
pub struct BookmarksDraft {
    wanted: String,
    edited: Option<Bookmark>,
    /// Whether the entry for the note is to have the keyboard.
    wants_keyboard: bool,
}

impl BookmarksDraft {
    /// Begins with the list of all of them.
    pub fn begin(&mut self) {
        *self = Self { wants_keyboard: true, ..Self::default() };
    }

    /// Begins with writing the note on a bookmark.
    pub fn edit(&mut self, bookmark: &Bookmark) {
        *self = Self { edited: Some(bookmark.clone()), wants_keyboard: true, ..Self::default() };
    }
}

/// Paints the window.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, draft: &mut BookmarksDraft, out: &mut Vec<Command>) {
    dialog(ui, "Bookmarks", WIDTH, out, |ui, out| {
        let text = "Versions of streams to come back to, with what you note on them. They are kept with the settings of \
                    this file, never in the database.";
        let text = dim(ui, text);
        ui.add(Label::new(text).wrap());
        let all = scene.view.noted.all_bookmarks();
        if all.is_empty() {
            let text = dim(ui, "There is none yet. M sets one at the version that is shown, Shift+M one with a note.");
            ui.add(Label::new(text).wrap());
            return;
        }
        head(ui, scene, all.len(), draft, out);
        let found = found(all, draft.wanted.trim());
        if found.is_empty() {
            let text = dim(ui, "No bookmark has this in its name or its note.");
            ui.label(text);
        }
        let edited = draft.edited.clone();
        survey::list(ui, "bookmarks", height(ui), &found, |ui, bookmark, out| row(ui, bookmark, draft, out), out);
        if edited != draft.edited {
            ui.ctx().request_repaint();
        }
        note(ui, all, draft, out);
    });
}

/// What the window has of its own besides the list, in points.
fn height(ui: &Ui) -> f32 {
    (ui.ctx().content_rect().height() - 330.0).clamp(4.0 * theme::ROW, HEIGHT)
}

/// The entry that looks for one, how many there are, and the button that takes those found along.
fn head(ui: &mut Ui, scene: &Scene<'_>, count: usize, draft: &mut BookmarksDraft, out: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        ui.scope(|ui| {
            ui.set_max_width(ui.available_width() - 260.0);
            let (name, id) = ("Find bookmark", Id::unique("bookmark to find"));
            let entry = Entry { name, hint: "Find bookmark…", id, framed: true }.show(ui, &mut draft.wanted);
            if draft.wants_keyboard && draft.edited.is_none() {
                draft.wants_keyboard = false;
                entry.request_focus();
            }
        });
        let button = ui.button("Copy as Markdown");
        let help = "Copy those that are listed, with their notes and with links that lead there.";
        if button.on_hover_text(help).clicked() {
            let found = found(scene.view.noted.all_bookmarks(), draft.wanted.trim());
            let file = scene.session.and_then(|session| session.overview()).map(|overview| overview.path.clone());
            out.push(Command::CopyText(bookmarks_as_markdown(found, &file.unwrap_or_default())));
        }
        let number = u64::try_from(count).unwrap_or(u64::MAX);
        let text = faint(ui, counted(Count::complete(number), "bookmark", "bookmarks"));
        ui.label(text);
    });
}

/// The bookmarks that have a text in their names or notes, by stream and version.
fn found<'a>(all: &'a [Bookmark], wanted: &str) -> Vec<&'a Bookmark> {
    let mut finder = Finder::new(wanted);
    let mut has = |bookmark: &Bookmark| {
        let text = format!("{bookmark} {} {}", bookmark.event_type, bookmark.note);
        finder.score(&text).is_some()
    };
    let mut found: Vec<&Bookmark> = all.iter().filter(|bookmark| has(bookmark)).collect();
    found.sort_by_cached_key(|bookmark| (bookmark.stream().to_string(), bookmark.version()));
    found
}

/// One bookmark: a press goes there, and at its right it is written on or taken away.
fn row(ui: &mut Ui, bookmark: &Bookmark, draft: &mut BookmarksDraft, out: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    let is_edited = draft.edited.as_ref().is_some_and(|edited| edited.is_like(bookmark));
    let whole = ui.available_width();
    ui.allocate_ui_with_layout(vec2(whole, theme::ROW), egui::Layout::left_to_right(egui::Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = theme::STEP;
        let (stream, version) = (bookmark.stream().to_string(), format!("v{}", grouped(bookmark.version())));
        let title = bookmark.title();
        let name = [&*stream, &version, &bookmark.event_type, title].join(" ");
        let cells = [
            (0.0, stream.as_str(), theme::mono(), if is_edited { palette.accent } else { palette.text }),
            (0.30, version.as_str(), theme::mono(), palette.accent),
            (0.39, bookmark.event_type.as_str(), theme::text(), palette.dim),
            (0.60, title, theme::text(), palette.text),
        ];
        let more = if bookmark.note.trim().is_empty() { name.as_str() } else { bookmark.note.trim() };
        let more = visible_lines(more).into_owned();
        let pressed = ui.scope(|ui| {
            ui.set_max_width(whole - BUTTONS);
            survey::row(ui, name.trim_end(), &cells, more)
        });
        if pressed.inner {
            out.push(Command::CloseOverlay);
            out.push(Command::SelectStreamAt((bookmark.stream(), bookmark.version())));
        }
        let write = ui.add(Button::new("Note").small().selected(is_edited));
        if write.accessible_name(format!("Note on {bookmark}")).on_hover_text("Write on it").clicked() {
            (draft.edited, draft.wants_keyboard) = (Some(bookmark.clone()), true);
        }
        let cross = ui.add(Button::new("×").frame(false));
        if cross.accessible_name(format!("Remove {bookmark}")).on_hover_text("Take it away with its note").clicked() {
            out.push(Command::RemoveBookmark(Box::new(bookmark.clone())));
            if is_edited {
                draft.edited = None;
            }
        }
    });
}

/// The entry for the note of the one that is edited; it is kept as it is typed.
fn note(ui: &mut Ui, all: &[Bookmark], draft: &mut BookmarksDraft, out: &mut Vec<Command>) {
    let edited = draft.edited.as_ref();
    let Some(bookmark) = edited.and_then(|edited| all.iter().find(|bookmark| bookmark.is_like(edited))) else {
        let text = faint(ui, "Press Note to write on a bookmark; press a bookmark to go there.");
        ui.label(text);
        return;
    };
    let palette = theme::palette(ui);
    ui.horizontal(|ui| {
        ui.label(RichText::new(visible(&bookmark.to_string())).font(theme::mono()).color(palette.text));
        let text = faint(ui, "Kept as you type. Ctrl+Enter closes the window.");
        ui.label(text);
    });
    let mut text = bookmark.note.clone();
    let hint = RichText::new("What is to be known about this version?").color(palette.faint);
    let edit = TextEdit::multiline(&mut text).id(Id::unique("note of a bookmark")).hint_text(hint);
    let closes = ui.input_mut(|input| input.consume_key(egui::Modifiers::COMMAND, Key::Enter));
    let area = egui::ScrollArea::vertical().id_salt("note of a bookmark").max_height(NOTE).min_scrolled_height(NOTE);
    let response = area.show(ui, |ui| ui.add(edit.desired_rows(4).desired_width(f32::INFINITY))).inner;
    let response = response.accessible_name("Note");
    if std::mem::take(&mut draft.wants_keyboard) {
        response.request_focus();
    }
    if response.changed() {
        out.push(Command::KeepBookmark(Box::new(bookmark.clone().with_note(text))));
    }
    if closes {
        out.push(Command::CloseOverlay);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::StreamName;

    #[test]
    fn bookmarks_are_found_by_stream_type_and_note_and_stand_in_order() {
        let of = |id: &str, version, note: &str| {
            Bookmark::new(&StreamName::new("order", id), version).of_event(1, "order.placed").with_note(note)
        };
        let all = [of("b", 12, "price"), of("b", 3, ""), of("a", 7, "who paid?")];
        let names = |wanted: &str| -> Vec<String> { found(&all, wanted).iter().map(ToString::to_string).collect() };
        assert_eq!(names(""), ["order/a@7", "order/b@3", "order/b@12"]);
        assert_eq!(names("who paid"), ["order/a@7"]);
        assert_eq!(names("zebra"), [""; 0]);
    }
}
