//! One colour for each event type, the same from run to run, because a person comes to know a type by its colour.

use egui::Color32;

use super::rgb;

/// Twelve hues that stay apart from each other, on a dark and on a light ground.
const HUES: [(Color32, Color32); 12] = [
    (rgb(0x6e_a8fe), rgb(0x25_63c9)),
    (rgb(0x5f_c98f), rgb(0x1b_7f4b)),
    (rgb(0xb5_8cf0), rgb(0x7a_45c4)),
    (rgb(0xe6_b35c), rgb(0xa8_720a)),
    (rgb(0x53_c5d6), rgb(0x0c_7c8e)),
    (rgb(0xef_7b7b), rgb(0xc0_363b)),
    (rgb(0xe8_8bc4), rgb(0xb2_3a86)),
    (rgb(0xa9_c95a), rgb(0x5f_7d12)),
    (rgb(0xf0_965f), rgb(0xb8_541a)),
    (rgb(0x8f_95f5), rgb(0x4b_50c8)),
    (rgb(0x7f_d1ae), rgb(0x22_8068)),
    (rgb(0xc9_a58a), rgb(0x85_6044)),
];

/// The colour of an event type, for dots and ticks; it reads at 3:1 or better on the grounds of tables and timelines.
#[must_use]
pub fn event_type_color(event_type: &str, dark: bool) -> Color32 {
    let count = HUES.len() as u64;
    // The remainder is below the number of hues, so it always fits and always finds one.
    let index = usize::try_from(hash(event_type) % count).unwrap_or_default();
    let (on_dark, on_light) = HUES.get(index).copied().unwrap_or(HUES[0]);
    if dark { on_dark } else { on_light }
}

/// Where the hash starts. Chosen so that the types of one aggregate of the demo have different colours, and those that
/// the design draws have the colours in which it draws them; it must not change, or every type changes its colour.
const SEED: u64 = 0xcbf2_9ce5_3afd_fc21;

/// FNV-1a with a final mix (<http://www.isthe.com/chongo/tech/comp/fnv/>): the standard library's hash is not promised
/// to stay the same from one version to the next.
fn hash(text: &str) -> u64 {
    let hash = text.bytes().fold(SEED, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    hash ^ (hash >> 32)
}
