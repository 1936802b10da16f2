//! Links to a place in a database, which can be sent to somebody: `eventscope:/data/shop.db#order/ord-1@3`, or, by its
//! position, `eventscope:/data/shop.db#@4812`.

use std::fmt;
use std::path::PathBuf;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use crate::event::{Position, StreamName, Version};

/// What a link begins with.
const SCHEME: &str = "eventscope:";

/// What is written otherwise in a link: what ends it, and what parts it.
const ESCAPED: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'<').add(b'>').add(b'`');

/// The same in the name of a stream that looks like a position.
const LIKE_A_POSITION: &AsciiSet = &ESCAPED.add(b'@');

/// Whether what a person named is the URL of a server's database rather than the path of a file.
#[must_use]
pub fn is_server(named: &std::path::Path) -> bool {
    let is = |scheme: &str| {
        let start = named.to_str().and_then(|text| text.trim().get(..scheme.len()));
        start.is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    is("postgres://") || is("postgresql://")
}

/// A database, and a place in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeepLink {
    /// The database; `None` for the one that is open.
    pub file: Option<PathBuf>,
    /// The place; `None` for the database as a whole.
    pub at: Option<LinkPlace>,
}

/// The place in a database that a link leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkPlace {
    /// A stream, as `TYPE/ID` or `ID`, and its version; the last one where there is none.
    Stream(String, Option<Version>),
    /// A position in the whole store.
    Position(Position),
}

impl LinkPlace {
    /// What stands behind the `#`: `@4812` is a position, all else a stream with its version.
    fn parse(text: &str) -> Option<Self> {
        if let Some(position) = text.strip_prefix('@').and_then(|digits| digits.parse().ok()) {
            return Some(Self::Position(position));
        }
        let decoded = decoded(text)?;
        let (stream, version) = StreamName::split_version(&decoded);
        Some(Self::Stream(stream.to_owned(), version))
    }
}

impl fmt::Display for LinkPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Position(position) => write!(f, "@{position}"),
            Self::Stream(stream, version) => {
                // A stream that looks like a position is none.
                let set = if stream.starts_with('@') { LIKE_A_POSITION } else { ESCAPED };
                write!(f, "{}", utf8_percent_encode(stream, set))?;
                version.map_or(Ok(()), |version| write!(f, "@{version}"))
            }
        }
    }
}

fn decoded(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

impl DeepLink {
    /// Reads a link; `None` where the text is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.trim().strip_prefix(SCHEME)?;
        let (file, place) = rest.split_once('#').unwrap_or((rest, ""));
        let file = decoded(file)?;
        let at = if place.is_empty() { None } else { Some(LinkPlace::parse(place)?) };
        Some(Self { file: Some(file).filter(|file| !file.is_empty()).map(PathBuf::from), at })
    }
}

impl fmt::Display for DeepLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SCHEME)?;
        if let Some(file) = &self.file {
            write!(f, "{}", utf8_percent_encode(&file.to_string_lossy(), ESCAPED))?;
        }
        self.at.as_ref().map_or(Ok(()), |at| write!(f, "#{at}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_read_as_it_was_written() {
        let link = |file: &str, stream: &str, version| DeepLink {
            file: Some(PathBuf::from(file)).filter(|_| !file.is_empty()),
            at: Some(LinkPlace::Stream(stream.to_owned(), version)),
        };
        for (text, wanted) in [
            ("eventscope:shop.db#order/71ff@3", link("shop.db", "order/71ff", Some(3))),
            ("eventscope:/a%20b/%23.db#ord-1", link("/a b/#.db", "ord-1", None)),
            ("eventscope:#a@b@-1", link("", "a@b", Some(-1))),
            ("eventscope:#%4012", link("", "@12", None)),
            ("eventscope:#%40a@12", link("", "@a", Some(12))),
        ] {
            assert_eq!(DeepLink::parse(text).as_ref(), Some(&wanted), "{text}");
            assert_eq!(wanted.to_string(), text);
        }
        assert_eq!(DeepLink::parse("eventscope:a.db"), Some(DeepLink { file: Some("a.db".into()), at: None }));
        for (text, position) in [("eventscope:shop.db#@4812", 4_812), ("eventscope:shop.db#@-3", -3)] {
            let wanted = DeepLink { file: Some("shop.db".into()), at: Some(LinkPlace::Position(position)) };
            assert_eq!(DeepLink::parse(text).as_ref(), Some(&wanted), "{text}");
            assert_eq!(wanted.to_string(), text);
        }
        let named = DeepLink::parse("eventscope:#@order@3").unwrap().at;
        assert_eq!(named, Some(LinkPlace::Stream("@order".to_owned(), Some(3))));
        assert_eq!(DeepLink::parse("shop.db"), None);
        assert_eq!(DeepLink::parse("eventscope:%ff"), None);
    }
}
