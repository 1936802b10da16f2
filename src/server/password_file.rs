//! The file in which `psql` finds passwords (<https://www.postgresql.org/docs/current/libpq-pgpass.html>).

use std::fs;
use std::io::Write as _;
use std::path::Path;

use super::host::Host;
use crate::error::{Error, Result};

/// A password, and what it is for.
pub(super) struct Entry<'e> {
    pub(super) host: &'e Host,
    pub(super) database: &'e str,
    pub(super) user: &'e str,
    pub(super) password: &'e str,
}

/// The password for a server, a database and a user, where the file has one. As for `psql`, a file that others may read
/// is of no account.
pub(super) fn find(file: &Path, host: &Host, database: &str, user: &str) -> Option<String> {
    if !is_private(file) {
        return None;
    }
    let text = fs::read_to_string(file).ok()?;
    let port = host.port.to_string();
    let wanted = [name(host), &port, database, user];
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let mut fields = fields(line).into_iter();
        let fits = wanted.iter().all(|wanted| fields.next().is_some_and(|field| field == "*" || field == *wanted));
        fits.then(|| fields.next())?
    })
}

/// Writes a password into the file, which is made where it is not there, in place of one that stood there for the same.
/// The first line that fits counts, so it becomes the first.
pub(super) fn remember(file: &Path, entry: &Entry<'_>) -> Result<()> {
    let failed = |error: std::io::Error| Error::from(error).context(file.display());
    let is_there = file.exists();
    if is_there && !is_private(file) {
        return Err(Error::bad_input(format!("{} may be read by others, so psql passes it over", file.display()))
            .with_hint("Take their rights away first: chmod 600."));
    }
    let before = if is_there { fs::read_to_string(file).map_err(failed)? } else { String::new() };
    let port = entry.host.port.to_string();
    let fields = [name(entry.host), &port, entry.database, entry.user, entry.password];
    if fields.iter().any(|field| field.contains(['\n', '\r'])) {
        return Err(Error::bad_input("a file of passwords has no room for a line break"));
    }
    let fields = fields.map(|field| field.replace('\\', "\\\\").replace(':', "\\:"));
    let line = fields.join(":");
    let same = line.strip_suffix(fields.last().map_or("", String::as_str)).unwrap_or(&line);
    let before = before.lines().filter(|old| !old.starts_with(same)).fold(String::new(), |text, old| text + old + "\n");
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Written beside and put in its place: a file that is cut short would lose what others wrote there. It is private.
    let mut new = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    write!(new, "{line}\n{before}").map_err(failed)?;
    new.persist(file).map(drop).map_err(|error| failed(error.error))
}

/// What a host is called there.
fn name(host: &Host) -> &str {
    if host.is_socket() { "localhost" } else { &host.name }
}

#[cfg(unix)]
fn is_private(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(file).is_ok_and(|it| it.is_file() && it.permissions().mode().trailing_zeros() >= 6)
}

#[cfg(not(unix))]
fn is_private(file: &Path) -> bool {
    file.is_file()
}

/// The parts between colons; a backslash makes the next letter a plain one. The last of five is the whole rest.
fn fields(line: &str) -> Vec<String> {
    let (mut found, mut letters) = (vec![String::new()], line.chars());
    while let Some(letter) = letters.next() {
        let plain = match letter {
            ':' if found.len() < 5 => {
                found.push(String::new());
                continue;
            }
            '\\' => letters.next(),
            other => Some(other),
        };
        if let Some(last) = found.last_mut() {
            last.extend(plain);
        }
    }
    found
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_first_line_that_fits_counts_and_only_in_a_file_of_ones_own() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pgpass");
        let allow = |mode| fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        fs::write(&file, "# mine\nother:*:*:*:no\nh\\:1:5432:shop:me:a\\:b:c\n*:*:*:me:any\n").unwrap();
        let host = |name: &str| Host { name: name.to_owned(), number: None, port: 5432 };
        allow(0o600);
        assert_eq!(find(&file, &host("h:1"), "shop", "me").as_deref(), Some("a:b:c"));
        assert_eq!(find(&file, &host("h:1"), "else", "me").as_deref(), Some("any"));
        assert_eq!(find(&file, &host("h:1"), "else", "you"), None);
        allow(0o644);
        assert_eq!(find(&file, &host("h:1"), "shop", "me"), None);
    }

    #[test]
    fn what_is_remembered_is_found_and_nothing_else_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pgpass");
        let allow = |mode| fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let host = Host { name: "h".to_owned(), number: None, port: 1 };
        let remember = |password| remember(&file, &Entry { host: &host, database: "a:b", user: "me", password });
        fs::write(&file, "# mine\nother:1:a:me:x").unwrap();
        allow(0o600);
        remember("old").unwrap();
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        remember("c:d\\e").unwrap();
        assert_eq!(find(&file, &host, "a:b", "me").as_deref(), Some("c:d\\e"));
        let text = fs::read_to_string(&file).unwrap();
        assert_eq!(text, "h:1:a\\:b:me:c\\:d\\\\e\n# mine\nother:1:a:me:x\n");
        assert!(remember("two\nlines").is_err());
        allow(0o644);
        assert!(remember("x").unwrap_err().to_string().contains("others"));
    }
}
