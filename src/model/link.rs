//! Links to a place in a database, which can be sent to somebody: `eventscope:/data/shop.db#order/ord-1@3`.

use std::fmt;
use std::path::PathBuf;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use crate::event::{StreamName, Version};

/// What a link begins with.
const SCHEME: &str = "eventscope:";

/// What is written otherwise in a link: what ends it, and what parts it.
const ESCAPED: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'<').add(b'>').add(b'`');

/// A database, and a stream in it at a version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeepLink {
    /// The database; `None` for the one that is open.
    pub file: Option<PathBuf>,
    /// The stream, as `TYPE/ID` or `ID`, and its version; the last one where there is none.
    pub at: Option<(String, Option<Version>)>,
}

impl DeepLink {
    /// Reads a link; `None` where the text is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.trim().strip_prefix(SCHEME)?;
        let (file, place) = rest.split_once('#').unwrap_or((rest, ""));
        let decoded = |text: &str| percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned);
        let (file, place) = (decoded(file)?, decoded(place)?);
        let at = Some(place).filter(|place| !place.is_empty()).map(|place| {
            let (stream, version) = StreamName::split_version(&place);
            (stream.to_owned(), version)
        });
        Some(Self { file: Some(file).filter(|file| !file.is_empty()).map(PathBuf::from), at })
    }
}

impl fmt::Display for DeepLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SCHEME)?;
        if let Some(file) = &self.file {
            write!(f, "{}", utf8_percent_encode(&file.to_string_lossy(), ESCAPED))?;
        }
        let Some((stream, version)) = &self.at else { return Ok(()) };
        write!(f, "#{}", utf8_percent_encode(stream, ESCAPED))?;
        version.map_or(Ok(()), |version| write!(f, "@{version}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_read_as_it_was_written() {
        let link = |file: &str, stream: &str, version| DeepLink {
            file: Some(PathBuf::from(file)).filter(|_| !file.is_empty()),
            at: Some((stream.to_owned(), version)),
        };
        for (text, wanted) in [
            ("eventscope:shop.db#order/71ff@3", link("shop.db", "order/71ff", Some(3))),
            ("eventscope:/a%20b/%23.db#ord-1", link("/a b/#.db", "ord-1", None)),
            ("eventscope:#a@b@-1", link("", "a@b", Some(-1))),
        ] {
            assert_eq!(DeepLink::parse(text).as_ref(), Some(&wanted), "{text}");
            assert_eq!(wanted.to_string(), text);
        }
        assert_eq!(DeepLink::parse("eventscope:a.db"), Some(DeepLink { file: Some("a.db".into()), at: None }));
        assert_eq!(DeepLink::parse("shop.db"), None);
        assert_eq!(DeepLink::parse("eventscope:%ff"), None);
    }
}
