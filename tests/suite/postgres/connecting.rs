//! A server is reached as `psql` reaches it, or a clear word says why not.

use eventscope::error::ErrorKind;
use eventscope::server::{Address, Connected, Server};

use super::server::{PASSWORD, cluster, database};

/// Why it is not connected, with the advice.
fn refusal(url: &str) -> (ErrorKind, String) {
    let error = Server::connect_as_known(&Address::parse(url).unwrap()).map(drop).unwrap_err();
    (error.kind().clone(), format!("{error} {}", error.hint().unwrap_or_default()))
}

#[test]
fn a_server_says_what_it_is_and_refuses_with_a_clear_word() {
    let Some(database) = database("refuses") else { return };
    let url = database.url();
    let mut server = Server::connect_as_known(&Address::parse(&url).unwrap()).unwrap();
    assert!(server.engine().to_string().starts_with("PostgreSQL ") && server.engine().major >= 11);
    assert!(!server.is_standby().unwrap() && !server.is_closed());

    let (kind, said) = refusal(&url.replace("of%20the", "of%20another"));
    assert!(kind == ErrorKind::BadInput && said.contains("password") && !said.contains("of another"), "{said}");
    let (kind, said) = refusal(&url.replace(&database.name, "nowhere"));
    assert!(kind == ErrorKind::BadInput && said.contains("\"nowhere\" does not exist"), "{said}");
    let (kind, said) = refusal("postgres://me@127.0.0.1:1/shop");
    assert!(kind == ErrorKind::Io && said.contains("127.0.0.1:1/shop") && said.contains("port"), "{said}");

    database.run("CREATE ROLE nobody_at_all PASSWORD 'x'");
    let (kind, said) = refusal(&url.replace("owner:of%20the%20owner", "nobody_at_all:x"));
    assert!(kind == ErrorKind::BadInput && said.contains("not permitted to log in"), "{said}");

    let asked =
        Address::parse(&format!("postgres://owner@127.0.0.1:{}/{}?passfile=/none", database.port, database.name));
    let asked = asked.unwrap();
    assert!(!asked.has_password());
    assert!(matches!(Server::connect(&asked), Ok(Connected::PasswordWanted)));
    assert!(matches!(Server::connect(&asked.with_password(PASSWORD)), Ok(Connected::Server(_))));
}

#[test]
fn a_standby_is_known_as_one() {
    let Some(cluster) = cluster("stands_by", "max_wal_senders = 4") else { return };
    let standby = cluster.standby();
    let url = cluster.database("later").url().replace(&cluster.port.to_string(), &standby.port.to_string());
    let address = Address::parse(&url.replace("/later", "/postgres")).unwrap();
    assert!(Server::connect_as_known(&address).unwrap().is_standby().unwrap());
}

#[test]
fn who_a_server_is_is_proven_as_far_as_the_mode_asks() {
    let Some(cluster) = cluster("encrypts", "") else { return };
    if !cluster.tls {
        println!("left out, for want of openssl: encrypted connections");
        return;
    }
    let database = cluster.database("secrets");
    let of = |host: &str, mode: &str, more: &str| {
        format!("{}?sslmode={mode}{more}", database.url().replace("127.0.0.1", host))
    };
    let root = format!("&sslrootcert={}", cluster.authority().display());
    let number = "&hostaddr=127.0.0.1";
    let fine = |url: String| drop(Server::connect_as_known(&Address::parse(&url).unwrap()).unwrap());
    fine(of("localhost", "disable", number));
    fine(of("localhost", "prefer", number));
    fine(of("localhost", "require", number));
    fine(of("localhost", "verify-full", &format!("{number}{root}")));
    // The certificate is for another name than the number.
    fine(of("127.0.0.1", "verify-ca", &root));
    let (kind, said) = refusal(&of("127.0.0.1", "verify-full", &root));
    assert!(kind == ErrorKind::Io && said.contains("certificate"), "{said}");
    // Nobody that the system trusts signed it.
    let (kind, said) = refusal(&of("localhost", "verify-full", &format!("{number}&sslrootcert=system")));
    assert!(kind != ErrorKind::Database && said.contains("certificate") || said.contains("authority"), "{said}");
}
