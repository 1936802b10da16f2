//! `eventscope adapter`: the scripts through which an application's own code folds.

use serde_json::json;

use crate::error::Error;
use crate::process::Adapter;

use super::output::{Align, Columns, Outcome, Output};

/// Lists the adapters.
pub(super) fn list(json: bool) -> Outcome {
    let mut output = Output::new(json);
    if json {
        for Adapter { name, title, command, .. } in Adapter::all() {
            output.document(&json!({"name": name, "title": title, "command": command}))?;
        }
        return output.finish();
    }
    let titles = [("NAME", Align::Left), ("LETS FOLD", Align::Left), ("RUN AS", Align::Left)];
    let mut columns = Columns::new(&mut output, &titles);
    for Adapter { name, title, command, .. } in Adapter::all() {
        columns.row([name, title, command].map(|text| (*text).to_owned()).to_vec())?;
    }
    columns.write()?;
    output.finish()
}

/// Prints one adapter.
pub(super) fn print(name: &str) -> Outcome {
    let adapter = Adapter::named(name).ok_or_else(|| {
        let hint = "`eventscope adapter` lists those that there are.";
        Error::not_found(format!("no adapter is called {name}")).with_hint(hint)
    })?;
    let mut output = Output::new(false);
    output.exactly(adapter.text.trim_end())?;
    output.finish()
}
