//! What is passed over by a quick look at the bytes is never what the condition itself keeps.

use proptest::prelude::*;
use proptest::sample::select;
use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};

use super::{Part, condition, install, payload};
use crate::codec::{Encoding, decode};
use crate::filter::check::holds_text;
use crate::filter::{Condition, Filter};
use crate::profile::{Field, Mapping, functions};

const KEYS: [&str; 7] = ["a", "b", "total", "a b", "t\\u006ftal", "é", "\\u00e9"];
const LEAVES: [&str; 24] = [
    "0",
    "-1",
    "12.50",
    "12.5",
    "9007199254740993",
    "9007199254740992.0",
    "123456789012345678901234567890",
    "1e2",
    "1E2",
    "1e-400",
    "true",
    "false",
    "null",
    "NaN",
    "\"gold\"",
    "\"\\u0067old\"",
    "\"a\\\"b\"",
    "\"12\"",
    "\" 12.5 \"",
    "\"STRASSE\"",
    "\"Straße\"",
    "\"Stra\\u00dfe\"",
    "\"line\\nbreak \\\\ \\/\"",
    "\"\\ud800\"",
];
const WRAPPED: [&str; 4] = [
    r#"{"_type_":"decimal_str","_data_":"12.50"}"#,
    r#"{"$type":"Money","total":12.5}"#,
    r#"["decimal",{"total":"12"}]"#,
    r#"{"@class":"x.Order","total":0}"#,
];
const FILTERS: [&str; 28] = [
    "data.a:*",
    "data.total:*",
    "data.total>12",
    "data.total>=12.50",
    "data.total=12.5",
    "data.total!=0",
    "data.total<1",
    "data.a=gold",
    "data.a:gold,g*d",
    "data.b:*o*",
    "data.b.total>0",
    "data.a[0].total:12*",
    "data.b[1]:*",
    "data.é:*",
    "data.total=9007199254740993",
    "data.total>9007199254740992",
    "data.total<9007199254740993",
    "data.\"a b\":true,null",
    "data.a=true",
    "data.total:1e2,12.50",
    "data.a:\"a\\\"b\"",
    "data.a.b.total:*",
    "data.total>\"12\"",
    "data.a<gold",
    "data.b=\"Straße\"",
    "data.a:Str*",
    "data.total<=123456789012345678901234567890",
    "data.b:\"line*\"",
];
const TEXTS: [&str; 14] = [
    "GOLD",
    "straße",
    "total",
    "\"total\":",
    "a\"b",
    "line\nbreak",
    "\\",
    "é",
    "12.5",
    "nan",
    "$float",
    "true",
    "/",
    "x",
];

/// Documents as programs and people write them, and some that are none.
fn document() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![8 => select(&LEAVES[..]).prop_map(str::to_owned), 1 => select(&WRAPPED[..]).prop_map(str::to_owned)];
    let value = leaf.prop_recursive(3, 24, 4, |inner| {
        let member = (select(&KEYS[..]), select(&["", " ", "\n\t"][..]), inner.clone());
        prop_oneof![
            prop::collection::vec(member, 0..5).prop_map(|members| {
                let members = members.iter().map(|(key, space, value)| format!("\"{key}\"{space}:{space}{value}"));
                format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
            }),
            prop::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(","))),
        ]
    });
    let object = (select(&KEYS[..]), value.clone(), select(&KEYS[..]), value)
        .prop_map(|(one, first, two, second)| format!("{{\"{one}\":{first},\"{two}\" :{second}}}"));
    // Cut off, it is no JSON any more.
    (object, 0..12_usize).prop_map(|(object, cut)| match cut {
        0 => object.chars().take(object.chars().count() / 2).collect(),
        1 => format!(" \n{object} "),
        2 => format!("---\n{object}"),
        _ => object,
    })
}

fn rows(documents: &[(String, u8)]) -> Connection {
    let conn = Connection::open_in_memory().unwrap();
    functions::install(&conn).unwrap();
    install(&conn).unwrap();
    conn.execute_batch("CREATE TABLE log (n INTEGER PRIMARY KEY, body)").unwrap();
    for (document, kind) in documents {
        let stored = match kind {
            0 => Value::Blob(document.clone().into_bytes()),
            1 => conn
                .query_row("SELECT CASE WHEN json_valid(?1) THEN jsonb(?1) END", [document], |row| row.get(0))
                .unwrap(),
            _ => Value::Text(document.clone()),
        };
        conn.execute("INSERT INTO log (body) VALUES (?1)", params![stored]).unwrap();
    }
    conn
}

fn kept(conn: &Connection, part: &Part) -> Vec<i64> {
    let sql = format!("SELECT n FROM log WHERE ({}) IS TRUE ORDER BY n", part.sql);
    let mut statement = conn.prepare(&sql).unwrap();
    let rows = statement.query_map(params_from_iter(&part.params), |row| row.get(0)).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

fn mapping() -> Mapping {
    Mapping { from: "log".into(), table: "log".into(), data: Field::new("body"), ..Mapping::default() }
}

/// A column whose rows say for themselves what they are in, as those of the built-in store do.
fn mapping_by_row() -> Mapping {
    let codec = Some("CASE typeof(body) WHEN 'blob' THEN 'messagepack' END".to_owned());
    let data = Field { codec, ..Field::new("body").with_encoding(Encoding::of(crate::codec::Codec::Json)) };
    Mapping { data, ..mapping() }
}

fn only(text: &str) -> Condition {
    Filter::parse(text).unwrap().terms.remove(0).condition
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_quick_look_keeps_back_nothing_that_the_condition_keeps(
        documents in prop::collection::vec((document(), 0_u8..6), 1..12),
    ) {
        let (conn, mappings) = (rows(&documents), [mapping(), mapping_by_row()]);
        for (text, mapping) in FILTERS.iter().flat_map(|text| mappings.iter().map(move |mapping| (text, mapping))) {
            let wanted = only(text);
            let exact = condition(&wanted, mapping);
            let sieved = payload::sieved(&wanted, mapping, exact.clone());
            prop_assert!(exact.is_none() || sieved != exact || text.contains("[1]"), "{} has no sieve", text);
            if let (Some(exact), Some(sieved)) = (exact, sieved) {
                prop_assert_eq!(kept(&conn, &sieved), kept(&conn, &exact), "{} on {:?}", text, documents);
            }
        }
    }

    #[test]
    fn what_sql_asks_of_rows_holds_for_all_that_are_kept(
        documents in prop::collection::vec((document(), 0_u8..6), 1..12),
    ) {
        let (conn, mapping) = (rows(&documents), mapping());
        for text in [
            "data.a[].total>0", "data.b[].a:gold,tr*", "data[].a:*", "has:data.a[].b",
            "(data.a[].total>0 or data.b[].a:* data.é:*)", "-data.a[].total>0",
            "(data.a[].total>0 or data.b[0]:x or /gold/i)",
        ] {
            let filter = Filter::parse(text).unwrap();
            let compiled = super::compile(&filter, &mapping);
            prop_assert!(!compiled.residual.is_empty(), "{}", text);
            let found = kept(&conn, &Part::new(compiled.sql, compiled.params));
            let mut statement = conn.prepare("SELECT n, body FROM log").unwrap();
            let mut all = statement.query([]).unwrap();
            while let Some(row) = all.next().unwrap() {
                let data = decode::plain(decode::payload(row.get_ref(1).unwrap(), &Encoding::default()));
                let event = crate::event::Event { data, ..Default::default() };
                let number: i64 = row.get(0).unwrap();
                prop_assert!(!filter.keeps(&event) || found.contains(&number), "{} on {:?}", text, documents);
            }
        }
    }

    #[test]
    fn text_is_found_where_the_decoded_payload_has_it(
        documents in prop::collection::vec((document(), 0_u8..6), 1..12),
    ) {
        let (conn, mapping) = (rows(&documents), mapping());
        for text in TEXTS {
            let part = payload::has_text(text, &mapping.data);
            let mut statement = conn.prepare("SELECT n, body FROM log ORDER BY n").unwrap();
            let mut found = statement.query([]).unwrap();
            let mut expected = Vec::<i64>::new();
            while let Some(row) = found.next().unwrap() {
                let payload = decode::payload(row.get_ref(1).unwrap(), &Encoding::default());
                if holds_text(&payload, text.as_bytes()) {
                    expected.push(row.get(0).unwrap());
                }
            }
            prop_assert_eq!(kept(&conn, &part), expected, "{} on {:?}", text, documents);
        }
    }
}
