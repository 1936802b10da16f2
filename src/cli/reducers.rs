//! What the verbs fold by: the user's rules or code, the library's, the best that can be found, or the merge.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::codec::visible;
use crate::error::Result;
use crate::event::StreamName;
use crate::insight::{self, RulesWanted};
use crate::model::ReducerCommand;
use crate::session::{FoundReducers, ReducersOrigin};
use crate::source::Source;

use super::arguments::{Database, Folding};

/// Chooses what folds: for these streams, or for any where there are none. The choice is the same for every verb: what the
/// arguments say; else what the user or the library wrote, and where that leaves an aggregate type to the guess, the rules
/// that are learnt and hold, or are suggested; else the merge.
pub(super) fn choose(
    database: &Database,
    source: &Source,
    folding: &Folding,
    streams: &[StreamName],
) -> Result<FoundReducers> {
    if folding.merge {
        return Ok(FoundReducers::guess());
    }
    let found = FoundReducers::find(&database.file, folding.reducers.as_deref(), source.state_spec())?;
    match &folding.reducer_command {
        Some(line) => run(found, line.clone()),
        None => with_known(source, found, streams),
    }
}

/// The application's own code. What it says is said on our standard error.
fn run(found: FoundReducers, line: String) -> Result<FoundReducers> {
    let said = |line: &str| {
        // There is nowhere left to say that the standard error cannot be written.
        let _ = writeln!(std::io::stderr().lock(), "reducer: {}", visible(line));
    };
    found.run(&ReducerCommand { line, folder: None }, Arc::new(said), &|| false)
}

/// The same with the rules that can be found, where neither the user nor the library says all.
fn with_known(source: &Source, found: FoundReducers, streams: &[StreamName]) -> Result<FoundReducers> {
    let partly = matches!(&found.origin, ReducersOrigin::Library(library) if library.partial);
    let types: BTreeSet<&str> = streams.iter().map(|stream| stream.aggregate_type.as_str()).collect();
    let told = !types.is_empty() && types.iter().all(|of| !partly && !found.reducers.is_guess_for(of));
    if told || matches!(found.origin, ReducersOrigin::File(_)) {
        return Ok(found);
    }
    let only = (types.len() == 1).then(|| types.first().map(|of| (*of).to_owned())).flatten();
    let wanted = RulesWanted { aggregate_type: only, ..RulesWanted::default() };
    let rules = insight::rules(source, &wanted, &mut |_| ControlFlow::Continue(()))?;
    found.with_known(&rules.into_iter().map(Arc::new).collect())
}
