//! Appending, in all the ways that there are.

use eventscope::ErrorKind;
use eventscope::event::{ExpectedVersion, Json, NewEvent, StreamName};
use eventscope::store::{Command, Encoding, Entry, Naming, Places, Refusal, Request};
use serde_json::json;

use super::{Place, event, positions, stream};

pub fn what_is_expected_of_a_stream_is_held(place: &Place) {
    use ExpectedVersion::{Any, Exactly, NoStream, StreamExists};

    let mut store = place.open();
    let cases = [
        (StreamExists, Err(None)),
        (Exactly(1), Err(None)),
        (NoStream, Ok(1..3)),
        (NoStream, Err(Some(2))),
        (Exactly(1), Err(Some(2))),
        (Exactly(3), Err(Some(2))),
        (Exactly(2), Ok(3..5)),
        (StreamExists, Ok(5..7)),
        (Any, Ok(7..9)),
    ];
    for (expected, outcome) in cases {
        let appended = store.append(&stream("1"), expected, &[event("order.placed", 1), event("order.paid", 2)]);
        match (appended, outcome) {
            (Ok(appended), Ok(versions)) => {
                assert_eq!(appended.versions, versions);
                assert_eq!(appended.positions, versions, "a refused append takes no position");
                assert_eq!(appended.ids.len(), 2);
            }
            (Err(error), Err(actual)) => {
                let kind = ErrorKind::Conflict { stream: stream("1"), expected, actual };
                assert_eq!(*error.kind(), kind);
            }
            (appended, outcome) => panic!("{expected:?}: {appended:?} instead of {outcome:?}"),
        }
    }
    assert!(store.append(&stream("1"), Any, &[]).unwrap().is_empty());
    assert_eq!(store.current_version(&stream("1")).unwrap(), Some(8));
    assert_eq!(store.current_version(&stream("2")).unwrap(), None);
    for wrong in [StreamName::new("", "1"), StreamName::new("order", ""), StreamName::new("a/b", "1")] {
        assert_eq!(*store.append(&wrong, Any, &[event("a", 1)]).unwrap_err().kind(), ErrorKind::BadInput);
    }
    let wrong = [
        NewEvent::new("", json!({})),
        NewEvent { id: Some(String::new()), ..event("a", 1) },
        NewEvent { schema_version: Some("v2".to_owned()), ..event("a", 1) },
        NewEvent { actor_type: Some("robot".to_owned()), ..event("a", 1) },
        NewEvent { source: Some("smoke".to_owned()), ..event("a", 1) },
    ];
    for wrong in wrong {
        let error = store.append(&stream("3"), Any, &[event("a", 1), wrong]).unwrap_err();
        assert_eq!(
            (error.kind(), store.current_version(&stream("3")).unwrap()),
            (&ErrorKind::BadInput, None),
            "{error}"
        );
    }
    assert_eq!(store.last_position().unwrap(), Some(8));
}

pub fn an_event_is_read_as_it_was_appended(place: &Place) {
    let mut store = place.open();
    let long = format!("{{\"text\": {:?}, \"n\": [1, 2,\t3]}}", "é𝄞\"\\ 漢".repeat(3_000));
    let texts = [
        r#"{"price": 8.00, "long": 123456789012345678901234567890, "small": 1e-400, "zero": -0.0}"#,
        r#"{"b": 1, "a": 2, "b": 3}"#,
        r#"{"nul": "\u0000", "slash": "\/"}"#,
        "[]",
        "null",
        "\"text\"",
        &long,
    ];
    for (text, number) in texts.iter().zip(1_i64..) {
        let wanted = NewEvent {
            id: Some(format!("id-{number}")),
            schema_version: Some((number + 1).to_string()),
            actor: Some("änn'; DROP TABLE events; --".to_owned()),
            actor_type: Some("user".to_owned()),
            source: Some("import".to_owned()),
            causation_id: Some("cause".to_owned()),
            correlation_id: Some(format!("correlation {number}")),
            metadata: Json::text(r#"{"ip":  "10.0.0.1", "n": 1.10}"#).unwrap(),
            ..NewEvent::new("order.täglich", Json::text(*text).unwrap())
        };
        let appended = store.append(&stream("ö/1"), ExpectedVersion::Any, std::slice::from_ref(&wanted)).unwrap();
        let read = place.open().event(&format!("id-{number}")).unwrap().unwrap();
        assert_eq!((read.position, read.version), (appended.positions.start, appended.versions.start));
        assert_eq!(read.timestamp, appended.timestamp);
        assert_eq!(read.stream, stream("ö/1"));
        assert_eq!(read.data.json_text(), Some(*text), "to the letter");
        assert_eq!(read.metadata.json_text(), Some(r#"{"ip":  "10.0.0.1", "n": 1.10}"#));
        assert_eq!(read.schema_version, wanted.schema_version);
        let around = [&read.actor, &read.actor_type, &read.source, &read.causation_id, &read.correlation_id];
        let given = [&wanted.actor, &wanted.actor_type, &wanted.source, &wanted.causation_id, &wanted.correlation_id];
        assert_eq!(around, given);
        assert_eq!(read, store.read_stream(&stream("ö/1"), number, Some(number)).unwrap()[0]);
    }
    let bare = store.append(&stream("2"), ExpectedVersion::Any, &[NewEvent::new("bare", json!({}))]).unwrap();
    let read = store.event(&bare.ids[0]).unwrap().unwrap();
    assert_eq!((read.schema_version.as_deref(), read.metadata.to_json(), read.actor), (Some("1"), json!(null), None));
    assert!(store.verify(&mut |_| {}).unwrap().fault.is_none());
}

fn request(entries: &[(&str, ExpectedVersion, Option<&str>, i64)]) -> Request {
    let entry = |(id, expected, event_id, number): &(&str, ExpectedVersion, Option<&str>, i64)| Entry {
        stream: stream(id),
        expected: *expected,
        event: NewEvent { id: event_id.map(str::to_owned), ..event("order.placed", *number) },
    };
    Request { entries: entries.iter().map(entry).collect(), beyond: None }
}

pub fn requests_share_a_commit_and_not_their_fate(place: &Place) {
    use ExpectedVersion::{Any, Exactly, NoStream};

    let mut store = place.open();
    let requests = [
        request(&[("1", NoStream, None, 1)]),
        request(&[("1", NoStream, None, 2)]),
        request(&[("1", Exactly(1), None, 3), ("1", Any, None, 4), ("2", NoStream, None, 5)]),
        request(&[("3", Any, None, 6), ("1", Exactly(7), None, 7)]),
        request(&[("3", NoStream, None, 8)]),
        request(&[("4", Any, Some("taken"), 9), ("4", Any, Some("taken"), 10)]),
        request(&[("4", NoStream, None, 11), ("4", Exactly(1), None, 12), ("4", Exactly(2), None, 13)]),
    ];
    let answers = store.append_requests(&requests.iter().collect::<Vec<_>>()).unwrap();
    let told: Vec<_> = answers
        .iter()
        .map(|answer| match answer {
            Ok(answered) => Ok(positions(&answered.events)),
            Err(Refusal::Entry { entry, error }) => Err((*entry, matches!(error.kind(), ErrorKind::Conflict { .. }))),
            Err(Refusal::Repeated { entry, .. }) => Err((*entry, false)),
        })
        .collect();
    assert_eq!(
        told,
        [
            Ok(vec![1]),
            Err((0, true)),
            Ok(vec![2, 3, 4]),
            Err((1, true)),
            Ok(vec![5]),
            Err((0, false)),
            Ok(vec![6, 7, 8]),
        ]
    );
    let all = store.read_all(None, 100).unwrap();
    assert_eq!(positions(&all), (1..=8).collect::<Vec<i64>>());
    let answered: Vec<_> = answers.into_iter().filter_map(Result::ok).flat_map(|answered| answered.events).collect();
    assert_eq!(answered, all, "each is answered with what is stored");
    assert_eq!(store.append_requests(&[]).unwrap().len(), 0);
    assert!(store.verify(&mut |_| {}).unwrap().fault.is_none());
}

pub fn a_request_is_safe_to_repeat(place: &Place) {
    use ExpectedVersion::{Any, NoStream};

    let mut store = place.open();
    let one = request(&[("1", NoStream, Some("a"), 1), ("2", Any, Some("b"), 2)]);
    let first = store.append_requests(&[&one, &one]).unwrap();
    let (first, again) = (first[0].as_ref().unwrap(), first[1].as_ref().unwrap());
    assert!(!first.repeated && again.repeated && first.events == again.events);
    let later = place.open().append_requests(&[&one]).unwrap().remove(0).unwrap();
    assert!(later.repeated && later.events == first.events);
    let refused = |store: &mut dyn eventscope::store::Store, request: &Request| match store
        .append_requests(&[request])
        .unwrap()
        .remove(0)
    {
        Err(Refusal::Repeated { id, entry, position, how }) => (id, entry, position, how),
        other => panic!("{other:?}"),
    };
    let other = request(&[("1", Any, Some("a"), 99)]);
    assert_eq!(refused(&mut *store, &other), ("a".to_owned(), 0, 1, "with another content"));
    let longer = request(&[("1", NoStream, Some("a"), 1), ("2", Any, Some("b"), 2), ("2", Any, Some("c"), 3)]);
    assert_eq!(refused(&mut *store, &longer), ("a".to_owned(), 0, 1, "without the others of this request"));
    let shorter = Request { beyond: Some("b".to_owned()), ..request(&[("1", NoStream, Some("a"), 1)]) };
    assert_eq!(refused(&mut *store, &shorter), ("b".to_owned(), 0, 2, "of a longer request with this key"));
    assert_eq!(store.last_position().unwrap(), Some(2));
    let taken = NewEvent { id: Some("a".to_owned()), ..event("order.placed", 1) };
    let error = store.append(&stream("9"), Any, &[taken]).unwrap_err();
    assert!(error.to_string().contains("the event id a is taken"), "{error}");
}

pub fn a_command_is_processed_once(place: &Place) {
    let mut store = place.open();
    let command = Command {
        id: "cmd-1".to_owned(),
        command_type: "place_order".to_owned(),
        stream: stream("1"),
        actor: Some("ann".to_owned()),
        source: Some("api".to_owned()),
        data: json!({"total": 8}).into(),
    };
    let events = [event("order.placed", 1), event("order.paid", 2)];
    let first = store.append_command(&command, ExpectedVersion::NoStream, &events).unwrap();
    assert!(!first.repeated);
    assert_eq!(positions(&first.events), [1, 2]);
    assert_eq!(first.events[1].causation_id.as_deref(), Some("cmd-1"));
    assert_eq!((first.events[0].actor.as_deref(), first.events[0].source.as_deref()), (Some("ann"), Some("api")));
    let again = place.open().append_command(&command, ExpectedVersion::NoStream, &events).unwrap();
    assert!(again.repeated);
    assert_eq!((again.events, again.command, again.processed_at), (first.events, first.command, first.processed_at));
    let nothing = Command { id: "cmd-2".to_owned(), ..command.clone() };
    for repeated in [false, true] {
        let done = store.append_command(&nothing, ExpectedVersion::Any, &[]).unwrap();
        assert_eq!((done.events.len(), done.repeated), (0, repeated));
    }
    let other = Command { command_type: "cancel_order".to_owned(), ..command.clone() };
    let error = store.append_command(&other, ExpectedVersion::Any, &events).unwrap_err();
    assert!(error.to_string().contains("cmd-1 was used before, for place_order"), "{error}");
    let late = Command { id: "cmd-3".to_owned(), ..command };
    assert!(store.append_command(&late, ExpectedVersion::NoStream, &events).is_err());
    assert!(
        !store.append_command(&late, ExpectedVersion::Any, &events).unwrap().repeated,
        "a refused one may come again"
    );
    assert_eq!(store.last_position().unwrap(), Some(4));
}

pub fn what_is_asked_of_events_is_asked_of_all_writers(place: &Place) {
    let (mut one, mut other) = (place.open(), place.open());
    let amount = |amount: i64| [NewEvent::new("account.paid", json!({ "amount": amount }))];
    other.append(&stream("1"), ExpectedVersion::Any, &amount(-1)).unwrap();
    let schema = json!({"properties": {"amount": {"minimum": 1}}});
    one.put_schema("account.paid", 1, &schema, false).unwrap();
    one.put_schema("account.paid", 1, &schema, false).unwrap();
    let error = other.append(&stream("1"), ExpectedVersion::Any, &amount(0)).unwrap_err();
    assert!(error.to_string().contains("does not fit its schema at /amount"), "{error}");
    assert_eq!(one.faults("account.paid", 1, &json!({"amount": 0}), 9).unwrap()[0].0, "/amount");
    other.append(&stream("1"), ExpectedVersion::Any, &amount(1)).unwrap();
    let of_version_2 = amount(0).map(|event| NewEvent { schema_version: Some("2".to_owned()), ..event });
    other.append(&stream("1"), ExpectedVersion::Any, &of_version_2).unwrap();
    let looser = json!({"properties": {"amount": {"minimum": 0}}});
    let error = one.put_schema("account.paid", 1, &looser, false).unwrap_err();
    assert!(error.to_string().contains("events were stored under another schema"), "{error}");
    one.put_schema("account.paid", 1, &looser, true).unwrap();
    other.append(&stream("1"), ExpectedVersion::Any, &amount(0)).unwrap();
    assert_eq!(other.schema("account.paid", 1).unwrap(), Some(looser));
    assert_eq!(other.schema("account.paid", 2).unwrap(), None);
    assert!(one.put_schema("account.paid", 1, &json!({"type": 7}), true).is_err());
    let listed = other.schemas().unwrap();
    assert_eq!((listed.len(), &*listed[0].event_type, listed[0].schema_version), (1, "account.paid", 1));
    assert!(listed[0].registered_at.utc.is_some());
    // The one of before the schema does not fit; the one of another version is not looked at.
    let misfits = other.misfits(9).unwrap();
    assert_eq!(misfits.iter().map(|misfit| misfit.position).collect::<Vec<_>>(), [1]);
    assert!(misfits[0].reason.contains("/amount"), "{}", misfits[0].reason);
    assert!(one.remove_schema("account.paid", 1).unwrap() && !one.remove_schema("account.paid", 1).unwrap());
    other.append(&stream("1"), ExpectedVersion::Any, &amount(-1)).unwrap();
    assert!(other.schemas().unwrap().is_empty() && other.misfits(9).unwrap().is_empty());
}

pub fn many_that_do_not_fit_are_named_up_to_a_limit(place: &Place) {
    let mut store = place.open();
    let paid: Vec<_> = (0..1_200).map(|amount| NewEvent::new("account.paid", json!({ "amount": amount }))).collect();
    store.append(&stream("1"), ExpectedVersion::Any, &paid).unwrap();
    store.put_schema("account.paid", 1, &json!({"properties": {"amount": {"maximum": 599}}}), true).unwrap();
    let positions = |limit| store.misfits(limit).unwrap().iter().map(|misfit| misfit.position).collect::<Vec<_>>();
    assert_eq!(positions(3), [601, 602, 603]);
    assert_eq!(positions(1_000), (601..=1_200).collect::<Vec<_>>());
    assert!(positions(0).is_empty());
}

pub fn names_are_held_to_what_was_set(place: &Place) {
    let (mut one, mut other) = (place.open(), place.open());
    assert_eq!(one.naming().unwrap(), Naming::default());
    one.set_naming(&Naming::dotted()).unwrap();
    assert_eq!(other.naming().unwrap(), Naming::dotted());
    let error = other.append(&stream("1"), ExpectedVersion::Any, &[event("OrderPlaced", 1)]).unwrap_err();
    assert!(error.to_string().contains("OrderPlaced"), "{error}");
    let wrong = Naming { event_types: Some("(".to_owned()), ..Naming::default() };
    assert!(one.set_naming(&wrong).is_err());
    one.set_naming(&Naming::default()).unwrap();
    other.append(&stream("1"), ExpectedVersion::Any, &[event("OrderPlaced", 1)]).unwrap();
    assert_eq!(one.encoding().unwrap(), Encoding::Json);
    one.set_encoding(Encoding::Json).unwrap();
}

pub fn lines_go_out_and_come_in_again(place: &Place) {
    let mut store = place.open();
    let mut lines = String::new();
    for number in 1..=2_500_i64 {
        // Positions with gaps, moments that stay and go on.
        let position = number + number / 100;
        lines.extend([format!(
            r#"{{"position":{position},"event_id":"e{number}","aggregate_type":"cup","aggregate_id":"{}","version":{},"event_type":"cup.sold","schema_version":2,"timestamp":"2026-01-01T00:{:02}:{:02}.000000Z","data":{{"price": {number}.00}},"metadata":{{"n":1}}}}"#,
            number % 5, (number - 1) / 5 + 1, number / 60, number % 60,
        )]);
        lines.push('\n');
    }
    let mut told = 0;
    assert_eq!(store.import(&mut lines.as_bytes(), Places::Kept, &mut |count| told = count).unwrap(), 2_500);
    assert!(told >= 2_000);
    let mut exported = Vec::new();
    assert_eq!(store.export(&mut exported, &mut |_| {}).unwrap(), 2_500);
    assert_eq!(String::from_utf8(exported).unwrap(), lines, "to the letter");
    assert!(store.verify(&mut |_| {}).unwrap().fault.is_none());
    let anew = r#"{"aggregate_type":"cup","aggregate_id":"1","event_type":"cup.sold","data":{}}"#;
    store.import(&mut format!("\n{anew}\n\n{anew}").as_bytes(), Places::Anew, &mut |_| {}).unwrap();
    let last = store.read_all(Some(2_525), 9).unwrap();
    assert_eq!(
        last.iter().map(|event| (event.position, event.version)).collect::<Vec<_>>(),
        [(2_526, 501), (2_527, 502)]
    );
    let early = anew.replace("\"data\"", r#""timestamp":"2020-01-01T00:00:00Z","data""#);
    store.import(&mut early.as_bytes(), Places::Moments, &mut |_| {}).unwrap();
    assert_eq!(store.read_all(Some(2_527), 9).unwrap()[0].timestamp, last[1].timestamp, "time never goes back");
}

pub fn a_wrong_line_is_named_and_nothing_is_imported(place: &Place) {
    let mut store = place.open();
    let line =
        |more: &str| format!(r#"{{"aggregate_type":"cup","aggregate_id":"1","event_type":"a","data":{{}}{more}}}"#);
    let kept = |position: i64, version: i64, second: i64| {
        line(&format!(r#","position":{position},"version":{version},"timestamp":"2026-01-01T00:00:{second:02}Z""#))
    };
    let cases = [
        (Places::Anew, vec![line(""), "{".to_owned()], "line 2: column"),
        (Places::Anew, vec![line(""), line(r#","colour":1"#)], "unknown field `colour`"),
        (Places::Anew, vec![line(r#","event_id":"x""#), line(r#","event_id":"x""#)], "the event id x is taken"),
        (Places::Kept, vec![line("")], "line 1: it has no `position` to keep"),
        (Places::Kept, vec![kept(1, 1, 1), kept(1, 2, 1)], "line 2: position 1 does not come after 1"),
        (Places::Kept, vec![kept(1, 1, 1), kept(2, 3, 1)], "line 2: cup/1 is at version 3 where 2 comes next"),
        (Places::Kept, vec![kept(1, 1, 2), kept(2, 2, 1)], "before the event before it"),
    ];
    for (places, lines, wrong) in cases {
        let error = store.import(&mut lines.join("\n").as_bytes(), places, &mut |_| {}).unwrap_err();
        assert!(error.to_string().contains(wrong) && error.hint().is_some(), "{error} instead of {wrong}");
        assert_eq!((store.last_position().unwrap(), store.streams(None, 9).unwrap().len()), (None, 0));
    }
}
