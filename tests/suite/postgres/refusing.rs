//! What stands in the way of a gathering is said with a clear word.

use eventscope::error::ErrorKind;
use eventscope::profile::Library;
use eventscope::server::{Address, Server, Wanted, find, gather};
use eventscope::source::Interrupt;

use super::gathering::{again, connected, gathered, log, numbers, open};
use super::server::{Database, cluster, database};

/// Why nothing is gathered from a place, with the advice.
fn refusal(url: &str) -> (ErrorKind, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gathered.db");
    let gathered = Server::connect_as_known(&Address::parse(url).unwrap()).and_then(|mut server| {
        gather(&mut server, &Library::default(), &Wanted::default(), &file, &Interrupt::default(), &mut |_| {})
    });
    let error = gathered.unwrap_err();
    (error.kind().clone(), format!("{error} {}", error.hint().unwrap_or_default()))
}

fn reader(database: &Database) -> String {
    let role = format!("reader_of_{}", database.name);
    database.run(&format!("CREATE ROLE {role} LOGIN PASSWORD 'r'"));
    format!("postgres://{role}:r@127.0.0.1:{}/{}", database.port, database.name)
}

#[test]
fn a_missing_right_is_named() {
    let Some(database) = database("rights") else { return };
    database.run("CREATE TABLE mt_streams (id uuid PRIMARY KEY, type text, version bigint);
        CREATE TABLE mt_events (seq_id bigint PRIMARY KEY, id uuid, stream_id uuid, version bigint, data jsonb, type text, timestamp timestamptz);
        INSERT INTO mt_events VALUES (1, gen_random_uuid(), gen_random_uuid(), 1, '{}', 'x', now())");
    let url = reader(&database);
    let (kind, said) = refusal(&url);
    assert!(
        kind == ErrorKind::BadInput && said.contains("right to read public.mt_events") && said.contains("GRANT SELECT"),
        "{said}"
    );
    let role = url.split(['/', ':']).find(|part| part.starts_with("reader")).unwrap().to_owned();
    database.run(&format!("GRANT SELECT ON mt_events TO {role}"));
    let mut server = Server::connect_as_known(&Address::parse(&url).unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gathered.db");
    let slice = gather(&mut server, &Library::default(), &Wanted::default(), &file, &Interrupt::default(), &mut |_| {})
        .unwrap();
    assert!(
        slice.notes.iter().any(|note| note.contains("mt_streams is left out") && note.contains("right")),
        "{slice:?}"
    );
}

#[test]
fn a_statement_that_takes_too_long_is_ended_by_the_server() {
    let Some(database) = database("slow") else { return };
    log(&database, 200_000);
    let url = format!("{}?options=-c%20statement_timeout%3D20", database.url());
    let (kind, said) = refusal(&url);
    assert!(kind == ErrorKind::Busy && said.contains("took too long") && said.contains("statement_timeout"), "{said}");
}

#[test]
fn ten_thousand_tables_beside_are_no_burden() {
    let Some(database) = database("many") else { return };
    log(&database, 1_000);
    let mut client = database.connect();
    for from in (0..10_000).step_by(1_000) {
        let sql = format!(
            "DO $$ BEGIN FOR n IN {from}..{} LOOP EXECUTE format('CREATE TABLE beside_%s (id bigint PRIMARY KEY, name text, price numeric, stock int)', n); END LOOP; END $$",
            from + 999
        );
        client.batch_execute(&sql).unwrap();
    }
    let found = find(&mut connected(&database), &Library::default(), &Interrupt::default()).unwrap();
    assert_eq!(found.iter().map(|it| it.table.as_str()).collect::<Vec<_>>(), ["public.log"]);
    let (_folder, file, _) = gathered(&database, &Wanted::default());
    assert_eq!(numbers(&open(&file)).len(), 1_000);
}

#[test]
fn a_server_with_nothing_like_events_says_so() {
    let Some(database) = database("nothing") else { return };
    database.run("CREATE TABLE customer (id bigserial PRIMARY KEY, name text)");
    let (kind, said) = refusal(&database.url());
    assert!(kind == ErrorKind::Unsupported && said.contains("nothing on") && said.contains("--table"), "{said}");
}

#[test]
fn a_server_that_was_restarted_is_gone_on_with_and_a_standby_is_read() {
    let Some(mut cluster) = cluster("restarts", "max_wal_senders = 4") else { return };
    let database = cluster.database("shop");
    log(&database, 1_000);
    let (_folder, file, _) = gathered(&database, &Wanted::default());
    let standby = cluster.standby();
    let copy = Database { name: database.name.clone(), port: standby.port };
    let (_other, copied, _) = gathered(&copy, &Wanted::default());
    assert_eq!(numbers(&open(&copied)).len(), 1_000);
    cluster.stop();
    let (kind, said) = refusal(&database.url());
    assert!(kind == ErrorKind::Io && said.contains("port"), "{said}");
    cluster.run();
    let database = Database { name: database.name, port: cluster.port };
    database.run("INSERT INTO log (stream_id, version, event_type, data, recorded_at) VALUES ('new', 1, 'x', '{\"n\": 1001}', now())");
    let slice = again(&database, &Wanted::default(), &file);
    assert!(slice.whole && slice.events == 1_001);
}
