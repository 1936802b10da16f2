//! Members of an object met on the way through it: the keys of a patch mostly come in the order that the state has.

use serde_json::{Map, Value};

/// How many entries of an object are passed over, in all, on the way to those that a patch names.
pub(super) const PASSED: usize = 8;

/// Meets the members of `object` under `keys` one after the other, without looking them up, and hands each to `met`.
/// Gives how many there were before the first key that does not come in the order of the object, or that `met` leaves to
/// whoever asks.
pub(super) fn meet<'k>(
    object: &mut Map<String, Value>,
    keys: impl Iterator<Item = &'k str>,
    mut met: impl FnMut(&mut Value) -> bool,
) -> usize {
    let mut entries = object.iter_mut();
    let (mut next, mut passed) = (entries.next(), 0);
    let mut count = 0;
    for key in keys {
        while passed < PASSED && next.as_ref().is_some_and(|(known, _)| *known != key) {
            passed += 1;
            next = entries.next();
        }
        let Some((_, present)) = next.take_if(|(known, _)| *known == key) else { break };
        if !met(present) {
            break;
        }
        count += 1;
        next = entries.next();
    }
    count
}
