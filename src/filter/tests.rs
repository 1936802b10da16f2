//! What the filter language promises: it reads, prints back, and decides.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::event::{Event, Payload, StreamName, Timestamp};

fn one(text: &str) -> Term {
    let filter = Filter::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(filter.terms.len(), 1, "{text}");
    filter.terms[0].clone()
}

fn event() -> Event {
    Event {
        position: 4812,
        id: Some("e-1".into()),
        stream: StreamName::new("order", "ord-71"),
        version: 3,
        event_type: "order.line_added".into(),
        schema_version: Some("2".into()),
        timestamp: Some(Timestamp {
            stored: "2026-03-14T12:04:01.912345Z".into(),
            utc: "2026-03-14T12:04:01.912345Z".parse().ok(),
        }),
        actor: Some("ann".into()),
        correlation_id: Some("req-1".into()),
        data: Payload::json(json!({
            "total": 120, "price": "19.90", "customer": "c-118", "note": "Straße \"9\"", "paid": true, "gone": null,
            "lines": [{"sku": "cup", "qty": 2}], "big": 9_007_199_254_740_993_u64
        })),
        metadata: Payload::json(json!({"user": "ann"})),
        ..Event::default()
    }
}

#[test]
fn every_condition_decides() {
    for (filter, kept) in [
        ("", true),
        ("type:order.*", true),
        ("type:payment.*,order.line_added", true),
        ("type:payment.*", false),
        ("-type:payment.*", true),
        ("stream:ord-71", true),
        ("stream:order/ord-71", true),
        ("stream:order/*", true),
        ("stream:ord-*", true),
        ("stream:order", false),
        ("aggregate:order", true),
        ("id:e-1", true),
        ("schema:2", true),
        ("actor:ann", true),
        ("actor_type:*", false),
        ("-actor_type:*", true),
        ("-source:api", true),
        ("correlation:req-*", true),
        ("causation:x", false),
        ("version>2 version<=3 version!=4 version:3", true),
        ("position>=4812 position<4813", true),
        ("after:2026-03-14 before:2026-03-15", true),
        ("after:2026-03-14T12:04:01.912345Z", true),
        ("before:2026-03-14T12:04:01.912345Z", false),
        ("-after:2027", true),
        ("data.total>100", true),
        ("data.total>100.5", true),
        ("data.total=120.0", true),
        ("data.total:120", true),
        ("data.total:12*", true),
        ("data.price>19.5", true),
        ("data.price=19.9", true),
        ("data.price=\"19.9\"", false),
        ("data.customer:c-118", true),
        ("data.customer>5", false),
        ("data.customer!=c-1", true),
        ("data.missing!=c-1", false),
        ("-data.missing=c-1", true),
        ("data.paid=true data.gone=null data.gone:null", true),
        ("data.lines[0].sku:cup", true),
        ("data.lines:*", true),
        ("data.lines:cup", false),
        ("data.lines[1].sku:*", false),
        ("data.big>9007199254740992", true),
        ("metadata.user=ann", true),
        ("C-118", true),
        ("STRAßE", true),
        ("\"9\\\"\"", true),
        ("nowhere", false),
        ("-nowhere", true),
        ("version:1..3 position:..4812 position:4812..", true),
        ("version:4..9", false),
        ("-version:4..9", true),
        ("after:now", false),
        ("before:now-2h", true),
        ("data.lines[].sku:c*", true),
        ("data.lines[].qty>2", false),
        ("data.lines[].sku:x,cup", true),
        ("data.total[].sku:*", false),
        ("has:data.gone", true),
        ("has:data.error", false),
        ("-has:data.error has:actor -has:source", true),
        ("data.price='19.90'", true),
        ("data.price:'19.9*'", true),
        ("/Stra[sß]e/", true),
        ("/strasse|straße/i", true),
        ("/\"total\":\\s*120/", true),
        ("/^nothing$/", false),
        ("-/^nothing$/", true),
        ("type:payment.* or actor:ann", true),
        ("type:payment.* or actor:bob", false),
        ("type:payment.* actor:ann or version:3", true),
        ("(type:payment.* or version:3) actor:ann", true),
        ("(type:payment.* or version:3) actor:bob", false),
        ("not type:payment.*", true),
        ("not (type:order.* actor:bob)", true),
        ("-(type:order.* actor:ann)", false),
        ("NOT (actor:bob OR actor:cid) AND type:order.*", true),
        ("not not actor:ann", true),
    ] {
        assert_eq!(Filter::parse(filter).unwrap().keeps(&event()), kept, "{filter}");
    }
}

#[test]
fn text_is_what_names_no_field() {
    for text in ["order.placed", "12:04:01", "-", "a-b", "order.total>100", "c\"d"] {
        assert_eq!(one(text).condition, Condition::Text(text.into()), "{text}");
    }
    assert_eq!(one("\"type:x\"").condition, Condition::Text("type:x".into()));
    assert_eq!(one("-\"two words\""), Term::text("two words").negated());
}

#[test]
fn groups_have_one_form() {
    for (typed, printed) in [
        ("a or b c", "(a or b c)"),
        ("((a or b) or c)", "(a or b or c)"),
        ("(a b) c", "a b c"),
        ("not (a)", "-a"),
        ("not (a b)", "-(a b)"),
        ("not (not (a b))", "a b"),
        ("-(a or (b or c) d)", "-(a or (b or c) d)"),
        ("a and b AND c", "a b c"),
        ("(type:x or data.a>5)", "(type:x or data.a>5)"),
        ("\"or\" \"a)\" 'x", "\"or\" \"a)\" 'x"),
        ("data.a:* has:actor", "has:data.a actor:*"),
        ("version:3.. version:..9 version:4..5", "version>=3 version<=9 version:4..5"),
        ("data.x='a b' data.y='5'", "data.x=\"a b\" data.y=\"5\""),
    ] {
        let filter = Filter::parse(typed).unwrap_or_else(|error| panic!("{typed}: {error}"));
        assert_eq!(filter.to_string(), printed, "{typed}");
        assert_eq!(Filter::parse(printed), Ok(filter), "{typed}");
    }
    assert_eq!(
        one("type:order.* actor:ann or -version:1..3").label(),
        "type: order.* and actor: ann or not version 1 to 3"
    );
}

#[test]
fn backslashes_of_class_names_need_no_care() {
    assert_eq!(one(r"type:Shop\Event\Placed"), Term::field(Field::Type, r"Shop\Event\Placed"));
    assert_eq!(one(r"type:a\*"), Term::field(Field::Type, "a*"));
    assert_eq!(one(r"type:Shop\Event\Placed").to_string(), r"type:Shop\Event\Placed");
}

#[test]
fn long_names_are_understood() {
    assert_eq!(one("event_type:a"), one("type:a"));
    assert_eq!(one("since:2026"), one("after:2026"));
    assert_eq!(one("meta.a=1"), one("metadata.a=1"));
}

#[test]
fn mistakes_are_named_and_located() {
    for (text, at, word) in [
        ("tyep:order", 0..4, "tyep"),
        ("type:", 4..5, "missing"),
        ("version>x", 8..9, "whole number"),
        ("a type>3", 2..7, "is a text"),
        ("after:soon", 6..10, "date"),
        ("data.total", 0..10, "after the path"),
        ("data..x=1", 4..5, "key"),
        ("data.x[y]=1", 6..7, "brackets"),
        ("data.x>", 6..7, "missing"),
        ("\"open", 0..5, "closing quote"),
        ("\"a\"b", 3..4, "space"),
        ("type:a,", 6..7, "missing"),
        ("(a or b", 0..1, "closing parenthesis"),
        (") b", 0..1, "closes nothing"),
        ("a or", 2..4, "after this word"),
        ("or a", 0..2, "before this word"),
        ("a or or b", 5..7, "before this word"),
        ("not", 0..3, "after this word"),
        ("a ()", 2..4, "nothing is in"),
        ("version:1..x", 8..12, "range"),
        ("has:nobody", 4..10, "has:"),
        ("a /(/ b", 2..5, "regular expression"),
        ("type:a or changed:/b", 0..20, "stand alone"),
        ("before:now-2y", 7..13, "now-2h"),
    ] {
        let error = Filter::parse(text).unwrap_err();
        assert_eq!(error.at, at, "{text}: {error}");
        assert!(error.message.contains(word), "{text}: {error}");
    }
}

#[test]
fn a_term_can_be_made_from_a_value() {
    let path = Path { segments: vec![Segment::Key("odd key".into())] };
    assert_eq!(Term::path(Root::Data, path, &json!("a b")).unwrap().to_string(), "data.\"odd key\"=\"a b\"");
    assert_eq!(Term::path(Root::Data, Path::default(), &json!([])), None);
    assert_eq!(Term::stream(&StreamName::new("order", "ord-71")).to_string(), "stream:order/ord-71");
    assert_eq!(Term::field(Field::Actor, "a*,b").negated().to_string(), "-actor:\"a\\*,b\"");
}

#[test]
fn a_chip_reads_well() {
    let labels: Vec<_> = Filter::parse("type:order.* data.total>100 -actor:import \"two words\"")
        .unwrap()
        .terms
        .iter()
        .map(Term::label)
        .collect();
    assert_eq!(labels, ["type: order.*", "data.total > 100", "not actor: import", "“two words”"]);
}

#[test]
fn adding_a_term_replaces_its_opposite() {
    let filter = Filter::parse("type:a actor:b").unwrap().with(Term::field(Field::Type, "a").negated());
    assert_eq!(filter.to_string(), "actor:b -type:a");
    assert_eq!(filter.without(0).to_string(), "-type:a");
}

#[test]
fn plain_contradictions_are_seen() {
    assert!(Filter::parse("version>3 version<4").unwrap().matches_nothing());
    assert!(Filter::parse("type:a -type:a").unwrap().matches_nothing());
    assert!(!Filter::parse("version>3 version<5 type:a -type:b").unwrap().matches_nothing());
}

fn words() -> impl Strategy<Value = String> {
    prop_oneof!["[ -~]{0,8}", "\\PC{0,6}", r#"[\\*", :=<>a.\[\]-]{0,8}"#]
}

fn patterns() -> impl Strategy<Value = Vec<Pattern>> {
    let piece = prop_oneof![Just(Piece::Any), words().prop_map(Piece::Literal)];
    let pattern = prop::collection::vec(piece, 0..4).prop_map(Pattern::from_pieces);
    prop::collection::vec(pattern, 1..4)
}

fn ops() -> impl Strategy<Value = Op> {
    prop::sample::select(vec![Op::Equal, Op::NotEqual, Op::Less, Op::AtMost, Op::Greater, Op::AtLeast])
}

fn paths() -> impl Strategy<Value = (Root, Path)> {
    let segment =
        prop_oneof![words().prop_map(Segment::Key), any::<u32>().prop_map(Segment::Index), Just(Segment::Each)];
    let path = prop::collection::vec(segment, 0..4).prop_map(|segments| Path { segments });
    (prop::sample::select(vec![Root::Data, Root::Metadata]), path)
}

fn conditions() -> impl Strategy<Value = Condition> {
    let field = prop::sample::select(Field::ALL.to_vec());
    let number = || prop::sample::select(vec![NumberField::Version, NumberField::Position]);
    let moment = (0_i64..4_000_000_000, 0_u32..1_000_000_000)
        .prop_map(|(seconds, nanos)| Moment::at(chrono::DateTime::from_timestamp(seconds, nanos).unwrap()));
    let digits = prop_oneof![any::<i64>().prop_map(|n| n.to_string()), "-?[1-9][0-9]{0,20}\\.[0-9]{1,9}"];
    let operand = prop_oneof![digits.prop_map(Operand::Number), words().prop_map(Operand::Text)];
    prop_oneof![
        (field, patterns()).prop_map(|(field, patterns)| Condition::Matches { field, patterns }),
        (number(), ops(), any::<i64>()).prop_map(|(field, op, value)| Condition::Number { field, op, value }),
        moment.clone().prop_map(Condition::After),
        moment.prop_map(Condition::Before),
        (paths(), patterns()).prop_map(|((root, path), patterns)| Condition::PathMatches { root, path, patterns }),
        (paths(), ops(), operand).prop_map(|((root, path), op, operand)| Condition::Compare {
            root,
            path,
            op,
            operand
        }),
        words().prop_map(Condition::Text),
        (number(), any::<i64>(), any::<i64>()).prop_map(|(field, from, to)| Condition::Range { field, from, to }),
        (prop::sample::select(vec!["a", "a b", r"\/x\/", "(a|b)", "[)]"]), any::<bool>())
            .prop_map(|(text, any_case)| Condition::Regex(Regex::new(text, any_case).unwrap())),
    ]
}

fn terms() -> impl Strategy<Value = Term> {
    let leaf = (any::<bool>(), conditions()).prop_map(|(negated, condition)| Term { negated, condition });
    leaf.prop_recursive(3, 12, 3, |inner| {
        let filter = prop::collection::vec(inner, 1..3).prop_map(|terms| Filter { terms });
        prop_oneof![
            (any::<bool>(), prop::collection::vec(filter.clone(), 2..4)).prop_map(|(negated, filters)| {
                let any = Term::any(filters);
                if negated { any.negated() } else { any }
            }),
            filter.prop_filter_map("two nots are none", |filter| match Term::none(filter).opened().as_slice() {
                [only] => Some(only.clone()),
                _ => None,
            }),
        ]
    })
}

#[test]
fn a_text_that_begins_with_a_slash_is_no_expression_with_one_further_on() {
    let slash = |negated| Term { negated, condition: Condition::Text("/".to_owned()) };
    let filter = Filter { terms: vec![slash(false), slash(true)] };
    assert_eq!(Filter::parse(&filter.to_string()), Ok(filter));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_printed_filter_reads_back(
        terms in prop::collection::vec(terms(), 0..5)
    ) {
        let filter = Filter { terms };
        let printed = filter.to_string();
        prop_assert_eq!(Filter::parse(&printed), Ok(filter), "{}", printed);
    }

    #[test]
    fn no_text_makes_the_parser_fail_badly(text in "\\PC{0,40}|[ -~]{0,40}") {
        if let Err(error) = Filter::parse(&text) {
            prop_assert!(error.at.end <= text.len() && text.get(error.at).is_some());
        }
    }
}
