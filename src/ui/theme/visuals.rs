//! egui's own widgets in the colours and sizes of the theme.

use egui::epaint::FontColorTransferFunction;
use egui::style::{ScrollStyle, Selection, WidgetVisuals, Widgets};
use egui::{Color32, CornerRadius, FontFamily, FontId, Margin, Shadow, Stroke, Style, TextStyle, Visuals, vec2};

use super::{ENTRY, INDENT, MARGIN, Palette, ROUNDING, STEP};

/// Gives egui's widgets the look of `palette`.
pub(super) fn restyle(style: &mut Style, palette: &Palette) {
    style.visuals = visuals(palette);
    style.text_styles = text_styles();
    style.animation_time = 0.1;
    // A label that can be selected swallows the clicks and drags of the row that it lies in.
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = 0.4;
    spacing(style);
}

fn spacing(style: &mut Style) {
    let spacing = &mut style.spacing;
    spacing.item_spacing = vec2(2.0 * STEP, STEP);
    spacing.button_padding = vec2(2.0 * STEP, STEP);
    spacing.interact_size = vec2(ENTRY, ENTRY);
    spacing.indent = INDENT;
    spacing.window_margin = Margin::from(MARGIN);
    spacing.menu_margin = Margin::from(STEP);
    spacing.combo_width = 88.0;
    spacing.icon_spacing = 1.5 * STEP;
    spacing.scroll =
        ScrollStyle { bar_width: 8.0, bar_inner_margin: 2.0, bar_outer_margin: 2.0, ..ScrollStyle::floating() };
}

fn text_styles() -> std::collections::BTreeMap<TextStyle, FontId> {
    [
        (TextStyle::Body, FontId::proportional(13.0)),
        (TextStyle::Button, FontId::proportional(13.0)),
        (TextStyle::Small, FontId::proportional(11.0)),
        (TextStyle::Monospace, FontId::monospace(12.0)),
        (TextStyle::Heading, FontId::new(16.0, FontFamily::Name("semibold".into()))),
    ]
    .into()
}

fn visuals(palette: &Palette) -> Visuals {
    let base = if palette.dark { Visuals::dark() } else { Visuals::light() };
    let mut visuals = Visuals {
        weak_text_color: Some(palette.dim),
        widgets: widgets(palette),
        selection: Selection { bg_fill: palette.accent_bg, stroke: Stroke::new(1.0, palette.accent) },
        hyperlink_color: palette.accent,
        faint_bg_color: palette.raise,
        extreme_bg_color: palette.bg,
        code_bg_color: palette.raise,
        warn_fg_color: palette.chg,
        error_fg_color: palette.del,
        window_corner_radius: CornerRadius::same(ROUNDING + 2),
        window_fill: palette.panel,
        window_stroke: Stroke::new(1.0, palette.line),
        window_shadow: shadow(palette, 24),
        window_highlight_topmost: false,
        menu_corner_radius: CornerRadius::same(ROUNDING),
        popup_shadow: shadow(palette, 12),
        panel_fill: palette.panel,
        indent_has_left_vline: false,
        slider_trailing_fill: true,
        ..base
    };
    if palette.dark {
        // egui's own choice for dark themes thickens letters by more than the weights of these faces allow for.
        visuals.text_options.color_transfer_function = FontColorTransferFunction::Gamma(0.75);
    }
    visuals.text_cursor.stroke = Stroke::new(1.5, palette.accent);
    visuals
}

fn shadow(palette: &Palette, blur: u8) -> Shadow {
    let color = Color32::from_black_alpha(if palette.dark { 110 } else { 36 });
    Shadow { offset: [0, 4], blur, spread: 0, color }
}

/// Raised surfaces with a hairline; the focus of the keyboard and of the pointer is told by the accent.
fn widgets(palette: &Palette) -> Widgets {
    let look = |fill, line: Color32, text| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, line),
        corner_radius: CornerRadius::same(ROUNDING),
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    };
    Widgets {
        noninteractive: look(palette.panel, palette.line, palette.text),
        inactive: look(palette.raise, palette.line, palette.text),
        hovered: look(palette.hover, palette.faint, palette.text),
        active: look(palette.accent_bg, palette.accent, palette.text),
        open: look(palette.hover, palette.line, palette.text),
    }
}
