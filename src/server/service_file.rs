//! The file in which `psql` finds what a service stands for
//! (<https://www.postgresql.org/docs/current/libpq-pgservice.html>).

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use super::surroundings::Surroundings;
use crate::error::{Error, Result};

/// The parameters of a service: of the user's own file, else of the system's.
pub(super) fn read(name: &str, around: &Surroundings<'_>) -> Result<BTreeMap<String, String>> {
    let own = (around.variable)("PGSERVICEFILE").map(PathBuf::from);
    let own = own.or_else(|| Some(around.home.as_ref()?.join(".pg_service.conf")));
    let folder = (around.variable)("PGSYSCONFDIR").unwrap_or_else(|| "/etc/postgresql-common".to_owned());
    let files = own.into_iter().chain([PathBuf::from(folder).join("pg_service.conf")]);
    let mut looked = Vec::new();
    for file in files {
        if let Some(found) = fs::read_to_string(&file).ok().and_then(|text| section(&text, name)) {
            return Ok(found);
        }
        looked.push(file.display().to_string());
    }
    Err(Error::bad_input(format!("no service is called {name}"))
        .with_hint(format!("It was looked for in {}.", looked.join(" and "))))
}

fn section(text: &str, name: &str) -> Option<BTreeMap<String, String>> {
    let mut lines = text.lines().map(str::trim).skip_while(|line| *line != format!("[{name}]"));
    lines.next()?;
    let own = lines.take_while(|line| !line.starts_with('['));
    let pairs = own.filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='));
    Some(pairs.map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned())).collect())
}
