//! The other tables of real databases: what is read of them and when, what they link to, how far readers are behind.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use eventscope::event::{Decoded, StreamName};
use eventscope::profile::Role;
use eventscope::session::{
    Large, Loading, Notice, OpenRequest, Session, Status, TableOrder, TableRecord, Target, ValuePlace,
};
use eventscope::source::{OpenOptions, Source};
use rusqlite::{Connection, params};
use tempfile::TempDir;

/// A session on a database, polled as the window does.
struct Opened {
    session: Session,
    notices: Vec<Notice>,
    _folder: TempDir,
}

impl Opened {
    fn until<T>(&mut self, what: &str, mut done: impl FnMut(&Session) -> Option<T>) -> T {
        let started = Instant::now();
        loop {
            self.notices.extend(self.session.poll());
            if let Some(value) = done(&self.session) {
                return value;
            }
            assert!(started.elapsed() < Duration::from_secs(30), "never: {what}; told {:?}", self.notices);
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn record(&mut self, table: &str, row: u64) -> Arc<TableRecord> {
        self.until(table, |session| session.table_row(&by_key(table), row).value().cloned())
    }

    fn targets(&mut self, table: &str, row: u64) -> Vec<(usize, Target)> {
        let links = self.until("the links", |session| session.table_links(&by_key(table), row).value().cloned());
        links.iter().map(|link| (link.column, link.target.clone())).collect()
    }

    /// Waits until nothing more is read by itself.
    fn settle(&mut self) {
        self.until("everything counted", |session| {
            let overview = session.overview()?;
            let counted = !overview.has_events() || overview.events.complete && overview.streams.complete;
            let tables = overview.tables.iter().filter(|table| table.role.is_some()).all(|table| table.rows.is_some());
            (counted && tables && session.jobs().is_empty()).then_some(())
        });
    }

    fn failures(&self) -> Vec<&Notice> {
        self.notices.iter().filter(|notice| matches!(notice, Notice::WorkFailed(_) | Notice::Failed(_))).collect()
    }
}

fn by_key(table: &str) -> TableOrder {
    TableOrder { table: table.to_owned(), column: None }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn opened_in(folder: TempDir, path: PathBuf) -> Opened {
    let request = OpenRequest { path, ..OpenRequest::default() };
    let session = Session::open(request, Arc::new(|| {}));
    let mut opened = Opened { session, notices: Vec::new(), _folder: folder };
    opened.until("an open file", |session| matches!(session.status(), Status::Ready).then_some(()));
    opened
}

/// A session on a copy of a fixture.
fn opened(name: &str) -> Opened {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::copy(fixture(name), &path).unwrap();
    opened_in(folder, path)
}

fn stream(kind: &str, id: &str) -> Target {
    Target::Stream(StreamName::new(kind, id))
}

/// Makes every read of a table fail: its first page is overwritten with what is no page.
fn ruin(path: &Path, table: &str) {
    let conn = Connection::open(path).unwrap();
    let root: u32 =
        conn.query_row("SELECT rootpage FROM sqlite_schema WHERE name = ?1", [table], |row| row.get(0)).unwrap();
    let size: u32 = conn.query_row("PRAGMA page_size", [], |row| row.get(0)).unwrap();
    conn.close().unwrap();
    let mut bytes = std::fs::read(path).unwrap();
    let (root, size) = (usize::try_from(root).unwrap(), usize::try_from(size).unwrap());
    let begin = (root - 1) * size;
    bytes[begin..begin + size].fill(0xee);
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn nothing_outside_the_event_store_is_read_before_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node_opencode.db");
    std::fs::copy(fixture("node_opencode.db"), &path).unwrap();
    let secret = ["account", "credential", "control_account", "account_state"];
    for table in secret {
        ruin(&path, table);
    }
    let mut opened = opened_in(folder, path);
    opened.settle();
    // A search looks at the events alone.
    let filter = eventscope::filter::Filter::parse("\"token\"").unwrap();
    opened.session.set_query(eventscope::session::Query { filter, ..Default::default() });
    opened.until("the search", |session| session.rows().len().complete.then_some(()));
    assert!(opened.failures().is_empty(), "{:?}", opened.failures());
    for table in secret {
        assert!(!opened.session.may_read(table), "{table}");
        let _ = (opened.session.table_rows(&by_key(table)), opened.session.table_page(&by_key(table), 0));
        let definition = opened.until("the definition", |session| session.definition(table).value().cloned());
        assert!(definition.table.contains(table));
    }
    std::thread::sleep(Duration::from_millis(100));
    opened.session.poll();
    assert!(matches!(opened.session.table_page(&by_key("credential"), 0), Loading::Missing));
    // Reading it would have failed: once it is asked for, it does.
    opened.session.show_table("credential");
    assert!(opened.session.may_read("credential") && !opened.session.may_read("account"));
    let error = opened.until("the failure", |session| session.table_page(&by_key("credential"), 0).error().cloned());
    assert!(error.to_string().contains("malformed"), "{error}");
}

#[test]
fn a_file_that_is_no_event_store_is_read_a_table_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.db");
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch(
        "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT);
         INSERT INTO note (text) VALUES ('a'), ('b'), (NULL);
         CREATE TABLE secret (word TEXT); INSERT INTO secret VALUES ('s');",
    )
    .unwrap();
    conn.close().unwrap();
    let mut opened = opened_in(folder, path.clone());
    assert!(opened.session.overview().is_some_and(|overview| overview.tables.iter().all(|table| table.rows.is_none())));
    let order = by_key("note");
    let page = opened.until("the page", |session| session.table_page(&order, 0).value().cloned());
    assert_eq!(page.rows.len(), 3);
    assert!(page.rows[2][1].is_null && page.rows[0][0].is_number);
    opened.until("the count", |session| session.table_rows(&order).value().filter(|count| count.complete).copied());
    let rows: Vec<_> = opened.session.overview().unwrap().tables.iter().map(|table| table.rows).collect();
    assert_eq!(rows, [Some(3), None], "only what was shown was counted");
    // It is followed while it is open.
    Connection::open(&path).unwrap().execute_batch("INSERT INTO note (text) VALUES ('c')").unwrap();
    opened.until("the new row", |session| {
        let count = session.table_rows(&order).value().copied()?;
        let page = session.table_page(&order, 0).value().cloned()?;
        (count.value == 4 && page.rows.len() == 4).then_some(())
    });
}

#[test]
fn tables_have_the_roles_that_their_profile_gives_them() {
    let roles = |name: &str| {
        let source = Source::open(fixture(name), &OpenOptions::default()).unwrap();
        source.tables().into_iter().filter_map(|table| Some((table.name, table.role?))).collect::<Vec<_>>()
    };
    let named = |list: &[(&str, Role)]| list.iter().map(|(name, role)| ((*name).to_owned(), *role)).collect::<Vec<_>>();
    assert_eq!(
        roles("node_opencode.db"),
        named(&[
            ("event", Role::Events),
            ("event_sequence", Role::Streams),
            ("message", Role::Projections),
            ("part", Role::Projections),
            ("session", Role::Projections),
            ("todo", Role::Projections),
        ])
    );
    assert_eq!(
        roles("py_homeassistant.db"),
        named(&[
            ("event_data", Role::Events),
            ("event_types", Role::Events),
            ("events", Role::Events),
            ("states", Role::Projections),
            ("statistics", Role::Projections),
            ("statistics_short_term", Role::Projections),
        ])
    );
    assert_eq!(roles("php_spatie_ddl.db"), named(&[("snapshots", Role::Snapshots), ("stored_events", Role::Events)]));
}

#[test]
fn readers_say_how_far_they_are_behind_the_last_event() {
    let checkpoints = |name: &str| {
        let source = Source::open(fixture(name), &OpenOptions::default()).unwrap();
        let found = source.checkpoints().unwrap();
        found.into_iter().map(|found| (found.name, found.position, found.behind)).collect::<Vec<_>>()
    };
    let one = |name: &str, position, behind| vec![(name.to_owned(), Some(position), behind)];
    // Zero-padded text.
    assert_eq!(checkpoints("node_emmett_0_42.db"), one("audit-log", 100, Some(1401)));
    // The position of another application, which is beyond the last event of this one.
    assert_eq!(checkpoints("py_eventsourcing_follower.db"), one("shop", 600, None));
    assert_eq!(checkpoints("ddl_patchlevel.db"), one("profile-1", 1400, Some(101)));
    assert_eq!(checkpoints("ddl_eventuous.db").len(), 1);
    let projections = checkpoints("ddl_t3code.db");
    assert_eq!(projections.len(), 3);
    assert_eq!(projections.iter().filter(|(_, _, behind)| *behind == Some(0)).count(), 2, "{projections:?}");
    assert!(projections.iter().any(|(name, _, behind)| name == "projection.thread-messages" && *behind == Some(5)));
    // A token in JSON.
    assert_eq!(checkpoints("ddl_axon.db")[0].1, Some(1400));
}

#[test]
fn a_checkpoint_is_kept_live() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    eventscope::demo::create(&path).unwrap();
    let mut opened = opened_in(folder, path.clone());
    let last = opened.until("the events", |session| {
        session.overview().filter(|overview| overview.events.complete).map(|overview| overview.events.value)
    });
    let readers = |session: &Session| session.overview().map(|overview| Arc::clone(&overview.checkpoints));
    let writer = Connection::open(&path).unwrap();
    let set = |position: u64| {
        let sql = "INSERT INTO checkpoints (name, position, updated_at) VALUES ('orders-view', ?1, '2026-04-01T00:00:00Z') ON CONFLICT (name) DO UPDATE SET position = excluded.position";
        writer.execute(sql, params![i64::try_from(position).unwrap()]).unwrap();
    };
    for behind in [22, 0] {
        set(last - behind);
        opened.until("the lag", |session| {
            let readers = readers(session)?;
            let reader = readers.iter().find(|reader| reader.name == "orders-view")?;
            (reader.behind == Some(behind)).then_some(())
        });
    }
}

#[test]
fn a_row_links_to_the_streams_and_events_that_it_names() {
    // A UUID without dashes, as the library stores it, and a document under zlib.
    let mut python = opened("py_eventsourcing_zlib.db");
    let record = python.record("stored_snapshots", 0);
    let state = &record.fields[3].value;
    let Decoded::Document { encodings, .. } = state.decoded() else { panic!("{state:?}") };
    assert_eq!(encodings.as_slice(), ["zlib", "json"]);
    let targets = python.targets("stored_snapshots", 0);
    assert!(
        matches!(targets.as_slice(), [(0, Target::Stream(stream))] if stream.aggregate_id == "008ed6a8065a473eb1239f193462b629")
    );
    // A position in zero-padded text.
    let mut emmett = opened("node_emmett_0_42.db");
    let targets = emmett.targets("emt_processors", 0);
    assert!(targets.iter().any(|(_, target)| *target == Target::Event(100)), "{targets:?}");
    emmett.session.show_table("account_balances");
    let targets = emmett.targets("account_balances", 0);
    assert!(
        matches!(&targets[..], [(0, Target::Stream(stream))] if stream.aggregate_id.contains("bfd845fc")),
        "{targets:?}"
    );
    // The type beside the id, and no link from a version or a bare number.
    let mut rust = opened("rust_sqlite_es.db");
    let record = rust.record("snapshots", 0);
    let text = |column: usize| String::from_utf8_lossy(&record.fields[column].value.raw).into_owned();
    let targets = rust.targets("snapshots", 0);
    assert_eq!(targets, [(1, stream(&text(0), &text(1)))]);
    let targets = rust.targets("order_view", 0);
    assert_eq!(targets.len(), 1, "{targets:?}");
}

#[test]
fn a_stream_leads_to_the_rows_that_name_it() {
    let mut rust = opened("rust_sqlite_es.db");
    let Target::Stream(order) = rust.targets("order_view", 7).remove(0).1 else { panic!("no stream") };
    let mentions = rust.until("the rows", |session| session.mentions(&order).value().cloned());
    let view = mentions.iter().find(|mention| mention.table == "order_view").expect("its row");
    assert_eq!((view.row, view.role, view.column.as_str()), (7, Some(Role::Projections), "view_id"));
    // Tables outside the event store are looked through only once they were shown.
    let mut emmett = opened("node_emmett_0_42.db");
    let record = emmett.until("a stream", |session| {
        let streams = session.streams();
        let all = streams.groups.iter().flat_map(|group| &group.streams);
        all.map(|stream| stream.name.clone()).find(|name| name.to_string().contains("bfd845fc"))
    });
    let found = |opened: &mut Opened| {
        opened.until("the rows", |session| match session.mentions(&record) {
            Loading::Ready(mentions) => Some(mentions),
            _ => None,
        })
    };
    let tables = |mentions: &[eventscope::session::Mention]| {
        mentions.iter().map(|mention| mention.table.clone()).collect::<Vec<_>>()
    };
    assert_eq!(tables(&found(&mut emmett)), ["account_balances", "emt_streams"]);
    emmett.session.show_table("account_balances");
    assert_eq!(tables(&found(&mut emmett)), ["account_balances", "emt_streams"]);
}

#[test]
fn the_events_table_is_there_as_it_is_stored() {
    let mut spatie = opened("php_spatie_ddl.db");
    let count = spatie.until("its rows", |session| {
        session.table_rows(&by_key("stored_events")).value().filter(|count| count.complete).copied()
    });
    assert_eq!(count.value, 1516, "with what the mapping leaves out");
    let last = spatie.record("stored_events", 1515);
    assert!(last.fields.iter().any(|field| field.name == "event_properties"));
}

#[test]
fn a_large_payload_is_loaded_on_demand() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node_emmett_0_42.db");
    std::fs::copy(fixture("node_emmett_0_42.db"), &path).unwrap();
    let size = 20 << 20;
    let data = format!("{{\"items\":[{}0]}}", "{\"a\":1.50},".repeat(size / 11));
    let conn = Connection::open(&path).unwrap();
    conn.execute("UPDATE emt_messages SET message_data = ?1 WHERE global_position = 1", [&data]).unwrap();
    conn.close().unwrap();
    let mut opened = opened_in(folder, path);
    let event = opened.until("the event", |session| session.event(1).value().cloned());
    assert_eq!(event.data.unread(), Some(data.len() as u64));
    let row = opened.until("its row", |session| {
        session.want_rows(0..1);
        session.rows().get(0)
    });
    assert!(row.preview.ends_with(" bytes  "), "{}", row.preview);
    let place = ValuePlace::Event(1, eventscope::filter::Root::Data);
    assert!(matches!(opened.session.large(&place), Large::Unread));
    opened.session.load(place.clone());
    let value = opened.until("the value", |session| match session.large(&place) {
        Large::Ready(value) => Some(value),
        Large::Failed(error) => panic!("{error}"),
        _ => None,
    });
    assert_eq!(&*value.payload.raw, data.as_bytes());
    let outline = &value.document.as_ref().expect("a document").outline;
    let items = outline.children(outline.root(), 0..1).remove(0).node;
    assert_eq!(outline.count(items), size / 11 + 1);
    assert!(Arc::ptr_eq(outline.bytes(), &value.payload.raw), "the bytes are there once");
}

#[test]
fn a_row_that_goes_from_the_midst_of_a_long_table_moves_those_below_it_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.db");
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch(
        "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
         INSERT INTO item SELECT i, 'item ' || i FROM n",
    )
    .unwrap();
    let mut file = opened_in(folder, path);
    let order = by_key("item");
    let shown = |session: &Session| {
        let count = session.table_rows(&order).value().copied()?;
        let page = session.table_page(&order, 40_000).value().cloned()?;
        count.complete.then(|| (count.value, page.rows[0][1].text.clone()))
    };
    let expect = |file: &mut Opened, rows: u64, name: &str| {
        file.until(name, |session| shown(session).filter(|found| *found == (rows, name.to_owned())));
    };
    expect(&mut file, 60_000, "item 40001");
    // The follower takes its first look within this time.
    std::thread::sleep(Duration::from_millis(300));
    conn.execute_batch("DELETE FROM item WHERE id = 100").unwrap();
    expect(&mut file, 59_999, "item 40002");
    conn.execute_batch("DELETE FROM item WHERE id = 200; INSERT INTO item VALUES (60001, 'item 60001')").unwrap();
    expect(&mut file, 59_999, "item 40003");
    assert!(file.failures().is_empty(), "{:?}", file.failures());
}
