//! Values that a library wraps so as to say their types: `{"_type_": "decimal_str", "_data_": "678.14"}` is the decimal
//! 678.14. Here they become the values that they are, and what they were wrapped in is told apart.
//!
//! Only what is certain is unwrapped: forms that no application would write for anything else. A new form is a line in
//! [`FORMS`].

use std::collections::BTreeMap;
use std::sync::LazyLock;

use aho_corasick::packed::{Builder, Searcher};
use memchr::memmem;
use serde_json::{Map, Value};

use crate::codec::marks::{EXTENSION, TAG, TYPE};
use crate::document::messagepack;

/// A document without its wrappers, and the types that they named.
#[derive(Clone, Debug, PartialEq)]
pub struct Plain {
    /// The document.
    pub value: Value,
    /// The type that a value was wrapped in, by its JSON Pointer (RFC 6901) in that document.
    pub types: BTreeMap<String, String>,
}

/// How a wrapper lies around its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// An object of two members: the type, and the value.
    Pair(&'static str, &'static str),
    /// The type is the first member of the object that it is the type of.
    Member(&'static str),
    /// A list of two: the type, and the value.
    List,
}

/// One way in which values are wrapped.
struct Form {
    shape: Shape,
    /// Whether a text can be the name of a type there.
    names_type: fn(&str) -> bool,
    /// Turns what is inside into the value; given the type's name.
    value: fn(&str, Value) -> Value,
}

/// The forms, those that say more first.
const FORMS: [Form; 8] = [
    // eventsourcing for Python.
    Form { shape: Shape::Pair("_type_", "_data_"), names_type: named, value: python },
    // .NET: Json.NET's lists and primitive values, then its objects.
    Form { shape: Shape::Pair(TYPE, "$values"), names_type: is_dotnet, value: inside },
    Form { shape: Shape::Pair(TYPE, "$value"), names_type: is_dotnet, value: inside },
    Form { shape: Shape::Member(TYPE), names_type: is_dotnet, value: inside },
    // Java: Jackson's default typing, as a property and as a list.
    Form { shape: Shape::Member("@class"), names_type: is_java, value: inside },
    Form { shape: Shape::List, names_type: is_java, value: inside },
    // Ruby: classes in YAML, as the codec marks them.
    Form { shape: Shape::Member(TYPE), names_type: is_ruby, value: ruby },
    // Rails: Active Job's serialisers.
    Form { shape: Shape::Pair("_aj_serialized", "value"), names_type: named, value: inside },
];

/// The document without its wrappers; `None` where it has none. `yaml`: whether it was YAML, where Ruby's symbols are
/// texts that begin with a colon.
#[must_use]
pub fn unwrapped(document: &Value, yaml: bool) -> Option<Plain> {
    if !holds_any(document, yaml) {
        return None;
    }
    let mut work = Work { yaml, types: BTreeMap::new(), at: String::new() };
    let value = work.plain(document.clone());
    Some(Plain { value, types: work.types })
}

/// Whether a JSON text may hold a wrapper; where it answers no, it holds none.
#[must_use]
pub fn may_be_wrapped(json: &[u8]) -> bool {
    // All of them at once: this is asked of every row that a filter looks at.
    static MARKERS: LazyLock<Option<Searcher>> =
        LazyLock::new(|| Builder::new().extend(NAMES.iter().copied().chain([OPENS_LIST])).build());
    let Some(markers) = &*MARKERS else {
        let has = |marker: &&[u8]| memmem::find(json, marker).is_some();
        return NAMES.iter().any(has) || memmem::find_iter(json, OPENS_LIST).any(|at| names_a_type(json, at));
    };
    let mut from = 0;
    while let Some(found) = json.get(from..).and_then(|rest| markers.find(rest)) {
        let at = from + found.start();
        if found.end() - found.start() > OPENS_LIST.len() || names_a_type(json, at) {
            return true;
        }
        from = at + 1;
    }
    false
}

/// As [`may_be_wrapped`], for JSON that may be written in any way: with escapes in its keys, and space in its lists.
pub(crate) fn may_hold_wrapped(json: &[u8]) -> bool {
    let spaced = |at: usize| json.get(at + 1).is_some_and(u8::is_ascii_whitespace);
    memchr::memchr(b'\\', json).is_some() || memchr::memchr_iter(b'[', json).any(spaced) || may_be_wrapped(json)
}

/// The keys by which libraries say the type of a value.
const NAMES: [&[u8]; 5] = [b"\"$extension\"", b"_type_\"", b"\"$type\"", b"\"@class\"", b"\"_aj_serialized\""];

/// What lists that begin with the name of a type begin with.
const OPENS_LIST: &[u8] = b"[\"";

fn names_a_type(json: &[u8], list: usize) -> bool {
    json.get(list + OPENS_LIST.len()).is_some_and(u8::is_ascii_lowercase)
}

fn holds_any(value: &Value, yaml: bool) -> bool {
    match value {
        Value::Object(fields) => {
            form_of(value).is_some()
                || extension(fields).is_some()
                || (yaml && ruby_tag(fields).is_some())
                || fields.values().any(|inner| holds_any(inner, yaml))
        }
        Value::Array(items) => form_of(value).is_some() || items.iter().any(|inner| holds_any(inner, yaml)),
        Value::String(text) => yaml && symbol(text).is_some(),
        _ => false,
    }
}

/// The form that a value has, and the name of its type.
fn form_of(value: &Value) -> Option<(&'static Form, &str)> {
    FORMS.iter().find_map(|form| {
        let name = match (form.shape, value) {
            (Shape::Pair(name, inner), Value::Object(fields)) if fields.len() == 2 && fields.contains_key(inner) => {
                fields.get(name)?.as_str()
            }
            (Shape::Member(name), Value::Object(fields)) => {
                fields.iter().next().filter(|(key, _)| *key == name)?.1.as_str()
            }
            (Shape::List, Value::Array(items)) => match items.as_slice() {
                // Two names of types are a list of names.
                [Value::String(name), inner] if !inner.as_str().is_some_and(is_java) => Some(name.as_str()),
                _ => None,
            },
            _ => None,
        };
        name.filter(|name| (form.names_type)(name)).map(|name| (form, name))
    })
}

/// Unwrapping, and where it is in the plain document.
struct Work {
    yaml: bool,
    types: BTreeMap<String, String>,
    at: String,
}

impl Work {
    fn plain(&mut self, value: Value) -> Value {
        if let Some((form, name)) = form_of(&value).map(|(form, name)| (form, name.to_owned())) {
            let inner = taken_out(form.shape, value);
            self.note(&name);
            // What is inside may be wrapped once more.
            return self.plain((form.value)(&name, inner));
        }
        match value {
            Value::Object(fields) if extension(&fields).is_some() => {
                let (name, inner) = extension(&fields).unwrap_or_default();
                self.note(&name);
                self.plain(inner)
            }
            Value::Object(fields) if self.yaml && ruby_tag(&fields).is_some() => {
                let (name, inner) = ruby_tag(&fields).unwrap_or_default();
                self.note(&name);
                Value::String(inner)
            }
            Value::String(text) if self.yaml && symbol(&text).is_some() => {
                self.note("Symbol");
                symbol(&text).map_or(Value::Null, Value::from)
            }
            other => self.within(other),
        }
    }

    /// The parts of a value that is no wrapper itself, or not any more.
    fn within(&mut self, value: Value) -> Value {
        match value {
            Value::Object(fields) => {
                Value::Object(fields.into_iter().map(|(key, value)| self.part(key, value)).collect())
            }
            Value::Array(items) => {
                let parts = items.into_iter().enumerate();
                Value::Array(parts.map(|(index, value)| self.part(index.to_string(), value).1).collect())
            }
            scalar => scalar,
        }
    }

    fn part(&mut self, key: String, value: Value) -> (String, Value) {
        let length = self.at.len();
        self.at.push('/');
        self.at.push_str(&key.replace('~', "~0").replace('/', "~1"));
        let value = self.plain(value);
        self.at.truncate(length);
        (key, value)
    }

    fn note(&mut self, name: &str) {
        self.types.entry(self.at.clone()).or_insert_with(|| name.to_owned());
    }
}

/// What is inside a wrapper of this shape.
fn taken_out(shape: Shape, value: Value) -> Value {
    match (shape, value) {
        (Shape::Pair(_, inner), Value::Object(mut fields)) => fields.shift_remove(inner).unwrap_or_default(),
        (Shape::Member(name), Value::Object(mut fields)) => {
            fields.shift_remove(name);
            Value::Object(fields)
        }
        (Shape::List, Value::Array(items)) => items.into_iter().nth(1).unwrap_or_default(),
        (_, value) => value,
    }
}

fn inside(_: &str, value: Value) -> Value {
    value
}

/// A UUID is stored as 32 digits, and everywhere else written with dashes; all else is stored as it is written.
fn python(name: &str, value: Value) -> Value {
    match value.as_str().and_then(|digits| uuid::Uuid::try_parse(digits).ok()) {
        Some(uuid) if name.starts_with("uuid") => Value::String(uuid.to_string()),
        _ => value,
    }
}

/// A set is kept as a hash of its members, a moment with its zone as three of its aspects.
fn ruby(name: &str, mut value: Value) -> Value {
    let aspect = if name.ends_with(":Set") {
        value.get("hash").and_then(Value::as_object).map(|members| members.keys().cloned().map(Value::from).collect())
    } else if name.ends_with("TimeWithZone") {
        value.get_mut("utc").map(Value::take)
    } else {
        None
    };
    aspect.unwrap_or(value)
}

/// A scalar of a class of Ruby's, such as a decimal: `{"$tag": ["!ruby/object:BigDecimal", "18:0.1e2"]}`.
fn ruby_tag(fields: &Map<String, Value>) -> Option<(String, String)> {
    let [Value::String(name), Value::String(text)] =
        fields.get(TAG).filter(|_| fields.len() == 1)?.as_array()?.as_slice()
    else {
        return None;
    };
    is_ruby(name).then(|| {
        // The digits before the colon are how many a decimal was given room for.
        let digits = text.split_once(':').filter(|_| name.ends_with(":BigDecimal")).map(|(_, digits)| digits);
        (name.clone(), digits.unwrap_or(text).to_owned())
    })
}

/// An object of Python's as `LangGraph` writes it: an extension of MessagePack that holds its module, its class and what
/// the class is made from, in one of the ways that the extension's number tells.
fn extension(fields: &Map<String, Value>) -> Option<(String, Value)> {
    let [Value::Number(number), Value::String(digits)] =
        fields.get(EXTENSION).filter(|_| fields.len() == 1)?.as_array()?.as_slice()
    else {
        return None;
    };
    let one_of_several = number.as_u64().filter(|number| *number <= 5)? == 1;
    let Value::Array(parts) = messagepack::read(&super::encode::unhex(digits)?).ok()? else { return None };
    let mut parts = parts.into_iter();
    let (Value::String(module), Value::String(class), made_from) = (parts.next()?, parts.next()?, parts.next()?) else {
        return None;
    };
    let word = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_');
    let named = module.split('.').all(word) && word(&class) && parts.len() <= 1;
    let made_from = match made_from {
        Value::Array(arguments) if one_of_several && arguments.len() == 1 => {
            arguments.into_iter().next().unwrap_or_default()
        }
        made_from => made_from,
    };
    let value = if class == "UUID" { python("uuid", made_from) } else { made_from };
    named.then(|| (format!("{module}.{class}"), value))
}

/// The name of a symbol of Ruby's, `:name`.
fn symbol(text: &str) -> Option<&str> {
    let name = text.strip_prefix(':')?;
    let body = name.strip_suffix(['?', '!', '=']).unwrap_or(name);
    let plain = |c: char| c.is_alphanumeric() || c == '_';
    (body.starts_with(|c: char| c.is_alphabetic() || c == '_') && body.chars().all(plain)).then_some(name)
}

fn named(name: &str) -> bool {
    !name.is_empty()
}

/// A type, a comma and its assembly: `Shop.Placed, Shop`. The type may have others in brackets.
fn is_dotnet(name: &str) -> bool {
    let Some((type_name, assembly)) = name.rsplit_once(", ") else { return false };
    let plain = |c: char| c.is_alphanumeric() || "._-+`[], =&*".contains(c);
    type_name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && assembly.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name.chars().all(plain)
}

/// A class with its package: `java.math.BigDecimal`. Packages begin with a small letter, classes with a capital.
fn is_java(name: &str) -> bool {
    let word = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '$'));
    let Some((package, class)) = name.rsplit_once('.') else { return false };
    class.starts_with(|c: char| c.is_uppercase())
        && word(class)
        && package.split('.').all(|part| word(part) && part.starts_with(|c: char| c.is_lowercase()))
}

fn is_ruby(name: &str) -> bool {
    name.starts_with("!ruby/")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn plain(document: &Value) -> (Value, Vec<(String, String)>) {
        let found = unwrapped(document, true).unwrap();
        (found.value, found.types.into_iter().collect())
    }

    #[test]
    fn wrapped_values_are_the_values_that_they_are() {
        let decimal = json!({"_type_": "decimal_str", "_data_": "678.140"});
        for (document, value, types) in [
            (json!({"amount": decimal}), json!({"amount": "678.140"}), vec![("/amount", "decimal_str")]),
            (
                json!({"a/b": [{"_type_": "uuid_hex", "_data_": "60b6f34ff85d42d2af6382c29cc3d1ea"}]}),
                json!({"a/b": ["60b6f34f-f85d-42d2-af63-82c29cc3d1ea"]}),
                vec![("/a~1b/0", "uuid_hex")],
            ),
            (
                json!({"t": {"_type_": "tuple_as_list", "_data_": [decimal, 2]}}),
                json!({"t": ["678.140", 2]}),
                vec![("/t", "tuple_as_list"), ("/t/0", "decimal_str")],
            ),
            (
                json!({"$type": "Shop.Placed, Shop", "lines": {"$type": "System.Int32[], mscorlib", "$values": [1, 2]}}),
                json!({"lines": [1, 2]}),
                vec![("", "Shop.Placed, Shop"), ("/lines", "System.Int32[], mscorlib")],
            ),
            (
                json!({"@class": "com.acme.shop.Placed", "total": ["java.math.BigDecimal", 8.0]}),
                json!({"total": 8.0}),
                vec![("", "com.acme.shop.Placed"), ("/total", "java.math.BigDecimal")],
            ),
            (
                json!({"status": ":paid", "price": {"$tag": ["!ruby/object:BigDecimal", "18:0.1e2"]}}),
                json!({"status": "paid", "price": "0.1e2"}),
                vec![("/price", "!ruby/object:BigDecimal"), ("/status", "Symbol")],
            ),
            (
                json!({"tags": {"$type": "!ruby/object:Set", "hash": {"a": true, "b": true}}}),
                json!({"tags": ["a", "b"]}),
                vec![("/tags", "!ruby/object:Set")],
            ),
        ] {
            let types: Vec<_> = types.into_iter().map(|(at, name)| (at.to_owned(), name.to_owned())).collect();
            assert_eq!(plain(&document), (value, types), "{document}");
        }
    }

    #[test]
    fn objects_of_python_are_what_they_are_made_from() {
        let message = json!({"content": "hi", "at": {"$extension": [3, extension_of(&json!(["datetime", "datetime", "2026-01-05", "fromisoformat"]))]}});
        let whole =
            extension_of(&json!(["langchain_core.messages.human", "HumanMessage", message, "model_validate_json"]));
        let (value, types) = plain(&json!({"messages": [{"$extension": [5, whole]}]}));
        assert_eq!(value, json!({"messages": [{"content": "hi", "at": "2026-01-05"}]}));
        let named = |at: &str, name: &str| (at.to_owned(), name.to_owned());
        assert_eq!(
            types,
            [
                named("/messages/0", "langchain_core.messages.human.HumanMessage"),
                named("/messages/0/at", "datetime.datetime")
            ]
        );
        for other in
            [json!({"$extension": [7, "2a"]}), json!({"$extension": [5, "2a"]}), json!({"$extension": [5, "zz"]})]
        {
            assert_eq!(unwrapped(&other, false), None, "{other}");
        }
    }

    fn extension_of(parts: &Value) -> String {
        {
            let mut bytes = Vec::new();
            messagepack::write(parts, &mut bytes).unwrap();
            crate::codec::marks::hex(&bytes)
        }
    }

    #[test]
    fn numbers_keep_their_digits() {
        let document: Value = serde_json::from_str(r#"{"total": ["java.math.BigDecimal", 8.000]}"#).unwrap();
        assert_eq!(plain(&document).0.to_string(), r#"{"total":8.000}"#);
    }

    #[test]
    fn what_an_application_may_have_written_itself_is_left_alone() {
        for document in [
            json!({"_type_": "decimal_str", "_data_": "1", "more": 2}),
            json!({"_type_": 7, "_data_": "1"}),
            json!({"$type": "app.bsky.feed.post", "text": "x"}),
            json!({"$type": "circle", "radius": 1}),
            json!({"name": "x", "@class": "com.acme.Placed"}),
            json!({"@class": "first"}),
            json!(["java.lang.String", "java.lang.Integer"]),
            json!(["example.com", 8]),
            json!(["a", 1]),
            json!({"$type": "DateTimeImmutable", "date": "2026-01-05"}),
            json!({"$tag": [42, "x"]}),
            json!({"text": ": no symbol"}),
            json!({"time": "12:30"}),
        ] {
            assert_eq!(unwrapped(&document, true), None, "{document}");
        }
        assert_eq!(unwrapped(&json!({"status": ":paid"}), false), None, "JSON has no symbols");
    }

    fn any_document() -> impl Strategy<Value = Value> {
        let key = prop_oneof![
            Just("_type_".to_owned()),
            Just("_data_".to_owned()),
            Just("$type".to_owned()),
            Just("$values".to_owned()),
            Just("@class".to_owned()),
            "[a-c]"
        ];
        let text = prop_oneof![
            Just("decimal_str".to_owned()),
            Just("A.B, C".to_owned()),
            Just("java.util.Date".to_owned()),
            "[a-c]"
        ];
        let leaf = prop_oneof![text.prop_map(Value::from), any::<i8>().prop_map(Value::from), Just(Value::Null)];
        leaf.prop_recursive(4, 32, 4, move |inner| {
            prop_oneof![
                prop::collection::vec((key.clone(), inner.clone()), 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
                prop::collection::vec(inner, 0..4).prop_map(Value::Array),
            ]
        })
    }

    proptest! {
        /// Filters look at the stored text where this says that nothing is wrapped.
        #[test]
        fn a_text_without_a_marker_has_nothing_wrapped(document in any_document()) {
            let found = unwrapped(&document, false);
            prop_assert!(found.is_none() || may_be_wrapped(document.to_string().as_bytes()));
            let spread = serde_json::to_string_pretty(&document).unwrap();
            prop_assert!(found.is_none() || may_hold_wrapped(spread.as_bytes()));
        }

        #[test]
        fn each_type_is_that_of_a_value_which_is_there(document in any_document()) {
            if let Some(found) = unwrapped(&document, false) {
                prop_assert!(!found.types.is_empty());
                for at in found.types.keys() {
                    prop_assert!(found.value.pointer(at).is_some(), "{} in {}", at, found.value);
                }
            }
        }
    }
}
