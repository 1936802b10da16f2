//! What a text may go on with, in a list below the cursor: chosen by the keyboard or with the mouse.
//!
//! Before the text field is drawn its owner hands it the keys ([`Completion::keys`]); after it was drawn and the text
//! changed, what may follow ([`Completion::offer`]), and has the list painted ([`Completion::list`]).

use std::borrow::Cow;

use egui::text::{CCursor, CCursorRange};
use egui::text_edit::TextEditOutput;
use egui::{Area, EventFilter, Frame, Id, Key, Modifiers, Order, Pos2, RichText, TextEdit, Ui};

use crate::codec::visible;
use crate::ui::theme;

/// How many offers are in view at a time.
const IN_VIEW: usize = 8;

/// How wide the list is at least, in points.
const WIDTH: f32 = 260.0;

/// How many characters of an offer, and of its note, are shown.
const LONGEST: usize = 48;

/// Something that a text may go on with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What is put in.
    pub text: String,
    /// What there is to know of it: what it is, or a value that it had.
    pub note: String,
}

/// What is offered at a place in a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offers {
    /// From which byte on the text is replaced, up to the place.
    pub from: usize,
    /// What may take that place.
    pub offers: Vec<Offer>,
}

/// The list of what a text may go on with.
#[derive(Debug, Default)]
pub struct Completion {
    offers: Offers,
    chosen: Option<usize>,
    /// Whether the text was typed in since the list was closed.
    open: bool,
    /// Where the list is: below the cursor.
    below: Option<Pos2>,
}

impl Completion {
    /// Opens the list with these; with none of them it stays closed. `first` says whether the first one is chosen, so
    /// that Return takes it; otherwise Return means what it means without a list until the arrows have chosen one.
    pub fn offer(&mut self, offers: Offers, first: bool) {
        self.chosen = first.then_some(0);
        self.offers = offers;
        self.open = true;
    }

    /// Whether there is something to choose from.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.open && !self.offers.offers.is_empty()
    }

    /// The keys that the list takes while it is open, before its text field sees them; what was chosen by them.
    pub fn keys(&mut self, ui: &Ui) -> Option<Offer> {
        if !self.is_open() {
            return None;
        }
        let last = self.offers.offers.len() - 1;
        let chosen = ui.input_mut(|input| {
            if input.consume_key(Modifiers::NONE, Key::ArrowDown) {
                self.chosen = Some(self.chosen.filter(|chosen| *chosen < last).map_or(0, |chosen| chosen + 1));
            }
            if input.consume_key(Modifiers::NONE, Key::ArrowUp) {
                self.chosen = Some(self.chosen.and_then(|chosen| chosen.checked_sub(1)).unwrap_or(last));
            }
            if input.consume_key(Modifiers::NONE, Key::Escape) {
                self.open = false;
            }
            let tab = input.consume_key(Modifiers::NONE, Key::Tab);
            let enter = self.chosen.is_some() && input.consume_key(Modifiers::NONE, Key::Enter);
            self.chosen.or(Some(0)).filter(|_| tab || enter)
        });
        chosen.filter(|_| self.open).and_then(|chosen| self.offers.offers.get(chosen)).cloned()
    }

    /// Paints the list below the cursor of the text field that was drawn; what was pressed. It closes when the field
    /// loses the keyboard, but not to a press on the list itself.
    pub fn list(&mut self, ui: &Ui, field: &TextEditOutput) -> Option<Offer> {
        if !self.is_open() {
            return None;
        }
        let id = field.response.response.id;
        let focused = ui.memory(|memory| memory.has_focus(id));
        if focused {
            // The list takes Escape and the arrows, which else take the focus away.
            let filter = EventFilter { tab: true, horizontal_arrows: true, vertical_arrows: true, escape: true };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
        }
        if let Some(cursor) = field.cursor_range {
            let at = field.galley.pos_from_cursor(cursor.primary).translate(field.galley_pos.to_vec2());
            self.below = Some(at.left_bottom());
        }
        let first = self.chosen.unwrap_or_default().saturating_sub(IN_VIEW - 1);
        let mut pressed = None;
        let area = Area::new(id.with("offers")).order(Order::Tooltip).fixed_pos(self.below?).constrain(true);
        let shown = area.show(ui.ctx(), |ui| {
            Frame::popup(ui.style()).inner_margin(4).show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                for (index, offer) in self.offers.offers.iter().enumerate().skip(first).take(IN_VIEW) {
                    if row(ui, offer, self.chosen == Some(index)) {
                        pressed = Some(offer.clone());
                    }
                }
            });
        });
        let place = shown.response.rect;
        let held = ui.input(|input| {
            let pointer = &input.pointer;
            (pointer.any_down() || pointer.any_released())
                && pointer.interact_pos().is_some_and(|at| place.contains(at))
        });
        self.open = focused || held || pressed.is_some();
        pressed
    }

    /// Puts what was chosen in the place of what was typed of it, in the text field `id`; answers where the cursor is
    /// now, in bytes.
    pub fn put_in(&mut self, ui: &Ui, id: Id, text: &mut String, offer: &Offer) -> usize {
        self.open = false;
        ui.memory_mut(|memory| memory.request_focus(id));
        let mut state = TextEdit::load_state(ui.ctx(), id).unwrap_or_default();
        let cursor = state.cursor.char_range().map_or(text.chars().count(), |range| range.primary.index.0);
        let (from, to) = (self.offers.from, byte_of(text, cursor));
        if from > to || !text.is_char_boundary(from) {
            return to;
        }
        text.replace_range(from..to, &offer.text);
        let after = text.get(..from).unwrap_or_default().chars().count() + offer.text.chars().count();
        state.cursor.set_char_range(Some(CCursorRange::one(CCursor::new(after))));
        state.store(ui.ctx(), id);
        from + offer.text.len()
    }
}

/// One offer with its note; whether it was pressed.
fn row(ui: &mut Ui, offer: &Offer, chosen: bool) -> bool {
    let palette = theme::palette(ui);
    let line = ui.horizontal(|ui| {
        ui.set_min_width(WIDTH);
        ui.spacing_mut().interact_size.y = theme::TREE_ROW;
        let text = RichText::new(visible(&cut(&offer.text))).font(theme::mono());
        let row = ui.selectable_label(chosen, text);
        let pressed = row.accessible_name(format!("Put in {}", offer.text)).clicked();
        let note = RichText::new(visible(&cut(&offer.note))).font(theme::small()).color(palette.dim);
        ui.label(note);
        pressed
    });
    line.inner
}

/// As much of a text as a row has room for.
fn cut(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => Cow::Owned(format!("{}…", text.get(..end).unwrap_or_default())),
        None => Cow::Borrowed(text),
    }
}

/// Where the cursor of a text field is, in bytes of its text.
#[must_use]
pub fn cursor_in(text: &str, field: &TextEditOutput) -> Option<usize> {
    Some(byte_of(text, field.cursor_range?.primary.index.0))
}

/// Where a character begins, in bytes.
fn byte_of(text: &str, character: usize) -> usize {
    text.char_indices().nth(character).map_or(text.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable as _;

    use super::*;
    use crate::ui::widgets::Entry;

    /// A field whose text may go on with two words, whatever is typed.
    fn show(ui: &mut Ui, (text, completion): &mut (String, Completion)) {
        theme::apply(ui.ctx(), egui::ThemePreference::Dark);
        let id = Id::unique("completed");
        if let Some(offer) = completion.keys(ui) {
            completion.put_in(ui, id, text, &offer);
        }
        let field = Entry { name: "Text", hint: "", id, framed: true }.show_whole(ui, text);
        if field.response.response.changed() {
            let offer = |text: &str| Offer { text: text.to_owned(), note: "a word".to_owned() };
            completion.offer(Offers { from: 0, offers: vec![offer("one"), offer("other")] }, false);
        }
        if let Some(offer) = completion.list(ui, &field) {
            completion.put_in(ui, id, text, &offer);
        }
    }

    fn typed() -> Harness<'static, (String, Completion)> {
        let mut harness = Harness::builder().with_size([600.0, 300.0]).build_ui_state(show, Default::default());
        harness.run();
        harness.get_by_label("Text").focus();
        harness.run();
        harness.get_by_label("Text").type_text("o");
        harness.run();
        assert!(harness.query_by_label("Put in one").is_some());
        harness
    }

    #[test]
    fn an_offer_is_put_in_with_the_mouse_or_by_the_keyboard() {
        let mut harness = typed();
        harness.get_by_label("Put in other").click();
        harness.run();
        assert_eq!(harness.state().0, "other");
        assert!(harness.query_by_label("Put in one").is_none());
        assert!(harness.get_by_label("Text").is_focused());
        let mut harness = typed();
        for key in [Key::ArrowDown, Key::ArrowDown, Key::Enter] {
            harness.key_press(key);
            harness.run();
        }
        assert_eq!(harness.state().0, "other");
    }

    #[test]
    fn a_press_beside_the_list_closes_it() {
        let mut harness = typed();
        harness.drag_at(egui::pos2(590.0, 290.0));
        harness.drop_at(egui::pos2(590.0, 290.0));
        harness.run();
        assert!(harness.query_by_label("Put in one").is_none());
        assert_eq!(harness.state().0, "o");
    }
}
