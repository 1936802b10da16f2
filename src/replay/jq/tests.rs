//! What rules in jq may do, and what they are kept from.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::fact::Fact;
use super::super::val::{from_json, to_json};
use super::*;
use crate::event::{Event, Payload, StreamName};

fn run(code: &str, input: &Value) -> Result<Value, String> {
    let program = Program::compile(code).map_err(|flaw| flaw.message)?;
    to_json(
        &program.run(from_json(input), &from_json(&json!({"data": {"n": 2}})), Bounds::default())?,
        Bounds::default().memory,
    )
}

#[test]
fn a_rule_sees_the_state_and_the_event() {
    assert_eq!(run(".balance += $event.data.n", &json!({"balance": 1})), Ok(json!({"balance": 3})));
    assert_eq!(run("def f($x): $x * 2; .a = f($event.data.n)", &json!({})), Ok(json!({"a": 4})));
    assert_eq!(run("[range(3)] | map(. + 1)", &json!(null)), Ok(json!([1, 2, 3])));
    assert_eq!(run("[limit(3; repeat(.))]", &json!(1)), Ok(json!([1, 1, 1])));
    assert_eq!(run("[recurse] | length", &json!([[1], 2])), Ok(json!(4)));
    assert_eq!(run("[1 | while(. < 10; . * 2)]", &json!(1)), Ok(json!([1, 2, 4, 8])));
    assert_eq!(run("1 | until(. > 100; . * 2)", &json!(1)), Ok(json!(128)));
    assert_eq!(run("debug | debug(1)", &json!(1)), Ok(json!(1)));
    assert_eq!(run("(def f: .a; f) |= 3", &json!({"a": 1})), Ok(json!({"a": 3})));
}

#[test]
fn a_rule_has_one_output() {
    assert!(run("empty", &json!(1)).unwrap_err().contains("no output"));
    assert!(run("1, 2", &json!(1)).unwrap_err().contains("more than one"));
    assert!(run("repeat(.)", &json!(1)).unwrap_err().contains("more than one"));
    assert_eq!(run("error(\"not now\")", &json!(1)), Err("not now".to_owned()));
    assert!(run(".a.b", &json!({"a": "x".repeat(5000)})).unwrap_err().len() < 400);
}

#[test]
fn a_rule_that_would_run_for_ever_is_stopped() {
    for endless in [
        "[repeat(.)]",
        "[range(0; infinite)]",
        "reduce range(1; 1e18) as $i (0; . + 1)",
        "def f: f; f",
        "def f: f | f; f",
        "def f: 1 + f; f",
        "def f: try error(1) catch f; f",
        "def f: try (1 + f) catch f; f",
        "def f(x): [x | f(x)]; f(.)",
        "\"\\(def f: [f]; f)\"",
        "until(false; .)",
        "[recurse(.)]",
        "last(while(true; .))",
        "first(range(1e18) | select(. < 0))",
    ] {
        let error = run(endless, &json!({"a": [1]})).unwrap_err();
        assert!(error.contains("steps") || error.contains("deeply"), "{endless}: {error}");
    }
}

#[test]
fn a_rule_that_would_exhaust_the_machine_is_stopped() {
    let deep = "reduce range(60) as $i (.; [., .])";
    let wide = "reduce range(60) as $i (.; {a: ., b: .})";
    for greedy in [
        "\"x\" * 1000000000".to_owned(),
        "\"x\" * 1e12".to_owned(),
        "1000000000 * \"x\"".to_owned(),
        ".s = \"x\" | .s *= 1000000000".to_owned(),
        format!("{deep} | tojson"),
        format!("{deep} | tostring"),
        format!("{deep} | \"\\(.)\""),
        format!("{deep} | @json"),
        format!("{deep} | @text"),
        format!("{deep} | @base64"),
        format!("{deep} | flatten"),
        format!("{deep} | [..] | length"),
        format!("{deep} | [.[][]] | sort"),
        format!("{deep} | contains([1])"),
        format!("{deep} | walk(1)"),
        format!("({deep}) == ({deep})"),
        format!("{{({deep} | tostring): 1}}"),
        format!("{wide} | . * ({wide})"),
        format!("{wide} | tojson"),
        format!("try ({deep} | .a) catch ."),
        format!("({deep} | .a)?"),
        format!("[{deep}, {deep}] | unique"),
        format!("[{deep}, {deep}] | group_by(.)"),
        format!("[{deep}, {deep}] | min"),
        "reduce range(100) as $i (\"x\"; . + .)".to_owned(),
        "reduce range(100) as $i ([1]; . + .)".to_owned(),
        "[range(1000) as $i | \"x\" * 1000000]".to_owned(),
        "reduce range(100) as $i (.; . + {(\"k\\($i)\"): (\"x\" * 10000000)})".to_owned(),
        "reduce range(100) as $i (10; . * .)".to_owned(),
        format!("\"x\"{}", " | . + .".repeat(60)),
        format!("1{}", " | (., .)".repeat(60)),
        "\"9\" * 50000000 | tonumber".to_owned(),
        "\"[]\" + \",[]\" * 20000000 | \"[\" + . + \"]\" | fromjson".to_owned(),
        "\"x\" * 50000000 | explode".to_owned(),
        "\"x\" * 50000000 | split(\"\")".to_owned(),
        "\"x\" * 50000000 | gsub(\"x\"; \"y\")".to_owned(),
        "def \"!bounded\": .; 1".to_owned(),
    ] {
        // One that is not stopped goes on for hours, or ends the process.
        assert!(run(&greedy, &json!({"a": [1]})).is_err(), "{greedy}");
    }
}

#[test]
fn a_rule_may_build_what_a_state_needs() {
    let lines: serde_json::Map<String, Value> =
        (0..20_000).map(|n| (format!("line {n}"), json!({"qty": n, "price": 2, "open": n % 2 == 0}))).collect();
    let state = json!({"lines": lines, "text": "word ".repeat(20_000)});
    for rule in [
        ".lines |= map_values(.total = .qty * .price)",
        ".open = [.lines[] | select(.open == true) | .qty]",
        ".lines |= with_entries(select(.value.open))",
        ".sum = ([.lines[].qty] | add)",
        ".copy = .lines | .same = (.copy == .lines)",
        ".words = (.text | split(\" \") | length)",
        ".text |= gsub(\"word\"; \"ward\")",
        ".sorted = ([.lines[].qty] | sort | unique | length)",
        "del(.lines[\"line 7\"]) | .note = (.text | ascii_upcase)",
        ".json = (.lines | tojson | fromjson | length)",
    ] {
        assert!(run(rule, &state).is_ok(), "{rule}: {}", run(rule, &state).unwrap_err());
    }
}

#[test]
fn what_a_rule_may_take_can_be_set() {
    let program = Program::compile("\"x\" * 1000").unwrap();
    let within = |memory| program.run(Val::Null, &Val::Null, Bounds { memory }).is_ok();
    assert!(within(1000) && !within(999));
}

#[test]
fn a_rule_that_is_rewritten_gives_what_it_gave() {
    for (rule, expected) in [
        ("[(1,2) * (3,4)]", json!([3, 4, 6, 8])),
        ("[(1,2) + (3,4)]", json!([4, 5, 5, 6])),
        ("[(8,4) / (2,4)]", json!([4.0, 2.0, 2.0, 1.0])),
        (".n -= 1 | .n *= 6 | .n += 1", json!({"a": 1, "n": 7})),
        ("[.[] += 1 | .n, .a]", json!([3, 2])),
        (".l //= {} | (.n as $n | .l[\"x\"] //= {y: \"\\($n)\"})", json!({"a": 1, "n": 2, "l": {"x": {"y": "2"}}})),
        ("[{a, \"n\", (\"b\", \"c\"): 1}]", json!([{"a": 1, "n": 2, "b": 1}, {"a": 1, "n": 2, "c": 1}])),
        (". as {a: $x, $n} | [$x, $n, {$n}]", json!([1, 2, {"n": 2}])),
        ("\"a,b\" / \",\"", json!(["a", "b"])),
        ("[paths]", json!([["a"], ["n"]])),
        ("del(.a, .n)", json!({})),
        ("to_entries | map(.value)", json!([1, 2])),
        ("try error(\"x\") catch .", json!("x")),
        ("[limit(2; .[])] | sort_by(-.)", json!([2, 1])),
        ("[\"a1b2\" | match(\"[0-9]\"; \"g\").string]", json!(["1", "2"])),
        ("[.[] | if . > 1 then \"big\" elif . == 1 then \"one\" else null end]", json!(["one", "big"])),
        ("label $out | foreach (1, 2, 3) as $x (0; . + $x; if . > 2 then ., break $out else empty end)", json!(3)),
        ("[.. | numbers]", json!([1, 2])),
        ("(.a, .n) |= . + 1", json!({"a": 2, "n": 3})),
        ("[.a, .n] | @csv", json!("1,2")),
    ] {
        match run(rule, &json!({"a": 1, "n": 2})) {
            Ok(given) => assert_eq!(given, expected, "{rule}"),
            Err(error) => assert!(rule.contains("@csv"), "{rule}: {error}"),
        }
    }
}

#[test]
fn a_rule_that_is_long_and_twisted_is_compiled_or_refused() {
    for twist in [
        "1+",
        ".|",
        ".,",
        "-",
        "(",
        "[",
        "{a:",
        ".[",
        "def f:",
        "if ",
        "try ",
        ". as $x|",
        "reduce . as $x(.;",
        "not and ",
        "\"\\(",
        ".a|=",
        "label $a|",
        ".a.",
        "1//",
        "[.]|",
        "{a:1}*",
    ] {
        let long = format!("{}.", twist.repeat(3_000));
        assert!(Program::compile(&long).is_err(), "{twist}");
        for count in [50, 100, 166, 249, 250, 300, 400, 499, 500, 1_000, 1_999] {
            let code = format!("{}.", twist.repeat(count));
            if let Ok(program) = Program::compile(&code) {
                drop(program.run(from_json(&json!({"a": 1})), &Val::Null, Bounds::default()));
            }
        }
    }
    let code = format!("1{}", "+1".repeat(200));
    assert_eq!(run(&code, &json!(1)), Ok(json!(201)));
}

#[test]
fn what_is_outside_is_not_there() {
    for outside in [
        "range_uncounted(0; 1; 1)",
        "count_step",
        "now",
        "env",
        "halt",
        "halt(1)",
        "input",
        "localtime",
        "$ENV",
        "halt_error",
    ] {
        assert!(Program::compile(outside).is_err(), "{outside}");
    }
    assert!(Program::compile("now").unwrap_err().message.contains("same state"));
}

#[test]
fn a_flaw_says_what_and_where() {
    let flaw = Program::compile(".a = foo(1)").unwrap_err();
    assert_eq!((flaw.at, flaw.message.as_str()), (5, "there is no filter `foo` with 1 argument"));
    assert_eq!(Program::compile(".a = $x").unwrap_err().at, 5);
    assert_eq!(Program::compile(".a = (1").unwrap_err().at, 7);
    let flaw = Program::compile(".a = ").unwrap_err();
    assert!(flaw.message.contains("ends"), "{}", flaw.message);
    assert!(Program::compile("include \"x\"; .").is_err());
}

proptest! {
    /// What a rule does not look at is not handed to it, and nobody can tell.
    #[test]
    fn a_rule_sees_of_the_event_what_it_looks_at(
        rule in prop::sample::select(vec![
            ".n += $event.data.amount",
            ".at = $event.timestamp | .by = $event.metadata.by",
            ".all = $event",
            ".data = $event.data | .amount = $event.data.amount",
            ".amount = $event.data.amount | .data = $event.data",
            ".lines += [$event.data.lines[]?.sku]",
            ".first = $event.data.lines[0]",
            ".[$event.data.key // \"none\"] = $event[\"data\"].amount",
            ". as $s | $event | .data.amount as $a | $s | .a = $a",
            "$event as {data: $d} | .d = $d",
            "{$event}",
            ".k = ($event | keys)",
            ".e = ($event.data?.amount? // \"?\")",
            "try (.n = $event.data.amount + \"x\") catch .",
            ".v = $event.version + 1 | .i = $event.aggregate_id",
            ".n = 1",
        ]),
        data in prop::sample::select(vec![
            r#"{"amount": 2, "key": "k", "lines": [{"sku": "A"}, {"sku": "B"}]}"#,
            r#"{"amount": "2", "lines": {"a": {"sku": 1}}}"#,
            "[1, 2]",
            r#""text""#,
            "null",
        ]),
    ) {
        let event = Event {
            version: 3,
            stream: StreamName::new("a", "7"),
            data: Payload::json(serde_json::from_str::<Value>(data).unwrap()),
            metadata: Payload::json(json!({"by": "ann"})),
            ..Event::default()
        };
        let program = Program::compile(rule).unwrap();
        let fact = Fact::new(&event, &[], Bounds::default()).unwrap();
        let run = |event: &Val| program.run(from_json(&json!({"n": 1, "lines": []})), event, Bounds::default());
        let (seen, whole) = (run(&program.reads().of(&fact)), run(&fact.value()));
        let written = |state: Result<Val, String>| state.map(|state| state.to_string());
        prop_assert_eq!(written(seen), written(whole));
    }
}
