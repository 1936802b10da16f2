//! XML as JSON, in the form that most converters give it: an element is the object of its parts, an attribute is
//! `@name`, text beside other parts `#text`, an element that comes again a list; an element of nothing but text is that
//! text. Comments and processing instructions are left out; entities that the document defines itself stay as written.

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use serde_json::map::Entry;
use serde_json::{Map, Value};

use crate::codec::marks::{MAX_DEPTH, too_deep};

/// Whether the bytes begin as XML does, white space aside.
pub(in crate::codec) fn begins(bytes: &[u8]) -> bool {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start().starts_with(b"<")
}

/// Reads a text that is one well-formed element, and nothing more but a declaration and comments; else says why not.
pub(in crate::codec) fn read(bytes: &[u8]) -> Result<Value, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    let mut reader = Reader::from_str(text);
    let mut tree = Tree::default();
    loop {
        let event = reader.read_event().map_err(|error| error.to_string())?;
        if matches!(event, Event::Eof) {
            return tree.finish();
        }
        tree.take(event)?;
    }
}

#[derive(Default)]
struct Element {
    name: String,
    parts: Map<String, Value>,
    text: String,
}

#[derive(Default)]
struct Tree {
    open: Vec<Element>,
    root: Map<String, Value>,
}

impl Tree {
    fn take(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Start(start) => self.start(&start),
            Event::Empty(start) => {
                self.start(&start)?;
                self.end()
            }
            Event::End(_) => self.end(),
            Event::Text(text) => self.text(&text.decode().map_err(|error| error.to_string())?),
            Event::CData(text) => self.text(&text.decode().map_err(|error| error.to_string())?),
            Event::GeneralRef(reference) => self.text(&referred(&reference)?),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Eof => Ok(()),
        }
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), String> {
        if self.open.len() == MAX_DEPTH {
            return Err(too_deep());
        }
        if self.open.is_empty() && !self.root.is_empty() {
            return Err("a second element follows the first".to_owned());
        }
        let mut element = Element { name: name(start.name().as_ref())?, ..Element::default() };
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| error.to_string())?;
            element.parts.insert(format!("@{}", name(attribute.key.as_ref())?), Value::from(value));
        }
        self.open.push(element);
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), String> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim_matches(['\u{feff}', ' ', '\t', '\r', '\n']).is_empty() => {}
            None => return Err("there is text outside of the element".to_owned()),
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), String> {
        let Element { name, mut parts, text } =
            self.open.pop().ok_or_else(|| "an element ends that did not begin".to_owned())?;
        let value = if parts.is_empty() {
            Value::String(text)
        } else {
            if !text.trim().is_empty() {
                parts.insert("#text".to_owned(), Value::from(text.trim()));
            }
            Value::Object(parts)
        };
        add(self.open.last_mut().map_or(&mut self.root, |parent| &mut parent.parts), name, value);
        Ok(())
    }

    fn finish(self) -> Result<Value, String> {
        match self.open.last() {
            Some(element) => Err(format!("<{}> does not end", element.name)),
            None if self.root.is_empty() => Err("there is no element".to_owned()),
            None => Ok(Value::Object(self.root)),
        }
    }
}

fn add(parts: &mut Map<String, Value>, name: String, value: Value) {
    match parts.entry(name) {
        Entry::Vacant(place) => {
            place.insert(value);
        }
        Entry::Occupied(mut place) => match place.get_mut() {
            Value::Array(items) => items.push(value),
            first => *first = Value::Array(vec![first.take(), value]),
        },
    }
}

fn name(bytes: &[u8]) -> Result<String, String> {
    let name = std::str::from_utf8(bytes).map_err(|_| "a name is not UTF-8".to_owned())?;
    let plain = name.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == ':');
    if plain { Ok(name.to_owned()) } else { Err(format!("`{name}` is no name")) }
}

fn referred(reference: &BytesRef<'_>) -> Result<String, String> {
    if let Some(character) = reference.resolve_char_ref().map_err(|error| error.to_string())? {
        return Ok(character.to_string());
    }
    let entity = reference.decode().map_err(|error| error.to_string())?;
    Ok(resolve_predefined_entity(&entity).map_or_else(|| format!("&{entity};"), str::to_owned))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn elements_become_objects() {
        let text = "\u{feff}<?xml version=\"1.0\" encoding=\"utf-16\"?>\n<!-- c -->\n<Event v=\"1 &amp; 2\"><id>7</id><line n='1'/>\
            <line>a &lt;b&gt; <![CDATA[<c>]]>&#233;&own;</line><empty></empty><mix>one<b>two</b> three</mix></Event>\n";
        let shown = json!({"Event": {"@v": "1 & 2", "id": "7", "line": [{"@n": "1"}, "a <b> <c>é&own;"], "empty": "",
            "mix": {"b": "two", "#text": "one three"}}});
        assert_eq!(read(text.as_bytes()).unwrap(), shown);
        assert!(begins(text.as_bytes()));
    }

    #[test]
    fn what_is_not_well_formed_is_refused() {
        for text in [
            "",
            "<",
            "<a>",
            "</a>",
            "<a></b>",
            "<a/><b/>",
            "<a/>x",
            "x<a/>",
            "<a b></a>",
            "<p>one<br></p>",
            "< 5",
            "<3",
            "<a>&#xD800;</a>",
            "<!-- only -->",
            "<?xml version='1.0'?>",
        ] {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
        assert_eq!(read("<a>".repeat(10_000).as_bytes()), Err(too_deep()));
    }

    #[test]
    fn entities_are_not_expanded() {
        let bomb = "<!DOCTYPE a [<!ENTITY x \"yyyyyyyy\"><!ENTITY z \"&x;&x;&x;\">]><a>&z;&z;</a>";
        assert_eq!(read(bomb.as_bytes()).unwrap(), json!({"a": "&z;&z;"}));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[<>/a=\"'&;#x!\\[\\]?-]{0,40}", bytes: Vec<u8>) {
            let _ = (read(text.as_bytes()), read(&bytes));
        }
    }
}
