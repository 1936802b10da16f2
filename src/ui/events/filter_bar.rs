//! The filter bar: each condition as a chip, an entry that turns what is typed into chips, and how many events there are.

use egui::text::{LayoutJob, TextFormat};
use egui::{
    Color32, Event, FontId, Frame, Id, Key, Label, Margin, Modifiers, Painter, Popup, Rect, Response, RichText, Sense,
    Stroke, Ui, WidgetInfo, vec2,
};

use super::super::keyboard::{self, Stop};
use super::super::scene::Scene;
use super::super::widgets::{self, Completion, Entry, cursor_in};
use super::super::{controls, kept_filters, theme};
use super::completion::offers_in;
use super::count_text;
use crate::filter::{Filter, ParseError};
use crate::model::{Command, ViewState};
use crate::session::{EventPlace, Session};

/// The narrowest the entry gets before it moves to a line of its own, in points.
const ENTRY_WIDTH: f32 = 140.0;

const SYNTAX: &str = "type:order.*   stream:ord-000418   aggregate:order   actor:anna   correlation:req-1\n\
    version>3   position>=100   after:2026-03-14   before:2026-03-15T12:00\n\
    data.total>100   metadata.user:ann*   \"any text in the data\"\n\
    -actor:import   excludes;   type:a,b   means one of them;   (a or b)   not (c d)   groups
    version:1..10   after:now-2h   data.lines[].sku:A-5*   has:data.error   /refund(ed)?/i
    changed:/status   changed:none   failed:*   unhandled:*   what it did to the state";

/// What is being typed, and the filter as it was last read.
#[derive(Debug, Default)]
pub(super) struct Draft {
    text: String,
    fault: Option<ParseError>,
    read: Option<(String, Result<Filter, ParseError>)>,
    completion: Completion,
}

impl Draft {
    /// The filter that `text` says, read only when it is another one than before; the empty one where it is wrong.
    pub(super) fn filter(&mut self, text: &str) -> &Filter {
        static NONE: Filter = Filter { terms: Vec::new() };
        self.parsed(text).as_ref().unwrap_or(&NONE)
    }

    fn parsed(&mut self, text: &str) -> &Result<Filter, ParseError> {
        if self.read.as_ref().is_none_or(|(read, _)| read != text) {
            self.read = None;
        }
        &self.read.get_or_insert_with(|| (text.to_owned(), Filter::parse(text))).1
    }
}

/// Gives the keyboard to the filter's entry.
pub fn focus_filter(ctx: &egui::Context) {
    ctx.memory_mut(|memory| memory.request_focus(entry_id()));
}

fn entry_id() -> Id {
    Id::unique("filter events")
}

/// Paints the bar, and under it what is wrong with what was typed.
pub(super) fn show(ui: &mut Ui, scene: &Scene<'_>, session: &Session, draft: &mut Draft, out: &mut Vec<Command>) {
    let view = scene.view;
    let palette = theme::palette(ui);
    let focused = ui.memory(|memory| memory.has_focus(entry_id()));
    let line = if focused { palette.accent } else { palette.line };
    let frame = Frame::new()
        .fill(palette.raise)
        .stroke(Stroke::new(1.0, line))
        .corner_radius(theme::ROUNDING + 1)
        .inner_margin(Margin::symmetric(8, 4))
        .outer_margin(Margin { left: 12, right: 12, top: 10, bottom: 6 });
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        bar(ui, scene, session, draft, out);
    });
    let stored =
        draft.parsed(&view.place.filter).as_ref().err().map(|fault| (view.place.filter.clone(), fault.clone()));
    let typed = draft.fault.clone().map(|fault| (draft.text.clone(), fault));
    if let Some((text, fault)) = typed.or(stored) {
        show_fault(ui, &text, &fault);
    }
}

fn bar(ui: &mut Ui, scene: &Scene<'_>, session: &Session, draft: &mut Draft, out: &mut Vec<Command>) {
    let view = scene.view;
    let count = count_text(session, !view.place.filter.is_empty());
    let count = RichText::new(count).color(theme::palette(ui).dim);
    let clearable = !view.place.filter.is_empty() || !draft.text.is_empty();
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Min), |ui| {
        ui.spacing_mut().item_spacing = vec2(6.0, 2.0);
        ui.spacing_mut().interact_size.y = 20.0;
        kept(ui, scene, out);
        if clearable && clear_button(ui).clicked() {
            *draft = Draft::default();
            out.push(Command::ClearFilter);
        }
        ui.add_sized([0.0, 20.0], Label::new(count));
        // As high as one line: where a line is full, the next one begins right beneath it.
        let line = vec2(ui.available_width(), 20.0);
        let wrapping = egui::Layout::left_to_right(egui::Align::Min).with_main_wrap(true);
        ui.allocate_ui_with_layout(line, wrapping, |ui| {
            chips(ui, view, draft, out);
            entry(ui, view, session, draft, out);
        });
    });
}

fn chips(ui: &mut Ui, view: &ViewState, draft: &mut Draft, out: &mut Vec<Command>) {
    let terms: Vec<_> = draft.filter(&view.place.filter).terms.clone();
    for (index, term) in terms.iter().enumerate() {
        let chip = widgets::chip(ui, index, &term.label(), term.negated);
        if chip.pressed {
            draft.text = term.to_string();
            focus_filter(ui.ctx());
        }
        if chip.pressed || chip.removed {
            out.push(Command::RemoveTerm(index));
        }
    }
}

fn entry(ui: &mut Ui, view: &ViewState, session: &Session, draft: &mut Draft, out: &mut Vec<Command>) {
    let was_empty = draft.text.is_empty();
    let follows_chips = !draft.filter(&view.place.filter).is_empty();
    if follows_chips && ui.available_size_before_wrap().x < ENTRY_WIDTH {
        ui.end_row();
    }
    let response = completed(ui, session, draft);
    if response.has_focus() && was_empty && pressed(ui, Key::Backspace) {
        let last = draft.filter(&view.place.filter).terms.len().checked_sub(1);
        out.extend(last.map(Command::RemoveTerm));
    }
    if response.lost_focus() && pressed(ui, Key::Enter) {
        take(ui, draft, out);
    }
    if response.has_focus() && pressed(ui, Key::ArrowDown) && keyboard::give(ui.ctx(), Stop::Rows) {
        let selected = view.place.event.map_or(EventPlace::Unknown, |position| session.place_of(position));
        // Where the selected event is among the rows, the keys go on from there.
        out.extend((!matches!(selected, EventPlace::Row(_))).then_some(Command::OldestEvent));
    }
    if !draft.completion.is_open() {
        response.on_hover_ui(|ui| {
            ui.set_max_width(560.0);
            ui.label(RichText::new(SYNTAX).font(theme::mono()));
        });
    }
}

/// The entry, with the list of what the filter may go on with while it is typed.
fn completed(ui: &mut Ui, session: &Session, draft: &mut Draft) -> Response {
    let focused = ui.memory(|memory| memory.has_focus(entry_id()));
    let mut put_in = if focused { draft.completion.keys(ui) } else { None };
    let asked = focused && ui.input_mut(|input| input.consume_key(Modifiers::CTRL, Key::Space));
    let entry = Entry { name: "Filter events", hint: "Filter events…", id: entry_id(), framed: false };
    let field = entry.show_whole(ui, &mut draft.text);
    let response = field.response.response.clone();
    let typed = response.changed();
    if typed {
        draft.fault = None;
    }
    if let Some(at) = cursor_in(&draft.text, &field).filter(|_| (typed || asked) && response.has_focus()) {
        draft.completion.offer(offers_in(session, &draft.text, at, asked), false);
    }
    put_in = put_in.or(draft.completion.list(ui, &field));
    if let Some(offer) = put_in {
        let at = draft.completion.put_in(ui, entry_id(), &mut draft.text, &offer);
        draft.fault = None;
        // Behind the name of a field come its values.
        if offer.text.ends_with([':', '.']) {
            draft.completion.offer(offers_in(session, &draft.text, at, true), false);
        }
        ui.ctx().request_repaint();
    }
    response
}

/// Turns what was typed into conditions, and stays in the entry for the next one.
fn take(ui: &Ui, draft: &mut Draft, out: &mut Vec<Command>) {
    if draft.text.trim().is_empty() {
        return;
    }
    focus_filter(ui.ctx());
    match Filter::parse(&draft.text) {
        Ok(filter) => {
            out.extend(filter.terms.iter().map(|term| Command::AddTerm(term.to_string())));
            draft.text.clear();
        }
        Err(fault) => draft.fault = Some(fault),
    }
}

fn pressed(ui: &Ui, wanted: Key) -> bool {
    let is_press = |event: &Event| matches!(event, Event::Key { key, pressed: true, .. } if *key == wanted);
    ui.input(|input| input.events.iter().any(is_press))
}

fn clear_button(ui: &mut Ui) -> Response {
    small_button(ui, "Clear filter", |painter, rect, color| widgets::cross(painter, rect.center(), color))
}

/// The button with the filters that are kept.
fn kept(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Command>) {
    let paint = |painter: &Painter, rect: Rect, color| widgets::triangle(painter, rect.center(), true, color);
    let button = small_button(ui, "Kept filters", paint);
    Popup::menu(&button).show(|ui| kept_filters::menu(ui, scene, out));
}

/// A button as high as the line, with a drawing of its own.
fn small_button(ui: &mut Ui, name: &str, paint: impl FnOnce(&Painter, Rect, Color32)) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(20.0, 20.0), Sense::click());
    let palette = theme::palette(ui);
    if response.hovered() {
        ui.painter().rect_filled(rect, theme::ROUNDING, palette.hover);
    }
    paint(ui.painter(), rect, palette.dim);
    if response.has_focus() {
        widgets::focus_ring(ui, rect);
    }
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, name));
    response.on_hover_text(name)
}

/// What is wrong, and the very characters that are.
fn show_fault(ui: &mut Ui, text: &str, fault: &ParseError) {
    let palette = theme::palette(ui);
    let wrong = text.get(fault.at.clone()).filter(|wrong| !wrong.is_empty()).unwrap_or("…");
    let mut job = LayoutJob::default();
    let mut part = |text: &str, font: FontId, color, underline| {
        job.append(text, 0.0, TextFormat { font_id: font, color, underline, ..TextFormat::default() });
    };
    part(text.get(..fault.at.start).unwrap_or_default(), theme::mono(), palette.dim, Stroke::NONE);
    part(wrong, theme::mono(), palette.del, Stroke::new(1.0, palette.del));
    part(text.get(fault.at.end..).unwrap_or_default(), theme::mono(), palette.dim, Stroke::NONE);
    part(&format!("   {}", controls::sentence(&fault.message)), theme::text(), palette.del, Stroke::NONE);
    let frame = Frame::new().outer_margin(Margin { left: 20, right: 12, top: 0, bottom: 6 });
    frame.show(ui, |ui| ui.add(Label::new(job).wrap()));
}
