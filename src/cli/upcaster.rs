//! `eventscope schema --upcaster`: the skeleton of an upcaster between two schema versions of an event type.

use std::ops::ControlFlow;

use crate::error::{Error, ErrorKind};
use crate::insight::schema::{Inference, Schemas, SchemasWanted, TypeSchema, Upcaster};
use crate::session::gather_together;

use super::arguments::{Schema, UpcasterForm};
use super::output::{Outcome, Output};
use super::progress::Progress;

/// Infers the schemas of the type, and writes the upcaster.
pub(super) fn run(arguments: &Schema, form: UpcasterForm) -> Outcome {
    let source = super::open_events(&arguments.database)?;
    let (event_type, versions) = asked(arguments.event_type.as_deref().unwrap_or_default());
    let mut progress = Progress::new();
    let wanted = SchemasWanted { event_type: Some(event_type.to_owned()), schema_version: None };
    let schemas = gather_together(&source, &|| Inference::of(&wanted), &mut |seen| {
        progress.tell(seen, "events");
        ControlFlow::Continue(())
    })?
    .schemas;
    progress.clear();
    let (before, after) = chosen(&schemas, event_type, versions)?;
    let upcaster = Upcaster::between(before, after);
    let text = match form {
        UpcasterForm::Rust => upcaster.rust(),
        UpcasterForm::Jq => upcaster.section().ok_or_else(|| {
            Error::bad_input("an upcaster of a reducers file leads from a version that is a number to the next one")
                .with_hint("--upcaster=rust writes one between any two.")
        })?,
    };
    let mut output = Output::new(false);
    output.exactly(&text)?;
    output.finish()
}

/// The type, and the two versions where they are named: `order.placed@1..2`.
fn asked(text: &str) -> (&str, Option<(&str, &str)>) {
    let named = text.rsplit_once('@').and_then(|(name, versions)| Some((name, versions.split_once("..")?)));
    match named {
        Some((name, versions)) if !name.is_empty() => (name, Some(versions)),
        _ => (text, None),
    }
}

fn chosen<'s>(
    schemas: &'s Schemas,
    event_type: &str,
    versions: Option<(&str, &str)>,
) -> Result<(&'s TypeSchema, &'s TypeSchema), Error> {
    let mut known: Vec<&TypeSchema> = schemas.versions(event_type).collect();
    // Those that are numbers in their order, the others by when they came first.
    let number = |schema: &TypeSchema| schema.schema_version.as_ref().and_then(|version| version.parse::<u64>().ok());
    known.sort_by_key(|schema| (number(schema), schema.positions().0));
    let found = |version: &str| known.iter().find(|schema| schema.schema_version.as_deref() == Some(version)).copied();
    let pair = match (versions, known.as_slice()) {
        (Some((from, to)), _) => found(from).zip(found(to)).filter(|_| from != to),
        (None, [.., before, after]) => Some((*before, *after)),
        (None, _) => None,
    };
    pair.ok_or_else(|| {
        let names: Vec<String> = known.iter().map(|schema| schema.name()).collect();
        let hint = if names.is_empty() {
            "`eventscope schema FILE` lists the types that there are.".to_owned()
        } else {
            format!("There is {}.", names.join(", "))
        };
        let message = format!("there are no two such schema versions of {event_type} to lead from one to the other");
        Error::new(ErrorKind::NotFound, message).with_hint(hint)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_versions_are_named_behind_the_type() {
        assert_eq!(asked("order.placed@1..2"), ("order.placed", Some(("1", "2"))));
        assert_eq!(asked("order.placed"), ("order.placed", None));
        assert_eq!(asked("a@b.placed@v1..v2"), ("a@b.placed", Some(("v1", "v2"))));
        assert_eq!(asked("@1..2"), ("@1..2", None));
    }
}
