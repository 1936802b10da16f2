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
mod reads;
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
pub(crate) use self::reads::Reads;
use self::rewrite::Rewrite;
use super::bounds::Bounds;
use super::native::Native;
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
        let (calls, reads) = (RefCell::default(), RefCell::default());
        let def = Rewrite::of_library(&calls, &reads).definition(def);
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
    /// The same without jq, where its form is common.
    native: Option<Native>,
    reads: Reads,
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
        let (calls, reads) = (RefCell::default(), RefCell::default());
        let term = load::parse(code, |parser| parser.term());
        let native = term.as_ref().and_then(Native::recognise);
        let body = term.map(|term| Rewrite::of_rule(&term, &calls, &reads).term(term));
        let library = needed(&calls.into_inner());
        // Positions in messages are those of the text as it was written, so the rewritten one is compiled second.
        compile(code, library.clone())?;
        let body = body.ok_or_else(|| Flaw { message: "the rule cannot be compiled".to_owned(), at: 0 })?;
        let rule = Def { name: RULE, args: vec![reads::EVENT], body };
        let filter = compile("rule($event)", library.into_iter().chain([rule]))?;
        Ok(Self { filter, native, reads: reads.into_inner(), text: code.into() })
    }

    /// The rule as it was written.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The rule without jq, where its form is common.
    pub(crate) fn native(&self) -> Option<&Native> {
        self.native.as_ref()
    }

    /// What the rule looks at in the event.
    pub(crate) fn reads(&self) -> &Reads {
        &self.reads
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
        .with_global_vars([reads::EVENT])
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
mod tests;
