//! The file in which `psql` finds passwords (<https://www.postgresql.org/docs/current/libpq-pgpass.html>).

use std::fs;
use std::path::Path;

use super::host::Host;

/// The password for a server, a database and a user, where the file has one. As for `psql`, a file that others may read
/// is of no account.
pub(super) fn find(file: &Path, host: &Host, database: &str, user: &str) -> Option<String> {
    if !is_private(file) {
        return None;
    }
    let text = fs::read_to_string(file).ok()?;
    let name = if host.is_socket() { "localhost" } else { &host.name };
    let port = host.port.to_string();
    let wanted = [name, &port, database, user];
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let mut fields = fields(line).into_iter();
        let fits = wanted.iter().all(|wanted| fields.next().is_some_and(|field| field == "*" || field == *wanted));
        fits.then(|| fields.next())?
    })
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
        fs::write(&file, "# mine\nother:*:*:*:no\nh\\:1:5432:shop:me:a\\:b:c\n*:*:*:me:any\n").unwrap();
        let allow = |mode| fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let host = |name: &str| Host { name: name.to_owned(), number: None, port: 5432 };
        allow(0o600);
        assert_eq!(find(&file, &host("h:1"), "shop", "me").as_deref(), Some("a:b:c"));
        assert_eq!(find(&file, &host("h:1"), "else", "me").as_deref(), Some("any"));
        assert_eq!(find(&file, &host("h:1"), "else", "you"), None);
        allow(0o644);
        assert_eq!(find(&file, &host("h:1"), "shop", "me"), None);
    }
}
