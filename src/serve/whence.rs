//! Where a request comes from. A page in the user's browser can send requests to this machine, whatever site it is of:
//! the names in `Host` and `Origin` tell them, also where a site's name was made to lead here (DNS rebinding).

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, StatusCode, header};

use super::problem::Problem;

/// The names that this service is known by.
pub(super) struct Names {
    port: u16,
    /// Without a port, in lower case.
    known: Vec<String>,
    /// Whether only these are taken: a service that others reach does not know all of its names, and asks for tokens.
    only: bool,
}

impl Names {
    /// The names of a service that listens on an address; `more` of them are given by who started it.
    pub(super) fn new(address: SocketAddr, more: &[String]) -> Self {
        let own = ["localhost".to_owned(), "127.0.0.1".to_owned(), "[::1]".to_owned(), host_of(address.ip())];
        let known = own.into_iter().chain(more.iter().map(|name| name.to_lowercase())).collect();
        Self { port: address.port(), known, only: address.ip().is_loopback() || !more.is_empty() }
    }

    /// Refuses a request that names another host, or that a page of another site has sent.
    pub(super) fn check(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let host = text(headers, header::HOST).unwrap_or_default().to_lowercase();
        if self.only && !self.is_known(&host) {
            let problem =
                Problem::new(StatusCode::MISDIRECTED_REQUEST, "host", "this service is not known by that host");
            return Err(problem
                .at("Host")
                .hint("Ask it by the address that it listens on, or start it with --host NAME."));
        }
        let foreign = |detail| Problem::new(StatusCode::FORBIDDEN, "origin", detail);
        if headers.contains_key(header::ORIGIN) {
            let origin = text(headers, header::ORIGIN).unwrap_or_default().to_lowercase();
            let from = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
            if from.is_none_or(|from| from.is_empty() || from != host || !self.is_known(from)) {
                return Err(foreign("pages of other sites are not answered").at("Origin"));
            }
        }
        if text(headers, "sec-fetch-site").is_some_and(|site| site == "cross-site" || site == "same-site") {
            return Err(foreign("pages of other sites are not answered").at("Sec-Fetch-Site"));
        }
        Ok(())
    }

    fn is_known(&self, host: &str) -> bool {
        let (name, port) = match host.rsplit_once(':') {
            Some((name, port)) if !port.contains(']') => (name, port.parse().ok()),
            _ => (host, Some(self.port)),
        };
        // A name that was given may stand before a proxy of another port.
        (port == Some(self.port) || !self.only) && self.known.iter().any(|known| known == name)
            || self.known.iter().skip(4).any(|known| known == host || known == name)
    }
}

fn host_of(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

fn text(headers: &HeaderMap, name: impl axum::http::header::AsHeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(names: &Names, pairs: &[(&'static str, &str)]) -> u16 {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().unwrap());
        }
        names.check(&headers).err().map_or(200, |problem| problem.status().as_u16())
    }

    #[test]
    fn on_loopback_only_its_own_names_are_taken() {
        let names = Names::new("127.0.0.1:8011".parse().unwrap(), &[]);
        for host in ["127.0.0.1:8011", "localhost:8011", "LOCALHOST:8011", "[::1]:8011"] {
            assert_eq!(check(&names, &[("host", host)]), 200, "{host}");
        }
        for host in ["evil.example:8011", "evil.example", "127.0.0.1:80", "localhost:8011.evil.example", ""] {
            assert_eq!(check(&names, &[("host", host)]), 421, "{host}");
        }
        assert_eq!(check(&names, &[]), 421);
    }

    #[test]
    fn pages_of_other_sites_are_refused() {
        let names = Names::new("127.0.0.1:8011".parse().unwrap(), &[]);
        let from = |name, value| check(&names, &[("host", "127.0.0.1:8011"), (name, value)]);
        assert_eq!(from("origin", "http://127.0.0.1:8011"), 200);
        for origin in ["http://evil.example", "null", "http://127.0.0.1:8012", "file://", "http://localhost:8011"] {
            assert_eq!(from("origin", origin), 403, "{origin}");
        }
        assert_eq!(from("sec-fetch-site", "cross-site"), 403);
        assert_eq!(from("sec-fetch-site", "none"), 200);
    }

    #[test]
    fn names_that_are_given_are_taken_with_any_port() {
        let names = Names::new("127.0.0.1:8011".parse().unwrap(), &["Events.example".to_owned()]);
        assert_eq!(check(&names, &[("host", "events.example")]), 200);
        assert_eq!(check(&names, &[("host", "events.example:443")]), 200);
        assert_eq!(check(&names, &[("host", "other.example:443")]), 421);
        let open = Names::new("0.0.0.0:8011".parse().unwrap(), &[]);
        assert_eq!(check(&open, &[("host", "whatever:1")]), 200);
        assert_eq!(check(&open, &[("host", "whatever:1"), ("origin", "http://evil.example")]), 403);
    }
}
