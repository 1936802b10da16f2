//! Finds the reducers of a database: a file that was named, one beside it, what its library defines, or the guess; or the
//! application's own code.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::event::StreamName;
use crate::insight::{Basis, TypeRules};
use crate::model::ReducerCommand;
use crate::process::{Launch, Limits, ProcessFold, ReducerProcess, Said, StopSwitch};
use crate::profile::StateSpec;
use crate::replay::{Evolve, Fold, Reducers, RulesFile};

/// What the name of a reducers file ends with.
const ENDING: &str = ".reducers.toml";

/// Reducers, and where they come from.
#[derive(Clone)]
pub struct FoundReducers {
    /// The reducers.
    pub reducers: Reducers,
    /// Where they come from.
    pub origin: ReducersOrigin,
    /// The application's own code, which folds in place of the rules.
    pub application: Option<ReducerProcess>,
    /// The rules that were looked for, for the aggregate types that nobody else has any for.
    pub known: Option<KnownRules>,
}

/// Rules that were learnt or are suggested, and what they were put beneath or above.
#[derive(Clone)]
pub struct KnownRules {
    rules: Arc<[Arc<TypeRules>]>,
    /// What there was without them.
    without: Reducers,
    /// Whether learnt rules go before the library's, which says only a part.
    first: bool,
}

impl KnownRules {
    /// Those that are used for an aggregate type.
    fn of(&self, aggregate_type: &str) -> Option<&Arc<TypeRules>> {
        let of_type = |rules: &&Arc<TypeRules>| {
            let name = &rules.aggregate.aggregate_type;
            name == aggregate_type || name.is_empty()
        };
        let found = self.rules.iter().find(of_type)?;
        let open = self.without.is_guess_for(aggregate_type) || self.first && found.basis == Basis::Learnt;
        Some(found).filter(|_| open)
    }
}

impl FoundReducers {
    /// What an edited reducers file begins with: the user's own, else all that is in use, so that nothing but what is
    /// edited comes out otherwise. The aggregate types whose state is a guess get a rule that says so.
    ///
    /// Fails where the user's own cannot be read.
    pub fn text(&self, library: Option<&StateSpec>, aggregate_types: &[String]) -> Result<String> {
        if let ReducersOrigin::File(path) = &self.origin {
            return read_text(path);
        }
        let library = match &self.origin {
            ReducersOrigin::Library(_) => library.and_then(StateSpec::text).unwrap_or_default(),
            _ => "",
        };
        let own = RulesFile::parse(library)?;
        let mut text = String::new();
        for aggregate_type in aggregate_types {
            let known = self.known_of(aggregate_type).filter(|_| !own.has_section(aggregate_type));
            if let Some(rules) = known {
                text.push_str(&rules.reducers);
                text.push('\n');
            } else if self.reducers.is_guess_for(aggregate_type) {
                let mut guess = RulesFile::default();
                guess.set_rule(aggregate_type, "*", Some("merge"))?;
                text.push_str("# A guess: each event's data is merged into the state.\n");
                text.push_str(&guess.text());
                text.push('\n');
            }
        }
        text.push_str(library);
        Ok(text)
    }
}

/// Where reducers come from, in the order in which they are preferred.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ReducersOrigin {
    /// A file of the user's.
    File(PathBuf),
    /// The profile: what the library itself says that the state is.
    Library(LibraryState),
    /// Nobody says: the merge of what the events hold.
    #[default]
    Guess,
}

/// What the library says that a state is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LibraryState {
    /// In its own words.
    pub title: String,
    /// Whether that is only a part of the state, and the rest is the application's.
    pub partial: bool,
}

impl FoundReducers {
    /// The reducers of the file `named`, else those beside the database, else those of the library that wrote it, else
    /// the guess.
    ///
    /// Fails where a file is there and cannot be used.
    pub fn find(database: &Path, named: Option<&Path>, library: Option<&StateSpec>) -> Result<Self> {
        if let Some(path) = named.map(Path::to_owned).or_else(|| beside(database)) {
            let reducers = read(&path)?;
            if !reducers.only_hold() {
                return Ok(Self { reducers, origin: ReducersOrigin::File(path), application: None, known: None });
            }
            let beneath = Self::without_file(library)?;
            return Ok(Self { reducers: reducers.over(beneath.reducers.clone()), ..beneath });
        }
        Self::without_file(library)
    }

    fn without_file(library: Option<&StateSpec>) -> Result<Self> {
        library.map_or_else(|| Ok(Self::guess()), Self::of_library)
    }

    /// What a profile says. What it says nothing of is guessed.
    fn of_library(spec: &StateSpec) -> Result<Self> {
        let Some(text) = spec.text() else { return Ok(Self::guess()) };
        let rules = Reducers::parse(text, &format!("the profile's rules for {}", spec.title))?;
        let library = LibraryState { title: spec.title.clone(), partial: spec.partial };
        let (reducers, origin) = (rules.over(Reducers::guess()), ReducersOrigin::Library(library));
        Ok(Self { reducers, origin, application: None, known: None })
    }

    /// The same with the rules that were looked for: the library's own go first, unless they say only a part and the
    /// learnt ones all of it; then learnt ones, suggested ones, the guess. A user's own rules stay alone.
    ///
    /// Fails where rules that were found cannot be read.
    pub fn with_known(self, rules: &Arc<[Arc<TypeRules>]>) -> Result<Self> {
        if matches!(self.origin, ReducersOrigin::File(_)) || rules.is_empty() {
            return Ok(self);
        }
        let of = |basis: Basis| {
            let text: Vec<&str> =
                rules.iter().filter(|rules| rules.basis == basis).map(|rules| rules.reducers.as_str()).collect();
            Reducers::parse(&text.join("\n"), "the rules that were found")
        };
        let (learnt, suggested) = (of(Basis::Learnt)?, of(Basis::Suggested)?.over(Reducers::guess()));
        let first = matches!(&self.origin, ReducersOrigin::Library(library) if library.partial);
        let reducers = if first {
            learnt.over(self.reducers.floored(&suggested))
        } else {
            self.reducers.floored(&learnt.over(suggested))
        };
        let known = KnownRules { rules: Arc::clone(rules), without: self.reducers.clone(), first };
        Ok(Self { reducers, known: Some(known), ..self })
    }

    /// Whether somebody's rules would be welcome: the user wrote none, no code folds, and the library does not say all.
    #[must_use]
    pub fn is_open(&self) -> bool {
        let said = match &self.origin {
            ReducersOrigin::File(_) => true,
            ReducersOrigin::Library(library) => !library.partial,
            ReducersOrigin::Guess => false,
        };
        !said && self.application.is_none()
    }

    /// The rules that were looked for, where they fold the streams of an aggregate type.
    #[must_use]
    pub fn known_of(&self, aggregate_type: &str) -> Option<&Arc<TypeRules>> {
        self.known.as_ref().filter(|_| self.application.is_none())?.of(aggregate_type)
    }

    /// The same reducers with the process of a command that folds in their place. How a stored snapshot is to be read
    /// stays theirs to say.
    ///
    /// Fails where the process does not start.
    pub fn run(self, command: &ReducerCommand, said: Said, stop: &dyn Fn() -> bool) -> Result<Self> {
        let launch = Launch { line: command.line.clone(), folder: command.folder.clone() };
        let application = ReducerProcess::start(launch, Limits::default(), said, stop)?;
        Ok(Self { application: Some(application), ..self })
    }

    /// What folds a stream by them, until `stop` says otherwise.
    #[must_use]
    pub fn evolver(&self, stream: &StreamName, stop: &StopSwitch) -> Box<dyn Evolve> {
        match &self.application {
            Some(process) => Box::new(ProcessFold::new(process.clone(), stop.clone())),
            None => Box::new(Fold::new(&self.reducers, &stream.aggregate_type)),
        }
    }

    /// The guess.
    #[must_use]
    pub fn guess() -> Self {
        Self { reducers: Reducers::guess(), origin: ReducersOrigin::Guess, application: None, known: None }
    }

    /// Where the state of streams of an aggregate type comes from, in a few words: "library: ADK's `state_delta`".
    #[must_use]
    pub fn label(&self, aggregate_type: &str) -> String {
        match (&self.application, self.known_of(aggregate_type)) {
            (Some(_), _) => "your application's code".to_owned(),
            (None, Some(rules)) => rules.label(),
            (None, None) => self.origin.label(&self.reducers, aggregate_type),
        }
    }
}

impl ReducersOrigin {
    /// The same for reducers that come from here.
    #[must_use]
    pub fn label(&self, reducers: &Reducers, aggregate_type: &str) -> String {
        match self {
            Self::Library(library) if !reducers.is_guess_for(aggregate_type) => {
                let rest = if library.partial { "; the rest is a guess" } else { "" };
                format!("library: {}{rest}", library.title)
            }
            Self::Library(_) | Self::Guess => Reducers::guess().label().to_owned(),
            Self::File(_) => reducers.label().to_owned(),
        }
    }

    /// The file that they come from.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Library(_) | Self::Guess => None,
        }
    }
}

/// The reducers file beside a database: `orders.reducers.toml` or `orders.db.reducers.toml` for `orders.db`.
#[must_use]
pub fn beside(database: &Path) -> Option<PathBuf> {
    let names = [database.file_stem()?, database.file_name()?];
    let paths = names.map(|name| {
        let mut name = OsString::from(name);
        name.push(ENDING);
        database.with_file_name(name)
    });
    paths.into_iter().find(|path| path.is_file())
}

/// The file that the reducers of a database are in, or would be.
#[must_use]
pub fn file_of(database: &Path, named: Option<&Path>) -> PathBuf {
    named.map(Path::to_owned).or_else(|| beside(database)).unwrap_or_else(|| {
        let mut name = database.file_stem().unwrap_or_default().to_owned();
        name.push(ENDING);
        database.with_file_name(name)
    })
}

fn read_text(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| {
        let message = format!("the reducers in {} cannot be read: {error}", path.display());
        Error::bad_input(message).with_source(error)
    })
}

fn read(path: &Path) -> Result<Reducers> {
    let text = read_text(path)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Reducers::parse(&text, &name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reducers_file_is_found_by_either_name() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("orders.db");
        assert_eq!(beside(&database), None);
        let whole = folder.path().join("orders.db.reducers.toml");
        std::fs::write(&whole, "").unwrap();
        assert_eq!(beside(&database), Some(whole));
        let stem = folder.path().join("orders.reducers.toml");
        std::fs::write(&stem, "").unwrap();
        assert_eq!(beside(&database), Some(stem));
    }

    #[test]
    fn the_user_s_rules_go_before_the_library_s_and_those_before_the_guess() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("orders.db");
        let rules = "[aggregate.\"run\".on]\n\"*\" = \"replace\"\n";
        let spec =
            StateSpec { title: "the run's last row".to_owned(), rules: Some(rules.to_owned()), ..StateSpec::default() };
        let found = |spec: Option<&StateSpec>| FoundReducers::find(&database, None, spec).unwrap();
        assert_eq!(found(None).label("run"), "guess: merge patch");
        let library = found(Some(&spec));
        assert_eq!(library.label("run"), "library: the run's last row");
        assert_eq!(library.label("walk"), "guess: merge patch", "the library says nothing of walks");
        let partly = StateSpec { partial: true, ..spec.clone() };
        assert_eq!(found(Some(&partly)).label("run"), "library: the run's last row; the rest is a guess");

        let own = folder.path().join("orders.reducers.toml");
        std::fs::write(&own, "").unwrap();
        let found = FoundReducers::find(&database, None, Some(&spec)).unwrap();
        assert_eq!((found.label("run").as_str(), found.origin.path()), ("your rules", Some(own.as_path())));
    }

    #[test]
    fn a_file_that_only_says_what_must_hold_leaves_the_folding_to_others() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("orders.db");
        let spec = StateSpec {
            title: "the last row".to_owned(),
            rules: Some("[aggregate.\"run\".on]\n\"*\" = \"replace\"\n".to_owned()),
            ..StateSpec::default()
        };
        std::fs::write(file_of(&database, None), "[aggregate.run]\ninvariants = ['.n >= 0']\n").unwrap();
        let found = FoundReducers::find(&database, None, Some(&spec)).unwrap();
        assert_eq!((found.label("run").as_str(), found.origin.path()), ("library: the last row", None));
        assert_eq!((found.label("walk").as_str(), found.is_open()), ("guess: merge patch", false));
        assert_eq!(crate::replay::probe::Invariant::of(&found.reducers).len(), 1);
        let guessed = FoundReducers::find(&database, None, None).unwrap();
        assert!(guessed.is_open() && guessed.label("run") == "guess: merge patch", "rules are still looked for");
        assert!(matches!(guessed.reducers.maker("run", "x"), crate::replay::Maker::Guess));
    }

    #[test]
    fn rules_of_a_profile_that_cannot_be_read_are_told_of() {
        let spec = StateSpec { title: "x".into(), rules: Some("[aggregat]".into()), ..StateSpec::default() };
        let error = FoundReducers::find(Path::new("x.db"), None, Some(&spec)).err().unwrap();
        assert!(error.to_string().contains("the profile's rules for x"), "{error}");
    }
}
