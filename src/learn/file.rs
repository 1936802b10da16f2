//! Writes what was found as a reducers file, each rule with its evidence as a comment.

use std::fmt::Write as _;

use super::evidence::{Aggregate, Leaf, Learnt};
use super::found::{Found, is_doubtful};
use crate::replay::toml_text::{basic, literal};

/// How many pieces of evidence that no rule explains are named.
const NAMED: usize = 8;

/// The reducers file with all that was found.
pub(super) fn written(found: Vec<Found>) -> Learnt {
    let mut reducers = String::new();
    for one in &found {
        if !reducers.is_empty() {
            reducers.push('\n');
        }
        section(one, &mut reducers);
    }
    Learnt { aggregates: found.into_iter().map(|found| found.aggregate).collect(), reducers }
}

fn section(found: &Found, text: &mut String) {
    let aggregate = &found.aggregate;
    // Without a type, all streams have the same one.
    let name = if aggregate.aggregate_type.is_empty() { "*" } else { &aggregate.aggregate_type };
    let name = basic(name);
    head(aggregate, text);
    if let Some(initial) = &found.initial {
        line(text, format_args!("[aggregate.{name}]"));
        line(text, format_args!("initial = {}", literal(initial)));
        text.push('\n');
    }
    line(text, format_args!("[aggregate.{name}.on]"));
    for (event_type, rule) in &found.rules {
        match rule {
            Some(rule) => {
                grounds(aggregate, event_type, text);
                line(text, format_args!("{} = {}", basic(event_type), literal(rule)));
            }
            None => line(text, format_args!("{} = \"ignore\"", basic(event_type))),
        }
    }
}

fn head(aggregate: &Aggregate, text: &mut String) {
    if aggregate.suggested {
        line(
            text,
            format_args!("# Suggested from the names and values of the events; nothing in the database says so."),
        );
        return;
    }
    line(
        text,
        format_args!(
            "# Learnt: agrees with {} of {} states that are known.",
            aggregate.states.agree, aggregate.states.of
        ),
    );
    if aggregate.held_out.of > 0 {
        let held_out = aggregate.held_out;
        line(
            text,
            format_args!("# Learnt from the others, it agreed with {} of {} held out.", held_out.agree, held_out.of),
        );
    }
    for unexplained in aggregate.unexplained.iter().take(NAMED) {
        let places = if unexplained.pointers.is_empty() {
            "no such version".to_owned()
        } else {
            unexplained.pointers.join(", ")
        };
        let source = comment(&unexplained.source);
        line(
            text,
            format_args!(
                "# No rule explains: {source} of {} at version {}: {}",
                comment(&unexplained.stream.to_string()),
                unexplained.version,
                comment(&places)
            ),
        );
    }
    if aggregate.unexplained.len() > NAMED {
        line(text, format_args!("# … and {} more.", aggregate.unexplained.len() - NAMED));
    }
}

/// On what a rule stands, a line for each part of the state that it changes.
fn grounds(aggregate: &Aggregate, event_type: &str, text: &mut String) {
    if aggregate.suggested {
        return;
    }
    for leaf in &aggregate.leaves {
        for effect in leaf.effects.iter().filter(|effect| effect.event_type == event_type) {
            let pointer = comment(&leaf.pointer);
            let mut words = match effect.evidence {
                0 => "not determined, as no evidence tells".to_owned(),
                1 => "1 says so".to_owned(),
                many => format!("{many} say so"),
            };
            if !effect.rivals.is_empty() && effect.evidence > 0 {
                let rivals: Vec<_> = effect.rivals.iter().map(|rival| format!("`{rival}`")).collect();
                let _ = write!(words, "; no stream tells `{}` from {}", effect.effect, rivals.join(", "));
            }
            if is_doubtful(leaf.agreement) {
                let _ = write!(words, "; doubtful: {}", agreement_of(leaf));
            }
            line(text, format_args!("# {pointer}: {}", comment(&words)));
        }
    }
}

fn agreement_of(leaf: &Leaf) -> String {
    format!("agrees with {} of {}", leaf.agreement.agree, leaf.agreement.of)
}

fn line(text: &mut String, what: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{what}");
}

/// Text on one line, without what TOML does not allow in a comment.
fn comment(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}
