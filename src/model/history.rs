//! Back and forward: the places a person was at, as whole values.

/// How many places are remembered; older ones are forgotten.
const LIMIT: usize = 200;

/// The places before and after the one shown now. The current one lives with its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History<T> {
    past: Vec<T>,
    future: Vec<T>,
}

impl<T> Default for History<T> {
    fn default() -> Self {
        Self { past: Vec::new(), future: Vec::new() }
    }
}

impl<T: Clone + PartialEq> History<T> {
    /// Remembers `left`, the place that is being left for another one.
    pub fn leave(&mut self, left: T) {
        self.future.clear();
        if self.past.last() == Some(&left) {
            return;
        }
        self.past.push(left);
        if self.past.len() > LIMIT {
            self.past.remove(0);
        }
    }

    /// Takes one step back from `current`; answers whether there was one.
    pub fn back(&mut self, current: &mut T) -> bool {
        Self::cross(&mut self.past, &mut self.future, current)
    }

    /// Takes one step forward from `current`; answers whether there was one.
    pub fn forward(&mut self, current: &mut T) -> bool {
        Self::cross(&mut self.future, &mut self.past, current)
    }

    /// Whether there is somewhere to go back to.
    #[must_use]
    pub fn can_go_back(&self) -> bool {
        !self.past.is_empty()
    }

    /// Whether there is somewhere to go forward to.
    #[must_use]
    pub fn can_go_forward(&self) -> bool {
        !self.future.is_empty()
    }

    /// Forgets everything: another file was opened.
    pub fn clear(&mut self) {
        self.past.clear();
        self.future.clear();
    }

    fn cross(from: &mut Vec<T>, to: &mut Vec<T>, current: &mut T) -> bool {
        let Some(next) = from.pop() else { return false };
        to.push(std::mem::replace(current, next));
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn back_then_forward_is_nothing(places in prop::collection::vec(0u8..6, 1..40), steps in 0usize..50) {
            let mut history = History::default();
            let mut current = 0u8;
            for place in places {
                history.leave(current);
                current = place;
            }
            for _ in 0..steps {
                let before = (history.clone(), current);
                if !history.back(&mut current) {
                    break;
                }
                let (mut there, mut place) = (history.clone(), current);
                prop_assert!(there.forward(&mut place));
                prop_assert_eq!((there, place), before);
            }
        }
    }

    #[test]
    fn a_new_way_forgets_the_old_one() {
        let (mut history, mut current) = (History::default(), 1);
        history.leave(0);
        assert!(history.back(&mut current));
        assert!(history.can_go_forward());
        history.leave(current);
        assert!(!history.can_go_forward());
    }
}
