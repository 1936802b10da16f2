//! An upcaster as a function in Rust.

use serde_json::Value;

use super::paths::PathStep;
use super::shape::Kind;
use super::upcaster_steps::{At, Step, Upcaster};

/// What the function calls.
const HELPERS: &str = r#"
/// Changes the objects that a path leads to; `[]` in it stands for every item of a list.
#[allow(dead_code)]
fn each(value: &mut Value, path: &[&str], change: &dyn Fn(&mut Map<String, Value>)) {
    match path {
        [] => {
            if let Value::Object(members) = value {
                change(members);
            }
        }
        ["[]", rest @ ..] => {
            for item in value.as_array_mut().into_iter().flatten() {
                each(item, rest, change);
            }
        }
        [name, rest @ ..] => {
            if let Some(inner) = value.get_mut(*name) {
                each(inner, rest, change);
            }
        }
    }
}

/// Takes a value away that is within objects, and puts it into others.
#[allow(dead_code)]
fn moved(value: &mut Value, (from, name): (&[&str], &str), (to, new): (&[&str], &str)) {
    let mut around = Some(&mut *value);
    for step in from {
        around = around.and_then(|inner| inner.get_mut(*step));
    }
    let Some(taken) = around.and_then(Value::as_object_mut).and_then(|members| members.remove(name)) else { return };
    let mut around = value;
    for step in to {
        let Value::Object(members) = around else { return };
        around = members.entry((*step).to_owned()).or_insert_with(|| Value::Object(Map::new()));
    }
    if let Value::Object(members) = around {
        members.insert(new.to_owned(), taken);
    }
}
"#;

/// The function with what it calls.
pub(super) fn write(upcaster: &Upcaster) -> String {
    let makes = upcaster.steps.iter().any(|step| matches!(step, Step::Add { .. }));
    let told = upcaster.told().replace(char::is_control, " ");
    let head = format!(
        "use serde_json::{{Map, Value{}}};\n\n/// {told}\npub fn {}(data: &mut Value) {{\n",
        if makes { ", json" } else { "" },
        name(upcaster)
    );
    let does_nothing = upcaster.steps.iter().all(|step| matches!(step, Step::Unclear { .. } | Step::Sometimes { .. }));
    let nothing = if does_nothing { "    // Nothing can be told that is to be done.\n    let _ = data;\n" } else { "" };
    let steps: String = upcaster.steps.iter().map(line).collect();
    [&head, nothing, &steps, "}\n", HELPERS].concat()
}

/// A name for the function: what is no letter or digit becomes `_`.
fn name(upcaster: &Upcaster) -> String {
    let version = |version: &Option<String>| version.clone().unwrap_or_else(|| "none".to_owned());
    let (from, to) = (version(&upcaster.versions.0), version(&upcaster.versions.1));
    let text = format!("{}_{from}_to_{to}", upcaster.event_type);
    let mut name = String::from("upcast");
    for letter in text.chars() {
        let begins = letter.is_ascii_uppercase() && name.ends_with(|before: char| before.is_ascii_lowercase());
        if begins || name == "upcast" {
            name.push('_');
        }
        name.push(if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '_' });
    }
    name
}

fn line(step: &Step) -> String {
    match step {
        Step::Add { at, kinds, value } => {
            let kinds: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
            let (name, value) = (owned(&at.name), rust(value));
            let insert = format!("members.entry({name}).or_insert_with(|| json!({value}));");
            format!("    // Added: {}, always there.\n{}", kinds.join(" or "), each(at, &insert))
        }
        Step::Rename { from, to } if from.around == to.around => {
            let body = format!(
                "if let Some(value) = members.remove({:?}) {{\n            members.insert({}, value);\n        }}",
                from.name,
                owned(&to.name)
            );
            format!("    // Renamed, it seems.\n{}", each(from, &body))
        }
        Step::Rename { from, to } => format!(
            "    // Renamed, it seems.\n    moved(data, (&[{}], {:?}), (&[{}], {:?}));\n",
            list(&from.around),
            from.name,
            list(&to.around),
            to.name
        ),
        Step::Remove { at } => {
            let body = format!("members.remove({:?});", at.name);
            format!("    // Removed: nothing in the newer version has it.\n{}", each(at, &body))
        }
        Step::ToText { at } => {
            changed(at, "A number is a text now.", "value.as_number().map(|number| number.to_string().into())")
        }
        Step::ToNumber { at } => {
            changed(at, "A text is a number now.", "value.as_str().and_then(|text| serde_json::from_str(text).ok())")
        }
        Step::Unclear { at, before, after } => {
            let names = |kinds: &[Kind]| kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(" or ");
            format!("    // {}: {} before, {} now.\n", shown(at), names(before), names(after))
        }
        Step::Sometimes { at } => format!("    // {}: sometimes there now.\n", shown(at)),
    }
}

fn changed(at: &At, why: &str, made: &str) -> String {
    let body = format!(
        "if let Some(value) = members.get_mut({:?}) {{\n            let made: Option<Value> = {made};\n            \
         if let Some(made) = made {{\n                *value = made;\n            }}\n        }}",
        at.name
    );
    format!("    // {why}\n{}", each(at, &body))
}

/// A value as `json!` takes it.
fn rust(value: &Value) -> String {
    match value {
        Value::String(text) => format!("{text:?}"),
        Value::Array(items) => format!("[{}]", items.iter().map(rust).collect::<Vec<_>>().join(", ")),
        Value::Object(members) => {
            let members: Vec<String> =
                members.iter().map(|(name, value)| format!("{name:?}: {}", rust(value))).collect();
            format!("{{{}}}", members.join(", "))
        }
        // A number with more digits than Rust has numbers for keeps them so.
        Value::Number(number) if !(number.is_i64() || number.is_u64() || number.to_string().len() < 16) => {
            let text = number.to_string();
            format!("(serde_json::from_str::<Value>({text:?}).unwrap_or_default())")
        }
        other => other.to_string(),
    }
}

/// A closure on the objects around a member.
fn each(at: &At, body: &str) -> String {
    format!("    each(data, &[{}], &|members| {{\n        {body}\n    }});\n", list(&at.around))
}

fn list(steps: &[PathStep]) -> String {
    let texts: Vec<String> = steps
        .iter()
        .map(|step| match step {
            PathStep::Member(name) => format!("{name:?}"),
            PathStep::AnyItem | PathStep::AnyMember => "\"[]\"".to_owned(),
        })
        .collect();
    texts.join(", ")
}

fn owned(name: &str) -> String {
    format!("{name:?}.to_owned()")
}

fn shown(at: &At) -> String {
    super::rule::path(&at.steps()).replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fit::tests::schema;
    use super::super::upcaster::tests::{new, old};
    use super::super::{TypeSchema, Upcaster, upcaster_example};
    use super::*;

    fn upcaster() -> Upcaster {
        let version = |documents: &[Value], version: &str| -> TypeSchema {
            let version = Some(version.to_owned());
            TypeSchema { event_type: "Order-Placed".to_owned(), schema_version: version, ..schema(documents) }
        };
        Upcaster::between(&version(&old(), "1"), &version(&new(), "2"))
    }

    #[test]
    fn the_function_is_the_one_that_is_compiled_here() {
        let text = upcaster().rust();
        assert_eq!(text, include_str!("upcaster_example.rs"), "it should be:\n{text}");
    }

    #[test]
    fn it_turns_old_documents_into_such_as_fit_the_newer_version() {
        let newer = schema(&new());
        for mut document in old() {
            upcaster_example::upcast_order_placed_1_to_2(&mut document);
            let misfits: Vec<String> = newer.misfits(&document).iter().map(ToString::to_string).collect();
            assert_eq!(misfits, ["note is string, and was always object"], "{document}");
        }
        let mut odd = json!({"lines": [1, {"amount": "x"}], "customer": 7});
        upcaster_example::upcast_order_placed_1_to_2(&mut odd);
        assert_eq!(odd["lines"][1]["qty"], json!("x"));
    }
}
