//! What the texts at a path are, where all of them are the same: ids, moments, addresses, decimals.

use chrono::{DateTime, NaiveDate};

/// A form that texts have in common. The names are those of JSON Schema's `format`, where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A UUID with its hyphens.
    Uuid,
    /// A moment in ISO 8601, with its zone.
    DateTime,
    /// A day in ISO 8601.
    Date,
    /// An e-mail address.
    Email,
    /// The address of a page.
    Uri,
    /// A decimal number that was put into a text so as to keep its digits.
    Decimal,
}

impl Format {
    const ALL: [Self; 6] = [Self::Uuid, Self::DateTime, Self::Date, Self::Email, Self::Uri, Self::Decimal];

    /// The name that is shown, and stands in a schema.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Uuid => "uuid",
            Self::DateTime => "date-time",
            Self::Date => "date",
            Self::Email => "email",
            Self::Uri => "uri",
            Self::Decimal => "decimal",
        }
    }

    /// Whether JSON Schema (2020-12, section 7.3) defines it.
    #[must_use]
    pub fn is_standard(self) -> bool {
        self != Self::Decimal
    }

    pub(super) fn fits(self, text: &str) -> bool {
        match self {
            Self::Uuid => text.len() == 36 && uuid::Uuid::try_parse(text).is_ok(),
            Self::DateTime => text.len() >= 20 && DateTime::parse_from_rfc3339(text).is_ok(),
            Self::Date => text.len() == 10 && NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok(),
            Self::Email => is_email(text),
            Self::Uri => is_uri(text),
            Self::Decimal => is_decimal(text),
        }
    }
}

/// Which forms all the texts seen so far have.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Common {
    /// A bit for each of [`Format::ALL`] that some text has not got.
    excluded: u8,
    seen: bool,
}

impl Common {
    pub(super) fn see(&mut self, text: &str) {
        self.seen = true;
        for (bit, format) in Format::ALL.into_iter().enumerate() {
            if self.excluded & (1 << bit) == 0 && !format.fits(text) {
                self.excluded |= 1 << bit;
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.excluded |= other.excluded;
        self.seen |= other.seen;
    }

    pub(super) fn format(self) -> Option<Format> {
        let fits = |(bit, _): &(usize, Format)| self.seen && self.excluded & (1 << bit) == 0;
        Format::ALL.into_iter().enumerate().find(fits).map(|(_, format)| format)
    }
}

/// One `@` between a name and a host with a dot in it. What else RFC 5322 allows is not met outside of its examples.
pub(in crate::insight) fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    let plain = |part: &str, more: &str| {
        !part.is_empty() && part.chars().all(|char| char.is_alphanumeric() || more.contains(char))
    };
    text.len() <= 254
        && plain(name, ".!#$%&'*+/=?^_`{|}~-")
        && plain(host, ".-")
        && host.split('.').count() >= 2
        && host.split('.').all(|label| !label.is_empty())
}

fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let scheme_fits = scheme.starts_with(|char: char| char.is_ascii_alphabetic())
        && scheme.chars().all(|char| char.is_ascii_alphanumeric() || "+-.".contains(char));
    scheme_fits && !rest.is_empty() && !rest.contains(char::is_whitespace)
}

/// Digits with one point between them: whole numbers in texts are more often ids than amounts.
fn is_decimal(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    unsigned.split_once('.').is_some_and(|(whole, fraction)| digits(whole) && digits(fraction))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn common(texts: &[&str]) -> Option<Format> {
        let mut common = Common::default();
        for text in texts {
            common.see(text);
        }
        common.format()
    }

    #[test]
    fn a_format_is_one_that_all_texts_have() {
        assert_eq!(common(&[]), None);
        assert_eq!(common(&["0f8fad5b-d9cb-469f-a165-70867728950e"]), Some(Format::Uuid));
        assert_eq!(common(&["2026-03-01T08:00:00Z", "2026-03-01T08:00:00.5+02:00"]), Some(Format::DateTime));
        assert_eq!(common(&["2026-03-01", "2026-02-28"]), Some(Format::Date));
        assert_eq!(common(&["2026-03-01", "2026-02-30"]), None);
        assert_eq!(common(&["ada@example.org", "grace.hopper+navy@example.co.uk"]), Some(Format::Email));
        assert_eq!(common(&["ada@example.org", "ada@example"]), None);
        assert_eq!(common(&["https://example.org/a", "ftp://example.org"]), Some(Format::Uri));
        assert_eq!(common(&["12.50", "-0.1"]), Some(Format::Decimal));
        assert_eq!(common(&["12.50", "12"]), None);
    }
}
