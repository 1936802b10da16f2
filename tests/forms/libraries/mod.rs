//! Databases of libraries of which no real file is at hand, made from their own DDL with rows in their own format.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

macro_rules! scripts {
    ($($name:literal),* $(,)?) => { [$(($name, include_str!(concat!($name, ".sql")))),*] };
}

/// The name of each form and the script that makes it.
const SCRIPTS: [(&str, &str); 32] = scripts![
    "activitylog",
    "activitywatch",
    "activitywatch_python",
    "actual",
    "adk_pickled",
    "adk_sqlite",
    "atproto_pds",
    "audited",
    "dagster_run",
    "dbos",
    "disintegrate",
    "duroxide",
    "emmett_0_38",
    "eventful",
    "eventium",
    "eventsauce",
    "eventsourcing_named",
    "eventuous_two",
    "livestore",
    "marten",
    "message_db",
    "message_db_mirror",
    "nostr",
    "nostr_rs_relay",
    "paper_trail",
    "patchlevel_stream",
    "phauthentic",
    "prefect",
    "simple_history",
    "synapse",
    "taskchampion",
    "temporal",
];

/// Makes a database of a form in a folder.
pub fn create(name: &str, folder: &Path) -> PathBuf {
    let path = folder.join(format!("{name}.db"));
    let (_, script) = SCRIPTS.into_iter().find(|(form, _)| *form == name).unwrap();
    Connection::open(&path).unwrap().execute_batch(script).unwrap();
    path
}
