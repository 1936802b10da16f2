//! A filter in SQL keeps exactly the events that it keeps when each is decoded and looked at.

use std::ops::ControlFlow;

use super::super::*;
use super::Shelf;
use crate::event::{Column, Event, ExpectedVersion, NewEvent, Position, StreamName};
use crate::filter::{Field, Filter, Term, compile};
use crate::store::EventStore;

fn matches(source: &Source, filter: &Filter) -> Vec<Position> {
    let compiled = compile(filter, source.mapping().unwrap());
    let mut found = Vec::new();
    let mut scanned = 0;
    source
        .scan(&compiled, ScanRange::default(), &mut |batch| {
            found.extend(batch.positions);
            scanned = batch.scanned;
            ControlFlow::Continue(())
        })
        .unwrap_or_else(|error| panic!("{filter} on {}: {error}", source.path().display()));
    assert_eq!(scanned, source.count().unwrap());
    found
}

fn brute(events: &[Event], filter: &Filter) -> Vec<Position> {
    events.iter().filter(|event| filter.keeps(event)).map(|event| event.position).collect()
}

/// Filters made of what an event holds, so that every one matches something.
fn made_of(event: &Event) -> Vec<String> {
    let mut filters = vec![
        Term::field(Field::Type, &event.event_type).to_string(),
        Term::stream(&event.stream).to_string(),
        Term::field(Field::Stream, &event.stream.aggregate_id).to_string(),
        format!("version>{}", event.version),
        format!("position<={} version!={}", event.position, event.version),
    ];
    let half = |text: &str| format!("\"{}*\"", text.chars().take(text.chars().count() / 2).collect::<String>());
    filters.push(format!("type:{}", half(&event.event_type)));
    filters.push(format!("stream:{}", half(&event.stream.to_string())));
    if let Some(utc) = event.timestamp.as_ref().and_then(|timestamp| timestamp.utc) {
        filters.push(format!("after:{}", utc.to_rfc3339()));
        filters.push(format!("before:{}", utc.to_rfc3339()));
    }
    let optional = [
        (Field::Id, &event.id),
        (Field::Actor, &event.actor),
        (Field::Correlation, &event.correlation_id),
        (Field::Causation, &event.causation_id),
        (Field::Schema, &event.schema_version),
        (Field::Source, &event.source),
    ];
    for (field, value) in optional {
        filters.push(format!("{}:*", field.name()));
        filters.extend(value.as_ref().map(|value| Term::field(field, value).to_string()));
    }
    if let Some(members) = event.data.value().and_then(|value| value.as_object()) {
        for (key, value) in members.iter().take(4) {
            let path = crate::filter::Path { segments: vec![crate::filter::Segment::Key(key.clone())] };
            filters.push(format!("data{path}:*"));
            let Some(term) = Term::path(crate::filter::Root::Data, path, value) else { continue };
            filters.push(term.to_string());
            filters.push(term.to_string().replacen('=', ">=", 1));
            filters.push(term.to_string().replacen('=', "!=", 1));
            filters.push(term.to_string().replacen('=', ":", 1));
        }
    }
    let (kind, version) = (Term::field(Field::Type, &event.event_type), event.version);
    filters.push(format!("version:1..{version}"));
    filters.push(format!("({kind} or version>{version})"));
    filters.push(format!("(position:..{} \"a\" or -{kind} version:{version}..)", event.position));
    filters.push(format!("not (version>1 {kind})"));
    filters.extend(["/[0-9]+/", "/[A-Z]/", "/é|ORDER/i", "after:now-20000d"].map(str::to_owned));
    filters.extend(["order", "\"a\"", "PLACED", "é", "1.0", "payload_", "100%"].map(str::to_owned));
    filters
}

#[test]
fn sql_and_decoded_events_agree_on_every_database() {
    for source in Shelf::new().sources() {
        let events = source.page_at(0, usize::MAX).unwrap();
        let (mut tried, mut matched) = (0, 0);
        for event in events.iter().step_by(events.len() / 3) {
            for text in made_of(event) {
                let filter = Filter::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
                let expected = brute(&events, &filter);
                assert_eq!(matches(&source, &filter), expected, "{text} on {}", source.path().display());
                let negated = Filter { terms: filter.terms.into_iter().map(Term::negated).collect() };
                let expected_negated = brute(&events, &negated);
                assert_eq!(matches(&source, &negated), expected_negated, "{negated} on {}", source.path().display());
                tried += 1;
                matched += usize::from(!expected.is_empty());
            }
        }
        assert!(matched > tried / 3, "{matched} of {tried} on {}", source.path().display());
    }
}

#[test]
fn ranges_of_a_scan_add_up() {
    for source in Shelf::new().sources() {
        let filter = Filter::parse("version>1").unwrap();
        let compiled = compile(&filter, source.mapping().unwrap());
        let whole = source.find(&compiled).unwrap();
        let events = source.page_at(0, usize::MAX).unwrap();
        let middle = events[events.len() / 2].position;
        let mut parts = Vec::new();
        for range in
            [ScanRange { after: None, through: Some(middle) }, ScanRange { after: Some(middle), through: None }]
        {
            source
                .scan(&compiled, range, &mut |batch| {
                    parts.extend(batch.positions);
                    ControlFlow::Continue(())
                })
                .unwrap();
        }
        assert_eq!(parts, whole, "{}", source.path().display());
    }
}

#[test]
fn sorting_orders_by_value_and_then_by_position() {
    for source in Shelf::new().sources() {
        let compiled = compile(&Filter::default(), source.mapping().unwrap());
        let mut events = source.page_at(0, usize::MAX).unwrap();
        let mut check = |key: Column, sorted: &mut dyn FnMut(&mut Vec<Event>)| {
            sorted(&mut events);
            let expected: Vec<_> = events.iter().map(|event| event.position).collect();
            let found = source.sorted(&compiled, key, &mut |_| ControlFlow::Continue(())).unwrap();
            assert_eq!(found, expected, "{key:?} on {}", source.path().display());
            events.sort_by_key(|event| event.position);
        };
        check(Column::Version, &mut |events| events.sort_by_key(|event| event.version));
        check(Column::Type, &mut |events| events.sort_by(|left, right| left.event_type.cmp(&right.event_type)));
        check(Column::Stream, &mut |events| events.sort_by(|left, right| left.stream.cmp(&right.stream)));
        check(Column::Time, &mut |events| events.sort_by_key(|event| event.timestamp.as_ref().map(|time| time.utc)));
    }
}

#[test]
fn a_withdrawn_question_ends_with_cancelled() {
    use std::sync::atomic::{AtomicU64, Ordering};
    let shelf = Shelf::new();
    let source = open_first(&shelf);
    let generation = Arc::new(AtomicU64::new(1));
    source.set_interrupt(Interrupt::new(&generation)).unwrap();
    assert!(source.count().is_ok());
    generation.fetch_add(1, Ordering::Relaxed);
    assert!(source.streams(&mut |_| ControlFlow::Continue(())).unwrap_err().is_cancelled());
    let compiled = compile(&Filter::parse("e").unwrap(), source.mapping().unwrap());
    assert!(source.find(&compiled).unwrap_err().is_cancelled());
    source.set_interrupt(Interrupt::new(&generation)).unwrap();
    assert!(source.find(&compiled).is_ok());
}

fn open_first(shelf: &Shelf) -> Source {
    super::open(&shelf.paths()[0])
}

/// A scan covers what is in the file, not what some index of it knew.
#[test]
fn an_event_newer_than_the_index_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("growing.db");
    let stream = StreamName::new("order", "ord-1");
    let mut store = EventStore::create(&path).unwrap();
    let mut append = |count: usize| {
        let events = vec![NewEvent::new("order.placed", serde_json::json!({"note": "é"})); count];
        store.append(&stream, ExpectedVersion::Any, &events).unwrap();
    };
    append(3);
    let source = super::open(&path);
    source.key_index(&mut |_| ()).unwrap();
    append(2);
    for text in ["", "naïve", "note", "stream:ord-1", "stream:order/ord-1", "type:order.*"] {
        let expected = if text == "naïve" { 0 } else { 5 };
        assert_eq!(matches(&source, &Filter::parse(text).unwrap()).len(), expected, "{text}");
    }
    let filter = compile(&Filter::parse("note").unwrap(), source.mapping().unwrap());
    for (after, through, expected) in [
        (None, Some(4), vec![1, 2, 3, 4]),
        (Some(3), None, vec![4, 5]),
        (Some(3), Some(4), vec![4]),
        (Some(5), None, vec![]),
    ] {
        let (mut found, mut ended) = (Vec::new(), false);
        source
            .scan(&filter, ScanRange { after, through }, &mut |batch| {
                found.extend(batch.positions);
                ended = batch.last;
                ControlFlow::Continue(())
            })
            .unwrap();
        assert_eq!((found, ended), (expected, true), "after {after:?} through {through:?}");
    }
}

/// No index begins with the id alone; it is looked up beside each type.
#[test]
fn a_stream_is_found_by_its_id_without_reading_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("types.db");
    let mut store = EventStore::create(&path).unwrap();
    for (kind, id) in [("order", "a"), ("payment", "a"), ("payment", "b"), ("stock", "order/a"), ("zoo", "7")] {
        let events = [NewEvent::new("happened", serde_json::json!({})), NewEvent::new("ended", serde_json::json!({}))];
        store.append(&StreamName::new(kind, id), ExpectedVersion::NoStream, &events).unwrap();
    }
    let source = super::open(&path);
    for (text, expected) in [
        ("stream:a", vec![1, 2, 3, 4]),
        ("stream:b", vec![5, 6]),
        ("stream:order/a", vec![1, 2, 7, 8]),
        ("stream:stock/order/a", vec![7, 8]),
        ("stream:7,b", vec![5, 6, 9, 10]),
        ("stream:7,b,a type:ended", vec![2, 4, 6, 10]),
        ("stream:a stream:payment/a", vec![3, 4]),
        ("stream:payment", vec![]),
        ("-stream:a stream:order/a", vec![7, 8]),
    ] {
        let filter = Filter::parse(text).unwrap();
        let compiled = compile(&filter, source.mapping().unwrap());
        let names = compiled.streams.clone().unwrap();
        assert!(source.in_streams(&names).unwrap().is_some(), "{text} leads to an index");
        assert_eq!(matches(&source, &filter), expected, "{text}");
    }
    assert_eq!(source.stream_named("b").unwrap(), StreamName::new("payment", "b"));
    assert_eq!(source.stream_named("stock/order/a").unwrap(), StreamName::new("stock", "order/a"));
    let several = source.stream_named("a").unwrap_err();
    assert!(several.hint().unwrap().contains("order/a, payment/a"), "{several:?}");
    assert_eq!(source.stream_named("c").unwrap_err().kind(), &ErrorKind::NotFound);
    let whole = compile(&Filter::parse("stream:a*").unwrap(), source.mapping().unwrap());
    assert_eq!(whole.streams, None);
}

/// Types that are missing, and values of several kinds, are streams as well.
#[test]
fn a_stream_without_a_type_is_found_by_its_id() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("untyped.db");
    let writer = rusqlite::Connection::open(&path).unwrap();
    writer
        .execute_batch(
            "CREATE TABLE log (pos INTEGER PRIMARY KEY, kind, id, body TEXT); CREATE INDEX streams ON log (kind, id);
             INSERT INTO log (kind, id, body) VALUES (NULL, 'a', '{}'), ('order', 'a', '{}'), (7, 42, '{}'),
                 ('order', '42', '{}'), (x'00', 'a', '{}'), ('order', NULL, '{}');",
        )
        .unwrap();
    let mapping = "from = 'log'\nposition = 'pos'\naggregate_type = 'kind'\naggregate_id = 'id'\ndata = 'body'";
    let profile = crate::profile::Profile::parse(&format!("name = 'x'\ntitle = 'X'\n[events]\n{mapping}")).unwrap();
    let options = OpenOptions { profile: Some(Choice::Profile(Arc::new(profile))), ..OpenOptions::default() };
    let source = Source::open(&path, &options).unwrap();
    for (text, expected) in
        [("stream:a", vec![1, 2, 5]), ("stream:42", vec![3, 4]), ("stream:7/42", vec![3]), ("stream:log", vec![6])]
    {
        assert_eq!(matches(&source, &Filter::parse(text).unwrap()), expected, "{text}");
    }
    assert!(source.in_streams(&["a".to_owned()]).unwrap().is_some());
}

/// Whatever a profile says of the order of moments: another program may have dated an event back.
#[test]
fn moments_are_looked_for_in_every_event() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let clock = std::sync::Arc::new(std::sync::atomic::AtomicI64::new(0));
    let told = std::sync::Arc::clone(&clock);
    let mut store = EventStore::create(&path).unwrap().with_clock(move || {
        let day = told.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        chrono::DateTime::from_timestamp(1_770_000_000 + day * 43_200, 0).unwrap()
    });
    for _ in 0..40 {
        let events = vec![NewEvent::new("it.happened", serde_json::json!({"a": 1})); 3];
        store.append(&StreamName::new("it", "1"), ExpectedVersion::Any, &events).unwrap();
    }
    drop(store);
    let back = "UPDATE events SET recorded_at = '2020-01-01T00:00:00.000000Z' WHERE position = 100";
    let conn = rusqlite::Connection::open(&path).unwrap();
    let triggers: Vec<String> = conn
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    for trigger in triggers {
        conn.execute_batch(&format!("DROP TRIGGER \"{trigger}\"")).unwrap();
    }
    conn.execute_batch(back).unwrap();
    drop(conn);
    let source = super::open(&path);
    let events = source.page_at(0, 200).unwrap();
    assert!(brute(&events, &Filter::parse("before:2021-01-01").unwrap()).len() == 1, "the one that was dated back");
    for counted in [false, true] {
        if counted {
            source.key_index(&mut |_| ()).unwrap();
        }
        for text in [
            "after:2026-02-10",
            "before:2026-02-10",
            "after:2026-02-10 before:2026-02-12",
            "after:2026-02-12 before:2026-02-10",
            "after:2027-01-01",
            "before:2020-01-01",
            "before:2021-01-01",
            "-after:2026-02-10",
            "after:2026-02-10 or before:2026-02-05",
            "after:2026-02-10 data.a>0",
        ] {
            let filter = Filter::parse(text).unwrap();
            let found = brute(&events, &filter);
            assert_eq!(matches(&source, &filter), found, "{text}");
        }
    }
}
