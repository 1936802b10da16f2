//! Names as people and libraries write them, taken apart into words, and how well two of them agree.

/// The words of a name in small letters: `unitPrice`, `unit_price` and `Unit-Price` all have `unit` and `price`.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut fresh = true;
    let mut before_small = false;
    let characters: Vec<char> = name.chars().collect();
    for (index, letter) in characters.iter().copied().enumerate() {
        if !letter.is_alphanumeric() {
            fresh = true;
            continue;
        }
        let next_small = characters.get(index + 1).is_some_and(|next| next.is_lowercase());
        // `HTTPCode` is `http code`, `orderID` is `order id`.
        let begins = letter.is_uppercase() && (before_small || next_small);
        if fresh || begins {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(letter.to_lowercase());
        }
        fresh = false;
        before_small = letter.is_lowercase() || letter.is_numeric();
    }
    words
}

/// A word without the ending of its plural.
pub(super) fn singular(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() > 1) {
        return format!("{stem}y");
    }
    for ending in ["sses", "shes", "ches", "xes"] {
        if word.ends_with(ending) {
            return word.strip_suffix("es").unwrap_or(word).to_owned();
        }
    }
    match word.strip_suffix('s') {
        Some(stem) if stem.len() > 2 && !stem.ends_with(['s', 'u', 'i']) => stem.to_owned(),
        _ => word.to_owned(),
    }
}

/// A word in the plural.
pub(super) fn plural(word: &str) -> String {
    let vowel_before_y =
        word.len() > 1 && word.as_bytes().get(word.len() - 2).is_some_and(|byte| b"aeiou".contains(byte));
    if let Some(stem) = word.strip_suffix('y').filter(|_| !vowel_before_y) {
        return format!("{stem}ies");
    }
    if word.ends_with(['s', 'x']) || word.ends_with("sh") || word.ends_with("ch") {
        return format!("{word}es");
    }
    format!("{word}s")
}

/// Words that say in what a number is counted, or that stand in every other name.
const WEAK: [&str; 16] =
    ["id", "cents", "ms", "seconds", "minutes", "kg", "g", "eur", "usd", "at", "on", "of", "the", "total", "new", "is"];

/// How well two names agree, from 0 to 1.
pub(super) fn agreement(a: &str, b: &str) -> f32 {
    let normal = |name: &str| words(name).iter().map(|word| singular(word)).collect::<Vec<_>>();
    let (a, b) = (normal(a), normal(b));
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    if a == b {
        return 1.0;
    }
    let weight = |word: &str| if WEAK.contains(&word) { 0.3_f32 } else { 1.0 };
    let shared: f32 = a.iter().filter(|word| b.contains(word)).map(|word| weight(word)).sum();
    let all: f32 =
        a.iter().map(|word| weight(word)).sum::<f32>() + b.iter().map(|word| weight(word)).sum::<f32>() - shared;
    0.8 * shared / all.max(0.1)
}

/// Whether a word says that something begins so: `initial_title`, `opening_balance`.
pub(super) fn is_beginning(word: &str) -> bool {
    ["initial", "opening", "first", "starting", "original"].contains(&word)
}

/// Whether a name has all the words of another, and those say something.
pub(super) fn covers(name: &str, other: &str) -> bool {
    let normal = |name: &str| words(name).iter().map(|word| singular(word)).collect::<Vec<_>>();
    let (all, own) = (normal(name), normal(other));
    own.iter().any(|word| word.len() > 2) && own.iter().all(|word| all.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart_into_words() {
        assert_eq!(words("unitPrice"), ["unit", "price"]);
        assert_eq!(words("order.line_added"), ["order", "line", "added"]);
        assert_eq!(words("HTTPCode"), ["http", "code"]);
        assert_eq!(words("orderID"), ["order", "id"]);
        assert_eq!(words("_created_on"), ["created", "on"]);
    }

    #[test]
    fn plurals_come_and_go() {
        for (one, many) in
            [("line", "lines"), ("entry", "entries"), ("box", "boxes"), ("key", "keys"), ("batch", "batches")]
        {
            assert_eq!((plural(one), singular(many)), (many.to_owned(), one.to_owned()));
        }
        assert_eq!(
            (singular("status"), singular("address"), singular("is")),
            ("status".into(), "address".into(), "is".into())
        );
    }

    #[test]
    fn names_that_say_the_same_agree_most() {
        assert!((agreement("UnitPrice", "unit_price") - 1.0).abs() < f32::EPSILON);
        assert!(agreement("balance_cents", "amount_cents") > 0.0);
        assert!(agreement("order_id", "order") > agreement("order_id", "item_id"));
        assert!(agreement("name", "qty") < f32::EPSILON);
    }
}
