//! How one step of a stream comes out by rules that are being edited: the state before, the event, the rule, the state
//! after.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::error::Result;
use crate::event::{Event, StreamName, Version};
use crate::model::{RuleEdits, RulePart};
use crate::process::StopSwitch;
use crate::replay::{Applied, Evolve, Flaw, Fold, Outcome, Reducers, WrittenRule};
use crate::source::Source;

use super::edits::edited;
use super::reducers::FoundReducers;
use crate::session::Change;
use crate::session::workers::jobs::RunningJob;
use crate::session::workers::worker::CancelToken;

/// The largest payload that is folded, as for states.
const FOLDED: u64 = 16 << 20;

/// After how many events progress is told.
const BATCH: u64 = 256;

/// A step, and the rules by which it is to be folded.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// The stream.
    pub stream: StreamName,
    /// The step's version.
    pub version: Version,
    /// What is other in the rules.
    pub edits: RuleEdits,
}

/// How it came out.
#[derive(Clone, Debug, Default)]
pub struct TrialOutcome {
    /// The edited parts that cannot be read.
    pub flaws: BTreeMap<RulePart, Flaw>,
    /// The step; `None` where there is a flaw, or no such version.
    pub step: Option<ExplainedStep>,
}

/// A step with all that has to do with it.
#[derive(Clone, Debug)]
pub struct ExplainedStep {
    /// The event.
    pub event: Arc<Event>,
    /// The state before it.
    pub before: Arc<Value>,
    /// The rule by which it was folded; `None` where there is none, or the application's own code folds.
    pub rule: Option<WrittenRule>,
    /// The state after it.
    pub after: Arc<Value>,
    /// What it changed.
    pub changes: Vec<Change>,
    /// Whether the rule did its work.
    pub outcome: Outcome,
}

/// A trial with what it needs.
#[derive(Clone)]
pub(super) struct TrialJob {
    pub(super) trial: Trial,
    /// The reducers that are edited.
    pub(super) text: Arc<str>,
    /// Those that are in use.
    pub(super) reducers: FoundReducers,
}

/// Other rules come with another generation, so that two jobs for one trial are one.
impl PartialEq for TrialJob {
    fn eq(&self, other: &Self) -> bool {
        self.trial == other.trial
    }
}

/// Folds a stream up to a step.
pub(super) fn try_out(
    source: &Source,
    job: &TrialJob,
    running: &RunningJob,
    token: &CancelToken,
) -> Result<TrialOutcome> {
    let Trial { stream, version, edits } = &job.trial;
    let flaw = |(part, text): (RulePart, &str)| {
        let checked = match &part {
            RulePart::Initial => Reducers::check_initial(text).map(drop),
            RulePart::Rule(_) => Reducers::check(text),
            RulePart::Upcast(..) => Reducers::check_upcast(text),
        };
        checked.err().map(|flaw| (part, flaw))
    };
    let flaws: BTreeMap<RulePart, Flaw> = edits.written().filter_map(flaw).collect();
    if !flaws.is_empty() {
        return Ok(TrialOutcome { flaws, step: None });
    }
    let (switch, token) = (StopSwitch::default(), token.clone());
    switch.set(move || token.is_cancelled());
    let (mut evolve, rules): (Box<dyn Evolve>, Option<Reducers>) = if edits.is_empty() {
        let rules = job.reducers.application.is_none().then(|| job.reducers.reducers.clone());
        (job.reducers.evolver(stream, &switch), rules)
    } else {
        let rules = Reducers::parse(&edited(&job.text, edits)?, "the edited rules")?;
        (Box::new(Fold::new(&rules, &stream.aggregate_type)), Some(rules))
    };
    source.leave_unread(Some(FOLDED));
    evolve.begin(stream, None)?;
    let mut step = None;
    for (event, done) in source.read_history(stream, Version::MIN, Some(*version))?.zip(1_u64..) {
        let event = event?;
        let before = (event.version == *version).then(|| Arc::new(evolve.state().to_json()));
        let Applied { changes, outcome } = evolve.apply(&event)?;
        if let Some(before) = before {
            let rule = rules.as_ref().and_then(|rules| rules.written(&stream.aggregate_type, &event.event_type));
            let after = Arc::new(evolve.state().to_json());
            // It is shown: whoever paints it has nothing to decode.
            let _ = (event.data.decoded(), event.metadata.decoded());
            step = Some(ExplainedStep { event: Arc::new(event), before, rule, after, changes, outcome });
        }
        if done.is_multiple_of(BATCH) {
            running.done(done);
        }
    }
    Ok(TrialOutcome { flaws, step })
}
