//! The command palette: any command by part of its name, with its keys, and why not where it cannot be carried out; and
//! events, streams, event types, fields and bookmarks of the open database.

use std::borrow::Cow;

use egui::{Align, Align2, Key, Label, Modifiers, RichText, Role, ScrollArea, Sense, TextEdit, Ui, WidgetInfo, vec2};

use super::palette_events::Events;
use super::palette_places::Places;
use super::scene::Scene;
use super::widgets::text_in;
use super::{fuzzy, theme};
use crate::codec::visible;
use crate::model::{Column, Command, MarkKind, Name, Speed, Tab};

/// The width of the palette, in points.
const WIDTH: f32 = 560.0;
/// How many items are in view at once.
const VISIBLE: f32 = 12.0;
/// The height of an item, in points.
const ITEM: f32 = 28.0;

/// What is typed into the palette, and the item that Return takes.
#[derive(Debug, Default)]
pub struct Draft {
    wanted: String,
    chosen: usize,
    /// What was found beside commands.
    places: Places,
    /// How many events stood before the commands in the last frame, as the text names them.
    named: usize,
    /// The palette was open in the last frame: the entry has had its focus.
    open: bool,
}

struct Item {
    title: Cow<'static, str>,
    keys: Option<String>,
    command: Command,
    refusal: Option<Cow<'static, str>>,
}

/// Paints the palette over the panels.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, draft: &mut Draft, out: &mut Vec<Command>) {
    if !std::mem::replace(&mut draft.open, true) {
        *draft = Draft { open: true, ..Draft::default() };
    }
    let place = egui::Area::new(egui::Id::unique("palette")).kind(egui::UiKind::Modal).order(egui::Order::Foreground);
    let place = place.anchor(Align2::CENTER_TOP, vec2(0.0, theme::HEADER + 24.0));
    let frame = egui::Frame::window(ui.style()).inner_margin(8);
    let response = egui::Modal::new(egui::Id::unique("palette")).area(place).frame(frame).show(ui.ctx(), |ui| {
        ui.set_width(WIDTH.min(ui.ctx().content_rect().width() - 48.0));
        contents(ui, scene, draft, out);
    });
    if response.should_close() {
        out.push(Command::CloseOverlay);
    }
}

/// Forgets what was typed; called while the palette is closed.
pub fn closed(scene: &Scene<'_>, draft: &mut Draft) {
    if std::mem::take(&mut draft.open)
        && let Some(session) = scene.session
    {
        session.forget_sought();
    }
}

fn contents(ui: &mut Ui, scene: &Scene<'_>, draft: &mut Draft, out: &mut Vec<Command>) {
    let (up, down) = arrows(ui);
    let entry = TextEdit::singleline(&mut draft.wanted).hint_text("Search commands…").desired_width(f32::INFINITY);
    let response = ui.add(entry.margin(vec2(10.0, 7.0))).accessible_name("Search commands");
    response.request_focus();
    if response.changed() {
        draft.chosen = 0;
    }
    let wanted = draft.wanted.trim().to_owned();
    let events = Events::find(scene, &wanted);
    let named = events.named.len();
    if draft.chosen > 0 && !response.changed() {
        // What comes in before it does not take the place of what was chosen.
        draft.chosen += named.saturating_sub(draft.named);
    }
    draft.named = named;
    let is_looking = events.is_looking;
    let items = found(scene, &wanted, &mut draft.places, events);
    draft.chosen = (draft.chosen + down).saturating_sub(up).min(items.len().saturating_sub(1));
    let taken = ui.input(|input| input.key_pressed(Key::Enter));
    list(ui, &items, draft, up + down > 0, is_looking, out);
    if let Some(item) = items.get(draft.chosen).filter(|item| taken && item.refusal.is_none()) {
        take(item, out);
    }
}

/// The palette closes first: what it starts may open a window of its own.
fn take(item: &Item, out: &mut Vec<Command>) {
    out.push(Command::CloseOverlay);
    out.push(item.command.clone());
}

fn arrows(ui: &mut Ui) -> (usize, usize) {
    ui.input_mut(|input| {
        let up = input.count_and_consume_key(Modifiers::NONE, Key::ArrowUp);
        (up, input.count_and_consume_key(Modifiers::NONE, Key::ArrowDown))
    })
}

/// The items that answer: the events that the text names, then all else, best first, with what cannot be carried out now
/// at its end; then the events whose data holds it.
fn found(scene: &Scene<'_>, wanted: &str, places: &mut Places, events: Events) -> Vec<Item> {
    let mut finder = fuzzy::Finder::new(wanted);
    let mut found: Vec<_> =
        items(scene).into_iter().filter_map(|item| finder.score(&item.title).map(|score| (score, item))).collect();
    let places = places.find(scene, wanted).iter();
    let places = places.map(|(title, command)| resolved(scene, (title.clone().into(), command.clone())));
    found.extend(places.filter_map(|item| finder.score(&item.title).map(|score| (score, item))));
    if wanted.is_empty() {
        found.sort_by_key(|(_, item)| item.refusal.is_some());
    } else {
        // Of two that answer alike, the shorter one has less in it that was not asked for.
        let length = |item: &Item| item.title.chars().count();
        found.sort_by_key(|(score, item)| (item.refusal.is_some(), std::cmp::Reverse(*score), length(item)));
    }
    let item = |(title, command): (String, Command)| resolved(scene, (visible(&title).into_owned().into(), command));
    let named = events.named.into_iter().map(item);
    named.chain(found.into_iter().map(|(_, item)| item)).chain(events.holding.into_iter().map(item)).collect()
}

fn items(scene: &Scene<'_>) -> Vec<Item> {
    let plain = Command::table().iter().filter(|entry| !matches!(entry.name, Name::Palette | Name::CloseOverlay));
    // These belong to a window that is open over the panels.
    let plain = plain.filter(|entry| !matches!(entry.name, Name::ConfirmUnlock | Name::ClearDraft));
    let of_mapping = |name| matches!(name, Name::ApplyMapping | Name::ChooseProfile | Name::ChooseExport);
    let plain = plain.filter(move |entry| !of_mapping(entry.name));
    let plain = plain.filter_map(|entry| Some((Cow::Borrowed(entry.title), entry.name.command()?)));
    let tabs = Tab::ALL.into_iter().map(|tab| (format!("Show tab {}", tab.title()).into(), Command::ShowTab(tab)));
    let columns = Column::ALL.into_iter().map(|column| {
        let verb = if scene.view.columns.shows(column) { "Hide" } else { "Show" };
        (format!("{verb} column {}", column.title()).into(), Command::ToggleColumn(column))
    });
    let marks = MarkKind::ALL.into_iter().map(|kind| {
        let verb = if scene.view.marks.shows(kind) { "Hide" } else { "Show" };
        (format!("{verb} {} on the timeline", kind.title()).into(), Command::ToggleMarks(kind))
    });
    let sorts = Column::ALL
        .into_iter()
        .filter(|column| scene.view.columns.shows(*column))
        .map(|column| (format!("Sort by {}", column.title()).into(), Command::Sort(column)));
    let speeds =
        Speed::ALL.into_iter().map(|speed| (format!("Play at {}", speed.text()).into(), Command::SetSpeed(speed)));
    let recent = scene.settings.recent().iter().enumerate();
    let recent =
        recent.map(|(index, path)| (format!("Open recent {}", path.display()).into(), Command::OpenRecent(index)));
    let (kept, kind) = (&scene.settings.filters, super::kept_filters::kind(scene));
    let set = |filter: &String| Command::SetFilter(filter.clone());
    let filters = kept.saved(kind).iter().flat_map(move |saved| {
        let forget = (format!("Forget the filter {}", saved.name).into(), Command::ForgetFilter(saved.name.clone()));
        [(format!("Filter {}", saved.name).into(), set(&saved.filter)), forget]
    });
    let last = kept.recent(kind).iter().map(move |filter| (format!("Filter again {filter}").into(), set(filter)));
    let bookmarks = scene.view.noted.all_bookmarks().iter().map(|bookmark| {
        let title = format!("Bookmark {bookmark} {}", bookmark.title());
        let there = Command::SelectStreamAt((bookmark.stream(), bookmark.version()));
        (visible(title.trim_end()).into_owned().into(), there)
    });
    plain
        .chain(bookmarks)
        .chain(filters)
        .chain(last)
        .chain(tabs)
        .chain(sorts)
        .chain(columns)
        .chain(marks)
        .chain(speeds)
        .chain(recent)
        .map(|item| resolved(scene, item))
        .collect()
}

fn resolved(scene: &Scene<'_>, (title, command): (Cow<'static, str>, Command)) -> Item {
    let refusal = command.resolve(scene.environment).err();
    Item { title, keys: command.entry().key_text(), command, refusal }
}

fn list(ui: &mut Ui, items: &[Item], draft: &mut Draft, follow: bool, is_looking: bool, out: &mut Vec<Command>) {
    if items.is_empty() && !is_looking {
        super::controls::nothing_here(
            ui,
            "No command has these letters in its name, and no event has them in its data.",
        );
        return;
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    let height = VISIBLE * ITEM;
    // It grows again with what is found, though it was as low as what there was before.
    let area = ScrollArea::vertical().max_height(height).min_scrolled_height(height).auto_shrink([false, true]);
    area.show(ui, |ui| {
        for (index, item) in items.iter().enumerate() {
            let chosen = index == draft.chosen;
            let response = row(ui, item, chosen);
            if chosen && follow {
                response.scroll_to_me(None::<Align>);
            }
            if response.clicked() && item.refusal.is_none() {
                take(item, out);
            }
        }
    });
    if is_looking {
        ui.add_space(theme::STEP);
        let text = super::controls::faint(ui, "Looking for events…");
        ui.label(text);
    }
}

fn row(ui: &mut Ui, item: &Item, chosen: bool) -> egui::Response {
    let palette = theme::palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ITEM), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, item.refusal.is_none(), chosen, &*item.title));
    if chosen || response.hovered() {
        let fill = if chosen { palette.accent_bg } else { palette.hover };
        ui.painter().rect_filled(rect, f32::from(theme::ROUNDING), fill);
    }
    let inside = rect.shrink2(vec2(10.0, 0.0));
    let mut child =
        ui.new_child(egui::UiBuilder::new().max_rect(inside).layout(egui::Layout::right_to_left(Align::Center)));
    if let Some(keys) = &item.keys {
        child.label(RichText::new(keys).font(theme::small()).color(palette.dim));
    }
    if let Some(refusal) = &item.refusal {
        child.add(Label::new(RichText::new(&**refusal).font(theme::small()).color(palette.dim)).truncate());
    }
    let color = if item.refusal.is_none() { palette.text } else { palette.faint };
    // A refusal is cut itself; nothing else stands in the way of a long title but the keys.
    let right = if item.refusal.is_none() && item.keys.is_some() { child.min_rect().left() } else { inside.right() };
    text_in(ui.painter(), inside.with_max_x(right), Align::Min, &item.title, theme::text(), color);
    response.on_hover_text(item.command.entry().help)
}
