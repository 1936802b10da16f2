//! At which events something happened: their numbers, of which a stream may have a million for each of its places.

use roaring::RoaringBitmap;

/// How many numbers are kept as they are; more take less room by the bit.
const FEW: usize = 64;

/// Numbers that only rise.
#[derive(Clone, Debug)]
pub(super) enum Occasions {
    Few(Vec<u32>),
    Many(Box<RoaringBitmap>),
}

impl Default for Occasions {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl Occasions {
    /// Adds a number that is none of those before, or the last of them.
    pub(super) fn push(&mut self, number: u32) {
        match self {
            Self::Few(few) if few.last() == Some(&number) => {}
            Self::Few(few) if few.len() < FEW => few.push(number),
            Self::Few(few) => {
                let mut many: RoaringBitmap = few.iter().copied().collect();
                many.insert(number);
                *self = Self::Many(Box::new(many));
            }
            // To push would look for the last one first.
            Self::Many(many) => {
                many.insert(number);
            }
        }
    }

    /// The last one below a limit.
    pub(super) fn last_before(&self, limit: usize) -> Option<u32> {
        match self {
            Self::Few(few) => few.get(below(few, limit).checked_sub(1)?).copied(),
            Self::Many(many) => {
                let last = u32::try_from(limit.checked_sub(1)?).unwrap_or(u32::MAX);
                many.range(..=last).next_back()
            }
        }
    }

    /// Those below a limit.
    pub(super) fn before(&self, limit: usize) -> Vec<u32> {
        match self {
            Self::Few(few) => few.get(..below(few, limit)).unwrap_or_default().to_vec(),
            Self::Many(many) => {
                let end = u32::try_from(limit).unwrap_or(u32::MAX);
                many.range(..end).collect()
            }
        }
    }
}

/// How many numbers are below a limit.
fn below(few: &[u32], limit: usize) -> usize {
    few.partition_point(|number| (*number as usize) < limit)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn they_are_those_that_were_pushed(
            numbers in prop::collection::btree_set(0..200_000_u32, 0..300), limit in 0..220_000_usize,
        ) {
            let mut occasions = Occasions::default();
            for number in &numbers {
                occasions.push(*number);
                occasions.push(*number);
            }
            let below: BTreeSet<u32> = numbers.into_iter().filter(|number| (*number as usize) < limit).collect();
            prop_assert_eq!(occasions.last_before(limit), below.last().copied());
            prop_assert_eq!(occasions.before(limit), below.into_iter().collect::<Vec<_>>());
        }
    }
}
