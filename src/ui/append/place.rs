//! Where in a JSON document that is being typed a cursor stands, however unfinished the text is.

/// A step into a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Into the member of this name.
    Member(String),
    /// Into an item of a list.
    Item,
}

/// What is typed at the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Typing {
    /// The name of a member of the object that the steps lead to.
    Name,
    /// The value that the steps lead to.
    Value,
}

/// Where the cursor stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The way there from the document.
    pub(super) steps: Vec<Step>,
    /// What is typed there.
    pub(super) typing: Typing,
    /// From which byte on it is typed, with its quotation mark.
    pub(super) from: usize,
    /// The members that the object of a name has before the cursor.
    pub(super) taken: Vec<String>,
}

/// Something that was opened and not closed.
enum Open {
    Object { names: Vec<String>, name: Option<String>, colon: bool, valued: bool },
    List { valued: bool },
}

/// Where byte `at` of a text stands; `None` behind a whole value, outside of everything, or where the text is no JSON.
pub(super) fn place(text: &str, at: usize) -> Option<Place> {
    let before = text.get(..at)?;
    let mut open: Vec<Open> = Vec::new();
    let mut letters = before.char_indices().peekable();
    while let Some((start, letter)) = letters.next() {
        match letter {
            '"' => {
                let (mut escaped, mut end) = (false, None);
                for (at, letter) in letters.by_ref() {
                    match letter {
                        '"' if !escaped => {
                            end = Some(at);
                            break;
                        }
                        // A string ends with its line: what follows is not in it.
                        '\n' => return None,
                        _ => escaped = letter == '\\' && !escaped,
                    }
                }
                let Some(end) = end else { return found(&open, start) };
                let name = serde_json::from_str(before.get(start..=end)?).ok()?;
                closed(&mut open, Some(name))?;
            }
            '{' => open.push(Open::Object { names: Vec::new(), name: None, colon: false, valued: false }),
            '[' => open.push(Open::List { valued: false }),
            '}' | ']' => {
                open.pop()?;
                if !open.is_empty() {
                    closed(&mut open, None)?;
                }
            }
            ':' => match open.last_mut()? {
                Open::Object { name: Some(_), colon, .. } if !*colon => *colon = true,
                _ => return None,
            },
            ',' => match open.last_mut()? {
                Open::Object { names, name, colon, valued } => {
                    names.extend(name.take());
                    (*colon, *valued) = (false, false);
                }
                Open::List { valued } => *valued = false,
            },
            _ if letter.is_whitespace() => {}
            _ => {
                let is_word = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '+' | '.');
                while letters.next_if(|(_, letter)| is_word(*letter)).is_some() {}
                if letters.peek().is_none() {
                    return found(&open, start);
                }
                closed(&mut open, None)?;
            }
        }
    }
    found(&open, at)
}

/// A string, or any other value where there is none, is whole.
fn closed(open: &mut [Open], string: Option<String>) -> Option<()> {
    match open.last_mut()? {
        Open::Object { name, colon: false, .. } if name.is_none() => *name = Some(string?),
        Open::Object { colon: true, valued, .. } | Open::List { valued } if !*valued => *valued = true,
        _ => return None,
    }
    Some(())
}

fn found(open: &[Open], from: usize) -> Option<Place> {
    let mut steps = Vec::new();
    let (last, around) = open.split_last()?;
    for outer in around {
        steps.push(match outer {
            Open::Object { name, .. } => Step::Member(name.clone()?),
            Open::List { .. } => Step::Item,
        });
    }
    match last {
        Open::Object { names, name: None, .. } => {
            Some(Place { steps, typing: Typing::Name, from, taken: names.clone() })
        }
        Open::Object { name: Some(name), colon: true, valued: false, .. } => {
            steps.push(Step::Member(name.clone()));
            Some(Place { steps, typing: Typing::Value, from, taken: Vec::new() })
        }
        Open::List { valued: false } => {
            steps.push(Step::Item);
            Some(Place { steps, typing: Typing::Value, from, taken: Vec::new() })
        }
        Open::Object { .. } | Open::List { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The place at the `|` of a text, in short.
    fn at(text: &str) -> Option<(String, Typing, usize)> {
        let at = text.find('|').unwrap();
        let place = place(&text.replace('|', ""), at)?;
        let steps = place.steps.iter().map(|step| match step {
            Step::Member(name) => format!("/{name}"),
            Step::Item => "[]".to_owned(),
        });
        Some((steps.collect(), place.typing, place.from))
    }

    #[test]
    fn names_and_values_are_told_apart_at_any_depth() {
        let of = |path: &str, typing, from| Some((path.to_owned(), typing, from));
        assert_eq!(at("{|"), of("", Typing::Name, 1));
        assert_eq!(at("{\"cu|"), of("", Typing::Name, 1));
        assert_eq!(at("{\"a\": |"), of("/a", Typing::Value, 6));
        assert_eq!(at("{\"a\": \"x|\", \"b\": 1}"), of("/a", Typing::Value, 6));
        assert_eq!(at("{\"a\": 1, \"b\": {\"c\": tr|"), of("/b/c", Typing::Value, 20));
        assert_eq!(at("{\"l\": [{\"s\": 1}, {\"|"), of("/l[]", Typing::Name, 18));
        assert_eq!(at("{\"l\": [1, |"), of("/l[]", Typing::Value, 10));
        assert_eq!(at("{\"a\\\"b\": |"), of("/a\"b", Typing::Value, 9));
    }

    #[test]
    fn behind_a_whole_value_and_outside_there_is_nothing() {
        for text in
            ["|", "{}|", "{\"a\": 1 |", "{\"a\"|", "{\"a\": \"x\"|", "[1 |", "}|", "{\"a\n|", "{: |", "{\"a\" \"b|"]
        {
            assert_eq!(at(text), None, "{text}");
        }
    }

    #[test]
    fn the_members_before_the_cursor_are_taken() {
        let text = "{\"a\": 1, \"b\": {\"x\": 2}, \"";
        assert_eq!(place(text, text.len()).unwrap().taken, ["a", "b"]);
    }

    proptest! {
        #[test]
        fn nothing_that_is_typed_is_too_odd(text in "[\\[\\]{}:,\"\\\\ \na1é.-]{0,40}", at in 0_usize..60) {
            let at = text.floor_char_boundary(at);
            if let Some(place) = place(&text, at) {
                prop_assert!(place.from <= at && text.is_char_boundary(place.from));
            }
        }
    }
}
