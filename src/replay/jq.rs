//! Rules written in jq: compiled once, run for each event, and kept within bounds.
//!
//! The language is jaq's (<https://github.com/01mf02/jaq>), with the state as the input and the event as the variable
//! `$event`: passing both in one array would copy the state for each event and cost forty times as much.
//!
//! A rule must always give the same state for the same events, so what looks outside is not there: `now`, `env`, the
//! local time zone, input, `halt`. A rule may not run for ever either. Every call of a definition of the rule's own, and
//! every turn of `range`, `repeat`, `recurse`, `while` and `until`, counts as a step and looks at the stack; a rule that
//! takes more than [`STEPS`] steps or [`STACK`] bytes of stack is stopped, and `try` cannot catch that. What cannot be
//! stopped is one single operation that asks for too much at once, such as `"x" * 1e12` or a value doubled a hundred
//! times, or a rule that builds a value nested ten thousand deep.

use std::cell::Cell;
use std::fmt::Write as _;
use std::sync::LazyLock;

use jaq_core::box_iter::box_once;
use jaq_core::load::parse::Def;
use jaq_core::load::{self, Arena, File, Loader};
use jaq_core::native::{Fun, v};
use jaq_core::{Compiler, Ctx, DataT, Exn, Filter, Lut, Native, Vars, compile, data::HasLut};
use jaq_json::Val;

use super::rule_text::{Flaw, bounded, counted};

/// How many steps a rule may take for one event; some tens of milliseconds of them.
const STEPS: u32 = 100_000;

/// How many bytes of stack a rule may use; a thread of Rust has two megabytes, and jaq recurses between two looks.
const STACK: usize = 512 * 1024;

/// The exit codes of the exception that stops a rule; no rule can raise it by itself, as `halt` is not there.
const TOO_MANY_STEPS: i32 = 1;
const TOO_DEEP: i32 = 2;

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

static PRELUDE: LazyLock<Vec<Def<&'static str>>> = LazyLock::new(|| {
    let counted = load::parse(COUNTED, |parser| parser.defs()).unwrap_or_default();
    let library = jaq_std::defs().filter(|def| !ABSENT.contains(&def.name) && !["debug", "stderr"].contains(&def.name));
    jaq_core::defs().chain(counted).chain(library).chain(jaq_json::defs()).collect()
});

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
        let filter = compile(code)?;
        // Positions in messages are those of the text as it was written, so the counted one is compiled second.
        match counted(code) {
            Some(counted) => Ok(Self { filter: compile(&counted)?, text: code.into() }),
            None => Ok(Self { filter, text: code.into() }),
        }
    }

    /// The rule as it was written.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Runs the rule once: its one output, or why there is none.
    pub(crate) fn run(&self, input: Val, event: &Val) -> Result<Val, String> {
        let run = Run { lut: &self.filter.lut, steps: Cell::new(0), stack: stack_pointer() };
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

/// What jaq's functions are run on: plain values, and a [`Run`] that counts.
struct Engine;

impl DataT for Engine {
    type V<'a> = Val;
    type Data<'a> = &'a Run<'a>;
}

/// One run of a rule.
struct Run<'a> {
    lut: &'a Lut<Engine>,
    steps: Cell<u32>,
    stack: usize,
}

impl<'a> HasLut<'a, Engine> for &'a Run<'a> {
    fn lut(&self) -> &'a Lut<Engine> {
        self.lut
    }
}

impl Run<'_> {
    fn step<'a>(&self) -> Result<(), Exn<'a, Val>> {
        let steps = self.steps.get() + 1;
        self.steps.set(steps);
        if steps > STEPS {
            // Once stopped it stays stopped.
            self.steps.set(STEPS);
            return Err(Exn::halt(TOO_MANY_STEPS));
        }
        if self.stack.abs_diff(stack_pointer()) > STACK { Err(Exn::halt(TOO_DEEP)) } else { Ok(()) }
    }
}

/// Where the stack stands now, near enough.
#[inline(never)]
fn stack_pointer() -> usize {
    let here = 0_u8;
    std::ptr::from_ref(std::hint::black_box(&here)).addr()
}

fn functions() -> impl Iterator<Item = Fun<Engine>> {
    let library = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
    let range = jaq_core::funs().filter(|fun| fun.0 == "range").map(|(_, args, run)| ("range_uncounted", args, run));
    library.filter(|fun| !ABSENT.contains(&fun.0)).chain(range).chain([count_step()])
}

/// The identity, counted.
fn count_step() -> Fun<Engine> {
    let native = Native::<Engine>::new(|(context, value)| box_once(context.data().step().map(|()| value)))
        .with_paths(|(context, place)| box_once(context.data().step().map(|()| place)))
        .with_update(|(context, value), update| match context.data().step() {
            Ok(()) => update(value),
            Err(stop) => box_once(Err(stop)),
        });
    ("count_step", v(0), native)
}

fn compile(code: &str) -> Result<Filter<Engine>, Flaw> {
    let arena = Arena::default();
    let modules = Loader::new(PRELUDE.iter().cloned())
        .load(&arena, File { code, path: () })
        .map_err(|errors| flaw_of_loading(code, errors))?;
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
        Ok(error) => match error.into_val() {
            Val::TStr(text) => String::from_utf8_lossy(&text).into_owned(),
            other => other.to_string(),
        },
        Err(stopped) => match stopped.get_halt() {
            Ok(TOO_DEEP) => "the rule calls itself too deeply".to_owned(),
            _ => format!("the rule takes more than {STEPS} steps"),
        },
    };
    if message.starts_with(NULL_IS_NO_OBJECT) {
        return format!("{message}: a field of null cannot be set, so begin with `.field //= {{}}`");
    }
    match message.char_indices().nth(LONGEST_MESSAGE) {
        Some((at, _)) => format!("{}…", message.get(..at).unwrap_or_default()),
        None => message,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::val::{from_json, to_json};
    use super::*;

    fn run(code: &str, input: &Value) -> Result<Value, String> {
        let program = Program::compile(code).map_err(|flaw| flaw.message)?;
        to_json(&program.run(from_json(input), &from_json(&json!({"data": {"n": 2}})))?)
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
                    drop(program.run(from_json(&json!({"a": 1})), &Val::Null));
                }
            }
        }
        let code = format!("1{}", "+1".repeat(200));
        assert_eq!(run(&code, &json!(1)), Ok(json!(201)));
    }

    #[test]
    fn what_is_outside_is_not_there() {
        for outside in ["now", "env", "halt", "halt(1)", "input", "localtime", "$ENV", "halt_error"] {
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
