//! The best rules that are known of a database's aggregates where nobody wrote any: learnt from the states that it keeps
//! itself, its snapshots and read models, and from what a person corrected; else suggested by names and values.
//!
//! It is bounded: so many events, states, bytes and so much time. What is beyond is left out, never waited for.

mod gather;

use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind, Result};
use crate::learn::{Aggregate, Agreement, Evidence, Learner, Learnt};
use crate::replay::Reducers;
use crate::source::Source;

use gather::Gathered;

/// What rules may come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleSources {
    /// From states that the application stored.
    pub snapshots: bool,
    /// From tables whose rows are what streams came to.
    pub tables: bool,
    /// From names and from how values behave, where there is nothing else.
    pub names: bool,
}

impl Default for RuleSources {
    fn default() -> Self {
        Self { snapshots: true, tables: true, names: true }
    }
}

/// How much is read and how long is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleLimits {
    /// How many events.
    pub events: usize,
    /// How many states of each kind of evidence.
    pub states: usize,
    /// How many bytes of either.
    pub bytes: usize,
    /// How long the search goes on, all told.
    pub time: Duration,
}

impl Default for RuleLimits {
    fn default() -> Self {
        Self { events: 60_000, states: 4_000, bytes: 128 << 20, time: Duration::from_mins(1) }
    }
}

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct RulesWanted {
    /// For this aggregate type alone.
    pub aggregate_type: Option<String>,
    /// From what.
    pub sources: RuleSources,
    /// What a person says of some states.
    pub examples: Vec<Evidence>,
    /// How much is read.
    pub limits: RuleLimits,
}

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RulesProgress {
    /// So many events were read.
    Reading(usize),
    /// The rules of this aggregate type are being looked for: the how manieth, and of how many.
    Learning(String, usize, usize),
}

/// What rules stand on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// On states that are known.
    Learnt,
    /// On names and values alone.
    Suggested,
}

/// The rules of one aggregate type.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeRules {
    /// What they stand on.
    pub basis: Basis,
    /// What is known of each part of the state.
    pub aggregate: Aggregate,
    /// The rules as a section of a reducers file.
    pub reducers: String,
    /// What the states are that they were held against, in the plural: "snapshots", "rows of `order_view`".
    pub states: String,
    /// What was learnt and does not hold, so that these rules are used instead.
    pub refused: Option<Agreement>,
    /// Whether there was no time left to learn from the states that are known.
    pub late: bool,
}

impl TypeRules {
    /// Where the state comes from, in a few words: "learnt: agrees with 112 of 112 snapshots".
    #[must_use]
    pub fn label(&self) -> String {
        let Agreement { agree, of } = self.aggregate.states;
        match self.basis {
            Basis::Learnt => format!("learnt: agrees with {agree} of {of} {}", self.states),
            Basis::Suggested => "suggested by names and values".to_owned(),
        }
    }
}

/// The rules of several aggregate types as one reducers file.
#[must_use]
pub fn as_file(rules: &[TypeRules]) -> String {
    let mut text = String::new();
    for one in rules {
        if !text.is_empty() {
            text.push('\n');
        }
        if let Some(Agreement { agree, of }) = one.refused {
            // Writing to a text cannot fail.
            let _ =
                writeln!(text, "# What was learnt agrees with only {agree} of {of} values held out, and is not used.");
            name_unexplained(&one.aggregate, &mut text);
        }
        if one.late {
            text.push_str("# Learning from the states that are known took too long and was left.\n");
        }
        text.push_str(&one.reducers);
    }
    text
}

/// How many pieces of evidence are named one by one.
const NAMED: usize = 5;

/// Names the states that no rule that was found explains: they drifted, or are made of what events do not say.
fn name_unexplained(aggregate: &Aggregate, text: &mut String) {
    let one_line =
        |text: &str| text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect::<String>();
    for known in aggregate.unexplained.iter().take(NAMED) {
        let (source, stream) = (one_line(&known.source), one_line(&known.stream.to_string()));
        let places = one_line(&known.pointers.join(", "));
        let _ = writeln!(text, "# No rule explains: {source} of {stream} at version {}: {places}", known.version);
    }
    if aggregate.unexplained.len() > NAMED {
        let _ = writeln!(text, "# … and {} more.", aggregate.unexplained.len() - NAMED);
    }
}

/// Looks for the best rules of each aggregate type.
///
/// `progress` hears how far it is and may break it off.
///
/// # Errors
/// What reading failed with; [`ErrorKind::Cancelled`] where `progress` or the source's interrupt stopped it.
pub fn rules(
    source: &Source,
    wanted: &RulesWanted,
    progress: &mut dyn FnMut(&RulesProgress) -> ControlFlow<()>,
) -> Result<Vec<TypeRules>> {
    let gathered = Gathered::read(source, wanted, progress)?;
    let deadline = Instant::now() + wanted.limits.time;
    let (mut found, of) = (Vec::new(), gathered.kinds.len());
    for (place, (aggregate_type, kind)) in gathered.kinds.into_iter().enumerate() {
        let stage = RulesProgress::Learning(aggregate_type, place + 1, of);
        if progress(&stage).is_break() {
            return Err(stopped());
        }
        let mut late = false;
        let mut go_on = || {
            late = Instant::now() > deadline;
            if late { ControlFlow::Break(()) } else { progress(&stage) }
        };
        match best(&kind, wanted, share(deadline, of - place), &mut go_on) {
            Ok(rules) => found.extend(rules),
            // Out of time: names are read in no time.
            Err(error) if error.is_cancelled() && late => {
                let rules = suggested(&kind, wanted, &mut || progress(&stage))?;
                found.extend(rules.map(|rules| TypeRules { late: true, ..rules }));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// The least time that an aggregate type has, as long as there is any.
const LEAST: Duration = Duration::from_secs(5);

/// Until when one of so many aggregate types may be searched: one that is hard leaves the others their time. Then the
/// best that was found is made use of, which takes some time, too.
fn share(deadline: Instant, types: usize) -> Instant {
    let now = Instant::now();
    let left = deadline.saturating_duration_since(now);
    let part = left / u32::try_from(types.max(1)).unwrap_or(u32::MAX);
    now + part.max(LEAST).min(left) / 2
}

fn stopped() -> Error {
    Error::new(ErrorKind::Cancelled, "looking for rules was stopped")
}

/// The events and the evidence of one aggregate type.
struct Kind {
    learner: Learner,
    /// What the evidence is, in the plural; empty where there is none.
    states: String,
    /// Whether a person said something: that is what is learnt, whether it explains all or not.
    corrected: bool,
}

/// The best rules of one aggregate type: learnt ones that hold, else suggested ones.
fn best(
    kind: &Kind,
    wanted: &RulesWanted,
    until: Instant,
    progress: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<Option<TypeRules>> {
    let (mut refused, mut unexplained) = (None, Vec::new());
    if !kind.states.is_empty() {
        let learnt = kind.learner.learn_until(Some(until), progress)?;
        let rules = of(learnt, Basis::Learnt, &kind.states);
        match rules {
            Some(rules) if kind.corrected || holds(&rules.aggregate) => return Ok(Some(rules)),
            Some(rules) => {
                refused = Some(values(&rules.aggregate));
                unexplained = rules.aggregate.unexplained;
            }
            None => {}
        }
    }
    // What was known stays known: a state that no rule explains is named, whichever rules are used.
    Ok(suggested(kind, wanted, progress)?.map(|mut rules| {
        rules.aggregate.unexplained = unexplained;
        TypeRules { refused, ..rules }
    }))
}

/// What names and values say of one aggregate type.
fn suggested(
    kind: &Kind,
    wanted: &RulesWanted,
    progress: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<Option<TypeRules>> {
    if !wanted.sources.names {
        return Ok(None);
    }
    let suggested = of(kind.learner.suggest(progress)?, Basis::Suggested, "");
    Ok(suggested.filter(|rules| !rules.aggregate.leaves.is_empty()))
}

/// What was found of a single aggregate type, if it is something that can be used.
fn of(learnt: Learnt, basis: Basis, states: &str) -> Option<TypeRules> {
    let aggregate = learnt.aggregates.into_iter().next()?;
    let reducers = learnt.reducers;
    Reducers::parse(&reducers, "the rules that were found").ok()?;
    Some(TypeRules { basis, aggregate, reducers, states: states.to_owned(), refused: None, late: false })
}

/// Whether rules hold: nine of ten values are as the evidence says that was held out, or, where there was too little to
/// hold any out, as all of it says.
fn holds(aggregate: &Aggregate) -> bool {
    let Agreement { agree, of } = values(aggregate);
    of > 0 && agree * 10 >= of * 9
}

fn values(aggregate: &Aggregate) -> Agreement {
    let sum = |pick: fn(&crate::learn::Leaf) -> Agreement| {
        aggregate
            .leaves
            .iter()
            .map(pick)
            .fold(Agreement::default(), |sum, leaf| Agreement { agree: sum.agree + leaf.agree, of: sum.of + leaf.of })
    };
    let held_out = sum(|leaf| leaf.held_out);
    if held_out.of > 0 { held_out } else { sum(|leaf| leaf.agreement) }
}
