//! Keys become commands here, once for each frame.

use egui::Context;

use crate::model::{Command, Name, Overlay};

/// The command whose keys were pressed. The keys are taken, so that no widget answers to them too.
pub(super) fn command(ctx: &Context, overlay: Overlay) -> Option<Command> {
    let focus = crate::ui::keyboard::focus(ctx);
    let command = Command::from_keys(focus, |chord| ctx.input(|input| is_pressed(input, chord)))?;
    let works = overlay == Overlay::None || works_over_windows(command.name());
    if !works {
        return None;
    }
    for chord in command.entry().keys {
        ctx.input_mut(|input| input.consume_shortcut(&chord.shortcut()));
    }
    Some(command)
}

fn is_pressed(input: &egui::InputState, chord: crate::model::Chord) -> bool {
    input.events.iter().any(|event| {
        matches!(event, egui::Event::Key { key, modifiers, pressed: true, .. }
            if *key == chord.key && modifiers.matches_logically(chord.modifiers))
    })
}

/// Under a window that is open over the panels only these go on.
fn works_over_windows(name: Name) -> bool {
    matches!(name, Name::Palette | Name::ZoomIn | Name::ZoomOut | Name::ZoomReset | Name::Quit)
}
