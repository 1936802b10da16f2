//! What differs between two states as a document for others: lines of JSON, one document of JSON, CSV, Markdown.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::codec::cells;
use crate::replay::compare::{Difference, Kind};

/// The form of such a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DifferenceForm {
    /// An object of JSON a line, one for each difference.
    Ndjson,
    /// One object of JSON, which says what was compared, too.
    Json,
    /// A table for a spreadsheet, in which no cell is a formula.
    Csv,
    /// A table for an issue or a page.
    Markdown,
}

impl DifferenceForm {
    /// Every form, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Ndjson, Self::Json, Self::Csv, Self::Markdown];

    /// The word for it on the command line, and what a file's name ends with.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Markdown => "md",
        }
    }

    /// What a person calls it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Ndjson => "NDJSON",
            Self::Json => "JSON",
            Self::Csv => "CSV",
            Self::Markdown => "Markdown",
        }
    }

    /// A sentence about it.
    #[must_use]
    pub const fn help(self) -> &'static str {
        match self {
            Self::Ndjson => "An object of JSON a line, one for each difference.",
            Self::Json => "One object of JSON, which says what was compared, too.",
            Self::Csv => "A table for a spreadsheet, in which no cell is a formula.",
            Self::Markdown => "A table for an issue or a page.",
        }
    }

    /// The differences in this form. `sides` says what was compared.
    #[must_use]
    pub fn write(self, sides: [&str; 2], differences: &[Difference]) -> String {
        match self {
            Self::Ndjson => {
                differences.iter().fold(String::new(), |text, one| text + &document(one).to_string() + "\n")
            }
            Self::Json => {
                let found: Vec<Value> = differences.iter().map(document).collect();
                format!("{:#}\n", json!({"a": sides[0], "b": sides[1], "differences": found}))
            }
            Self::Csv => csv(differences),
            Self::Markdown => markdown(sides, differences),
        }
    }
}

/// A difference by the names that a change has, and where it was before where that is elsewhere.
#[must_use]
pub fn document(difference: &Difference) -> Value {
    let mut document = json!({
        "path": difference.path(),
        "before": difference.before,
        "after": difference.after,
        "kind": word(difference.kind),
    });
    let elsewhere = difference.from.as_ref().filter(|from| difference.to.as_ref().is_some_and(|to| to != *from));
    if let (Some(from), Some(members)) = (elsewhere, document.as_object_mut()) {
        members.insert("from".to_owned(), Value::from(from.as_str()));
    }
    document
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Added => "added",
        Kind::Removed => "removed",
        Kind::Changed => "changed",
        Kind::Moved => "moved",
    }
}

/// A value as it is written in a cell: nothing where there is none.
fn cell(value: Option<&Value>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

fn csv(differences: &[Difference]) -> String {
    let mut out = "path,kind,before,after,from\r\n".to_owned();
    for difference in differences {
        let (before, after) = (cell(difference.before.as_ref()), cell(difference.after.as_ref()));
        let from = difference.from.as_deref().unwrap_or_default();
        let [path, before, after, from] = [difference.path(), &before, &after, from].map(cells::csv);
        // Writing to a text cannot fail.
        let _ = write!(out, "{path},{},{before},{after},{from}\r\n", word(difference.kind));
    }
    out
}

fn markdown([a, b]: [&str; 2], differences: &[Difference]) -> String {
    let (a, b) = (cells::markdown(a), cells::markdown(b));
    let mut out = format!("| place | | {a} | {b} |\n| --- | --- | --- | --- |\n");
    for difference in differences {
        let (before, after) = (cell(difference.before.as_ref()), cell(difference.after.as_ref()));
        let [label, before, after] = [&difference.label, &before, &after].map(|text| cells::markdown(text));
        let _ = writeln!(out, "| {label} | {} | {before} | {after} |", word(difference.kind));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::compare::compare;

    #[test]
    fn each_form_says_what_differs() {
        let a = json!({"status": "placed", "note": "=1+2", "lines": [{"sku": "red"}]});
        let b = json!({"status": "paid|sent", "lines": [{"sku": "red"}], "total": 8});
        let found = compare(&a, &b);
        let write = |form: DifferenceForm| form.write(["order/1@1", "order/1@4"], &found);
        let lines = write(DifferenceForm::Ndjson);
        let paths: Vec<Value> =
            lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["path"].clone()).collect();
        assert_eq!(paths.len(), 3);
        assert!(paths.contains(&json!("/status")));
        let whole: Value = serde_json::from_str(&write(DifferenceForm::Json)).unwrap();
        assert_eq!((&whole["b"], whole["differences"].as_array().unwrap().len()), (&json!("order/1@4"), 3));
        let csv = write(DifferenceForm::Csv);
        assert!(csv.contains("/note,removed,\"\"\"=1+2\"\"\",,/note\r\n"), "{csv}");
        assert!(csv.contains("/total,added,,8,\r\n"), "{csv}");
        let table = write(DifferenceForm::Markdown);
        assert!(table.starts_with("| place | | order/1@1 | order/1@4 |\n"), "{table}");
        assert!(table.contains("| /status | changed | \"placed\" | \"paid\\|sent\" |"), "{table}");
    }
}
