//! A reducers file with what a person changes in it.

use crate::error::{Error, Result};
use crate::model::RuleEdits;
use crate::replay::{Reducers, RulesFile};

/// A reducers file with edits.
pub(super) fn edited(text: &str, edits: &RuleEdits) -> Result<String> {
    let mut file = RulesFile::parse(text)?;
    for (event_type, rule) in &edits.rules {
        file.set_rule(&edits.aggregate_type, event_type, rule.as_deref())?;
    }
    if let Some(initial) = &edits.initial {
        let initial = Reducers::check_initial(initial).map_err(|flaw| Error::bad_input(flaw.message))?;
        file.set_initial(&edits.aggregate_type, Some(&initial))?;
    }
    for ((event_type, from), upcast) in &edits.upcasts {
        file.set_upcast(event_type, *from, upcast.as_deref())?;
    }
    Ok(file.text())
}
