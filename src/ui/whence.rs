//! Where a state comes from: in a few words at its head, in sentences on hover, and value by value; and what is offered
//! in its place.

use egui::Ui;

use super::controls::{command_button, dim};
use super::scene::Scene;
use crate::insight::{Basis, TypeRules};
use crate::model::Command;
use crate::session::{ReducersInfo, Session};

/// How many event types are named that make one value.
const NAMED: usize = 6;

/// Where the state comes from, in sentences.
pub(super) fn whence(reducers: &ReducersInfo) -> String {
    if let Some(command) = &reducers.command {
        return format!("Folded by your application's own code: {}", command.line);
    }
    if let Some(rules) = &reducers.rules {
        return found(rules);
    }
    match (&reducers.error, &reducers.path, &reducers.library) {
        (Some(error), _, _) => format!("The reducers could not be used: {error}"),
        (None, Some(path), _) => format!("Folded with the rules of {}", path.display()),
        (None, None, Some(library)) if library.partial => format!(
            "The library defines {}. What else is in the state is the application's: it is guessed here from the \
             events' data. Choose a reducers file in the File menu.",
            library.title
        ),
        (None, None, Some(library)) => {
            format!("The state as the library that wrote the events defines it: {}.", library.title)
        }
        (None, None, None) if reducers.guess => "No reducers were given: each event's data is merged into the state \
             (RFC 7396). That is a guess. Choose a reducers file in the File menu."
            .to_owned(),
        (None, None, None) => "Folded with your rules.".to_owned(),
    }
}

/// What the rules stand on that were found.
fn found(rules: &TypeRules) -> String {
    let held_out = rules.aggregate.held_out;
    match rules.basis {
        Basis::Learnt if held_out.of > 0 => format!(
            "Nobody wrote rules. These were learnt from the {} that the database keeps; learnt from half of the streams, \
             they gave {} of the {} states of the others exactly. `eventscope rules` prints them.",
            rules.states, held_out.agree, held_out.of
        ),
        Basis::Learnt => format!(
            "Nobody wrote rules. These were learnt from the {} that the database keeps, too few to hold any out. \
             `eventscope rules` prints them.",
            rules.states
        ),
        Basis::Suggested => "Nobody wrote rules, and the database keeps no states to learn them from. These are \
             suggested by the names of the events and by how their values behave. `eventscope rules` prints them."
            .to_owned(),
    }
}

/// Offers better rules that were found. What is on screen stays as it is until a person takes them.
pub(super) fn offered(ui: &mut Ui, scene: &Scene<'_>, session: &Session, aggregate_type: &str, out: &mut Vec<Command>) {
    let Some(label) = session.offered_rules(aggregate_type) else { return };
    ui.horizontal_wrapped(|ui| {
        let text = dim(ui, format!("Better rules were found: {label}"));
        ui.label(text);
        command_button(ui, scene.environment, Command::UseFoundRules, Some("Use these rules"), out);
    });
}

/// Which rules make a value, and on what evidence; `None` where nothing is known of it.
pub(super) fn why(reducers: &ReducersInfo, pointer: &str) -> Option<String> {
    let Some(rules) = &reducers.rules else {
        return reducers.guess.then(|| "A guess: it is merged from the data of the events.".to_owned());
    };
    let leaf = rules.aggregate.leaves.iter().find(|leaf| leads_to(&leaf.pointer, pointer))?;
    let mut lines: Vec<String> = leaf
        .effects
        .iter()
        .take(NAMED)
        .map(|effect| {
            let on = match (rules.basis, effect.evidence) {
                (Basis::Suggested, _) => "suggested".to_owned(),
                (Basis::Learnt, 0) => "no evidence tells".to_owned(),
                (Basis::Learnt, 1) => "1 says so".to_owned(),
                (Basis::Learnt, many) => format!("{many} say so"),
            };
            format!("{}: {} ({on})", effect.event_type, effect.effect)
        })
        .collect();
    if leaf.effects.len() > NAMED {
        lines.push(format!("and {} more event types", leaf.effects.len() - NAMED));
    }
    if leaf.agreement.of > 0 {
        lines.push(format!("agrees with {} of {} {}", leaf.agreement.agree, leaf.agreement.of, rules.states));
    }
    Some(lines.join("\n"))
}

/// Whether a pattern, in which `*` stands for any key, is a place or lies above it.
fn leads_to(pattern: &str, pointer: &str) -> bool {
    let mut parts = pointer.split('/');
    pattern.split('/').all(|wanted| parts.next().is_some_and(|part| wanted == "*" || wanted == part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_leads_to_what_lies_at_it_and_beneath() {
        assert!(leads_to("/lines/*/qty", "/lines/L1/qty") && leads_to("/owner", "/owner/name"));
        assert!(!leads_to("/lines/*/qty", "/lines/L1") && !leads_to("/own", "/owner"));
    }
}
