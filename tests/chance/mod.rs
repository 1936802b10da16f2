//! Chance that falls the same way every time, for what the tests draw from a seed.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    reason = "what is drawn is small"
)]

const WORDS: [&str; 24] = [
    "amber", "birch", "cedar", "dune", "ember", "fjord", "grove", "harbor", "iris", "juniper", "kelp", "lagoon",
    "maple", "nectar", "opal", "pine", "quartz", "reed", "sage", "thorn", "umber", "violet", "willow", "yarrow",
];

/// `SplitMix64` (<https://prng.di.unimi.it/splitmix64.c>).
pub struct Chance(u64);

impl Chance {
    /// The chance of a seed; what is drawn for another purpose has another one.
    pub fn new(seed: u64, purpose: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ purpose)
    }

    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A whole number from `low` up to and with `high`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + (self.bits() % (high - low + 1) as u64) as i64
    }

    pub fn percent(&mut self, percent: u64) -> bool {
        self.bits() % 100 < percent
    }

    pub fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[(self.bits() % from.len() as u64) as usize].clone()
    }

    /// Takes one out.
    pub fn take<T>(&mut self, from: &mut Vec<T>) -> T {
        let at = (self.bits() % from.len() as u64) as usize;
        from.swap_remove(at)
    }

    pub fn hex(&mut self) -> String {
        format!("{:016x}{:016x}", self.bits(), self.bits())
    }

    pub fn uuid(&mut self) -> uuid::Uuid {
        let bits = (u128::from(self.bits()) << 64) | u128::from(self.bits());
        uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid()
    }

    pub fn word(&mut self) -> String {
        self.pick(&WORDS).to_owned()
    }
}
