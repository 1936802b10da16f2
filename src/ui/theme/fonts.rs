//! The faces of the window: Inter for words, JetBrains Mono for data, and what stands in for glyphs that they lack.

use std::sync::Arc;

use egui::{FontData, FontDefinitions, FontFamily, FontId};

const MEDIUM: &str = "medium";
const SEMIBOLD: &str = "semibold";
const MONO_BOLD: &str = "mono bold";

/// The families and the file that each of them draws with first.
const FACES: [(&str, &[u8]); 5] = [
    ("Inter", include_bytes!("../../../assets/fonts/InterDisplay-Regular.otf")),
    ("Inter Medium", include_bytes!("../../../assets/fonts/InterDisplay-Medium.otf")),
    ("Inter SemiBold", include_bytes!("../../../assets/fonts/InterDisplay-SemiBold.otf")),
    ("JetBrains Mono", include_bytes!("../../../assets/fonts/JetBrainsMono-Regular.ttf")),
    ("JetBrains Mono Bold", include_bytes!("../../../assets/fonts/JetBrainsMono-Bold.ttf")),
];

/// The fonts of the window. egui's own stay behind ours for symbols; the system's are found on demand for other scripts.
pub(super) fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    for (name, bytes) in FACES {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    let words = fonts.families.get(&FontFamily::Proportional).cloned().unwrap_or_default();
    let data = fonts.families.get(&FontFamily::Monospace).cloned().unwrap_or_default();
    let family = |name: &str| FontFamily::Name(name.into());
    let families = [
        (FontFamily::Proportional, "Inter", &words),
        (family(MEDIUM), "Inter Medium", &words),
        (family(SEMIBOLD), "Inter SemiBold", &words),
        (FontFamily::Monospace, "JetBrains Mono", &data),
        (family(MONO_BOLD), "JetBrains Mono Bold", &data),
    ];
    for (family, first, fallback) in families {
        let faces = std::iter::once(first.to_owned()).chain(fallback.iter().cloned());
        fonts.families.insert(family, faces.collect());
    }
    fonts
}

/// Words in the size of the window, 13 points.
#[must_use]
pub fn text() -> FontId {
    FontId::proportional(13.0)
}

/// Words that accompany, 11 points: badges, notes, who set a value.
#[must_use]
pub fn small() -> FontId {
    FontId::proportional(11.0)
}

/// Words of a given size, in points, in the medium weight.
#[must_use]
pub fn medium(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(MEDIUM.into()))
}

/// Words of weight in the size of the window, 13 points.
#[must_use]
pub fn semibold() -> FontId {
    FontId::new(13.0, FontFamily::Name(SEMIBOLD.into()))
}

/// The heading of a panel's section, 11 points.
#[must_use]
pub fn section() -> FontId {
    FontId::new(11.0, FontFamily::Name(SEMIBOLD.into()))
}

/// The title of a page or a dialog, 20 points.
#[must_use]
pub fn title() -> FontId {
    FontId::new(20.0, FontFamily::Name(SEMIBOLD.into()))
}

/// Data, 12 points.
#[must_use]
pub fn mono() -> FontId {
    FontId::monospace(12.0)
}

/// Data of weight, 12 points.
#[must_use]
pub fn mono_bold() -> FontId {
    FontId::new(12.0, FontFamily::Name(MONO_BOLD.into()))
}
