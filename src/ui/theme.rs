//! Every colour and size of the window, for both themes, so that no panel holds one of its own.

mod event_color;
mod fonts;
mod visuals;

use egui::{Color32, Ui};

pub use event_color::event_type_color;
pub use fonts::{medium, mono, mono_bold, section, semibold, small, text, title};

/// The height of a row in tables, trees and lists, in points.
pub const ROW: f32 = 24.0;
/// The height of a row in a tree of values, in points: denser, because values are read together.
pub const TREE_ROW: f32 = 20.0;
/// The height of the title bar, in points.
pub const HEADER: f32 = 36.0;
/// The height of the status bar, in points.
pub const STATUS: f32 = 26.0;
/// The height of the timeline, in points.
pub const TIMELINE: f32 = 88.0;
/// The height of a single-line entry, in points.
pub const ENTRY: f32 = 26.0;
/// The height of the filter bar, in points.
pub const FILTER_BAR: f32 = 30.0;
/// The height of a table's header, in points.
pub const TABLE_HEADER: f32 = 28.0;
/// The height of the histogram over the event table, in points.
pub const HISTOGRAM: f32 = 34.0;
/// The width that the list of streams starts with, in points.
pub const LEFT_WIDTH: f32 = 250.0;
/// The width that the event and state panels start with, in points.
pub const RIGHT_WIDTH: f32 = 430.0;
/// One step of spacing, in points; all spacing is a multiple of it.
pub const STEP: f32 = 4.0;
/// The space between a panel's edge and what it holds, in points.
pub const MARGIN: f32 = 12.0;
/// The indentation of one level of a tree, in points.
pub const INDENT: f32 = 16.0;
/// The rounding of entries, buttons and popups, in points.
pub const ROUNDING: u8 = 6;
/// The width of a table's or a tree's scrollbar, in points.
pub const SCROLLBAR: f32 = 10.0;

/// The colours of one theme. Each text colour reads at 4.5:1 or better on the surfaces that its comment names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    /// Whether this is the dark theme.
    pub dark: bool,
    /// The quiet ground: the event table, entries.
    pub bg: Color32,
    /// The panels around it.
    pub panel: Color32,
    /// What is raised above a panel: buttons, popups, badges.
    pub raise: Color32,
    /// A raised thing under the pointer.
    pub hover: Color32,
    /// Hairlines.
    pub line: Color32,
    /// The hairline between two rows of a table: there, but barely.
    pub row_line: Color32,
    /// Text that is read; on every surface.
    pub text: Color32,
    /// Text that accompanies; on every surface.
    pub dim: Color32,
    /// Text that is only looked at on purpose, such as counts and hints; on `bg` and `panel`.
    pub faint: Color32,
    /// The one accent: selection, links, the playhead; on every surface.
    pub accent: Color32,
    /// The ground of what is selected.
    pub accent_bg: Color32,
    /// What lies on a surface filled with `accent`.
    pub on_accent: Color32,
    /// Something added, or well; on every surface.
    pub add: Color32,
    /// The ground of something added.
    pub add_bg: Color32,
    /// Something removed, excluded or failed; on every surface.
    pub del: Color32,
    /// The ground of something removed.
    pub del_bg: Color32,
    /// Something changed, or a warning; on every surface.
    pub chg: Color32,
    /// The ground of something changed.
    pub chg_bg: Color32,
    /// A string in a document; on every surface.
    pub string: Color32,
    /// A number or a truth value in a document; on every surface.
    pub number: Color32,
    /// A key in a document; on every surface.
    pub key: Color32,
}

/// The dark theme.
///
/// `dim` and `faint` are lighter than in the drawn design: there `faint` reads at 2.9:1 and `dim`, on a selected row, at
/// barely 4.5:1; lifting both keeps the step between them.
pub const DARK: Palette = Palette {
    dark: true,
    bg: rgb(0x14_161a),
    panel: rgb(0x19_1c21),
    raise: rgb(0x20_242b),
    hover: rgb(0x27_2c34),
    line: rgb(0x2a_2f37),
    row_line: rgb(0x1e_2127),
    text: rgb(0xd7_dbe2),
    dim: rgb(0x92_9aa8),
    faint: rgb(0x7b_8593),
    accent: rgb(0x6e_a8fe),
    accent_bg: rgb(0x1d_2b45),
    on_accent: rgb(0x14_161a),
    add: rgb(0x5f_c98f),
    add_bg: rgb(0x15_291f),
    del: rgb(0xef_7b7b),
    del_bg: rgb(0x2e_1a1c),
    chg: rgb(0xe6_b35c),
    chg_bg: rgb(0x2c_2416),
    string: rgb(0x9c_cf8a),
    number: rgb(0xe0_a878),
    key: rgb(0x9f_b4d6),
};

/// The light theme.
///
/// `dim`, `faint`, `add`, `chg` and `string` are darker than in the drawn design, where they read at 2.2:1 to 4.5:1.
pub const LIGHT: Palette = Palette {
    dark: false,
    bg: rgb(0xf3_f4f6),
    panel: rgb(0xfb_fbfc),
    raise: rgb(0xff_ffff),
    hover: rgb(0xee_f1f5),
    line: rgb(0xe1_e4e9),
    row_line: rgb(0xea_ecf0),
    text: rgb(0x1f_2430),
    dim: rgb(0x5b_6473),
    faint: rgb(0x66_6f7e),
    accent: rgb(0x25_63c9),
    accent_bg: rgb(0xe3_edfd),
    on_accent: rgb(0xff_ffff),
    add: rgb(0x17_7544),
    add_bg: rgb(0xe4_f5ec),
    del: rgb(0xb8_3238),
    del_bg: rgb(0xfb_e9ea),
    chg: rgb(0x87_5c08),
    chg_bg: rgb(0xfb_f1dc),
    string: rgb(0x2a_7135),
    number: rgb(0x9c_5118),
    key: rgb(0x3b_5b8f),
};

/// The palette of the theme that `ui` is drawn in.
#[must_use]
pub fn palette(ui: &Ui) -> &'static Palette {
    of(ui.visuals().dark_mode)
}

/// The palette of the dark or of the light theme.
#[must_use]
pub const fn of(dark: bool) -> &'static Palette {
    if dark { &DARK } else { &LIGHT }
}

/// Gives a window its fonts and both of its themes, once, and shows the one that is preferred.
pub fn apply(ctx: &egui::Context, preference: egui::ThemePreference) {
    let installed = egui::Id::unique("eventscope fonts and styles");
    if !ctx.data(|data| data.get_temp::<bool>(installed).unwrap_or_default()) {
        ctx.data_mut(|data| data.insert_temp(installed, true));
        ctx.set_fonts(fonts::definitions());
        // A notch of the wheel is three rows.
        ctx.options_mut(|options| options.input_options.line_scroll_speed = 3.0 * ROW);
        ctx.style_mut_of(egui::Theme::Dark, |style| visuals::restyle(style, &DARK));
        ctx.style_mut_of(egui::Theme::Light, |style| visuals::restyle(style, &LIGHT));
    }
    ctx.set_theme(preference);
}

const fn rgb(hex: u32) -> Color32 {
    let [_, red, green, blue] = hex.to_be_bytes();
    Color32::from_rgb(red, green, blue)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(color: Color32) -> f32 {
        let linear = egui::Rgba::from(color);
        0.2126 * linear.r() + 0.7152 * linear.g() + 0.0722 * linear.b()
    }

    /// The contrast of two colours as WCAG 2.1 defines it: from 1 to 21.
    fn contrast(a: Color32, b: Color32) -> f32 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_reads_on_every_surface_that_it_lies_on() {
        for palette in [&DARK, &LIGHT] {
            let p = palette;
            let surfaces = [p.bg, p.panel, p.raise, p.hover, p.accent_bg, p.add_bg, p.del_bg, p.chg_bg];
            let texts = [
                ("text", p.text),
                ("dim", p.dim),
                ("accent", p.accent),
                ("add", p.add),
                ("del", p.del),
                ("chg", p.chg),
                ("string", p.string),
                ("number", p.number),
                ("key", p.key),
            ];
            for (name, text) in texts {
                for surface in surfaces {
                    let ratio = contrast(text, surface);
                    assert!(ratio >= 4.5, "{name} on {surface:?} (dark: {}): {ratio:.2}", p.dark);
                }
            }
            for surface in [p.bg, p.panel] {
                let ratio = contrast(p.faint, surface);
                assert!(ratio >= 4.5, "faint on {surface:?} (dark: {}): {ratio:.2}", p.dark);
            }
            assert!(contrast(p.on_accent, p.accent) >= 4.5);
        }
    }

    #[test]
    fn event_types_have_the_colours_that_the_design_draws() {
        assert_eq!(event_type_color("order.placed", true), rgb(0x6e_a8fe));
        assert_eq!(event_type_color("order.line_removed", true), rgb(0xef_7b7b));
        assert_eq!(event_type_color("stock.reserved", true), rgb(0xe6_b35c));
    }

    #[test]
    fn an_event_types_colour_is_stable_and_seen() {
        for dark in [true, false] {
            for name in ["order.placed", "order.line_added", "", "Ünïcode"] {
                let color = event_type_color(name, dark);
                assert_eq!(color, event_type_color(name, dark));
                assert!(contrast(color, of(dark).bg) >= 3.0, "{name} {color:?}");
                assert!(contrast(color, of(dark).accent_bg) >= 3.0, "{name} {color:?}");
            }
        }
    }
}
