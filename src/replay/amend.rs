//! Changes what a rule does to one member of the state, and nothing else of it.
//!
//! What rules mostly are, statements in a row that each set a place, is changed statement by statement, so that the rule
//! stays readable. A rule that is anything else is kept whole, and the member is put back behind it.

use jaq_core::load::lex::{Lexer, Tok, Token};

use super::jq_word::is_word;
use super::toml_text::basic;

/// Merges (RFC 7396), as the rule `merge` does, with a filter on what is merged.
const MERGE: &str = "def merge($with):
  if ($with | type) == \"object\"
  then reduce ($with | to_entries[]) as $member (if type == \"object\" then . else {} end;
    if $member.value == null then del(.[$member.key]) else .[$member.key] |= merge($member.value) end)
  else $with end;
if $event.data == null then . else merge($event.dataDATA) end";

/// Words that make a filter more than statements in a row.
const BINDS: [&str; 8] = ["as", "def", "reduce", "foreach", "label", "try", "import", "include"];

/// What sets a place.
const SETS: [&str; 9] = ["=", "|=", "+=", "-=", "*=", "/=", "%=", "//=", "?//="];

/// A rule with something else in place of what it does to a member: `learnt` is the filter that does it, `None` where
/// nothing is to be done. `None` where the rule stays as it is: there is no rule, or it does nothing to the member.
///
/// `says` tells whether the data of its events has a member of that name, for a rule that merges it.
#[must_use]
pub fn amended(rule: Option<&str>, member: &str, learnt: Option<&str>, says: bool) -> Option<String> {
    let rest = match rule.map(str::trim) {
        None | Some("ignore") => Rest::Untouched(String::new()),
        Some("merge" | "guess") if says => Rest::Without(merge(&format!(" | del({})", place(member)))),
        Some("merge" | "guess") => Rest::Untouched(merge("")),
        Some("replace") => put_back("$event.data", member),
        Some(text) => without(text, member),
    };
    match (learnt, rest) {
        (None, Rest::Untouched(_)) => None,
        (None, Rest::Without(rest)) if rest.is_empty() => Some("ignore".to_owned()),
        (None, Rest::Without(rest)) => Some(rest),
        (Some(learnt), Rest::Untouched(rest) | Rest::Without(rest)) if rest.is_empty() => Some(learnt.to_owned()),
        // What is learnt sees the state as it was before the event.
        (Some(learnt), Rest::Untouched(rest) | Rest::Without(rest)) => Some(format!("{learnt}\n| {rest}")),
    }
}

/// A rule as a filter of jq, also where it is written as a word; `None` where it changes nothing.
#[must_use]
pub fn as_filter(rule: &str) -> Option<String> {
    match rule.trim() {
        "ignore" | "" => None,
        "merge" | "guess" => Some(merge("")),
        "replace" => Some("$event.data".to_owned()),
        text => Some(text.to_owned()),
    }
}

fn merge(filter: &str) -> String {
    MERGE.replace("DATA", filter)
}

/// What is left of a rule.
#[derive(Debug, PartialEq)]
enum Rest {
    /// It does nothing to the member.
    Untouched(String),
    Without(String),
}

/// A rule that does no more to a member.
fn without(rule: &str, member: &str) -> Rest {
    let Some(statements) = statements(rule) else {
        return if mentions(rule, member) { put_back(rule, member) } else { Rest::Untouched(rule.to_owned()) };
    };
    let mut left = Vec::new();
    let mut changed = false;
    for (text, tokens) in &statements {
        match touch(text, tokens, member) {
            Touch::Not => left.push((*text).to_owned()),
            Touch::Only => changed = true,
            Touch::Partly(rest) => {
                changed = true;
                left.push(rest);
            }
            Touch::Unknown => return put_back(rule, member),
        }
    }
    if changed { Rest::Without(left.join("\n| ")) } else { Rest::Untouched(rule.to_owned()) }
}

/// The whole rule, and behind it the member as it was before.
fn put_back(rule: &str, member: &str) -> Rest {
    let (at, key) = (place(member), basic(member));
    Rest::Without(format!(
        ". as $kept\n| ({rule})\n| if ($kept | type == \"object\" and has({key})) then {at} = $kept{at} else del({at}) end"
    ))
}

/// A statement with its tokens.
type Statement<'r> = (&'r str, Vec<Token<&'r str>>);

/// The statements of a rule; `None` where it is no row of statements.
fn statements(rule: &str) -> Option<Vec<Statement<'_>>> {
    let tokens = Lexer::new(rule).lex().ok()?;
    let mut found = Vec::new();
    let (mut start, mut depth, mut own) = (0, 0_usize, Vec::new());
    for token in tokens {
        let word = token.0;
        match word {
            "if" => depth += 1,
            "end" => depth = depth.saturating_sub(1),
            _ if depth == 0 && (BINDS.contains(&word) || word == ",") => return None,
            _ => {}
        }
        if word == "|" && depth == 0 {
            let at = word.as_ptr().addr().checked_sub(rule.as_ptr().addr())?;
            found.push((rule.get(start..at)?.trim(), std::mem::take(&mut own)));
            start = at + 1;
        } else {
            own.push(token);
        }
    }
    found.push((rule.get(start..)?.trim(), own));
    Some(found)
}

/// What a statement does to a member.
enum Touch {
    Not,
    Only,
    /// To it and to others; the rest of the statement without it.
    Partly(String),
    Unknown,
}

fn touch(text: &str, tokens: &[Token<&str>], member: &str) -> Touch {
    let words: Vec<&str> = tokens.iter().map(|token| token.0).collect();
    match words.as_slice() {
        [] | ["."] => return Touch::Not,
        ["del", block] => {
            return match first_key(block.trim_start_matches('(').trim_start()) {
                _ if block.contains(',') => Touch::Unknown,
                Some(key) if key == member => Touch::Only,
                Some(_) => Touch::Not,
                _ => Touch::Unknown,
            };
        }
        [".", "+", object] if object.starts_with('{') => return members(object, tokens.get(2), member),
        _ => {}
    }
    let sets = words.iter().any(|word| SETS.contains(word));
    match first_key(text) {
        Some(key) if sets && key == member => Touch::Only,
        Some(_) if sets => Touch::Not,
        _ if words.first() == Some(&"if") && !mentions(text, member) => Touch::Not,
        _ => Touch::Unknown,
    }
}

/// What adding an object to the state does to a member.
fn members(object: &str, block: Option<&Token<&str>>, member: &str) -> Touch {
    let Some(Token(_, Tok::Block(inner))) = block else { return Touch::Unknown };
    let mut parts: Vec<&str> = Vec::new();
    let mut start = 1;
    for token in inner.iter().filter(|token| token.0 == ",") {
        let at = token.0.as_ptr().addr().saturating_sub(object.as_ptr().addr());
        parts.extend(object.get(start..at));
        start = at + 1;
    }
    parts.extend(object.get(start..object.len().saturating_sub(1)));
    let mut left: Vec<&str> = Vec::new();
    let mut dropped = false;
    for part in parts {
        let name = part.trim();
        let key = match name.split_once(':') {
            _ if name.starts_with('"') => first_key(&format!(".{name}")),
            Some((key, _)) => Some(key.trim().to_owned()),
            None => Some(name.trim_start_matches('$').to_owned()),
        };
        match key {
            Some(key) if key.starts_with('(') => return Touch::Unknown,
            Some(key) if key == member => dropped = true,
            Some(_) => left.push(name),
            None => return Touch::Unknown,
        }
    }
    match (dropped, left.is_empty()) {
        (false, _) => Touch::Not,
        (true, true) => Touch::Only,
        (true, false) => Touch::Partly(format!(". + {{{}}}", left.join(", "))),
    }
}

/// The first key of the path that a text begins with: `.a`, `."a b"`, `.["a"]`.
fn first_key(text: &str) -> Option<String> {
    let rest = text.strip_prefix('.')?;
    let quoted = rest.strip_prefix('[').unwrap_or(rest);
    if quoted.starts_with('"') {
        let mut values = serde_json::Deserializer::from_str(quoted).into_iter::<String>();
        return values.next()?.ok();
    }
    let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(rest.len());
    rest.get(..end).filter(|key| !key.is_empty()).map(str::to_owned)
}

/// Whether a member may be meant anywhere in a text: by its name, or by a key that is only known when it runs.
fn mentions(text: &str, member: &str) -> bool {
    let named = text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(|word| word == member);
    let dynamic = [".[$", ".[(", "setpath", "with_entries", "to_entries", ". *", ". +", "merge"];
    named || text.contains(&basic(member)) || dynamic.iter().any(|sign| text.contains(sign))
}

/// A member of the state, as jq writes it.
fn place(member: &str) -> String {
    if is_word(member) { format!(".{member}") } else { format!(".[{}]", basic(member)) }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::rules_file::RulesFile;
    use super::super::{Fold, Reducers};
    use super::*;
    use crate::event::{Event, Payload};

    #[test]
    fn statements_of_the_member_go_and_others_stay() {
        let rule = ".balance += $event.data.amount\n| .status = \"open\" | .lines.L1.qty = 2";
        let set = |member: &str| amended(Some(rule), member, Some(".x = 1"), true).unwrap();
        assert_eq!(set("balance"), ".x = 1\n| .status = \"open\"\n| .lines.L1.qty = 2");
        assert_eq!(
            amended(Some(rule), "lines", None, true).unwrap(),
            ".balance += $event.data.amount\n| .status = \"open\""
        );
        assert_eq!(amended(Some(rule), "owner", None, true), None);
        assert_eq!(amended(Some(".a = 1"), "a", None, true).as_deref(), Some("ignore"));
        let together = ". + {a: $event.data.a, \"b c\": (1, 2 | . + 1), d}";
        assert_eq!(amended(Some(together), "a", None, true).unwrap(), ". + {\"b c\": (1, 2 | . + 1), d}");
        assert_eq!(
            amended(Some(together), "d", None, true).unwrap(),
            ". + {a: $event.data.a, \"b c\": (1, 2 | . + 1)}"
        );
    }

    /// The state after one event by a rule.
    fn after(rule: &str, initial: &Value) -> Value {
        let mut file = RulesFile::default();
        file.set_initial("t", Some(initial)).unwrap();
        file.set_rule("t", "E", Some(rule)).unwrap();
        let reducers = Reducers::parse(&file.text(), "test").unwrap_or_else(|error| panic!("{error}: {rule}"));
        let data = Payload::json(json!({"amount": 5, "note": "x", "gone": null, "deep": {"a": null, "b": 1}}));
        let mut fold = Fold::new(&reducers, "t");
        let step = fold.step(&Event { event_type: "E".into(), data, version: 1, ..Event::default() });
        assert_eq!(step.outcome, super::super::Outcome::Applied, "{rule}");
        fold.state()
    }

    #[test]
    fn whatever_a_rule_is_the_member_stays_as_it_was_and_the_rest_is_as_before() {
        let initial = json!({"amount": 1, "gone": 3, "deep": {"a": 1, "c": 2}});
        let rules = [
            "merge",
            "replace",
            ".amount += $event.data.amount",
            ". * {amount: 9, other: 1}",
            "if .amount == 1 then .amount = 2 | .more = 1 else . end",
            ". as $s | .amount = ($s.amount // 0) * 2 | .other = 2",
            "reduce range(3) as $n (.; .amount += $n)",
            ".[\"amount\"] = 3 | .x = 1",
            "del(.amount, .gone)",
            "with_entries(.value = 1)",
            ".deep.b = 3",
        ];
        for rule in rules {
            let before = after(rule, &initial);
            let Some(rule) = amended(Some(rule), "amount", None, true) else {
                assert_eq!(before["amount"], json!(1), "{rule}");
                continue;
            };
            let mut expected = before.clone();
            expected["amount"] = json!(1);
            let got = if rule == "ignore" { initial.clone() } else { after(&rule, &initial) };
            assert_eq!(got, expected, "{rule}");
            // Without one before there is none after.
            if rule != "ignore" {
                assert_eq!(after(&rule, &json!({"deep": {}})).get("amount"), None, "{rule}");
            }
        }
    }

    #[test]
    fn what_is_learnt_is_done_once_and_sees_the_state_before() {
        let rule = amended(
            Some("merge"),
            "amount",
            Some(". as $before\n| .amount = $before.amount + $event.data.amount"),
            true,
        );
        let got = after(&rule.unwrap(), &json!({"amount": 2}));
        assert_eq!(got, json!({"amount": 7, "note": "x", "deep": {"b": 1}}));
        assert_eq!(amended(None, "a", Some(".a = 1"), false).as_deref(), Some(".a = 1"));
        assert_eq!(amended(Some("ignore"), "a", None, true), None);
        assert_eq!(amended(Some("guess"), "a", None, false), None);
        assert_eq!(after(&amended(Some("guess"), "a", Some(".a = 1"), false).unwrap(), &json!({}))["a"], json!(1));
    }
}
