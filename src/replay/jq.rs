//! Rules written in jq: compiled once, run for each event, and kept within bounds.
//!
//! The language is jaq's (<https://github.com/01mf02/jaq>), with the state as the input and the event as the variable
//! `$event`: passing both in one array would copy the state for each event and cost forty times as much.
//!
//! A rule must always give the same state for the same events, so what looks outside is not there: `now`, `env`, the
//! local time zone, input, `halt`. A rule may not run for ever either, nor exhaust the machine: every call of a
//! definition of the rule's own, and every turn of `range`, `repeat`, `recurse`, `while` and `until`, counts as a step
//! and looks at the stack, and what it builds is looked at on the way (see [`rewrite`] and [`bounds`]). A rule that goes
//! beyond is stopped, and `try` cannot catch that.

mod bounds;
mod rewrite;

use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt::Write as _;
use std::sync::LazyLock;

use jaq_core::load::parse::Def;
use jaq_core::load::{self, Arena, File, Loader};
use jaq_core::native::Fun;
use jaq_core::{Compiler, Ctx, Exn, Filter, Vars, compile};
use jaq_json::Val;

use self::bounds::{Engine, Run, TOO_DEEP, TOO_LARGE, TOO_LONG};
use self::rewrite::Rewrite;
use super::bounds::Bounds;
use super::rule_text::{Flaw, bounded};

/// How much of jaq's message is kept: it quotes the values that did not fit, and those can be whole states.
const LONGEST_MESSAGE: usize = 300;

/// What jaq says of `.a.b = 1` where there is no `.a`; jq would make an object there.
const NULL_IS_NO_OBJECT: &str = "cannot use null as iterable";

/// Functions of jaq's library that look outside of the rule, or end the process.
const ABSENT: [&str; 8] =
    ["now", "env", "localtime", "strflocaltime", "halt", "halt_error", "debug_empty", "stderr_empty"];

/// Definitions that count their turns, in place of those of jaq's library; and those that would write to a log.
const COUNTED: &str = r"
    def range($from; $to; $by): range_uncounted($from; $to; $by) | count_step;
    def range(from; to): range(from; to; 1);
    def range(to): range(0; to);
    def repeat(f): def rec: count_step | f, rec; rec;
    def recurse(f): def rec: count_step | ., (f | rec); rec;
    def recurse: recurse(.[]?);
    def recurse(f; cond): recurse(f | select(cond));
    def while(cond; update): def rec: count_step | if cond then ., (update | rec) else empty end; rec;
    def until(cond; update): def rec: count_step | if cond then . else update | rec end; rec;
    def debug: .;
    def debug(messages): .;
    def stderr: .;
";

/// The definitions of the library, each with the names that it calls. One calls none that come after it.
static LIBRARY: LazyLock<Vec<(Def<&'static str>, Vec<&'static str>)>> = LazyLock::new(|| {
    let counted = load::parse(COUNTED, |parser| parser.defs()).unwrap_or_default();
    let library = jaq_std::defs().filter(|def| !ABSENT.contains(&def.name) && !["debug", "stderr"].contains(&def.name));
    let library = jaq_core::defs().chain(counted).chain(library).chain(jaq_json::defs()).map(|def| {
        let calls = RefCell::default();
        let def = Rewrite::of_library(&calls).definition(def);
        (def, calls.into_inner())
    });
    bounds::definitions().map(|def| (def, Vec::new())).chain(library).collect()
});

/// The definitions of the library that a rule needs which calls these names: to compile all takes longer than the rule.
fn needed(calls: &[&str]) -> Vec<Def<&'static str>> {
    let mut wanted: HashSet<&str> = calls.iter().copied().collect();
    let mut needed = Vec::new();
    for (def, calls) in LIBRARY.iter().rev() {
        if wanted.contains(def.name) {
            wanted.extend(calls);
            needed.push(def.clone());
        }
    }
    needed.reverse();
    needed
}

/// The definition as which a rule is compiled once it is rewritten, and the rule that calls it.
const RULE: &str = "rule";

/// A compiled rule.
pub(crate) struct Program {
    filter: Filter<Engine>,
    text: Box<str>,
}

impl std::fmt::Debug for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Program")
    }
}

impl Program {
    /// Compiles a rule.
    pub(crate) fn compile(code: &str) -> Result<Self, Flaw> {
        bounded(code)?;
        let calls = RefCell::default();
        let term = load::parse(code, |parser| parser.term());
        let body = term.map(|term| Rewrite::of_rule(&term, &calls).term(term));
        let library = needed(&calls.into_inner());
        // Positions in messages are those of the text as it was written, so the rewritten one is compiled second.
        compile(code, library.clone())?;
        let body = body.ok_or_else(|| Flaw { message: "the rule cannot be compiled".to_owned(), at: 0 })?;
        let rule = Def { name: RULE, args: vec!["$event"], body };
        let filter = compile("rule($event)", library.into_iter().chain([rule]))?;
        Ok(Self { filter, text: code.into() })
    }

    /// The rule as it was written.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Runs the rule once: its one output, or why there is none.
    pub(crate) fn run(&self, input: Val, event: &Val, bounds: Bounds) -> Result<Val, String> {
        let run = Run::new(&self.filter.lut, bounds);
        let context = Ctx::<Engine>::new(&run, Vars::new([event.clone()]));
        let mut outputs = self.filter.id.run((context, input));
        let output = outputs.next().ok_or_else(|| "the rule gives no output".to_owned())?.map_err(words)?;
        match outputs.next() {
            None => Ok(output),
            Some(Ok(_)) => Err("the rule gives more than one output".to_owned()),
            Some(Err(error)) => Err(words(error)),
        }
    }
}

fn functions() -> impl Iterator<Item = Fun<Engine>> {
    let library = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
    let library = library.map(|(name, args, run)| (bounds::own_name(name).unwrap_or(name), args, run));
    let range = jaq_core::funs().filter(|fun| fun.0 == "range").map(|(_, args, run)| ("!range", args, run));
    library.filter(|fun| !ABSENT.contains(&fun.0)).chain(range).chain(bounds::looks())
}

fn compile<'s>(code: &'s str, library: impl IntoIterator<Item = Def<&'s str>>) -> Result<Filter<Engine>, Flaw> {
    let arena = Arena::default();
    let modules =
        Loader::new(library).load(&arena, File { code, path: () }).map_err(|errors| flaw_of_loading(code, errors))?;
    Compiler::default()
        .with_funs(functions())
        .with_global_vars(["$event"])
        .compile(modules)
        .map_err(|errors| flaw_of_compiling(code, errors))
}

fn flaw_of_loading(code: &str, errors: load::Errors<&str, ()>) -> Flaw {
    let flaw = errors.into_iter().find_map(|(_, error)| match error {
        load::Error::Io(errors) => {
            errors.into_iter().next().map(|(part, _)| ("a rule cannot load other files".to_owned(), part))
        }
        load::Error::Lex(errors) => {
            errors.into_iter().next().map(|(expect, part)| (expected(expect.as_str(), part), part))
        }
        load::Error::Parse(errors) => {
            errors.into_iter().next().map(|(expect, part)| (expected(expect.as_str(), part), part))
        }
    });
    flaw_at(code, flaw)
}

fn flaw_of_compiling(code: &str, errors: compile::Errors<&str, ()>) -> Flaw {
    let first = errors.into_iter().flat_map(|(_, errors)| errors).next();
    flaw_at(code, first.map(|(part, undefined)| (unknown(part, &undefined), part)))
}

fn expected(what: &str, found: &str) -> String {
    let found = found.chars().take(20).collect::<String>();
    if found.is_empty() {
        format!("expected {what}, but the rule ends")
    } else {
        format!("expected {what} at `{found}`")
    }
}

fn unknown(name: &str, undefined: &compile::Undefined) -> String {
    let mut message = format!("there is no {} `{name}`", undefined.as_str());
    if let compile::Undefined::Filter(arguments @ 1..) = undefined {
        // Writing to a String cannot fail.
        let _ = write!(message, " with {arguments} {}", if *arguments == 1 { "argument" } else { "arguments" });
    }
    if ABSENT.contains(&name) {
        message.push_str(" here: a rule must give the same state each time");
    }
    message
}

fn flaw_at(code: &str, flaw: Option<(String, &str)>) -> Flaw {
    let (message, part) = flaw.unwrap_or_else(|| ("the rule cannot be compiled".to_owned(), code));
    let at = part.as_ptr().addr().saturating_sub(code.as_ptr().addr());
    // A name from the library itself lies elsewhere in memory.
    Flaw { message, at: if at <= code.len() { at } else { 0 } }
}

fn words(error: Exn<'_, Val>) -> String {
    let message = match error.get_err() {
        Ok(error) => {
            let mut message = Beginning::default();
            // A message that is too long is cut.
            let _ = write!(message, "{error}");
            message.text()
        }
        Err(stopped) => match stopped.get_halt() {
            Ok(TOO_DEEP) => "the rule calls itself too deeply".to_owned(),
            Ok(TOO_LARGE) => "the rule builds a value that takes more memory than it may".to_owned(),
            Ok(TOO_LONG) => "the rule moves more about than it may, and would take too long".to_owned(),
            _ => "the rule takes more than 100000 steps".to_owned(),
        },
    };
    if message.starts_with(NULL_IS_NO_OBJECT) {
        return format!("{message}: a field of null cannot be set, so begin with `.field //= {{}}`");
    }
    message
}

/// The beginning of a message, which ends the writing of it once it is long enough: it may quote what is without end.
#[derive(Default)]
struct Beginning {
    written: String,
    cut: bool,
}

impl std::fmt::Write for Beginning {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let left = LONGEST_MESSAGE.saturating_sub(self.written.len());
        match text.get(..text.floor_char_boundary(left)) {
            Some(beginning) if beginning.len() < text.len() => {
                self.written.push_str(beginning);
                self.cut = true;
                Err(std::fmt::Error)
            }
            _ => {
                self.written.push_str(text);
                Ok(())
            }
        }
    }
}

impl Beginning {
    /// The message. One that is a text of the rule's own is that text, without the quotes of JSON.
    fn text(self) -> String {
        let Self { written, cut } = self;
        if cut {
            return format!("{}…", written.strip_prefix('"').unwrap_or(&written));
        }
        serde_json::from_str::<String>(&written).unwrap_or(written)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::val::{from_json, to_json};
    use super::*;

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
}
