//! What a field can be filled from, and whether it is one of these or an expression.

use super::draft::MappingDraft;
use super::fields::{self, Listed};
use crate::session::{ColumnSample, Inside};

/// What a line can be filled from.
pub(super) struct Choices<'a> {
    /// The columns of the table or join.
    pub(super) columns: &'a [ColumnSample],
    /// The members of the documents.
    pub(super) inside: &'a [Inside],
}

/// Whether a field is shown as an expression: somebody chose to type it, or no column is it.
pub(super) fn is_typed(listed: &Listed, draft: &MappingDraft, choices: &Choices<'_>) -> bool {
    if draft.typed.contains(listed.name) {
        return true;
    }
    let field = fields::get(&draft.profile, listed.name);
    // While the columns are read, a name alone is taken for one of them.
    field.is_some_and(|field| {
        if choices.columns.is_empty() {
            !field.sql.chars().all(|letter| letter.is_alphanumeric() || "_.\"".contains(letter))
        } else {
            column_of(&field.sql, choices.columns).is_none()
        }
    })
}

/// The column that an expression is, however it is quoted.
pub(super) fn column_of<'a>(sql: &str, columns: &'a [ColumnSample]) -> Option<&'a ColumnSample> {
    let bare = |sql: &str| sql.replace(['"', '`', '[', ']'], "").to_lowercase();
    let wanted = bare(sql);
    columns.iter().find(|column| bare(&column.sql) == wanted)
}
