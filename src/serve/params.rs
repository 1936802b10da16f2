//! The parameters of a request's address: each read once, and those that nothing knows refused by name.

use std::str::FromStr;

use percent_encoding::percent_decode_str;

use super::problem::Problem;

/// Parameters that are still to be read.
pub(super) struct Params {
    left: Vec<(String, String)>,
    known: Vec<&'static str>,
}

impl Params {
    pub(super) fn new(query: Option<&str>) -> Result<Self, Problem> {
        let pairs = query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        let left = pairs
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                Ok((decoded(name)?, decoded(value)?))
            })
            .collect::<Result<_, Problem>>()?;
        Ok(Self { left, known: Vec::new() })
    }

    /// All values of a parameter.
    pub(super) fn all(&mut self, name: &'static str) -> Vec<String> {
        self.known.push(name);
        let (found, left) = std::mem::take(&mut self.left).into_iter().partition(|(given, _)| given == name);
        self.left = left;
        let found: Vec<(String, String)> = found;
        found.into_iter().map(|(_, value)| value).collect()
    }

    /// The one value of a parameter.
    pub(super) fn one(&mut self, name: &'static str) -> Result<Option<String>, Problem> {
        let mut values = self.all(name);
        if values.len() > 1 {
            return Err(Problem::invalid(format!("{name} is given {} times", values.len())).at(name));
        }
        Ok(values.pop())
    }

    /// The one value of a parameter, read as something.
    pub(super) fn parsed<T: FromStr>(&mut self, name: &'static str, expected: &str) -> Result<Option<T>, Problem> {
        let Some(text) = self.one(name)? else { return Ok(None) };
        let wrong = |_| Problem::invalid(format!("`{text}` is no {name}")).at(name).hint(format!("Give {expected}."));
        text.parse().map(Some).map_err(wrong)
    }

    /// Refuses what nothing has read.
    pub(super) fn finish(self) -> Result<(), Problem> {
        let Some((name, _)) = self.left.first() else { return Ok(()) };
        let hint = if self.known.is_empty() {
            "There are no parameters here.".to_owned()
        } else {
            format!("There are {}.", self.known.join(", "))
        };
        Err(Problem::invalid(format!("unknown parameter `{name}`")).at(name.clone()).hint(hint))
    }
}

fn decoded(text: &str) -> Result<String, Problem> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8();
    decoded.map(std::borrow::Cow::into_owned).map_err(|_| Problem::unreadable("the address is not in UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_decoded_and_may_come_several_times() {
        let mut params = Params::new(Some("event_type=a%2Fb&event_type=c+d&limit=3")).unwrap();
        assert_eq!(params.all("event_type"), ["a/b", "c d"]);
        assert_eq!(params.parsed::<usize>("limit", "a number").unwrap(), Some(3));
        params.finish().unwrap();
    }

    #[test]
    fn what_nothing_knows_is_refused_by_name() {
        let mut params = Params::new(Some("limits=3")).unwrap();
        assert_eq!(params.parsed::<usize>("limit", "a number").unwrap(), None);
        let problem = params.finish().unwrap_err();
        assert!(format!("{problem:?}").contains("unknown parameter `limits`"));
        assert!(Params::new(Some("a=%ff")).is_err());
        assert!(Params::new(Some("limit=1&limit=2")).unwrap().one("limit").is_err());
    }
}
