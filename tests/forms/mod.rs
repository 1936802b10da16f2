//! The five plain forms of an event store, made from their DDL with realistic rows. For any test to use.

use std::path::Path;

use rusqlite::Connection;

/// The name of each form and the script that makes it.
pub const FORMS: [(&str, &str); 5] = [
    ("ouroboros", include_str!("ouroboros.sql")),
    ("enterprise", include_str!("enterprise.sql")),
    ("service", include_str!("service.sql")),
    ("stream", include_str!("stream.sql")),
    ("sequence", include_str!("sequence.sql")),
];

/// Makes a database of each form in a folder, as `NAME.db`.
pub fn create_all(folder: &Path) {
    for (name, script) in FORMS {
        let conn = Connection::open(folder.join(format!("{name}.db"))).unwrap();
        conn.execute_batch(script).unwrap();
    }
}
