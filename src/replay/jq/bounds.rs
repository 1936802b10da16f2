//! What one run of a rule may take: steps, stack, memory, and time; and the functions that look at it.
//!
//! The memory of a rule is not measured but reckoned from the sizes of what it builds: see [`super::rewrite`]. A rule
//! that goes beyond is stopped by an exception that no rule can raise or catch.

use std::cell::Cell;

use jaq_core::box_iter::{BoxIter, box_once};
use jaq_core::load::parse::{Def, Term};
use jaq_core::native::{Fun, v};
use jaq_core::{DataT, Exn, Lut, Native, ValX, data::HasLut};
use jaq_json::{Num, Rc, Val};
use jaq_std::ValT as _;

use super::super::bounds::Bounds;
use super::rewrite::{call, pipe};

/// How many steps a rule may take for one event; some tens of milliseconds of them.
const STEPS: u32 = 100_000;

/// How many bytes of stack a rule may use; a thread of Rust has two megabytes, and jaq recurses between two looks.
const STACK: usize = 512 * 1024;

/// What a rule may build in all, in multiples of what one value of it may be.
const BUILT: usize = 4;

/// What a rule may move about, in multiples of what one value of it may be: a second or two of that.
const MOVED: usize = 64;

/// What one output of an iteration counts for, one that comes through many others, and one part of a value that is
/// measured.
const TURN: usize = 1024;
const DEEP_TURN: usize = 4096;
const PART: usize = 16;

/// How many bits a whole number may have: multiplying and writing out grow with the square of that.
const BITS: u64 = 1 << 20;

/// How many digits a number in a text may have that is read as JSON: reading them grows with the square, too.
const DIGITS: usize = 10_000;

/// What a byte of text can come to, taken apart into values: as JSON, as characters, as what a pattern finds.
const AS_VALUES: usize = 32;
const AS_NUMBERS: usize = 16;
const AS_TEXTS: usize = 96;

/// The exit codes of the exceptions that stop a rule; no rule can raise them by itself, as `halt` is not there.
pub(super) const TOO_MANY_STEPS: i32 = 1;
pub(super) const TOO_DEEP: i32 = 2;
pub(super) const TOO_LARGE: i32 = 3;
pub(super) const TOO_LONG: i32 = 4;

/// What jaq's functions are run on: plain values, and a [`Run`] that counts.
pub(super) struct Engine;

impl DataT for Engine {
    type V<'a> = Val;
    type Data<'a> = &'a Run<'a>;
}

/// One run of a rule.
pub(super) struct Run<'a> {
    lut: &'a Lut<Engine>,
    steps: Cell<u32>,
    stack: usize,
    /// How large one value may be.
    largest: usize,
    /// How many bytes may still be built, and moved about.
    built: Cell<usize>,
    moved: Cell<usize>,
}

impl<'a> HasLut<'a, Engine> for &'a Run<'a> {
    fn lut(&self) -> &'a Lut<Engine> {
        self.lut
    }
}

/// Nothing, or the exit code that stops the rule.
type Look = Result<(), i32>;

impl<'a> Run<'a> {
    pub(super) fn new(lut: &'a Lut<Engine>, bounds: Bounds) -> Self {
        Self {
            lut,
            steps: Cell::new(0),
            stack: stack_pointer(),
            largest: bounds.memory,
            built: Cell::new(bounds.memory.saturating_mul(BUILT)),
            moved: Cell::new(bounds.memory.saturating_mul(MOVED)),
        }
    }

    fn step(&self) -> Look {
        let steps = self.steps.get() + 1;
        self.steps.set(steps);
        if steps > STEPS {
            // Once stopped it stays stopped.
            self.steps.set(STEPS);
            return Err(TOO_MANY_STEPS);
        }
        if self.stack.abs_diff(stack_pointer()) > STACK { Err(TOO_DEEP) } else { Ok(()) }
    }

    fn moves(&self, bytes: usize) -> Look {
        take(&self.moved, bytes).ok_or(TOO_LONG)
    }

    fn builds(&self, bytes: usize) -> Look {
        if bytes > self.largest { Err(TOO_LARGE) } else { take(&self.built, bytes).ok_or(TOO_LARGE) }
    }

    /// The outcome of an addition: what it is itself, without what its parts hold.
    fn bounded(&self, value: &Val) -> Look {
        let bytes = own_size(value);
        if bytes > self.largest || too_long_a_number(value) {
            return Err(TOO_LARGE);
        }
        // A text is copied to be added to, and a container only where others hold it, too.
        if matches!(value, Val::TStr(_) | Val::BStr(_)) { self.moves(bytes) } else { Ok(()) }
    }

    /// A value that is put into another: whatever is new in it stays.
    fn kept(&self, value: &Val) -> Look {
        let new = match value {
            Val::Arr(array) => Rc::strong_count(array) == 1,
            Val::Obj(object) => Rc::strong_count(object) == 1,
            Val::TStr(text) | Val::BStr(text) => text.len() > 1024,
            _ => false,
        };
        if new { self.builds(own_size(value)) } else { Ok(()) }
    }

    /// A value that is about to be walked over: compared, or written out. Parts that are shared count each time.
    fn flat(&self, value: &Val) -> Look {
        if !matches!(value, Val::Arr(_) | Val::Obj(_)) {
            return Ok(());
        }
        let mut left = self.largest;
        let mut waiting = vec![value];
        while let Some(value) = waiting.pop() {
            left = left.checked_sub(PART + text_size(value)).ok_or(TOO_LARGE)?;
            match value {
                Val::Arr(array) if array.len() <= left / PART => waiting.extend(array.iter()),
                Val::Obj(object) if object.len() <= left / PART => {
                    waiting.extend(object.iter().flat_map(|(key, value)| [key, value]));
                }
                Val::Arr(_) | Val::Obj(_) => return Err(TOO_LARGE),
                _ => {}
            }
        }
        self.moves(self.largest - left)
    }

    /// A text that is taken apart, each byte of which comes to so many.
    fn taken_apart(&self, value: &Val, each: usize) -> Look {
        let (Val::TStr(text) | Val::BStr(text)) = value else { return self.flat(value) };
        let bytes = text.len().saturating_mul(each);
        if bytes > self.largest { Err(TOO_LARGE) } else { self.moves(bytes) }
    }

    /// A text that is read as JSON.
    fn json(&self, value: &Val) -> Look {
        let Val::TStr(text) = value else { return Ok(()) };
        let digits = text.split(|byte| !byte.is_ascii_digit()).map(<[u8]>::len).max();
        if digits > Some(DIGITS) { Err(TOO_LARGE) } else { self.taken_apart(value, AS_VALUES) }
    }

    /// A product before it is made.
    fn product(&self, left: &Val, right: &Val) -> Look {
        match (left, right) {
            (Val::TStr(text) | Val::BStr(text), Val::Num(times))
            | (Val::Num(times), Val::TStr(text) | Val::BStr(text)) => {
                let times = match times {
                    Num::Int(times) => usize::try_from(*times).unwrap_or(0),
                    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
                    other => Val::Num(other.clone()).as_f64().unwrap_or(0.0).ceil() as usize,
                };
                self.builds(text.len().saturating_mul(times))
            }
            (Val::Num(left), Val::Num(right)) if bits(left) + bits(right) > BITS => Err(TOO_LARGE),
            (Val::Obj(_), Val::Obj(_)) => self.flat(left).and_then(|()| self.flat(right)),
            _ => Ok(()),
        }
    }

    /// A quotient before it is made: that of two texts is a list of parts.
    fn quotient(&self, left: &Val, _: &Val) -> Look {
        if matches!(left, Val::TStr(_) | Val::BStr(_)) { self.taken_apart(left, AS_TEXTS) } else { Ok(()) }
    }
}

fn take(from: &Cell<usize>, bytes: usize) -> Option<()> {
    let left = from.get().checked_sub(bytes);
    // Once stopped it stays stopped.
    from.set(left.unwrap_or(0));
    left.map(|_| ())
}

/// What a value takes itself, without what its parts hold.
fn own_size(value: &Val) -> usize {
    match value {
        Val::TStr(text) | Val::BStr(text) => text.len(),
        Val::Arr(array) => array.len().saturating_mul(size_of::<Val>()),
        Val::Obj(object) => object.len().saturating_mul(3 * size_of::<Val>()),
        _ => 0,
    }
}

fn text_size(value: &Val) -> usize {
    match value {
        Val::TStr(text) | Val::BStr(text) => text.len(),
        Val::Num(Num::Dec(digits)) => digits.len(),
        _ => 0,
    }
}

fn bits(number: &Num) -> u64 {
    if let Num::BigInt(number) = number { number.bits() } else { 64 }
}

fn too_long_a_number(value: &Val) -> bool {
    matches!(value, Val::Num(number) if bits(number) > BITS)
}

/// Where the stack stands now, near enough.
#[inline(never)]
fn stack_pointer() -> usize {
    let here = 0_u8;
    std::ptr::from_ref(std::hint::black_box(&here)).addr()
}

/// A function that gives its input, once it was looked at.
macro_rules! look {
    ($name:literal, $look:expr) => {{
        let native = Native::<Engine>::new(|(context, value)| {
            let look: fn(&Run<'_>, &Val) -> Look = $look;
            box_once(look(context.data(), &value).map(|()| value).map_err(Exn::halt))
        })
        .with_paths(|(context, place)| {
            let look: fn(&Run<'_>, &Val) -> Look = $look;
            box_once(look(context.data(), &place.0).map(|()| place).map_err(Exn::halt))
        })
        .with_update(|(context, value), update| {
            let look: fn(&Run<'_>, &Val) -> Look = $look;
            match look(context.data(), &value) {
                Ok(()) => update(value),
                Err(stop) => box_once(Err(Exn::halt(stop))),
            }
        });
        ($name, v(0), native)
    }};
}

/// An operation on two values that are looked at before.
macro_rules! operation {
    ($name:literal, $look:ident, $operation:tt) => {{
        let native = Native::<Engine>::new(|(mut context, _)| {
            let right = context.pop_var();
            let left = context.pop_var();
            let looked = context.data().$look(&left, &right).map_err(Exn::halt);
            let done = looked.and_then(|()| (left $operation right).map_err(Exn::from));
            Box::new(std::iter::once(done)) as BoxIter<'_, ValX<'_, Val>>
        });
        ($name, v(2), native)
    }};
}

/// The functions that look.
pub(super) fn looks() -> [Fun<Engine>; 11] {
    [
        look!("!step", |run, _| run.step()),
        look!("!turn", |run, _| run.moves(TURN)),
        look!("!deep_turn", |run, _| run.moves(DEEP_TURN)),
        look!("!bounded", |run, value| run.bounded(value)),
        look!("!kept", |run, value| run.kept(value)),
        look!("!flat", |run, value| run.flat(value)),
        look!("!json", |run, value| run.json(value)),
        look!("!numbers", |run, value| run.taken_apart(value, AS_NUMBERS)),
        look!("!texts", |run, value| run.taken_apart(value, AS_TEXTS)),
        operation!("!product", product, *),
        operation!("!quotient", quotient, /),
    ]
}

/// The functions of the library that walk over their input, or take it apart, and how each is looked at before. They
/// stay there under names of their own.
const LOOKED_AT: [(&str, &str, &str); 16] = [
    ("tojson", "!tojson", "!flat"),
    ("tobytes", "!tobytes", "!flat"),
    ("sort", "!sort", "!flat"),
    ("implode", "!implode", "!flat"),
    ("fromjson", "!fromjson", "!json"),
    ("explode", "!explode", "!numbers"),
    ("sort_by", "!sort_by", "!flat"),
    ("group_by", "!group_by", "!flat"),
    ("min_by_or_empty", "!min_by_or_empty", "!flat"),
    ("max_by_or_empty", "!max_by_or_empty", "!flat"),
    ("contains", "!contains", "!flat"),
    ("indices", "!indices", "!flat"),
    ("bsearch", "!bsearch", "!flat"),
    ("matches", "!matches", "!texts"),
    ("split_matches", "!split_matches", "!texts"),
    ("split_", "!split_", "!texts"),
];

/// What a function of the library is called that is looked at, so that only [`definitions`] reach it.
pub(super) fn own_name(name: &'static str) -> Option<&'static str> {
    LOOKED_AT.iter().find(|(known, ..)| *known == name).map(|(_, own, _)| *own)
}

/// Definitions in place of the functions that are looked at.
pub(super) fn definitions() -> impl Iterator<Item = Def<&'static str>> {
    let flat = |term| pipe(term, call("!flat", []));
    LOOKED_AT.into_iter().map(move |(name, own, look)| {
        let (arguments, given): (Vec<&'static str>, Vec<Term<&'static str>>) = match name {
            "sort_by" | "group_by" | "min_by_or_empty" | "max_by_or_empty" => (vec!["f"], vec![flat(call("f", []))]),
            "contains" | "indices" | "bsearch" => (vec!["$x"], vec![flat(Term::Var("$x"))]),
            "matches" | "split_matches" | "split_" => {
                (vec!["$re", "$flags"], vec![Term::Var("$re"), Term::Var("$flags")])
            }
            _ => (vec![], vec![]),
        };
        Def { name, args: arguments, body: pipe(call(look, []), call(own, given)) }
    })
}
