//! Chance that falls the same way every time, so that the demo is the same database on every machine.

/// `SplitMix64` (<https://prng.di.unimi.it/splitmix64.c>): plenty for a shop's customers, and eight lines.
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A whole number from `low` up to, and without, `high`; `low` where there is none.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = high.saturating_sub(low).unsigned_abs().max(1);
        low.saturating_add_unsigned(self.bits() % width)
    }

    /// True in `percent` of a hundred cases.
    pub(super) fn percent(&mut self, percent: i64) -> bool {
        self.between(0, 100) < percent
    }

    /// One of `choices`, each as likely as its weight says.
    pub(super) fn weighted<'a, T>(&mut self, choices: &'a [T], weight: impl Fn(&T) -> i64) -> Option<&'a T> {
        let total = choices.iter().map(&weight).sum();
        let mut left = self.between(0, total);
        choices.iter().find(|choice| {
            left -= weight(choice);
            left < 0
        })
    }
}
