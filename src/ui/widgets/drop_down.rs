//! A button that opens a menu of choices and shows the one that was made.

use egui::containers::menu::{MenuButton, MenuConfig};
use egui::{Button, PopupCloseBehavior, RichText, Ui, vec2};

use super::paint::triangle;
use crate::ui::theme;

/// The highest that a menu's list gets, in points.
pub const MENU_HEIGHT: f32 = 360.0;
/// The narrowest that a menu gets, in points.
pub const MENU_WIDTH: f32 = 260.0;
/// The widest that a menu gets, in points.
const WIDEST: f32 = 380.0;

/// How high the list of a menu may get that opens here, so that it fits below its button or above it.
#[must_use]
pub fn highest(ui: &Ui) -> f32 {
    let screen = ui.ctx().content_rect();
    let top = ui.cursor().top();
    let below = screen.bottom() - top - theme::ENTRY;
    (below.max(top - screen.top()) - 3.0 * theme::MARGIN).clamp(100.0, MENU_HEIGHT)
}

/// A button with a fixed width, its text at the left and a triangle at the right, that opens a menu.
pub fn drop_down<R>(
    ui: &mut Ui,
    name: &str,
    text: RichText,
    width: f32,
    add_contents: impl FnOnce(&mut Ui) -> R,
) -> Option<R> {
    let value = text.text().to_owned();
    ui.allocate_ui_with_layout(vec2(width, theme::ENTRY), egui::Layout::top_down_justified(egui::Align::Min), |ui| {
        ui.set_width(width);
        // The space at the right is the triangle's.
        let button = Button::new(text).truncate().right_text("    ").min_size(vec2(width, theme::ENTRY));
        // A menu may hold an entry: a click into it must not close it.
        let config = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
        let (response, inner) = MenuButton::from_button(button).config(config).ui(ui, |ui| {
            ui.set_min_width(MENU_WIDTH);
            ui.set_max_width(WIDEST);
            add_contents(ui)
        });
        let center = response.rect.right_center() - vec2(13.0, 0.0);
        triangle(ui.painter(), center, true, theme::palette(ui).dim);
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_value(value));
        if response.gained_focus() {
            response.scroll_to_me(None);
        }
        response.accessible_name(name);
        if let Some(menu) = &inner {
            // A press and its release in one frame would raise the dialog over the menu that they open.
            ui.ctx().move_to_top(menu.response.layer_id);
        }
        inner.map(|inner| inner.inner)
    })
    .inner
}
