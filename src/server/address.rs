//! Where a server is and who asks it: a URL, and what `psql` takes from its environment, from a service file and from a
//! file of passwords (<https://www.postgresql.org/docs/current/libpq-connect.html>).

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::host::Host;
use super::password_file;
use super::service_file;
use super::surroundings::Surroundings;
use super::tls::{Tls, TlsMode};
use crate::error::{Error, Result};

/// The names of parameters, and of the variables of the environment that stand for them.
const KNOWN: &[(&str, &str)] = &[
    ("application_name", "PGAPPNAME"),
    ("connect_timeout", "PGCONNECT_TIMEOUT"),
    ("dbname", "PGDATABASE"),
    ("host", "PGHOST"),
    ("hostaddr", "PGHOSTADDR"),
    ("options", "PGOPTIONS"),
    ("passfile", "PGPASSFILE"),
    ("password", "PGPASSWORD"),
    ("port", "PGPORT"),
    ("service", "PGSERVICE"),
    ("sslcert", "PGSSLCERT"),
    ("sslkey", "PGSSLKEY"),
    ("sslmode", "PGSSLMODE"),
    ("sslrootcert", "PGSSLROOTCERT"),
    ("user", "PGUSER"),
];

/// Parameters of `psql` without which a connection is the same, and as safe.
const PASSED_OVER: &[&str] = &[
    "client_encoding",
    "fallback_application_name",
    "gssencmode",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "load_balance_hosts",
    "sslcompression",
    "sslsni",
    "target_session_attrs",
    "tcp_user_timeout",
];

/// How long a server is waited for that does not answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// A database of a server, and how it is reached.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    /// The servers that are tried one after another.
    pub(super) hosts: Vec<Host>,
    pub(super) user: String,
    pub(super) database: String,
    pub(super) password: Option<String>,
    pub(super) tls: Tls,
    pub(super) patience: Duration,
    pub(super) options: Option<String>,
    pub(super) application: String,
    /// Where passwords are looked for.
    pub(super) passfile: Option<PathBuf>,
}

impl Address {
    /// Whether a text is meant as the address of a server rather than as the path of a file.
    #[must_use]
    pub fn is_meant(text: &str) -> bool {
        ["postgres://", "postgresql://"]
            .iter()
            .any(|scheme| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
    }

    /// Reads `postgres://USER:PASSWORD@HOST:PORT/DATABASE?PARAMETER=VALUE`. What it leaves out comes from the service that
    /// it or `PGSERVICE` names, then from the environment, then is what `psql` would take; a password also from the file
    /// of passwords.
    ///
    /// # Errors
    /// Bad input: what is wrong in it, and what is allowed.
    pub fn parse(url: &str) -> Result<Self> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let home = directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
        Self::parse_in(url, &Surroundings { variable: &variable, home })
    }

    /// An address of its parts; an empty one is as if it was left out of a URL.
    ///
    /// # Errors
    /// As [`Address::parse`].
    pub fn of_parts(host: &str, port: &str, database: &str, user: &str) -> Result<Self> {
        Self::parse(&Self::url_of_parts(host, port, database, user))
    }

    fn url_of_parts(host: &str, port: &str, database: &str, user: &str) -> String {
        let encoded = |text: &str| utf8_percent_encode(text.trim(), NON_ALPHANUMERIC).to_string();
        let user = if user.trim().is_empty() { String::new() } else { format!("{}@", encoded(user)) };
        let host = host.trim();
        // A folder of a socket stands in a parameter: its slashes would end the host.
        let (host, folder) =
            if host.starts_with('/') { ("", Some(format!("host={}", encoded(host)))) } else { (host, None) };
        let port = Some(port.trim()).filter(|port| !port.is_empty()).map(|port| format!("port={}", encoded(port)));
        let more = folder.into_iter().chain(port).collect::<Vec<_>>().join("&");
        let more = if more.is_empty() { more } else { format!("?{more}") };
        format!("postgres://{user}{host}/{}{more}", encoded(database))
    }

    pub(super) fn parse_in(url: &str, around: &Surroundings<'_>) -> Result<Self> {
        let mut given = parameters(url).map_err(|error| error.context(without_password(url)))?;
        let service = given.remove("service").or_else(|| (around.variable)("PGSERVICE"));
        let service = match service {
            Some(name) => service_file::read(&name, around)?,
            None => BTreeMap::new(),
        };
        given.extend(service.into_iter().filter(|(name, _)| !given.contains_key(name)).collect::<Vec<_>>());
        for (name, variable) in KNOWN {
            if let (false, Some(value)) = (given.contains_key(*name), (around.variable)(variable)) {
                given.insert((*name).to_owned(), value);
            }
        }
        Self::of(&given, around)
    }

    fn of(given: &BTreeMap<String, String>, around: &Surroundings<'_>) -> Result<Self> {
        let get = |name: &str| given.get(name).map(String::as_str).filter(|value| !value.is_empty());
        let hosts = hosts(get("host"), get("hostaddr"), get("port"))?;
        let system_user = || ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| (around.variable)(name));
        let user = get("user").map(str::to_owned).or_else(system_user).ok_or_else(|| {
            Error::bad_input("no user is named").with_hint("Write it before the host: postgres://USER@HOST/DATABASE.")
        })?;
        let database = get("dbname").unwrap_or(&user).to_owned();
        let patience = match get("connect_timeout") {
            Some(text) => seconds(text)?,
            None => PATIENCE,
        };
        let tls = Tls::of(get("sslmode"), get("sslrootcert"), get("sslcert"), get("sslkey"), around)?;
        let file = get("passfile").map(PathBuf::from).or_else(|| Some(around.home.as_ref()?.join(".pgpass")));
        let kept = || hosts.iter().find_map(|host| password_file::find(file.as_deref()?, host, &database, &user));
        let password = get("password").map(str::to_owned).or_else(kept);
        let application = get("application_name").unwrap_or("eventscope").to_owned();
        let options = get("options").map(str::to_owned);
        Ok(Self { hosts, user, database, password, tls, patience, options, application, passfile: file })
    }

    /// The same with a password, which is kept nowhere but here.
    #[must_use]
    pub fn with_password(self, password: impl Into<String>) -> Self {
        Self { password: Some(password.into()), ..self }
    }

    /// Writes the password into the file of passwords, where `psql` finds it too, for this user and database of each of
    /// these servers.
    ///
    /// # Errors
    /// Bad input where no password is known, or where others may read the file; what writing fails with.
    pub fn remember_password(&self) -> Result<()> {
        let (Some(file), Some(password)) = (&self.passfile, &self.password) else {
            return Err(Error::bad_input("there is no password to remember, or no file for it"));
        };
        self.hosts.iter().try_for_each(|host| {
            let entry = password_file::Entry { host, database: &self.database, user: &self.user, password };
            password_file::remember(file, &entry)
        })
    }

    /// Whether a password is known.
    #[must_use]
    pub fn has_password(&self) -> bool {
        self.password.is_some()
    }

    /// The name of the database.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.database
    }

    /// Which mode of TLS.
    #[must_use]
    pub fn tls_mode(&self) -> TlsMode {
        self.tls.mode
    }

    /// The servers and the database, without user and password: `db.example.com:5432/shop`.
    #[must_use]
    pub fn place(&self) -> String {
        let hosts: Vec<String> = self.hosts.iter().map(ToString::to_string).collect();
        format!("{}/{}", hosts.join(","), self.database)
    }
}

/// As a URL without the password.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user = utf8_percent_encode(&self.user, NON_ALPHANUMERIC);
        write!(f, "postgres://{user}@{}", self.place())
    }
}

/// A password is in no log.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

/// A URL as it may be shown: without a password.
#[must_use]
pub fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (rest, parameters) = rest.split_once('?').map_or((rest, None), |(rest, more)| (rest, Some(more)));
    let shown = match rest.rsplit_once('@') {
        Some((user, rest)) => format!("{scheme}://{}@{rest}", user.split(':').next().unwrap_or_default()),
        None => format!("{scheme}://{rest}"),
    };
    let parameters = parameters.map(|all| {
        let plain = all.split('&').filter(|it| !it.to_ascii_lowercase().starts_with("password="));
        plain.collect::<Vec<_>>().join("&")
    });
    match parameters.filter(|left| !left.is_empty()) {
        Some(left) => format!("{shown}?{left}"),
        None => shown,
    }
}

/// The password that stands in a URL.
#[must_use]
pub fn password_in(url: &str) -> Option<String> {
    parameters(url).ok()?.remove("password")
}

/// What a URL says, by the names of parameters.
fn parameters(url: &str) -> Result<BTreeMap<String, String>> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
    let (user, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (user, password) = user.split_once(':').unwrap_or((user, ""));
    let mut found = BTreeMap::new();
    let (mut names, mut ports) = (Vec::new(), Vec::new());
    for host in hosts.split(',') {
        let (name, port) = host_and_port(host)?;
        names.push(decoded(name)?);
        ports.push(port.to_owned());
    }
    let listed = |all: &[String]| if all.iter().all(String::is_empty) { String::new() } else { all.join(",") };
    let said = [
        ("user", decoded(user)?),
        ("password", decoded(password)?),
        ("dbname", decoded(database)?),
        ("host", listed(&names)),
        ("port", listed(&ports)),
    ];
    for (name, value) in said.into_iter().filter(|(_, value)| !value.is_empty()) {
        found.insert(name.to_owned(), value);
    }
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decoded(name)?, decoded(value)?);
        if name == "ssl" && value == "true" {
            found.insert("sslmode".to_owned(), "require".to_owned());
        } else if KNOWN.iter().any(|(known, _)| *known == name) {
            found.insert(name, value);
        } else if !PASSED_OVER.contains(&name.as_str()) {
            let known: Vec<&str> = KNOWN.iter().map(|(known, _)| *known).collect();
            return Err(Error::bad_input(format!("there is no parameter {name} here"))
                .with_hint(format!("There are {}.", known.join(", "))));
        }
    }
    Ok(found)
}

/// `[::1]:5432` and `host:5432`; a port may be left out.
fn host_and_port(host: &str) -> Result<(&str, &str)> {
    match host.strip_prefix('[') {
        Some(rest) => {
            let (name, port) = rest.split_once(']').ok_or_else(|| Error::bad_input("a [ has no ] in the host"))?;
            Ok((name, port.strip_prefix(':').unwrap_or(port)))
        }
        None if host.matches(':').count() > 1 => {
            Err(Error::bad_input(format!("{host} is no host"))
                .with_hint("A number with colons stands in brackets: [::1]."))
        }
        None => Ok(host.split_once(':').unwrap_or((host, ""))),
    }
}

fn decoded(text: &str) -> Result<String> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map(Into::into).map_err(|error| Error::bad_input("it holds bytes that are no text").with_source(error))
}

fn seconds(text: &str) -> Result<Duration> {
    let wrong = || Error::bad_input(format!("connect_timeout is {text}, which is no number of seconds"));
    let seconds: u64 = text.parse().map_err(|_| wrong())?;
    Ok(if seconds == 0 { PATIENCE } else { Duration::from_secs(seconds) })
}

/// Names, numbers and ports are lists that go together; one port stands for all.
fn hosts(names: Option<&str>, numbers: Option<&str>, ports: Option<&str>) -> Result<Vec<Host>> {
    let listed = |text: Option<&str>| -> Vec<String> {
        text.map(|text| text.split(',').map(|part| part.trim().to_owned()).collect()).unwrap_or_default()
    };
    let (names, numbers, ports) = (listed(names), listed(numbers), listed(ports));
    let count = names.len().max(numbers.len()).max(1);
    if !names.is_empty() && !numbers.is_empty() && names.len() != numbers.len()
        || ports.len() > 1 && ports.len() != count
    {
        return Err(Error::bad_input("host, hostaddr and port are lists of different lengths"));
    }
    let host = |place: usize| {
        let port = match ports.get(place).or(ports.first()).filter(|port| !port.is_empty()) {
            Some(text) => text.parse().ok().filter(|port| *port > 0).ok_or_else(|| {
                Error::bad_input(format!("{text} is no port")).with_hint("A port is a number from 1 to 65535.")
            })?,
            None => 5432,
        };
        let number = match numbers.get(place).filter(|number| !number.is_empty()) {
            Some(text) => Some(text.parse().map_err(|_| Error::bad_input(format!("{text} is no IP address")))?),
            None => None,
        };
        let given = names.get(place).filter(|name| !name.is_empty()).cloned();
        let name = given.or_else(|| number.map(|number: std::net::IpAddr| number.to_string()));
        Ok(Host { name: name.unwrap_or_else(|| nearest(port)), number, port })
    };
    (0..count).map(host).collect()
}

/// Where `psql` looks where no host is named: the socket of a server on this machine, else the machine itself.
fn nearest(port: u16) -> String {
    let folders = ["/var/run/postgresql", "/tmp"];
    let found = folders.iter().find(|folder| Path::new(folder).join(format!(".s.PGSQL.{port}")).exists());
    (*found.unwrap_or(&"localhost")).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str, variables: &[(&str, &str)], home: Option<&Path>) -> Result<Address> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned()).or_else(|| (name == "USER").then(|| "me".to_owned()))
        };
        Address::parse_in(url, &Surroundings { variable: &variable, home: home.map(Path::to_owned) })
    }

    #[test]
    fn a_url_says_all_and_is_shown_without_its_password() {
        let url = "postgresql://a%40b:s%3Acret@db.example.com:6543/shop?sslmode=require&connect_timeout=3";
        let address = read(url, &[], None).unwrap();
        assert_eq!((address.user.as_str(), address.password.as_deref()), ("a@b", Some("s:cret")));
        assert_eq!((address.tls.mode, address.patience), (TlsMode::Require, Duration::from_secs(3)));
        assert_eq!(address.to_string(), "postgres://a%40b@db.example.com:6543/shop");
        assert_eq!(format!("{address:?}"), "Address(postgres://a%40b@db.example.com:6543/shop)");
        assert_eq!(password_in(url).as_deref(), Some("s:cret"));
        assert_eq!(password_in("postgres://h/d?password=x").as_deref(), Some("x"));
        assert_eq!(password_in("postgres://me@h/d"), None);
        assert_eq!(
            without_password("postgres://me:secret@h/d?password=x&sslmode=require"),
            "postgres://me@h/d?sslmode=require"
        );
    }

    #[test]
    fn the_parts_of_an_address_stand_for_a_url() {
        let of = |host: &str, port: &str| Address::url_of_parts(host, port, "my shop", "a@b");
        assert_eq!(of("db.example.com", ""), "postgres://a%40b@db.example.com/my%20shop");
        let address = read(&of("::1", "7"), &[], None);
        assert!(address.is_err(), "a number with colons stands in brackets");
        let address = read(&of("[::1]", "7"), &[], None).unwrap();
        assert_eq!((address.place().as_str(), address.user.as_str()), ("[::1]:7/my shop", "a@b"));
        let address = read(&of("/run/pg", "7"), &[], None).unwrap();
        assert!(address.hosts[0].is_socket() && address.hosts[0].port == 7);
        assert_eq!(read(&Address::url_of_parts("", "", "", ""), &[], None).unwrap().user, "me");
    }

    #[test]
    fn hosts_and_ports_may_be_several() {
        let address = read("postgres://one:1,[::1],three:3/d", &[], None).unwrap();
        assert_eq!(address.place(), "one:1,[::1]:5432,three:3/d");
        assert_eq!(read("postgres://one,two/d?port=7", &[], None).unwrap().place(), "one:7,two:7/d");
        let folder = read("postgres:///d?host=/run/pg", &[], None).unwrap();
        assert!(folder.hosts[0].is_socket());
        assert_eq!(folder.place(), "localhost:5432/d");
    }

    #[test]
    fn the_url_goes_before_the_service_and_that_before_the_environment() {
        let home = tempfile::tempdir().unwrap();
        let services = "# ours\n[shop]\nhost=of.service\nport=1\ndbname=of_service\n[other]\nhost=x\n";
        std::fs::write(home.path().join(".pg_service.conf"), services).unwrap();
        let variables = [("PGSERVICE", "shop"), ("PGHOST", "of.environment"), ("PGUSER", "you"), ("PGPORT", "2")];
        let address = read("postgres:///of_url", &variables, Some(home.path())).unwrap();
        assert_eq!(address.to_string(), "postgres://you@of.service:1/of_url");
        let missing = read("postgres:///?service=none", &[], Some(home.path())).unwrap_err();
        assert!(missing.to_string().contains("none"), "{missing}");
        let address = read("postgres://", &[("PGHOST", "h")], None).unwrap();
        assert_eq!(address.to_string(), "postgres://me@h:5432/me");
    }

    #[test]
    fn what_is_wrong_is_named() {
        let error = |url: &str| {
            let error = read(url, &[], None).unwrap_err();
            format!("{error} {}", error.hint().unwrap_or_default())
        };
        assert!(error("postgres://me:secret@h/d?colour=red").contains("colour"));
        assert!(!error("postgres://me:secret@h/d?colour=red").contains("secret"));
        assert!(error("postgres://h:seven/d").contains("seven"));
        assert!(error("postgres://h/d?sslmode=maybe").contains("verify-full"));
        assert!(error("postgres://a,b/d?hostaddr=127.0.0.1").contains("lengths"));
        assert!(Address::is_meant("POSTGRES://h") && !Address::is_meant("postgres.db"));
    }
}
