//! Where a state comes from, in sentences: the whole of it, and value by value.

use crate::insight::{Basis, Leaf, LeafEffect, TypeRules};
use crate::session::ReducersInfo;

/// How many event types are named that make one value, and how many lines of a rule are shown.
const NAMED: usize = 6;

/// How many characters of a rule are shown.
const LONGEST: usize = 300;

/// A rule that merges an event's data into the state, and the one that does so for want of a better one.
const MERGE: &str = "merge";
const GUESS: &str = "guess";

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

/// Which rule makes a value, and on what evidence; `None` where nothing is known of it. `setter` is the type of the event
/// that set it last.
pub(super) fn why(
    reducers: &ReducersInfo,
    aggregate_type: &str,
    setter: Option<&str>,
    pointer: &str,
) -> Option<String> {
    let mut lines: Vec<String> = setter.and_then(|setter| by(reducers, aggregate_type, setter)).into_iter().collect();
    lines.extend(reducers.rules.iter().flat_map(|rules| evidence(rules, pointer)));
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// Whose rule it is that an event of a type is folded by, and the rule.
fn by(reducers: &ReducersInfo, aggregate_type: &str, event_type: &str) -> Option<String> {
    let rule = reducers.rule(aggregate_type, event_type)?;
    let whose = match (&reducers.rules, &reducers.library) {
        _ if &*rule.text == GUESS => return Some(format!("A guess: it is merged from the data of {event_type}.")),
        (Some(rules), _) if rules.basis == Basis::Learnt => "Learnt rule",
        (Some(_), _) => "Suggested rule",
        (None, Some(_)) => "The library's rule",
        (None, None) => "Your rule",
    };
    let says = match &*rule.text {
        MERGE => "its data is merged into the state".to_owned(),
        "replace" => "its data is the state".to_owned(),
        text => shortened(text),
    };
    Some(format!("{whose} for {event_type}: {says}"))
}

/// The first lines of a rule.
fn shortened(rule: &str) -> String {
    let lines: Vec<&str> = rule.trim().lines().take(NAMED).collect();
    let text = lines.join("\n");
    let cut = text.char_indices().nth(LONGEST).map_or(text.len(), |(end, _)| end);
    let all = cut == text.len() && lines.len() == rule.trim().lines().count();
    format!("{}{}", text.get(..cut).unwrap_or_default(), if all { "" } else { "…" })
}

/// What is known of a value by the rules that were found for it.
fn evidence(rules: &TypeRules, pointer: &str) -> Vec<String> {
    let Some(leaf) = rules.aggregate.leaves.iter().find(|leaf| leads_to(&leaf.pointer, pointer)) else {
        return Vec::new();
    };
    let on = |effect: &LeafEffect| match (rules.basis, effect.evidence) {
        (Basis::Suggested, _) => "suggested".to_owned(),
        (Basis::Learnt, 0) => "no evidence tells".to_owned(),
        (Basis::Learnt, 1) => "1 says so".to_owned(),
        (Basis::Learnt, many) => format!("{many} say so"),
    };
    let effects = leaf.effects.iter().take(NAMED);
    let mut lines: Vec<String> =
        effects.map(|effect| format!("{}: {} ({})", effect.event_type, effect.effect, on(effect))).collect();
    if leaf.effects.len() > NAMED {
        lines.push(format!("and {} more event types", leaf.effects.len() - NAMED));
    }
    if leaf.agreement.of > 0 {
        lines.push(format!("agrees with {} of {} {}", leaf.agreement.agree, leaf.agreement.of, rules.states));
    }
    lines
}

/// Whether a value is only guessed: merged from what the events hold, suggested by names, or learnt and doubtful.
pub(super) fn is_guessed(reducers: &ReducersInfo, aggregate_type: &str, setter: Option<&str>, pointer: &str) -> bool {
    if reducers.command.is_some() {
        return false;
    }
    if let Some(rules) = &reducers.rules {
        let leaf = rules.aggregate.leaves.iter().find(|leaf| leads_to(&leaf.pointer, pointer));
        return rules.basis == Basis::Suggested || leaf.is_some_and(is_doubtful);
    }
    let merged = || {
        let rule = setter.and_then(|setter| reducers.rule(aggregate_type, setter));
        rule.is_some_and(|rule| [GUESS, MERGE].contains(&&*rule.text))
    };
    reducers.guess || reducers.library.as_ref().is_some_and(|library| library.partial) && merged()
}

/// Whether the evidence for a part of the state says otherwise more often than not, or says nothing of any effect on it.
fn is_doubtful(leaf: &Leaf) -> bool {
    let agreement = leaf.agreement;
    let silent = !leaf.effects.is_empty() && leaf.effects.iter().all(|effect| effect.evidence == 0);
    silent || (agreement.of > 0 && agreement.agree * 2 < agreement.of)
}

/// Whether a pattern, in which `*` stands for any key, is a place or lies above it.
fn leads_to(pattern: &str, pointer: &str) -> bool {
    let mut parts = pointer.split('/');
    pattern.split('/').all(|wanted| parts.next().is_some_and(|part| wanted == "*" || wanted == part))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::insight::{Aggregate, Agreement};
    use crate::replay::Reducers;

    #[test]
    fn a_pattern_leads_to_what_lies_at_it_and_beneath() {
        assert!(leads_to("/lines/*/qty", "/lines/L1/qty") && leads_to("/owner", "/owner/name"));
        assert!(!leads_to("/lines/*/qty", "/lines/L1") && !leads_to("/own", "/owner"));
    }

    fn learnt() -> ReducersInfo {
        let text = "[aggregate.account.on]\n\"Deposited\" = '.balance += $event.data.amount'\n";
        let effect = |evidence| LeafEffect {
            event_type: "Deposited".to_owned(),
            effect: "+ amount".to_owned(),
            evidence,
            rivals: Vec::new(),
        };
        let leaf = |pointer: &str, evidence, agree| Leaf {
            pointer: pointer.to_owned(),
            effects: vec![effect(evidence)],
            agreement: Agreement { agree, of: 12 },
            held_out: Agreement::default(),
        };
        let leaves = vec![leaf("/balance", 7, 12), leaf("/limit", 0, 12), leaf("/owner", 3, 4)];
        let rules = TypeRules {
            basis: Basis::Learnt,
            aggregate: Aggregate { leaves, ..Aggregate::default() },
            reducers: text.to_owned(),
            states: "snapshots".to_owned(),
            refused: None,
            late: false,
        };
        let written = Reducers::parse(text, "test").unwrap();
        ReducersInfo { rules: Some(Arc::new(rules)), written: Some(written), ..ReducersInfo::default() }
    }

    #[test]
    fn a_value_tells_its_rule_and_the_evidence_for_it() {
        let why = why(&learnt(), "account", Some("Deposited"), "/balance").unwrap();
        assert_eq!(
            why,
            "Learnt rule for Deposited: .balance += $event.data.amount\nDeposited: + amount (7 say so)\n\
             agrees with 12 of 12 snapshots"
        );
    }

    #[test]
    fn what_no_evidence_says_and_what_it_mostly_denies_is_guessed() {
        let guessed = |pointer: &str| is_guessed(&learnt(), "account", Some("Deposited"), pointer);
        assert_eq!([guessed("/balance"), guessed("/limit"), guessed("/owner")], [false, true, true]);
        let guess = Reducers::guess();
        let info = ReducersInfo { guess: true, written: Some(guess), ..ReducersInfo::default() };
        assert!(is_guessed(&info, "account", Some("Deposited"), "/amount"));
        assert!(
            why(&info, "account", Some("Deposited"), "/amount").unwrap().contains("merged from the data of Deposited")
        );
    }

    #[test]
    fn a_long_rule_is_cut() {
        let lines = vec![".a = 1"; 20].join("\n| ");
        assert!(shortened(&lines).ends_with('…') && shortened(&lines).lines().count() == NAMED);
        assert_eq!(shortened(".a = 1\n"), ".a = 1");
    }
}
