//! Keys become commands here, once for each frame.

use egui::{Context, KeyboardShortcut, Modifiers};

use crate::model::{Chord, Command, Name, Overlay};

/// The command whose keys were pressed. The keys are taken, so that no widget answers to them too.
pub(super) fn command(ctx: &Context, overlay: Overlay) -> Option<Command> {
    let focus = crate::ui::keyboard::focus(ctx);
    let command = Command::from_keys(focus, |chord| ctx.input(|input| is_pressed(input, chord)))?;
    let works = overlay == Overlay::None || works_over_windows(command.name());
    if !works {
        return None;
    }
    for shortcut in command.entry().keys.iter().filter_map(|chord| shortcut(*chord)) {
        ctx.input_mut(|input| input.consume_shortcut(&shortcut));
    }
    if command.entry().keys.iter().any(|chord| chord.alt) {
        // With Alt a letter is typed as well.
        ctx.input_mut(|input| input.events.retain(|event| !matches!(event, egui::Event::Text(_))));
    }
    Some(command)
}

fn is_pressed(input: &egui::InputState, chord: Chord) -> bool {
    let Some(shortcut) = shortcut(chord) else { return false };
    input.events.iter().any(|event| {
        matches!(event, egui::Event::Key { key, modifiers, pressed: true, .. }
            if *key == shortcut.logical_key && modifiers.matches_logically(shortcut.modifiers))
    })
}

/// A chord as egui takes it.
fn shortcut(chord: Chord) -> Option<KeyboardShortcut> {
    let Chord { ctrl, alt, shift, key } = chord;
    let modifiers = Modifiers { alt, shift, command: ctrl, ..Modifiers::NONE };
    egui::Key::from_name(key.name()).map(|key| KeyboardShortcut::new(modifiers, key))
}

/// Under a window that is open over the panels only these go on.
fn works_over_windows(name: Name) -> bool {
    matches!(
        name,
        Name::Palette
            | Name::ZoomIn
            | Name::ZoomOut
            | Name::ZoomReset
            | Name::PictureOfWindow
            | Name::PictureOfPanel
            | Name::Quit
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Key;

    #[test]
    fn egui_knows_every_key() {
        for key in Key::ALL {
            assert!(shortcut(Chord::key(*key)).is_some(), "{}", key.text());
        }
    }

    #[test]
    fn a_chord_keeps_its_modifiers() {
        let shortcut = shortcut(Chord::ctrl_shift(Key::F)).unwrap();
        assert_eq!(shortcut, KeyboardShortcut::new(Modifiers { shift: true, ..Modifiers::COMMAND }, egui::Key::F));
    }
}
