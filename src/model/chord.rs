//! A key with its modifiers: how it is written for a person, and while which focus it is listened to.

use super::key::Key;

/// What has the keyboard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    /// Nothing: every key is a shortcut.
    #[default]
    Nothing,
    /// A button, a slider: keys that press it are its own.
    Widget,
    /// The rows of the events or of another table: the shortcuts walk through them, and only Return is their own.
    Rows,
    /// A list or a tree, or a menu: the keys that walk through it and press its rows are its own.
    List,
    /// A text field: what types or moves the cursor is its own.
    Text,
}

/// A key with the modifiers that must be held, and no others save a Shift that the key itself needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Chord {
    /// Ctrl (⌘ on a Mac).
    pub ctrl: bool,
    /// Alt (⌥ on a Mac).
    pub alt: bool,
    /// Shift (⇧ on a Mac).
    pub shift: bool,
    /// The key.
    pub key: Key,
}

impl Chord {
    /// A key alone.
    #[must_use]
    pub const fn key(key: Key) -> Self {
        Self { ctrl: false, alt: false, shift: false, key }
    }

    /// A key with Ctrl (⌘ on a Mac).
    #[must_use]
    pub const fn ctrl(key: Key) -> Self {
        Self { ctrl: true, ..Self::key(key) }
    }

    /// A key with Ctrl and Shift (⌘ and ⇧ on a Mac).
    #[must_use]
    pub const fn ctrl_shift(key: Key) -> Self {
        Self { shift: true, ..Self::ctrl(key) }
    }

    /// A key with Alt.
    #[must_use]
    pub const fn alt(key: Key) -> Self {
        Self { alt: true, ..Self::key(key) }
    }

    /// How many modifiers it has.
    #[must_use]
    pub fn modifiers(self) -> usize {
        [self.ctrl, self.alt, self.shift].into_iter().filter(|held| *held).count()
    }

    /// A key with Shift.
    #[must_use]
    pub const fn shift(key: Key) -> Self {
        Self { shift: true, ..Self::key(key) }
    }

    /// Whether the chord is a shortcut while `focus` has the keyboard.
    #[must_use]
    pub fn is_heard(self, focus: Focus) -> bool {
        match focus {
            Focus::Nothing => true,
            Focus::Widget => !(self.is_bare() && matches!(self.key, Key::Space | Key::Enter)),
            Focus::Rows => !(self.is_bare() && self.key == Key::Enter),
            Focus::List => !(self.is_bare() && self.walks()),
            Focus::Text => !self.types_or_moves(),
        }
    }

    /// As a person reads it: `Ctrl+K`, `/`, `Left`.
    #[must_use]
    pub fn text(self) -> String {
        let mut words = Vec::new();
        words.extend(self.ctrl.then_some(if cfg!(target_os = "macos") { "Cmd" } else { "Ctrl" }));
        words.extend(self.alt.then_some("Alt"));
        words.extend(self.shift.then_some("Shift"));
        words.push(self.key.text());
        words.join("+")
    }

    fn is_bare(self) -> bool {
        self.modifiers() == 0
    }

    /// Whether it walks through a list, or presses what is there.
    fn walks(self) -> bool {
        matches!(
            self.key,
            Key::ArrowUp
                | Key::ArrowDown
                | Key::ArrowLeft
                | Key::ArrowRight
                | Key::Home
                | Key::End
                | Key::PageUp
                | Key::PageDown
                | Key::Space
                | Key::Enter
        )
    }

    /// Whether a text field would take it: everything without Ctrl or Alt save the function keys, and Ctrl with the
    /// keys that move or edit.
    fn types_or_moves(self) -> bool {
        let moves = matches!(
            self.key,
            Key::ArrowLeft | Key::ArrowRight | Key::ArrowUp | Key::ArrowDown | Key::Home | Key::End | Key::Backspace
        );
        let types = !self.ctrl && !self.alt && !self.key.is_function();
        types || (self.ctrl && moves)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_heard_only_outside_text() {
        assert!(Chord::key(Key::J).is_heard(Focus::Nothing));
        assert!(Chord::key(Key::J).is_heard(Focus::Widget));
        assert!(!Chord::key(Key::J).is_heard(Focus::Text));
        assert!(!Chord::key(Key::Space).is_heard(Focus::Widget));
        assert!(!Chord::key(Key::Home).is_heard(Focus::Text));
        assert!(Chord::key(Key::Home).is_heard(Focus::Rows) && !Chord::key(Key::Home).is_heard(Focus::List));
        assert!(Chord::key(Key::Space).is_heard(Focus::Rows) && !Chord::key(Key::Enter).is_heard(Focus::Rows));
        assert!(Chord::key(Key::J).is_heard(Focus::List) && Chord::ctrl(Key::Home).is_heard(Focus::List));
        assert!(Chord::key(Key::F5).is_heard(Focus::Text));
        assert!(Chord::ctrl(Key::K).is_heard(Focus::Text));
    }

    #[test]
    fn keys_are_written_as_they_are_printed_on_the_keyboard() {
        assert_eq!(Chord::key(Key::Slash).text(), "/");
        assert_eq!(Chord::alt(Key::ArrowLeft).text(), "Alt+Left");
        assert!(Chord::ctrl_shift(Key::C).text().ends_with("+Shift+C"));
    }
}
