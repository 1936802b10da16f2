//! `eventscope schema`: what the data of each event type looks like, inferred from the events.

use std::ops::ControlFlow;

use serde_json::{Value, json};

use crate::error::{Error, ErrorKind};
use crate::insight::schema::{self, Changed, Inference, Kind, Path, Schemas, SchemasWanted, TypeSchema};
use crate::session::{gather_together, thousands};

use super::arguments::Schema;
use super::folding::short;
use super::output::{Align, Columns, Outcome, Output};
use super::progress::Progress;

/// Lists the schemas, or shows those of one type path by path.
pub(super) fn run(arguments: &Schema) -> Outcome {
    if let Some(form) = arguments.upcaster {
        return super::upcaster::run(arguments, form);
    }
    let source = super::open_events(&arguments.database)?;
    let wanted = arguments.event_type.as_deref().map(SchemasWanted::parse).unwrap_or_default();
    let mut progress = Progress::new();
    let mut infer = |wanted: &SchemasWanted| {
        gather_together(&source, &|| Inference::of(wanted), &mut |seen| {
            progress.tell(seen, "events");
            ControlFlow::Continue(())
        })
        .map(|gathered| gathered.schemas)
    };
    let mut schemas = infer(&wanted)?;
    let is_empty = schemas.types().next().is_none();
    if let Some(whole) = arguments.event_type.as_ref().filter(|_| is_empty) {
        // A type may hold an `@` itself.
        schemas = infer(&SchemasWanted { event_type: Some(whole.clone()), schema_version: None })?;
        if schemas.types().next().is_none() {
            let hint = "`eventscope schema FILE` lists those that there are.";
            return Err(Error::new(ErrorKind::NotFound, format!("no event is a {whole}")).with_hint(hint).into());
        }
    }
    progress.clear();
    let mut output = Output::new(arguments.database.json);
    if arguments.standard {
        let documents: Vec<Value> = schemas.types().map(TypeSchema::json_schema).collect();
        match documents.as_slice() {
            [one] if !output.json => output.pretty(one)?,
            several => several.iter().try_for_each(|document| output.document(document))?,
        }
    } else if output.json {
        schemas.types().try_for_each(|schema| output.document(&document(schema)))?;
    } else if arguments.event_type.is_some() {
        show(&mut output, &schemas)?;
    } else {
        list(&mut output, &schemas)?;
    }
    if schemas.left_out() > 0 && !output.json {
        output.line(&format!("{} events of further types were left out", schemas.left_out()))?;
    }
    output.finish()
}

fn list(output: &mut Output, schemas: &Schemas) -> Outcome {
    let headings = [
        ("TYPE", Align::Left),
        ("EVENTS", Align::Right),
        ("FIRST", Align::Right),
        ("LAST", Align::Right),
        ("PATHS", Align::Right),
        ("CHANGED WITHOUT A NEW VERSION", Align::Left),
    ];
    let mut columns = Columns::new(output, &headings);
    for schema in schemas.types() {
        let changes: Vec<String> = schema.changes().iter().map(|change| change.path.clone()).collect();
        columns.row(vec![
            schema.name(),
            thousands(i64::try_from(schema.events.count).unwrap_or(i64::MAX)),
            schema.events.first.to_string(),
            schema.events.last.to_string(),
            schema.paths().len().to_string(),
            changes.join(", "),
        ])?;
    }
    columns.write()
}

fn show(output: &mut Output, schemas: &Schemas) -> Outcome {
    let mut before: Option<&TypeSchema> = None;
    for schema in schemas.types() {
        let (events, (first, last)) = (schema.events.count, schema.positions());
        output.line(&format!("{}: {events} events, positions {first} to {last}", schema.name()))?;
        for (count, what) in [(schema.without_data, "have no data"), (schema.unread, "have data that cannot be read")] {
            if count > 0 {
                output.line(&format!("{count} {what}"))?;
            }
        }
        let headings = [
            ("PATH", Align::Left),
            ("TYPES", Align::Left),
            ("PRESENCE", Align::Right),
            ("FIRST", Align::Right),
            ("LAST", Align::Right),
            ("VALUES", Align::Left),
        ];
        let mut columns = Columns::new(output, &headings);
        for path in schema.paths() {
            let seen = path.shape.seen();
            let at = |position: Option<i64>| position.map(|position| position.to_string()).unwrap_or_default();
            columns.row(vec![
                path.to_string(),
                types(&path),
                percent(path.presence),
                at(seen.map(|seen| seen.first)),
                at(seen.map(|seen| seen.last)),
                values(&path),
            ])?;
        }
        columns.write()?;
        for change in schema.changes() {
            output.line(&format!("{} {}", change.path, words(change.changed, change.position)))?;
        }
        if let Some(before) = before.filter(|before| before.event_type == schema.event_type) {
            for difference in schema::compare(before, schema) {
                output.line(&format!(
                    "unlike {}: {}: {} there, {} here",
                    before.name(),
                    difference.path,
                    side(difference.before.as_ref()),
                    side(difference.after.as_ref())
                ))?;
            }
        }
        output.line("")?;
        before = Some(schema);
    }
    Ok(())
}

fn side(said: Option<&(Vec<Kind>, f64)>) -> String {
    let Some((kinds, presence)) = said else { return "nothing".to_owned() };
    let kinds: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
    format!("{} in {}", kinds.join(" or "), percent(*presence))
}

fn types(path: &Path<'_>) -> String {
    let names: Vec<&str> = path.shape.kinds().map(|(kind, _)| kind.name()).collect();
    names.join("|")
}

fn percent(share: f64) -> String {
    // A path that some event lacks is never said to be in all of them, nor one that is there in none.
    let percent = share * 100.0;
    match percent {
        all if all >= 100.0 => "100 %".to_owned(),
        most if most > 99.9 => "99.9 %".to_owned(),
        few if few < 0.1 => "<0.1 %".to_owned(),
        some if some.fract() == 0.0 => format!("{some:.0} %"),
        some => format!("{some:.1} %"),
    }
}

fn values(path: &Path<'_>) -> String {
    let shape = path.shape;
    let mut parts = Vec::new();
    if let Some(values) = shape.enumeration() {
        return format!("one of {}", values.join(", "));
    }
    parts.extend(shape.format().map(|format| format.name().to_owned()));
    if let Some((least, most)) = shape.range().filter(|(least, most)| least != most) {
        parts.push(format!("{least} to {most}"));
    }
    let examples: Vec<String> = shape.examples().map(|example| short(Some(example))).collect();
    if !examples.is_empty() {
        parts.push(format!("as {}", examples.join(", ")));
    }
    parts.join("; ")
}

fn words(changed: Changed, position: i64) -> String {
    match changed {
        Changed::Came => format!("is there from position {position} on, and was not before"),
        Changed::Went => format!("is there up to position {position}, and not after"),
        Changed::Kind { before, after } => {
            format!("holds {} from position {position} on, and {} before", after.name(), before.name())
        }
    }
}

fn document(schema: &TypeSchema) -> Value {
    let paths: Vec<Value> = schema.paths().iter().map(path).collect();
    let changes = schema.changes().into_iter().map(|change| {
        let (what, before, after) = match change.changed {
            Changed::Came => ("came", None, None),
            Changed::Went => ("went", None, None),
            Changed::Kind { before, after } => ("kind", Some(before.name()), Some(after.name())),
        };
        json!({"path": change.path, "position": change.position, "changed": what, "before": before, "after": after})
    });
    json!({
        "event_type": schema.event_type,
        "schema_version": schema.schema_version,
        "events": schema.events.count,
        "first_position": schema.events.first,
        "last_position": schema.events.last,
        "without_data": schema.without_data,
        "unread": schema.unread,
        "paths": paths,
        "changes": changes.collect::<Vec<_>>(),
    })
}

fn path(path: &Path<'_>) -> Value {
    let shape = path.shape;
    let types: serde_json::Map<String, Value> =
        shape.kinds().map(|(kind, span)| (kind.name().to_owned(), Value::from(span.count))).collect();
    json!({
        "path": path.to_string(),
        "types": types,
        "count": shape.count(),
        "presence": (path.presence * 10_000.0).round() / 100.0,
        "first_position": shape.seen().map(|seen| seen.first),
        "last_position": shape.seen().map(|seen| seen.last),
        "min": shape.range().map(|(least, _)| least),
        "max": shape.range().map(|(_, most)| most),
        "min_length": shape.lengths().map(|(least, _)| least),
        "max_length": shape.lengths().map(|(_, most)| most),
        "format": shape.format().map(schema::Format::name),
        "enum": shape.enumeration(),
        "examples": shape.examples().collect::<Vec<_>>(),
    })
}
