//! The keyboard in a list of rows: the list is one stop for the Tab key, and within it the keys go from row to row.
//!
//! The rows themselves take no focus. There may be millions, of which only those in view exist, and a row that is
//! scrolled out of view would take the keyboard with it. A screen reader is told which row it is about.

use egui::accesskit::Role;
use egui::{
    EventFilter, Id, Key, Modifiers, Popup, PopupAnchor, Rect, Response, Sense, SetOpenCommand, Ui, WidgetInfo, vec2,
};

use super::paint;
use super::scroll::{RowArea, RowScroll};
use crate::model::Focus;
use crate::ui::keyboard;
use crate::ui::theme;

/// What the keys did in a list in this frame.
#[derive(Clone, Copy, Debug, Default)]
pub struct RowKeys {
    /// Whether the list has the keyboard.
    pub focused: bool,
    /// The row that they are about.
    pub cursor: u64,
    /// Whether Return or Space was pressed on it.
    pub taken: bool,
    /// Whether it is to be opened or closed.
    pub turned: Option<bool>,
    /// Whether its menu is wanted.
    pub menu: bool,
}

impl RowKeys {
    /// Whether the keys are about this row.
    #[must_use]
    pub fn on(&self, row: u64) -> bool {
        self.focused && self.cursor == row
    }
}

impl RowArea {
    /// The name under which the list has the keyboard.
    #[must_use]
    pub fn keyboard(&self) -> Id {
        self.id.with("keyboard")
    }

    /// Makes the list a stop, before its rows are drawn. Answers whether it has the keyboard.
    #[must_use]
    pub fn hold(&self, ui: &Ui, view: Rect, role: Role, focus: Focus) -> bool {
        let response = ui.interact(view, self.keyboard(), Sense::FOCUSABLE);
        response.widget_info(|| WidgetInfo::labeled(role, true, self.name));
        keyboard::join(ui.ctx(), self.stop, response.id, focus);
        let focused = response.has_focus();
        if focused {
            // The arrows are the rows', unless a menu is open over them.
            let own = !Popup::is_any_open(ui.ctx());
            let filter = EventFilter { tab: false, horizontal_arrows: own, vertical_arrows: own, escape: own };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        }
        focused
    }

    /// Gives the keyboard to the list.
    pub fn take_keyboard(&self, ui: &Ui) {
        if !ui.memory(|memory| memory.has_focus(self.keyboard())) {
            ui.memory_mut(|memory| memory.request_focus(self.keyboard()));
        }
    }

    /// Lets the keys walk through the rows on which there is something to do, as `is_stop` says.
    pub fn walk(&self, ui: &Ui, view: Rect, scroll: &mut RowScroll, is_stop: impl Fn(u64) -> bool) -> RowKeys {
        scroll.cursor = scroll.cursor.min(self.rows.saturating_sub(1));
        let focused = self.hold(ui, view, Role::Tree, Focus::List);
        let mut keys = RowKeys { focused, cursor: scroll.cursor, ..RowKeys::default() };
        if !focused || !ui.is_enabled() || Popup::is_any_open(ui.ctx()) {
            return keys;
        }
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        if let Some(cursor) = self.moved(self.extent(view).page(), keys.cursor, &pressed, is_stop) {
            self.go_to(view, scroll, cursor);
            keys.cursor = cursor;
        }
        keys.taken = pressed(Key::Enter) || pressed(Key::Space);
        keys.turned = if pressed(Key::ArrowRight) { Some(true) } else { pressed(Key::ArrowLeft).then_some(false) };
        keys.menu = keyboard::takes_menu(ui.ctx());
        if pressed(Key::Escape) {
            keyboard::give(ui.ctx(), keyboard::Stop::Rows);
        }
        keys
    }

    /// Where the keys lead from `cursor`; `None` where none of them was pressed.
    fn moved(
        &self,
        page: u64,
        cursor: u64,
        pressed: &impl Fn(Key) -> bool,
        is_stop: impl Fn(u64) -> bool,
    ) -> Option<u64> {
        let last = self.rows.checked_sub(1)?;
        let ways = [
            (Key::ArrowUp, cursor.saturating_sub(1), false),
            (Key::ArrowDown, cursor.saturating_add(1).min(last), true),
            (Key::PageUp, cursor.saturating_sub(page), false),
            (Key::PageDown, cursor.saturating_add(page).min(last), true),
            (Key::Home, 0, true),
            (Key::End, last, false),
        ];
        let (_, to, down) = ways.into_iter().find(|(key, ..)| pressed(*key))?;
        // Captions are passed over, in the way that one goes, or else back again.
        let ahead = if down { (to..=last).find(|row| is_stop(*row)) } else { (0..=to).rev().find(|row| is_stop(*row)) };
        ahead.or_else(|| if down { (cursor..to).rev().find(|row| is_stop(*row)) } else { None }).or(Some(cursor))
    }

    /// Goes to a row, which comes into view.
    pub fn go_to(&self, view: Rect, scroll: &mut RowScroll, row: u64) {
        scroll.cursor = row;
        scroll.anchor = scroll.anchor.revealing(row, self.extent(view));
    }

    /// Shows that the keys are about a row, and tells screen readers so.
    pub fn point_at(&self, ui: &Ui, row: &Response) {
        paint::focus_ring(ui, row.rect);
        self.tell_current(ui, row.id);
    }

    /// Tells screen readers that the keys are about a row. Only for a row that is drawn in this frame.
    pub fn tell_current(&self, ui: &Ui, row: Id) {
        ui.ctx().accesskit_node_builder(self.keyboard(), |node| node.set_active_descendant(row.accesskit_id()));
    }

    /// The menu of a row: with the other button of the pointer, or, where `wanted`, with the keyboard.
    pub fn menu(&self, ui: &Ui, row: &Response, wanted: bool, contents: impl FnOnce(&mut Ui)) {
        let (by_keys, entering) = (row.id.with("menu by keys"), row.id.with("menu entered"));
        if row.secondary_clicked() {
            ui.data_mut(|data| data.remove::<bool>(by_keys));
        }
        let mut popup = Popup::context_menu(row);
        if wanted {
            ui.data_mut(|data| {
                data.insert_temp(by_keys, true);
                data.insert_temp(entering, true);
            });
            self.take_keyboard(ui);
            popup = popup.open_memory(SetOpenCommand::Bool(true));
        }
        let keyed = ui.data(|data| data.get_temp::<bool>(by_keys)).unwrap_or_default();
        if keyed {
            let place = row.rect.left_bottom() + vec2(2.0 * theme::MARGIN, 0.0);
            popup = popup.anchor(PopupAnchor::Position(place)).anchor_widget(self.keyboard());
        }
        let shown = popup.show(|ui| {
            contents(ui);
            within(ui, self.keyboard(), entering);
        });
        if keyed && shown.is_none_or(|shown| shown.response.should_close()) {
            ui.data_mut(|data| data.remove::<bool>(by_keys));
            self.take_keyboard(ui);
        }
    }
}

/// The keyboard within a menu: it enters at the first entry, and Return closes what a click would close.
fn within(ui: &Ui, list: Id, entering: Id) {
    let taken = ui.input(|input| input.key_pressed(Key::Enter) || input.key_pressed(Key::Space));
    let focused = ui.memory(egui::Memory::focused);
    if taken && focused.is_some_and(|focused| focused != list) {
        ui.close();
    }
    // At first the size of the menu is measured, and nothing in it can have the keyboard.
    let enters = !ui.is_sizing_pass() && ui.data_mut(|data| data.remove_temp::<bool>(entering)).unwrap_or_default();
    if enters {
        ui.memory_mut(|memory| memory.move_focus(egui::FocusDirection::Down));
    }
}

/// The row above that holds the row `cursor`, in a tree whose rows are as deep as `depth` says.
pub(super) fn parent(cursor: u64, depth: impl Fn(u64) -> Option<usize>) -> u64 {
    let Some(own) = depth(cursor) else { return cursor };
    (0..cursor).rev().find(|row| depth(*row).is_some_and(|depth| depth < own)).unwrap_or(cursor)
}
