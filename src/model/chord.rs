//! A key with its modifiers: how it is written for a person, and while which focus it is listened to.

use egui::{Key, KeyboardShortcut, Modifiers};

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

/// A key with its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Chord {
    /// The modifiers that must be held, and no others save a Shift that the key itself needs.
    pub modifiers: Modifiers,
    /// The key.
    pub key: Key,
}

impl Chord {
    /// A key alone.
    #[must_use]
    pub const fn key(key: Key) -> Self {
        Self { modifiers: Modifiers::NONE, key }
    }

    /// A key with Ctrl (⌘ on a Mac).
    #[must_use]
    pub const fn ctrl(key: Key) -> Self {
        Self { modifiers: Modifiers::COMMAND, key }
    }

    /// A key with Ctrl and Shift (⌘ and ⇧ on a Mac).
    #[must_use]
    pub const fn ctrl_shift(key: Key) -> Self {
        Self { modifiers: Modifiers { shift: true, ..Modifiers::COMMAND }, key }
    }

    /// A key with Alt.
    #[must_use]
    pub const fn alt(key: Key) -> Self {
        Self { modifiers: Modifiers::ALT, key }
    }

    /// A key with Shift.
    #[must_use]
    pub const fn shift(key: Key) -> Self {
        Self { modifiers: Modifiers::SHIFT, key }
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

    /// As egui takes it.
    #[must_use]
    pub const fn shortcut(self) -> KeyboardShortcut {
        KeyboardShortcut::new(self.modifiers, self.key)
    }

    /// As a person reads it: `Ctrl+K`, `/`, `Left`.
    #[must_use]
    pub fn text(self) -> String {
        let mut words = Vec::new();
        let Modifiers { alt, command, ctrl, shift, .. } = self.modifiers;
        words.extend((ctrl || command).then_some(if cfg!(target_os = "macos") { "Cmd" } else { "Ctrl" }));
        words.extend(alt.then_some("Alt"));
        words.extend(shift.then_some("Shift"));
        words.push(key_text(self.key));
        words.join("+")
    }

    fn is_bare(self) -> bool {
        self.modifiers == Modifiers::NONE
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
        let function = self.key.name().len() > 1 && self.key.name().starts_with('F');
        let moves = matches!(
            self.key,
            Key::ArrowLeft | Key::ArrowRight | Key::ArrowUp | Key::ArrowDown | Key::Home | Key::End | Key::Backspace
        );
        let modified = self.modifiers.command || self.modifiers.ctrl;
        (!modified && !self.modifiers.alt && !function) || (modified && moves)
    }
}

/// The word on the key.
fn key_text(key: Key) -> &'static str {
    match key {
        Key::ArrowLeft => "Left",
        Key::ArrowRight => "Right",
        Key::ArrowUp => "Up",
        Key::ArrowDown => "Down",
        Key::PageUp => "Page up",
        Key::PageDown => "Page down",
        Key::Escape => "Esc",
        Key::Slash => "/",
        Key::Questionmark => "?",
        Key::Plus => "+",
        Key::Equals => "=",
        Key::Minus => "-",
        Key::Comma => ",",
        Key::Period => ".",
        Key::OpenBracket => "[",
        Key::CloseBracket => "]",
        other => other.name(),
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
