//! What the SQL of a profile may do: an authorizer that SQLite asks about each step of each statement it prepares
//! (<https://www.sqlite.org/c3ref/set_authorizer.html>).
//!
//! A profile can come from anywhere, and its expressions become parts of our statements. The connection for reading is
//! read-only and defended already; this keeps it from reaching *other* files (`ATTACH`, `load_extension`), from
//! switching the defences off (`PRAGMA`), and from holding state of its own (temporary tables).

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

use crate::error::Result;

/// What may be asked, and what changes nothing when it is.
const FACTS: &[&str] = &[
    "application_id",
    "data_version",
    "encoding",
    "freelist_count",
    "journal_mode",
    "page_count",
    "page_size",
    "schema_version",
    "user_version",
];
/// What may be asked about a table; the value is its name.
const ABOUT_A_TABLE: &[&str] = &[
    "foreign_key_check",
    "foreign_key_list",
    "index_info",
    "index_list",
    "index_xinfo",
    "integrity_check",
    "quick_check",
    "table_info",
    "table_list",
    "table_xinfo",
];

/// From now on the connection only reads its own database, with known functions.
pub(super) fn for_reading(conn: &Connection) -> Result<()> {
    let known = known_functions(conn)?;
    conn.authorizer(Some(move |context: AuthContext<'_>| answer(may_read(&context, &known))))?;
    Ok(())
}

/// From now on the connection also changes rows of its own database, and nothing but rows.
pub(super) fn for_appending(conn: &Connection) -> Result<()> {
    let known = known_functions(conn)?;
    conn.authorizer(Some(move |context: AuthContext<'_>| {
        answer(may_read(&context, &known) || may_change_rows(&context))
    }))?;
    Ok(())
}

fn answer(allowed: bool) -> Authorization {
    if allowed { Authorization::Allow } else { Authorization::Deny }
}

fn may_read(context: &AuthContext<'_>, known: &HashSet<String>) -> bool {
    match context.action {
        AuthAction::Select | AuthAction::Recursive | AuthAction::Transaction { .. } | AuthAction::Savepoint { .. } => {
            true
        }
        AuthAction::Read { .. } => in_main(context),
        AuthAction::Function { function_name } => known.contains(&function_name.to_ascii_lowercase()),
        AuthAction::Pragma { pragma_name, pragma_value } => {
            let name = pragma_name.to_ascii_lowercase();
            let asks = |names: &[&str]| names.contains(&name.as_str());
            asks(ABOUT_A_TABLE) || asks(FACTS) && pragma_value.is_none()
        }
        _ => false,
    }
}

/// Triggers and foreign keys of the application do this, too. SQLite's own tables stay out of reach.
fn may_change_rows(context: &AuthContext<'_>) -> bool {
    match context.action {
        AuthAction::Insert { table_name }
        | AuthAction::Update { table_name, .. }
        | AuthAction::Delete { table_name } => {
            in_main(context) && !table_name.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("sqlite_"))
        }
        _ => false,
    }
}

/// Without a name it is a part of the statement itself, such as a common table expression.
fn in_main(context: &AuthContext<'_>) -> bool {
    context.database_name.is_none_or(|name| name.is_empty() || name.eq_ignore_ascii_case("main"))
}

/// SQLite's own functions that it calls innocuous, which `load_extension` is not, and those that were added to the
/// connection: ours, and those of full-text tables but for the one that takes a pointer.
fn known_functions(conn: &Connection) -> Result<Arc<HashSet<String>>> {
    static KNOWN: OnceLock<Arc<HashSet<String>>> = OnceLock::new();
    if let Some(known) = KNOWN.get() {
        return Ok(Arc::clone(known));
    }
    let mut statement = conn.prepare(
        "SELECT DISTINCT lower(name) FROM pragma_function_list
         WHERE (flags & ?1 OR NOT builtin) AND lower(name) <> 'fts3_tokenizer'",
    )?;
    let innocuous = FunctionFlags::SQLITE_INNOCUOUS.bits();
    let known = statement.query_map([innocuous], |row| row.get(0))?.collect::<Result<HashSet<String>, _>>()?;
    Ok(Arc::clone(KNOWN.get_or_init(|| Arc::new(known))))
}
