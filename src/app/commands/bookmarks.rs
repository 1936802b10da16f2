//! The family of bookmarks: setting them, notes on them, going from one to the next.

use super::App;
use crate::app::messages::bad;
use crate::model::{Bookmark, Command, NOTE_LIMIT, NOTED_LIMIT, Overlay};

impl App {
    pub(super) fn carry_out_bookmarks(&mut self, command: Command) -> Result<(), Command> {
        match command {
            Command::Bookmark => self.turn_bookmark(),
            Command::NoteBookmark => {
                if let Some(bookmark) = self.shown_bookmark() {
                    self.edit_bookmark(bookmark);
                }
            }
            Command::ShowBookmarks => {
                self.drafts.bookmarks.begin();
                self.view.overlay = Overlay::Bookmarks;
            }
            Command::EditBookmark(bookmark) => self.edit_bookmark(*bookmark),
            Command::KeepBookmark(bookmark) => {
                self.keep_bookmark(*bookmark);
            }
            Command::RemoveBookmark(bookmark) => {
                self.view.noted.remove_bookmark(&bookmark);
                self.remember_noted();
            }
            Command::NextBookmark => self.go_to_bookmark(true),
            Command::PreviousBookmark => self.go_to_bookmark(false),
            other => return Err(other),
        }
        Ok(())
    }

    /// The bookmark at the version that is shown, or a new one for it.
    fn shown_bookmark(&self) -> Option<Bookmark> {
        let (stream, versions) = self.view.place.stream.as_ref().zip(self.versions())?;
        let set = self.view.noted.bookmark(stream, versions.shown);
        Some(set.cloned().unwrap_or_else(|| {
            let bookmark = Bookmark::new(stream, versions.shown);
            let history = self.shown_history();
            match history.as_ref().and_then(|history| crate::ui::timeline::mark_of(history, versions.shown)) {
                Some(mark) => bookmark.of_event(mark.position, mark.event_type),
                None => bookmark,
            }
        }))
    }

    fn turn_bookmark(&mut self) {
        let Some(bookmark) = self.shown_bookmark() else { return };
        if !self.view.noted.remove_bookmark(&bookmark) {
            self.keep_bookmark(bookmark);
        } else if bookmark.note.is_empty() {
            self.remember_noted();
        } else {
            self.remember_noted();
            // A note is more than a press of a key: it comes back with another one.
            let text = format!("The bookmark at {bookmark} was taken away with its note.");
            let offer = Some(Command::KeepBookmark(Box::new(bookmark)));
            self.messages.add(crate::ui::Message { offer, ..crate::app::messages::good(text) });
        }
    }

    /// Sets a bookmark, and remembers it. Whether there was room for it.
    fn keep_bookmark(&mut self, mut bookmark: Bookmark) -> bool {
        if let Some((end, _)) = bookmark.note.char_indices().nth(NOTE_LIMIT) {
            bookmark.note.truncate(end);
        }
        let kept = self.view.noted.keep_bookmark(bookmark);
        if kept {
            self.remember_noted();
        } else {
            self.messages.add(bad(format!("No more than {NOTED_LIMIT} bookmarks in one file. Remove one first.")));
        }
        kept
    }

    /// Shows the note on a bookmark, which is set where it is not.
    fn edit_bookmark(&mut self, bookmark: Bookmark) {
        let set = self.view.noted.bookmark(&bookmark.stream(), bookmark.version()).cloned();
        let bookmark = set.unwrap_or(bookmark);
        if self.keep_bookmark(bookmark.clone()) {
            self.drafts.bookmarks.edit(&bookmark);
            self.view.overlay = Overlay::Bookmarks;
        }
    }

    fn go_to_bookmark(&mut self, forward: bool) {
        let Some((stream, versions)) = self.view.place.stream.as_ref().zip(self.versions()) else { return };
        if let Some(version) = self.view.noted.bookmark_from(stream, versions.shown, forward) {
            self.view.playing = false;
            self.show_version(version);
        }
    }
}
