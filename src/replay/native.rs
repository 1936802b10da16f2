//! Rules in jq whose form is common, run without jq: what sets a field, adds to it or takes from it, appends, puts under a
//! key, deletes.
//!
//! A rule is recognised by its syntax tree when it is loaded. What is native only ever does what jq would have done: where
//! a state or an event is not as the form expects it, as where a number is added to text, nothing has happened yet, or is
//! undone, and jq is asked, which also words what is wrong. The state is changed in place, and the changes are known
//! without a comparison.

mod advance;
mod reads;

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Term};
use jaq_core::ops::{Cmp, Math};
use jaq_core::path::{Opt, Part, Path};
use jaq_json::{Map, Num, Rc, Val};

use super::change::{Change, compare, push_key};
use super::fact::Fact;
use super::val;

/// How long a text may be that is made longer here: what is beyond is for jq, which looks at its bounds.
const LONGEST: usize = 64 * 1024;

/// A rule of a common form.
#[derive(Debug)]
pub(crate) struct Native(Vec<Statement>);

#[derive(Debug)]
enum Statement {
    /// `.a = …`
    Put(Place, Expr),
    /// `.a += …` and `.a -= …`
    Count(Place, bool, Expr),
    /// `.a //= …`
    Default(Place, Expr),
    /// `. + {…}`
    Merge(Vec<(Val, Expr)>),
    /// `del(.a)`
    Delete(Place),
    /// `.a |= not`
    Toggle(Place),
    /// `if … then … else . end`
    If(Condition, Vec<Statement>),
}

/// A place in the state: its keys, each known or told by the event.
#[derive(Debug)]
struct Place(Vec<Expr>);

#[derive(Debug)]
enum Expr {
    Constant(Val),
    /// A part of the event.
    Event(Vec<String>),
    Object(Vec<(Val, Expr)>),
    Array(Box<Expr>),
    Times(Box<Expr>, Box<Expr>),
    /// `{"a": 1, "b": -1}[…]`
    Lookup(Rc<Map>, Box<Expr>),
}

#[derive(Debug)]
enum Condition {
    /// `($event.data | has("a"))`
    Told(Vec<String>, String),
    /// `.a | has(…)`
    There(Place, Expr),
    /// `.a <= 0`
    Spent(Place),
}

impl Native {
    /// The rule, if its form is common.
    pub(crate) fn recognise(code: &Term<&str>) -> Option<Self> {
        let statements: Vec<Statement> = piped(code).into_iter().map(statement).collect::<Option<_>>()?;
        Some(Self(statements))
    }

    /// Changes a state in place, and says how. `None` leaves it as it was: then jq is to do it.
    ///
    /// What it changes may take so many bytes written out, in all: what comes of one event can be put in many places.
    pub(crate) fn apply(&self, state: &mut Val, fact: &Fact<'_>, memory: usize) -> Option<Vec<Change>> {
        let mut work = Work { state, fact, done: Vec::new() };
        let changes = work.run(&self.0).and_then(|()| work.changes(memory));
        if changes.is_none() {
            work.undo();
        }
        changes
    }
}

/// A rule while it runs.
struct Work<'w> {
    state: &'w mut Val,
    fact: &'w Fact<'w>,
    done: Vec<Done>,
}

/// One thing that was done: a member of an object set or removed.
struct Done {
    /// The object, by the keys that lead to it.
    way: Vec<Val>,
    key: Val,
    before: Option<Val>,
    /// Where a member was that was removed.
    index: usize,
}

impl Work<'_> {
    fn run(&mut self, statements: &[Statement]) -> Option<()> {
        statements.iter().try_for_each(|statement| self.statement(statement))
    }

    fn statement(&mut self, statement: &Statement) -> Option<()> {
        match statement {
            Statement::Put(place, expr) => {
                let value = expr.value(self.fact)?;
                self.change(place, |_| Some(Some(value)))
            }
            Statement::Count(place, adds, expr) => {
                let value = expr.value(self.fact)?;
                self.change(place, |before| Some(Some(counted(before.cloned().unwrap_or_default(), value, *adds)?)))
            }
            Statement::Default(place, expr) => {
                let value = expr.value(self.fact)?;
                self.change(place, |before| match before {
                    Some(before) if is_true(before) => Some(Some(before.clone())),
                    _ => Some(Some(value)),
                })
            }
            Statement::Delete(place) => self.change(place, |_| Some(None)),
            Statement::Toggle(place) => {
                self.change(place, |before| Some(Some(Val::Bool(!before.is_some_and(is_true)))))
            }
            Statement::Merge(members) => {
                let values: Option<Vec<_>> =
                    members.iter().map(|(key, expr)| Some((key.clone(), expr.value(self.fact)?))).collect();
                values?.into_iter().try_for_each(|(key, value)| self.put(Vec::new(), key, |_| Some(Some(value))))
            }
            Statement::If(condition, then) => {
                if condition.holds(self.state, self.fact)? {
                    self.run(then)?;
                }
                Some(())
            }
        }
    }

    fn change(&mut self, place: &Place, change: impl FnOnce(Option<&Val>) -> Option<Option<Val>>) -> Option<()> {
        let mut way = place.keys(self.fact)?;
        let key = way.pop()?;
        self.put(way, key, change)
    }

    fn put(&mut self, way: Vec<Val>, key: Val, change: impl FnOnce(Option<&Val>) -> Option<Option<Val>>) -> Option<()> {
        let object = object_at(self.state, &way)?;
        let before = object.get(&key);
        let after = change(before)?;
        let (before, index) = match after {
            Some(after) => (Rc::make_mut(object).insert(key.clone(), after), 0),
            // jq removes like this, too.
            None => match Rc::make_mut(object).swap_remove_full(&key) {
                Some((index, _, before)) => (Some(before), index),
                None => return Some(()),
            },
        };
        self.done.push(Done { way, key, before, index });
        Some(())
    }

    /// What came of it. Where one change lies within another, only a comparison can tell.
    fn changes(&self, memory: usize) -> Option<Vec<Change>> {
        // What was there before is not the rule's own, and counts for itself.
        let (mut left_before, mut left_after) = (memory, memory);
        let mut first: Vec<(&Done, String)> = Vec::with_capacity(self.done.len());
        for done in &self.done {
            let path = done.path()?;
            if !first.iter().any(|(_, known)| *known == path) {
                let within = |a: &str, b: &str| a.strip_prefix(b).is_some_and(|rest| rest.starts_with('/'));
                if first.iter().any(|(_, known)| within(known, &path) || within(&path, known)) {
                    return None;
                }
                first.push((done, path));
            }
        }
        let mut changes = Vec::with_capacity(first.len());
        for (done, mut path) in first {
            let after = get(self.state, &done.way, &done.key);
            let json = |value: &Val, left: &mut usize| val::to_json_within(value, left).ok();
            match (&done.before, after) {
                (Some(before), Some(after)) if same(before, after) => {}
                (Some(before), Some(after)) => {
                    let (before, after) = (json(before, &mut left_before)?, json(after, &mut left_after)?);
                    compare(&mut path, &before, &after, &mut changes);
                }
                (None, None) => {}
                (before, after) => {
                    let before = before.as_ref().map(|before| json(before, &mut left_before));
                    let after = after.map(|after| json(after, &mut left_after));
                    // What cannot be written is for jq to refuse.
                    if before == Some(None) || after == Some(None) {
                        return None;
                    }
                    changes.push(Change { path, before: before.flatten(), after: after.flatten() });
                }
            }
        }
        Some(changes)
    }

    fn undo(&mut self) {
        while let Some(Done { way, key, before, index }) = self.done.pop() {
            let Some(object) = object_at(self.state, &way) else { continue };
            let object = Rc::make_mut(object);
            match before {
                None => drop(object.swap_remove(&key)),
                Some(before) => {
                    let (last, replaced) = object.insert_full(key, before);
                    if replaced.is_none() && index < last {
                        object.swap_indices(index, last);
                    }
                }
            }
        }
    }
}

impl Done {
    fn path(&self) -> Option<String> {
        let mut path = String::new();
        for key in self.way.iter().chain([&self.key]) {
            push_key(&mut path, text(key)?);
        }
        Some(path)
    }
}

impl Place {
    fn keys(&self, fact: &Fact<'_>) -> Option<Vec<Val>> {
        let key = |expr: &Expr| expr.value(fact).filter(|key| text(key).is_some());
        self.0.iter().map(key).collect()
    }
}

impl Expr {
    fn value(&self, fact: &Fact<'_>) -> Option<Val> {
        match self {
            Self::Constant(value) => Some(value.clone()),
            Self::Event(way) => fact.look(way),
            Self::Object(members) => {
                let members: Option<Map> =
                    members.iter().map(|(key, expr)| Some((key.clone(), expr.value(fact)?))).collect();
                Some(Val::obj(members?))
            }
            Self::Array(item) => Some(std::iter::once(item.value(fact)?).collect()),
            Self::Times(a, b) => match (a.value(fact)?, b.value(fact)?) {
                (a @ Val::Num(_), b @ Val::Num(_)) => (a * b).ok(),
                _ => None,
            },
            Self::Lookup(table, key) => {
                let key = key.value(fact).filter(|key| text(key).is_some())?;
                Some(table.get(&key).cloned().unwrap_or_default())
            }
        }
    }
}

impl Condition {
    fn holds(&self, state: &Val, fact: &Fact<'_>) -> Option<bool> {
        match self {
            Self::Told(way, key) => match fact.look(way)? {
                Val::Obj(object) => Some(object.contains_key(&val::from_text(key))),
                _ => None,
            },
            Self::There(place, key) => match read(state, &place.keys(fact)?)? {
                Val::Obj(object) => Some(object.contains_key(&key.value(fact).filter(|key| text(key).is_some())?)),
                _ => None,
            },
            Self::Spent(place) => match read(state, &place.keys(fact)?)? {
                number @ Val::Num(_) => Some(*number <= Val::Num(Num::Int(0))),
                _ => None,
            },
        }
    }
}

fn counted(before: Val, value: Val, adds: bool) -> Option<Val> {
    match (&before, &value) {
        (Val::Num(_) | Val::Null, Val::Num(_)) | (Val::Arr(_) | Val::Null, Val::Arr(_)) => {}
        (Val::TStr(text), Val::TStr(more)) if adds && text.len() + more.len() <= LONGEST => {}
        _ => return None,
    }
    if adds { before + value } else { before - value }.ok()
}

fn is_true(value: &Val) -> bool {
    !matches!(value, Val::Null | Val::Bool(false))
}

fn same(a: &Val, b: &Val) -> bool {
    match (a, b) {
        (Val::Arr(a), Val::Arr(b)) => Rc::ptr_eq(a, b),
        (Val::Obj(a), Val::Obj(b)) => Rc::ptr_eq(a, b),
        _ => false,
    }
}

fn text(key: &Val) -> Option<&str> {
    match key {
        Val::TStr(text) => std::str::from_utf8(text).ok(),
        _ => None,
    }
}

fn object_at<'v>(mut value: &'v mut Val, way: &[Val]) -> Option<&'v mut Rc<Map>> {
    for key in way {
        let Val::Obj(object) = value else { return None };
        value = Rc::make_mut(object).get_mut(key)?;
    }
    match value {
        Val::Obj(object) => Some(object),
        _ => None,
    }
}

fn read<'v>(value: &'v Val, way: &[Val]) -> Option<&'v Val> {
    way.iter().try_fold(value, |value, key| match value {
        Val::Obj(object) => object.get(key),
        _ => None,
    })
}

fn get<'v>(value: &'v Val, way: &[Val], key: &Val) -> Option<&'v Val> {
    match read(value, way)? {
        Val::Obj(object) => object.get(key),
        _ => None,
    }
}

type Code<'c> = Term<&'c str>;

/// The filters of a pipe, one after the other.
fn piped<'t, 'c>(code: &'t Code<'c>) -> Vec<&'t Code<'c>> {
    match code {
        Term::BinOp(left, BinaryOp::Pipe(None), right) => {
            let mut all = piped(left);
            all.extend(piped(right));
            all
        }
        other => vec![other],
    }
}

fn statement(code: &Code<'_>) -> Option<Statement> {
    match code {
        Term::BinOp(left, op, right) => match (&**left, op) {
            (Term::Id, BinaryOp::Math(Math::Add)) => match expr(right)? {
                Expr::Object(members) => Some(Statement::Merge(members)),
                Expr::Constant(Val::Obj(members)) => Some(Statement::Merge(
                    members.iter().map(|(key, value)| (key.clone(), Expr::Constant(value.clone()))).collect(),
                )),
                _ => None,
            },
            (left, BinaryOp::Assign) => Some(Statement::Put(place(left)?, expr(right)?)),
            (left, BinaryOp::UpdateMath(Math::Add)) => Some(Statement::Count(place(left)?, true, expr(right)?)),
            (left, BinaryOp::UpdateMath(Math::Sub)) => Some(Statement::Count(place(left)?, false, expr(right)?)),
            (left, BinaryOp::UpdateAlt) => Some(Statement::Default(place(left)?, expr(right)?)),
            (left, BinaryOp::Update) => match &**right {
                Term::Call("not", arguments) if arguments.is_empty() => Some(Statement::Toggle(place(left)?)),
                _ => None,
            },
            _ => None,
        },
        Term::Call("del", arguments) => match arguments.as_slice() {
            [only] => Some(Statement::Delete(place(only)?)),
            _ => None,
        },
        Term::IfThenElse(branches, otherwise) => match (branches.as_slice(), otherwise.as_deref()) {
            ([(test, then)], Some(Term::Id) | None) => {
                let then: Vec<Statement> = piped(then).into_iter().map(statement).collect::<Option<_>>()?;
                Some(Statement::If(condition(test)?, then))
            }
            _ => None,
        },
        _ => None,
    }
}

fn condition(code: &Code<'_>) -> Option<Condition> {
    match code {
        Term::BinOp(left, BinaryOp::Cmp(Cmp::Le), right) => match expr(right)? {
            Expr::Constant(Val::Num(Num::Int(0))) => Some(Condition::Spent(place(left)?)),
            _ => None,
        },
        Term::BinOp(left, BinaryOp::Pipe(None), right) => {
            let Term::Call("has", arguments) = &**right else { return None };
            let [key] = arguments.as_slice() else { return None };
            match (event(left), expr(key)?) {
                (Some(way), Expr::Constant(key)) => Some(Condition::Told(way, text(&key)?.to_owned())),
                (None, key @ (Expr::Constant(_) | Expr::Event(_))) => Some(Condition::There(place(left)?, key)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// A place of the state: `.a`, `.a["b"]`, `.a[$event.data.id]`.
fn place(code: &Code<'_>) -> Option<Place> {
    let Term::Path(from, path) = code else { return None };
    let keys = matches!(**from, Term::Id).then(|| indices(path))??;
    let keys: Vec<Expr> = keys.into_iter().map(expr).collect::<Option<_>>()?;
    let plain = keys.iter().all(|key| match key {
        Expr::Constant(key) => text(key).is_some(),
        Expr::Event(_) => true,
        _ => false,
    });
    (plain && !keys.is_empty()).then_some(Place(keys))
}

/// A part of the event: `$event.data.a`.
fn event(code: &Code<'_>) -> Option<Vec<String>> {
    let Term::Path(from, path) = code else { return None };
    if !matches!(**from, Term::Var("$event")) {
        return None;
    }
    indices(path)?.into_iter().map(literal).collect()
}

fn indices<'t, 'c>(path: &'t Path<Code<'c>>) -> Option<Vec<&'t Code<'c>>> {
    path.0
        .iter()
        .map(|part| match part {
            (Part::Index(index), Opt::Essential) => Some(index),
            _ => None,
        })
        .collect()
}

fn expr(code: &Code<'_>) -> Option<Expr> {
    if let Some(way) = event(code) {
        return Some(Expr::Event(way));
    }
    if let Some(text) = literal(code) {
        return Some(Expr::Constant(val::from_text(&text)));
    }
    match code {
        Term::Num(digits) => integer(digits).map(|number| Expr::Constant(Val::Num(Num::Int(number)))),
        Term::Neg(inner) => match &**inner {
            Term::Num(digits) => {
                integer(digits).filter(|number| *number != 0).map(|number| Expr::Constant(Val::Num(Num::Int(-number))))
            }
            _ => None,
        },
        Term::Call("null", arguments) if arguments.is_empty() => Some(Expr::Constant(Val::Null)),
        Term::Call("true", arguments) if arguments.is_empty() => Some(Expr::Constant(Val::Bool(true))),
        Term::Call("false", arguments) if arguments.is_empty() => Some(Expr::Constant(Val::Bool(false))),
        Term::Arr(None) => Some(Expr::Constant(std::iter::empty::<Val>().collect())),
        Term::Arr(Some(item)) => Some(Expr::Array(Box::new(expr(item)?))),
        Term::Obj(entries) => {
            let entry = |(key, value): &(Code<'_>, Option<Code<'_>>)| {
                Some((val::from_text(&literal(key)?), expr(value.as_ref()?)?))
            };
            let members: Vec<(Val, Expr)> = entries.iter().map(entry).collect::<Option<_>>()?;
            Some(object(members))
        }
        Term::BinOp(left, BinaryOp::Math(Math::Mul), right) => {
            Some(Expr::Times(Box::new(expr(left)?), Box::new(expr(right)?)))
        }
        Term::Path(from, path) => match (expr(from)?, indices(path)?.as_slice()) {
            (Expr::Constant(Val::Obj(table)), [key]) => match expr(key)? {
                key @ Expr::Event(_) => Some(Expr::Lookup(table, Box::new(key))),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

/// An object, known before any event where all of its members are.
fn object(members: Vec<(Val, Expr)>) -> Expr {
    let known: Option<Map> = members
        .iter()
        .map(|(key, expr)| match expr {
            Expr::Constant(value) => Some((key.clone(), value.clone())),
            _ => None,
        })
        .collect();
    match known {
        Some(known) => Expr::Constant(Val::obj(known)),
        None => Expr::Object(members),
    }
}

/// A whole number that no machine loses a digit of.
fn integer(digits: &str) -> Option<isize> {
    let plain = digits.len() <= 15 && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

/// A text without anything computed in it.
fn literal(code: &Code<'_>) -> Option<String> {
    let Term::Str(None, parts) = code else { return None };
    let part = |part: &StrPart<&str, Code<'_>>| match part {
        StrPart::Str(text) => Some((*text).to_owned()),
        StrPart::Char(letter) => Some(letter.to_string()),
        StrPart::Term(_) => None,
    };
    parts.iter().map(part).collect()
}

#[cfg(test)]
mod tests;
