//! `eventscope profiles` and `eventscope profile NAME`: which profiles there are, and what one of them says.

use std::io::Write;

use serde_json::json;

use crate::error::Error;
use crate::profile::{self, Library, library};

use super::output::{Align, Columns, Outcome, Output};

/// The user's own profiles. Those that cannot be read are told of on the standard error, and stop nothing.
pub(super) fn library() -> Library {
    let library = library::folder().map(|folder| Library::read(&folder)).unwrap_or_default();
    let mut stderr = std::io::stderr().lock();
    for error in library.broken() {
        // There is nowhere left to say that the standard error cannot be written.
        let _ = writeln!(stderr, "warning: {error}");
    }
    library
}

/// Lists the profiles.
pub(super) fn list(json: bool) -> Outcome {
    let library = library();
    let own = library.profiles().iter().map(|own| (&own.profile, Some(own.path.as_path())));
    let all: Vec<_> = own.chain(profile::built_in().iter().map(|profile| (profile, None))).collect();
    let mut output = Output::new(json);
    if json {
        for (profile, path) in all {
            let path = path.map(|path| path.to_string_lossy());
            let document =
                json!({"name": profile.name, "title": profile.title, "built_in": path.is_none(), "path": path});
            output.document(&document)?;
        }
        return output.finish();
    }
    let titles = [("NAME", Align::Left), ("TITLE", Align::Left), ("WHERE", Align::Left)];
    let mut columns = Columns::new(&mut output, &titles);
    for (profile, path) in all {
        let place = path.map_or_else(|| "built in".to_owned(), |path| path.display().to_string());
        columns.row(vec![profile.name.clone(), profile.title.clone(), place])?;
    }
    columns.write()?;
    output.finish()
}

/// Prints one profile as its file has it, comments and all.
pub(super) fn print(name: &str) -> Outcome {
    let library = library();
    let toml = match (library.named(name), profile::text_of(name)) {
        (Some(own), _) => std::fs::read_to_string(&own.path)
            .map_err(|error| Error::from(error).context(format_args!("reading the profile {}", own.path.display())))?,
        (None, Some(toml)) => toml.to_owned(),
        (None, None) => {
            let hint = "`eventscope profiles` lists those that there are.";
            return Err(Error::not_found(format!("no profile is called {name}")).with_hint(hint).into());
        }
    };
    let mut output = Output::new(false);
    output.exactly(toml.trim_end())?;
    output.finish()
}
