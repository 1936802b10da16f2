//! `eventscope check`: every stream that breaks a rule, and the first version at which it does.

use serde_json::{Value, json};

use crate::error::Error;
use crate::replay::probe::{Invariant, Invariants, Violation};

use super::arguments::{Database, Folding};
use super::folding::Folder;
use super::output::{Align, Failure, List, Outcome, Output};
use super::progress::Progress;

/// Holds every stream against these rules and those of the reducers. A violation is a plain no.
pub(super) fn run(database: &Database, folding: &Folding, rules: &[String]) -> Outcome {
    let mut rules: Vec<Invariant> = rules.iter().map(|rule| Invariant::parse(rule)).collect::<Result<_, _>>()?;
    let folder = Folder::open(database, folding, &[])?;
    rules.extend(Invariant::of(&folder.found.reducers));
    if rules.is_empty() {
        let error = Error::bad_input("there is no rule to check");
        return Err(error
            .with_hint("Give one with --rule 'AGGREGATE: EXPR', or keep `invariants` with the reducers.")
            .into());
    }
    let mut output = Output::new(database.json);
    let mut list = List::new(&mut output, &HEADINGS);
    let mut progress = Progress::new();
    let (mut streams, mut violations) = (0, 0_u64);
    folder.each_stream(|stream| {
        if !rules.iter().any(|rule| rule.is_about(stream)) {
            return Ok(());
        }
        streams += 1;
        progress.tell(streams, "streams");
        list.folded_by(folder.label(stream));
        let mut invariants = Invariants::new(rules.clone());
        folder.ask((stream, None), &mut invariants, &mut progress, |_, found| {
            violations += found.len() as u64;
            found.iter().try_for_each(|found| put(&mut list, found, rules.get(found.invariant)))?;
            list.flush()
        })?;
        Ok(())
    })?;
    progress.clear();
    if violations > 0 {
        list.flush()?;
        return Err(Failure::No);
    }
    if !database.json {
        return agreed(&mut output, streams, rules.len());
    }
    output.finish()
}

fn agreed(output: &mut Output, streams: u64, rules: usize) -> Outcome {
    let rules = if rules == 1 { "the rule".to_owned() } else { format!("all {rules} rules") };
    output.line(&format!("{streams} streams keep to {rules} at every version"))?;
    output.finish()
}

const HEADINGS: [(&str, Align); 6] = [
    ("STREAM", Align::Left),
    ("VERSION", Align::Right),
    ("POSITION", Align::Right),
    ("TYPE", Align::Left),
    ("RULE", Align::Left),
    ("", Align::Left),
];

fn put(list: &mut List<'_>, found: &Violation, rule: Option<&Invariant>) -> Outcome {
    let moment = &found.moment;
    let rule = rule.map_or_else(String::new, |rule| format!("{}: {}", rule.aggregate(), rule.predicate().text()));
    let document = || {
        let mut document = json!({
            "stream": found.stream.to_string(),
            "version": moment.version,
            "position": moment.position,
            "event_type": moment.event_type,
            "rule": rule,
        });
        if let (Some(message), Some(members)) = (&found.failure, document.as_object_mut()) {
            members.insert("error".to_owned(), Value::from(&**message));
        }
        document
    };
    list.put(document, || {
        vec![
            found.stream.to_string(),
            moment.version.to_string(),
            moment.position.to_string(),
            moment.event_type.clone(),
            rule.clone(),
            found.failure.as_ref().map_or_else(String::new, |message| format!("the rule fails: {message}")),
        ]
    })
}
