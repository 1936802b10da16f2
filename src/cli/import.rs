//! `eventscope import`: lines of JSON become events of a store.

use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::path::Path;

use serde_json::json;

use crate::error::Error;
use crate::store::Places;

use super::output::{Outcome, Output};

/// Imports the lines of a file, or of the standard input for `-`.
pub(super) fn run(file: &Path, lines: &Path, keep: bool, as_json: bool) -> Outcome {
    let mut store = super::open_store(file)?;
    let places = if keep { Places::Kept } else { Places::Anew };
    let shown = lines.display();
    let imported = store.import(&mut reader(lines)?, places, progress).map_err(|error| error.context(shown))?;
    let mut output = Output::new(as_json);
    if as_json {
        output.document(&json!({"imported": imported, "last_position": store.last_position()?}))?;
    } else {
        output.line(&format!("imported {imported} events"))?;
    }
    output.finish()
}

fn reader(lines: &Path) -> Result<Box<dyn BufRead>, Error> {
    if lines.as_os_str() == "-" {
        return Ok(Box::new(BufReader::new(std::io::stdin())));
    }
    let file = File::open(lines)
        .map_err(|error| Error::bad_input(format!("{}: {error}", lines.display())).with_source(error))?;
    Ok(Box::new(BufReader::new(file)))
}

/// Says how far it has come, where somebody is watching.
fn progress(events: u64) {
    let mut stderr = std::io::stderr();
    if stderr.is_terminal() {
        // Whoever cannot be told waits for the answer.
        let _ = write!(stderr, "{events} events\r");
    }
}
