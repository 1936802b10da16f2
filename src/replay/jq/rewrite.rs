//! A rule as it is compiled: the same filter with looks at its bounds between its parts.
//!
//! jaq runs a filter without asking anybody, and safe Rust can neither stop it from outside nor refuse it memory. So the
//! parts that can run long or build large values are rewritten in the syntax tree: after each sum its size is looked at,
//! products are looked at before they are made, what an iteration gives is counted, and what is compared or written out
//! as text is measured first, as a value whose parts are shared can be far larger than the memory that it takes. The
//! functions that do so have names which no rule can spell: see [`super::bounds`].

use std::cell::RefCell;

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Def, Pattern, Term};
use jaq_core::ops::Math;
use jaq_core::path::{Part, Path};

use super::reads::{EVENT, Reads};

type Code<'s> = Term<&'s str>;

/// How a filter is rewritten.
#[derive(Clone, Copy)]
pub(super) struct Rewrite<'c, 's> {
    /// The names of the filters that it calls.
    pub(super) calls: &'c RefCell<Vec<&'s str>>,
    /// What is looked at in the event.
    pub(super) reads: &'c RefCell<Reads>,
    /// Whether each call of a definition is a step. Those of the library are as good as one operation each.
    pub(super) counts_calls: bool,
    /// Whether errors are caught: they quote the values that they are about, which must not be too large to write out.
    pub(super) catches: bool,
}

impl<'c, 's> Rewrite<'c, 's> {
    /// How a rule is rewritten.
    pub(super) fn of_rule(rule: &Code<'s>, calls: &'c RefCell<Vec<&'s str>>, reads: &'c RefCell<Reads>) -> Self {
        // Its debugging text names each part of a term.
        Self { calls, reads, counts_calls: true, catches: format!("{rule:?}").contains("TryCatch") }
    }

    /// How the library is rewritten, which knows of no event.
    pub(super) fn of_library(calls: &'c RefCell<Vec<&'s str>>, reads: &'c RefCell<Reads>) -> Self {
        Self { calls, reads, counts_calls: false, catches: false }
    }

    /// Notes a name that is called. The library's own definitions call what no rule can spell by names that can be parsed.
    fn called(self, name: &'s str) -> &'s str {
        let name = match name {
            "count_step" if !self.counts_calls => "!step",
            "range_uncounted" if !self.counts_calls => "!range",
            name => name,
        };
        self.calls.borrow_mut().push(name);
        name
    }

    pub(super) fn definition(self, def: Def<&'s str>) -> Def<&'s str> {
        let body = self.term(def.body);
        let body = if self.counts_calls { pipe(call("!step", []), body) } else { body };
        Def { name: def.name, args: def.args, body }
    }

    pub(super) fn term(self, term: Code<'s>) -> Code<'s> {
        match term {
            Term::Var(EVENT) => {
                self.reads.borrow_mut().note_whole();
                term
            }
            Term::Id | Term::Num(_) | Term::Var(_) | Term::Break(_) | Term::Arr(None) => term,
            Term::Recurse => pipe(Term::Recurse, call("!deep_turn", [])),
            Term::Str(format, parts) => {
                let part = |part| match part {
                    StrPart::Term(term) => StrPart::Term(pipe(self.term(term), call("!flat", []))),
                    other => other,
                };
                let plain = parts.iter().all(|part| !matches!(part, StrPart::Term(_)));
                let format = format.map(|format| self.called(format));
                let text = Term::Str(format, parts.into_iter().map(part).collect());
                if plain { text } else { pipe(text, call("!bounded", [])) }
            }
            Term::Arr(Some(inner)) => Term::Arr(Some(Box::new(pipe(self.term(*inner), call("!kept", []))))),
            Term::Obj(entries) => Term::Obj(entries.into_iter().map(|(key, value)| self.entry(key, value)).collect()),
            Term::Neg(inner) => Term::Neg(self.boxed(inner)),
            Term::BinOp(left, op, right) => self.operation(*left, op, *right),
            Term::Label(name, inner) => Term::Label(name, self.boxed(inner)),
            Term::Fold(name, over, pattern, parts) => {
                let parts = parts.into_iter().map(|part| self.term(part)).collect();
                Term::Fold(name, self.boxed(over), self.pattern(pattern), parts)
            }
            Term::TryCatch(tried, caught) => Term::TryCatch(self.boxed(tried), caught.map(|caught| self.boxed(caught))),
            Term::IfThenElse(cases, other) => {
                let cases = cases.into_iter().map(|(test, then)| (self.term(test), self.term(then))).collect();
                Term::IfThenElse(cases, other.map(|other| self.boxed(other)))
            }
            Term::Def(defs, inner) => {
                Term::Def(defs.into_iter().map(|def| self.definition(def)).collect(), self.boxed(inner))
            }
            Term::Call(name, arguments) => {
                Term::Call(self.called(name), arguments.into_iter().map(|argument| self.term(argument)).collect())
            }
            Term::Path(base, path) => self.path(*base, path),
        }
    }

    #[expect(clippy::boxed_local, reason = "the parts of a term come in boxes, and go back in some")]
    fn boxed(self, term: Box<Code<'s>>) -> Box<Code<'s>> {
        Box::new(self.term(*term))
    }

    fn entry(self, key: Code<'s>, value: Option<Code<'s>>) -> (Code<'s>, Option<Code<'s>>) {
        match value {
            None if matches!(key, Term::Var(_)) => (self.term(key), None),
            None => (self.term(key), None),
            Some(value) => {
                let key = if is_plain(&key) { key } else { pipe(self.term(key), call("!flat", [])) };
                (key, Some(pipe(self.term(value), call("!kept", []))))
            }
        }
    }

    fn pattern(self, pattern: Pattern<&'s str>) -> Pattern<&'s str> {
        match pattern {
            Pattern::Var(name) => Pattern::Var(name),
            Pattern::Arr(parts) => Pattern::Arr(parts.into_iter().map(|part| self.pattern(part)).collect()),
            Pattern::Obj(entries) => {
                Pattern::Obj(entries.into_iter().map(|(key, part)| (self.term(key), self.pattern(part))).collect())
            }
        }
    }

    fn operation(self, left: Code<'s>, op: BinaryOp<&'s str>, right: Code<'s>) -> Code<'s> {
        let literal = is_plain(&left) || is_plain(&right);
        let (left, right) = (self.term(left), self.term(right));
        let measured = |term: Code<'s>| pipe(term, call("!flat", []));
        match op {
            BinaryOp::Pipe(pattern) => {
                binary(left, BinaryOp::Pipe(pattern.map(|pattern| self.pattern(pattern))), right)
            }
            BinaryOp::Comma => pipe(binary(left, BinaryOp::Comma, right), call("!turn", [])),
            BinaryOp::Math(op) => self.math(left, op, right),
            // A literal ends a comparison before it is long.
            BinaryOp::Cmp(op) if literal => binary(left, BinaryOp::Cmp(op), right),
            BinaryOp::Cmp(op) => binary(measured(left), BinaryOp::Cmp(op), measured(right)),
            BinaryOp::Assign | BinaryOp::Update | BinaryOp::UpdateAlt => {
                binary(left, op, pipe(right, call("!kept", [])))
            }
            // `l += r` is `r as $x | l |= . + $x`.
            BinaryOp::UpdateMath(op) => {
                let sum = self.math(Term::Id, op, Term::Var("$!operand"));
                let update = binary(left, BinaryOp::Update, sum);
                binary(right, BinaryOp::Pipe(Some(Pattern::Var("$!operand"))), update)
            }
            BinaryOp::Alt | BinaryOp::Or | BinaryOp::And => binary(left, op, right),
        }
    }

    fn math(self, left: Code<'s>, op: Math, right: Code<'s>) -> Code<'s> {
        match op {
            Math::Add => pipe(binary(left, BinaryOp::Math(Math::Add), right), call("!bounded", [])),
            Math::Mul => call("!product", [left, right]),
            Math::Div => call("!quotient", [left, right]),
            Math::Sub | Math::Rem => {
                let measured = |term| if self.catches { pipe(term, call("!flat", [])) } else { term };
                binary(measured(left), BinaryOp::Math(op), measured(right))
            }
        }
    }

    fn path(self, base: Code<'s>, path: Path<Code<'s>>) -> Code<'s> {
        let iterates = path.0.iter().any(|(part, _)| matches!(part, Part::Range(None, None)));
        let part = |part| match part {
            Part::Index(index) => Part::Index(self.term(index)),
            Part::Range(from, to) => Part::Range(from.map(|from| self.term(from)), to.map(|to| self.term(to))),
        };
        let noted = matches!(base, Term::Var(EVENT)) && self.reads.borrow_mut().note_path(&path.0);
        let parts = path.0.into_iter().map(|(one, opt)| (part(one), opt)).collect();
        let rewritten = |base| if noted { base } else { self.term(base) };
        let base = if self.catches { pipe(rewritten(base), call("!flat", [])) } else { rewritten(base) };
        let path = Term::Path(Box::new(base), Path(parts));
        if iterates { pipe(path, call("!turn", [])) } else { path }
    }
}

/// Whether a term is a number, or text or a container that is written out, without anything that is computed.
fn is_plain(term: &Code<'_>) -> bool {
    match term {
        Term::Num(_) | Term::Arr(None) => true,
        Term::Str(_, parts) => parts.iter().all(|part| !matches!(part, StrPart::Term(_))),
        Term::Obj(entries) => entries.is_empty(),
        Term::Call(name, arguments) => arguments.is_empty() && ["null", "true", "false"].contains(name),
        _ => false,
    }
}

pub(super) fn pipe<'s>(left: Code<'s>, right: Code<'s>) -> Code<'s> {
    binary(left, BinaryOp::Pipe(None), right)
}

pub(super) fn call<'s>(name: &'static str, arguments: impl IntoIterator<Item = Code<'s>>) -> Code<'s> {
    Term::Call(name, arguments.into_iter().collect())
}

fn binary<'s>(left: Code<'s>, op: BinaryOp<&'s str>, right: Code<'s>) -> Code<'s> {
    Term::BinOp(Box::new(left), op, Box::new(right))
}
