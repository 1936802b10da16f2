//! What several readers gather is what one finds.

use std::sync::Arc;

use proptest::prelude::*;
use rusqlite::{Connection, params};
use serde_json::{Value, json};

use super::*;
use crate::insight::Extent;
use crate::insight::audit::{Checks, Finding, conclude};
use crate::insight::schema::{Inference, Schemas, SchemasWanted};
use crate::profile::Profile;
use crate::source::{Choice, Interrupt, OpenOptions};

const TABLE: &str = "CREATE TABLE events (position INTEGER, event_id TEXT, aggregate_type TEXT, aggregate_id TEXT,
    version INTEGER, event_type TEXT, schema_version INTEGER, data TEXT, timestamp TEXT, actor TEXT,
    causation_id TEXT, correlation_id TEXT)";
const PROFILE: &str = r#"
name = "gathered"
title = "Gathered"
[events]
from = "events"
position = "position"
aggregate_type = "aggregate_type"
aggregate_id = "aggregate_id"
version = "version"
event_id = "event_id"
event_type = "event_type"
schema_version = "schema_version"
timestamp = "timestamp"
actor = "actor"
causation_id = "causation_id"
correlation_id = "correlation_id"
data = "data"
"#;

/// An event of a store in which everything may be wrong.
#[derive(Clone, Debug)]
struct Row {
    /// How far behind the position before.
    gap: i64,
    stream: u8,
    /// How far behind the version before; where it is 1, all is well.
    step: i64,
    kind: u8,
    schema_version: Option<u8>,
    data: Option<String>,
    seconds: i64,
    /// The numbers of the events that its id, its cause and its correlation are of.
    ids: [Option<u16>; 3],
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-20_i64..20).prop_map(Value::from),
        "[0-9]{1,3}[.]0{0,2}[0-9]".prop_map(|text| text.parse().map_or(Value::Null, Value::Number)),
        "[a-d]{0,2}".prop_map(Value::from),
        Just(json!("ada@example.org")),
        Just(json!("4111 1111 1111 1111")),
        Just(json!("2026-03-01T08:00:00Z")),
        Just(json!("x".repeat(100))),
    ]
}

/// Members of few names, as documents have them, and maps of many.
fn document() -> impl Strategy<Value = Value> {
    let value = scalar().prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            object("[a-e]", inner.clone(), 0..5),
            object("k[0-9]{1,2}", inner.clone(), 0..5),
            object("key[0-9]{1,3}", inner, 0..40),
        ]
    });
    object("[a-f]", value, 0..5)
}

fn object(
    names: &'static str,
    value: impl Strategy<Value = Value>,
    size: std::ops::Range<usize>,
) -> impl Strategy<Value = Value> {
    prop::collection::vec((names, value), size).prop_map(|members| Value::Object(members.into_iter().collect()))
}

fn row() -> impl Strategy<Value = Row> {
    let data = prop_oneof![
        12 => document().prop_map(|value| Some(value.to_string())),
        1 => Just(None),
        1 => prop_oneof![Just("{broken"), Just(""), Just(r#"{"a":"[object Object]"}"#), Just(r#"{"a":"\u00e9"}"#)]
            .prop_map(|text| Some(text.to_owned())),
    ];
    let id = |rare: u32| prop_oneof![rare => Just(None), 1 => (0_u16..400).prop_map(Some)];
    (
        prop_oneof![20 => Just(1_i64), 1 => 0_i64..4],
        0_u8..6,
        prop_oneof![30 => Just(1_i64), 1 => -2_i64..4],
        0_u8..4,
        prop::option::of(0_u8..2),
        data,
        prop_oneof![20 => 1_i64..60, 1 => -90_i64..0],
        [id(20), id(1), id(1)],
    )
        .prop_map(|(gap, stream, step, kind, schema_version, data, seconds, ids)| Row {
            gap,
            stream,
            step,
            kind,
            schema_version,
            data,
            seconds,
            ids,
        })
}

fn store(rows: &[Row]) -> (tempfile::TempDir, Source) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch(TABLE).unwrap();
    conn.execute_batch("BEGIN").unwrap();
    let (mut position, mut seconds, mut versions) = (0, 1_800_000_000_i64, [0_i64; 6]);
    for (number, row) in rows.iter().enumerate() {
        position += row.gap;
        seconds += row.seconds;
        let version = &mut versions[usize::from(row.stream)];
        *version += row.step;
        let time = chrono::DateTime::from_timestamp(seconds, 0).unwrap().to_rfc3339();
        let [id, cause, correlation] = row.ids.map(|id| id.map(|id| format!("e-{id}")));
        let id = id.unwrap_or_else(|| format!("e-{number}"));
        conn.execute(
            "INSERT INTO events VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            params![
                position,
                id,
                if row.stream % 2 == 0 { "order" } else { "account" },
                format!("s-{}", row.stream),
                *version,
                ["order.placed", "order.shipped", "order.shiped", "LineAdded"][usize::from(row.kind)],
                row.schema_version,
                row.data,
                if row.seconds == 59 { "soon".to_owned() } else { time },
                format!("actor-{}", row.kind),
                cause,
                correlation
            ],
        )
        .unwrap();
    }
    conn.execute_batch("COMMIT").unwrap();
    let profile = Profile::parse(PROFILE).unwrap();
    let options = OpenOptions { profile: Some(Choice::Profile(Arc::new(profile))), ..OpenOptions::default() };
    let source = Source::open(&path, &options).unwrap();
    (folder, source)
}

fn go_on(_: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn concluded(source: &Source, checks: Checks) -> Vec<Finding> {
    conclude(source, Vec::new(), Some(checks), None, &mut |_| ControlFlow::Continue(())).unwrap()
}

/// All that is shown of schemas.
fn told(schemas: &Schemas) -> Vec<String> {
    let mut lines = vec![format!("{} left out", schemas.left_out())];
    for schema in schemas.types() {
        lines.push(format!("{} {:?} {} {}", schema.name(), schema.events, schema.unread, schema.without_data));
        lines.push(schema.json_schema().to_string());
        lines.extend(schema.changes().iter().map(|change| format!("{change:?}")));
        lines.extend(schema.paths().iter().map(|path| {
            let shape = path.shape;
            let kinds: Vec<_> = shape.kinds().collect();
            let examples: Vec<_> = shape.examples().collect();
            format!(
                "{path} {} {:?} {kinds:?} {:?} {:?} {:?} {:?} {examples:?}",
                path.presence,
                shape.seen(),
                shape.range(),
                shape.lengths(),
                shape.format(),
                shape.enumeration(),
            )
        }));
    }
    lines
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn what_stretches_come_to_is_what_one_pass_finds(
        rows in prop::collection::vec(row(), 1..300),
        part in 3_u64..60,
        readers in 2_usize..5,
    ) {
        let (_folder, source) = store(&rows);
        let mapping = source.mapping().unwrap();
        let alone = gather(&source, Checks::new(mapping), &mut go_on).unwrap();
        let together = gather_with(&source, (part, readers), &|| Checks::new(mapping), &mut go_on).unwrap();
        prop_assert_eq!(concluded(&source, together), concluded(&source, alone));
        let alone = Schemas::infer(&source, &SchemasWanted::default(), &mut go_on).unwrap();
        let together = gather_with(&source, (part, readers), &Inference::default, &mut go_on).unwrap();
        prop_assert_eq!(told(&together.schemas), told(&alone));
        let alone = Extent::gather(&source, &mut go_on).unwrap();
        let together = gather_with(&source, (part, readers), &Extent::default, &mut go_on).unwrap();
        prop_assert_eq!(together.summary(usize::MAX), alone.summary(usize::MAX));
    }
}

#[test]
fn a_reader_that_is_through_takes_half_of_what_another_has_before_it() {
    let parts = vec![ScanRange::default(); 80];
    let work = Work::new(&parts, 2);
    assert_eq!((work.take(), work.take()), (Some((0, 0)), Some((1, 40))));
    while work.next(0).is_some() {}
    assert_eq!(work.take(), Some((2, 60)));
    assert_eq!((1..=2).map(|stretch| std::iter::from_fn(|| work.next(stretch)).count()).sum::<usize>(), 40);
    assert_eq!(work.take(), None);
}

#[test]
fn it_stops_when_it_is_told_to() {
    let rows: Vec<Row> = (0..400)
        .map(|number| Row {
            gap: 1,
            stream: 0,
            step: 1,
            kind: 0,
            schema_version: None,
            data: Some(json!({"n": number}).to_string()),
            seconds: 1,
            ids: [None; 3],
        })
        .collect();
    let (_folder, source) = store(&rows);
    let stopped = gather_with(&source, (10, 2), &Extent::default, &mut |_| ControlFlow::Break(()));
    assert!(stopped.is_err_and(|error| error.is_cancelled()));
    let counter = std::sync::Arc::default();
    source.set_interrupt(Interrupt::new(&counter)).unwrap();
    counter.fetch_add(1, Ordering::Relaxed);
    let stopped = gather_with(&source, (10, 2), &Extent::default, &mut go_on);
    assert!(stopped.is_err_and(|error| error.is_cancelled()));
}
