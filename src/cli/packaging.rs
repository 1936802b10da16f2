//! What packages bring along: completions for shells, and pages for `man`.

use std::path::Path;

use clap_complete::Shell;
use clap_mangen::Man;

use crate::error::{Error, Result};

use super::arguments;
use super::output::{Outcome, Output};

/// The program's name, as it is called.
const PROGRAM: &str = "eventscope";

/// Prints what completes the words of the command line in a shell.
pub(super) fn completions(shell: Shell) -> Outcome {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut arguments::command(), PROGRAM, &mut text);
    let mut output = Output::new(false);
    output.bytes(&text)?;
    output.finish()
}

/// Prints the page of the program or of a verb, or writes all of them into a folder.
pub(super) fn man(verb: Option<&str>, folder: Option<&Path>) -> Outcome {
    let mut output = Output::new(false);
    match folder {
        Some(folder) => {
            let count = write_all(folder)?;
            output.line(&format!("{count} pages were written to {}", folder.display()))?;
        }
        None => output.bytes(&page(verb)?)?,
    }
    output.finish()
}

fn page(verb: Option<&str>) -> Result<Vec<u8>> {
    let mut command = arguments::command();
    // Gives each verb the name by which `man` looks for its page.
    command.build();
    let command = match verb {
        None => command,
        Some(verb) => command.find_subcommand(verb).cloned().ok_or_else(|| {
            Error::not_found(format!("there is no verb {verb}")).with_hint("`eventscope --help` lists them.")
        })?,
    };
    let mut text = Vec::new();
    Man::new(command.version(env!("CARGO_PKG_VERSION"))).render(&mut text)?;
    Ok(text)
}

fn write_all(folder: &Path) -> Result<usize> {
    let in_folder = |error: std::io::Error| Error::from(error).context(folder.display());
    std::fs::create_dir_all(folder).map_err(in_folder)?;
    let command = arguments::command();
    let verbs: Vec<String> = command.get_subcommands().map(|verb| verb.get_name().to_owned()).collect();
    let pages = std::iter::once((PROGRAM.to_owned(), page(None)))
        .chain(verbs.iter().map(|verb| (format!("{PROGRAM}-{verb}"), page(Some(verb)))));
    let mut count = 0;
    for (name, page) in pages {
        std::fs::write(folder.join(format!("{name}.1")), page?).map_err(in_folder)?;
        count += 1;
    }
    Ok(count)
}
