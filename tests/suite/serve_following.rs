//! The service's streams: what is there and then what comes, without a gap or a double.

use serde_json::{Value, json};

use crate::service::{Service, event};

fn append(service: &Service, from: i64, count: i64) {
    for start in (from..from + count).step_by(100) {
        let events: Vec<Value> = (start..(start + 100).min(from + count))
            .map(|number| {
                let kind = if number % 2 == 0 { "order.paid" } else { "order.placed" };
                event(&format!("ord-{}", number % 3), kind, json!({"n": number, "price": 1.10}))
            })
            .collect();
        service.post("/events/batch", Value::from(events)).expect(201);
    }
}

#[test]
fn a_reader_catches_up_and_then_follows() {
    let service = Service::new(&[]);
    append(&service, 1, 1_234);
    let mut from_start = service.follow("/events/stream?from_position=1", &[]);
    assert_eq!(from_start.media_type, "text/event-stream");
    let mut resumed = service.follow("/events/stream", &[("Last-Event-ID", "1200")]);
    let mut from_now = service.follow("/events/stream", &[("Accept", "application/x-ndjson")]);
    assert_eq!(from_now.media_type, "application/x-ndjson");
    assert_eq!(from_start.positions(1_234), (1..=1_234).collect::<Vec<_>>());
    append(&service, 1_235, 300);
    assert_eq!(from_start.positions(300), (1_235..=1_534).collect::<Vec<_>>());
    assert_eq!(resumed.positions(334), (1_201..=1_534).collect::<Vec<_>>());
    let first = from_now.next_event().unwrap();
    assert_eq!(first, service.get(&format!("/events/{}", first["id"].as_str().unwrap())).json());
    assert_eq!(from_now.positions(299), (1_236..=1_534).collect::<Vec<_>>());
}

#[test]
fn the_end_of_the_file_and_the_beginning_of_the_tail_meet() {
    let service = Service::new(&[]);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| append(&service, 1, 3_000));
        let readers: Vec<_> = (0..8)
            .map(|reader| {
                let service = &service;
                scope.spawn(move || {
                    std::thread::sleep(std::time::Duration::from_millis(reader * 15));
                    let mut following = service.follow("/events/stream?from_position=1", &[]);
                    following.positions(3_000)
                })
            })
            .collect();
        writer.join().unwrap();
        for reader in readers {
            assert_eq!(reader.join().unwrap(), (1..=3_000).collect::<Vec<_>>());
        }
    });
}

#[test]
fn a_reader_gets_what_it_wants_from_the_file_and_the_tail() {
    let service = Service::new(&[]);
    append(&service, 1, 30);
    let path = "/events/stream?from_position=1&event_type=order.paid&aggregate_type=order&aggregate_id=ord-0";
    let mut following = service.follow(path, &[]);
    let wanted = |range: std::ops::RangeInclusive<i64>| range.filter(|n| n % 6 == 0).collect::<Vec<_>>();
    assert_eq!(following.positions(5), wanted(1..=30));
    append(&service, 31, 60);
    assert_eq!(following.positions(10), wanted(31..=90));
    service.get("/events/stream?limit=3").expect(422);
    service.get_with("/events/stream", &[("Last-Event-ID", "soon")]).expect(422);
}

#[test]
fn a_reader_that_does_not_read_holds_up_nobody_and_misses_nothing() {
    let service = Service::new(&[]);
    let mut slow = service.follow("/events/stream", &[]);
    let mut quick = service.follow("/events/stream", &[]);
    let text = "x".repeat(2_000);
    for _ in 0..40 {
        let events: Vec<Value> =
            (0..300).map(|n| event("ord-1", "order.noted", json!({"n": n, "text": text}))).collect();
        service.post("/events/batch", Value::from(events)).expect(201);
    }
    assert_eq!(quick.positions(12_000), (1..=12_000).collect::<Vec<_>>());
    assert_eq!(slow.positions(12_000), (1..=12_000).collect::<Vec<_>>());
}

#[test]
fn readers_go_on_after_a_restart_and_end_with_the_service() {
    let mut service = Service::new(&[]);
    append(&service, 1, 10);
    let mut following = service.follow("/events/stream?from_position=1", &[]);
    assert_eq!(following.positions(10).last(), Some(&10));
    service.signal("TERM");
    assert!(following.next_event().is_none(), "the stream ends");
    assert!(service.wait().success());
    service.restart(&[]);
    append(&service, 11, 5);
    let mut again = service.follow("/events/stream", &[("Last-Event-ID", "10")]);
    assert_eq!(again.positions(5), [11, 12, 13, 14, 15]);
}

#[test]
fn what_another_process_appends_is_followed_too() {
    let service = Service::new(&[]);
    let mut following = service.follow("/events/stream", &[]);
    let mut store = eventscope::store::EventStore::open(&service.file).unwrap();
    let stream = eventscope::event::StreamName::new("order", "ord-1");
    let event = eventscope::event::NewEvent::new("order.placed", json!({}));
    store.append(&stream, eventscope::event::ExpectedVersion::NoStream, &[event]).unwrap();
    assert_eq!(following.positions(1), [1]);
}
