//! The title bar: menus out of the table of commands, the file and how it is open, the way to every command.

use egui::containers::menu::{MenuButton, MenuState};
use egui::{
    Align, Button, FocusDirection, Id, Key, Layout, Popup, RichText, Role, Sense, Stroke, Ui, WidgetInfo, vec2,
};

use super::controls::{badge, offer};
use super::scene::Scene;
use super::{kept_filters, keyboard, theme};
use crate::model::{Column, Command, Entry, Menu, Name, ThemeChoice, TimeMode};
use crate::session::{FileStatus, Mode, Overview, Session, Status};

/// The narrowest a menu gets, in points: titles and keys stay apart.
const MENU_WIDTH: f32 = 240.0;

/// Paints the title bar.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Command>) {
    // The bar takes the whole width, so what stands beside the menus lies in it too.
    let bar = |ui: &mut Ui| {
        ui.spacing_mut().item_spacing.x = 14.0;
        ui.spacing_mut().button_padding.x = 0.0;
        menus(ui, scene, out);
        ui.add_space(theme::MARGIN);
        ui.spacing_mut().item_spacing.x = theme::MARGIN;
        file(ui, scene, out);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| search(ui, out));
    };
    ui.horizontal_centered(|ui| egui::MenuBar::new().ui(ui, bar));
}

/// The menus. With the keyboard one goes from each to the next.
fn menus(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Command>) {
    let entered = Id::unique("menu entered by the keyboard");
    let mut bar = Vec::new();
    for menu in Menu::ALL {
        let title = RichText::new(menu.title()).color(theme::palette(ui).dim);
        let (button, shown) = MenuButton::new(title).ui(ui, |ui| {
            ui.set_min_width(MENU_WIDTH);
            items(ui, scene, menu, out);
            // While its size is measured nothing in it can have the keyboard.
            if !ui.is_sizing_pass() && ui.data_mut(|data| data.remove_temp::<bool>(entered)).unwrap_or_default() {
                ui.memory_mut(|memory| memory.move_focus(FocusDirection::Down));
            }
        });
        bar.push((button.id, Popup::default_response_id(&button), shown.is_some()));
    }
    let wanted = keyboard::takes_menu_bar(ui.ctx()).then_some(0).or_else(|| neighbour(ui, &bar));
    if let Some((button, popup, _)) = wanted.and_then(|wanted| bar.get(wanted)) {
        Popup::open_id(ui.ctx(), *popup);
        ui.memory_mut(|memory| memory.request_focus(*button));
        ui.data_mut(|data| data.insert_temp(entered, true));
    }
}

/// The menu beside the one that is open, where an arrow leads there. In a submenu the arrows have another meaning.
fn neighbour(ui: &Ui, bar: &[(Id, Id, bool)]) -> Option<usize> {
    let open = bar.iter().position(|(.., shown)| *shown)?;
    let (_, popup, _) = bar.get(open)?;
    let within = Id::unique("in a submenu");
    let deep = !MenuState::is_deepest_open_sub_menu(ui.ctx(), *popup);
    let was_deep = ui.data_mut(|data| std::mem::replace(data.get_temp_mut_or_default::<bool>(within), deep));
    if deep || was_deep {
        return None;
    }
    let pressed = |key| ui.input(|input| input.key_pressed(key));
    match (pressed(Key::ArrowLeft), pressed(Key::ArrowRight)) {
        (true, false) => Some(open.checked_sub(1).unwrap_or(bar.len() - 1)),
        (false, true) => Some((open + 1) % bar.len()),
        _ => None,
    }
}

/// The file's name and how it is open.
fn file(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    let Some(session) = scene.session else { return };
    let Some(overview) = session.overview() else {
        if matches!(session.status(), Status::Opening) {
            ui.label(RichText::new("Opening…").color(palette.dim));
        }
        return;
    };
    let name = RichText::new(&overview.file_name).font(theme::semibold()).color(palette.text);
    ui.add(egui::Label::new(name).truncate()).on_hover_text(overview.path.display().to_string());
    way(ui, scene, overview, out);
    if scene.view.unlocked {
        badge(ui, "Writing unlocked", palette.chg, true).on_hover_text("Events can be appended to this file.");
    } else {
        badge(ui, "Read-only", palette.dim, false)
            .on_hover_text("Nothing that is done here changes the file, until it is unlocked for writing.");
    }
}

/// The way in which the file is read; its menu has the others.
fn way(ui: &mut Ui, scene: &Scene<'_>, overview: &Overview, out: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    let (mode, mut text) = (overview.mode, overview.mode.title().to_owned());
    if let Some(taken) = overview.taken {
        text = format!("Copy of {}", taken.with_timezone(&chrono::Local).format("%H:%M:%S"));
    }
    let sound = matches!(scene.session.map(Session::file_status), Some(FileStatus::Sound));
    let color = match mode {
        _ if !sound => palette.del,
        Mode::Live => palette.add,
        Mode::Frozen | Mode::Copy => palette.accent,
    };
    let chip = badge(ui, &text, color, true).interact(Sense::click());
    chip.widget_info(|| WidgetInfo::labeled(Role::Button, true, &text));
    let hover = [&[mode.consequence().to_owned()], &overview.notes[..]].concat().join(" ");
    egui::Popup::menu(&chip).show(|ui| {
        ui.set_min_width(MENU_WIDTH);
        for name in [Name::ReadLive, Name::ReadFrozen, Name::ReadCopy] {
            item(ui, scene, name.entry(), out);
        }
    });
    chip.on_hover_text(hover).on_hover_cursor(egui::CursorIcon::PointingHand);
}

/// The box that opens the palette; it looks like the entry that follows.
fn search(ui: &mut Ui, out: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    let entry = Name::Palette.entry();
    let width = 250.0_f32.min(ui.available_width());
    let (rect, response) = ui.allocate_exact_size(vec2(width, theme::ROW), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, entry.title));
    let stroke = if response.hovered() || response.has_focus() { palette.faint } else { palette.line };
    let stroke = Stroke::new(1.0, stroke);
    ui.painter().rect(rect, f32::from(theme::ROUNDING), palette.bg, stroke, egui::StrokeKind::Inside);
    let inside = rect.shrink2(vec2(10.0, 0.0));
    let keys = ui.painter().text(
        inside.right_center(),
        egui::Align2::RIGHT_CENTER,
        entry.key_text().unwrap_or_default(),
        theme::text(),
        palette.faint,
    );
    if keys.left() - inside.left() > 140.0 {
        let left = inside.left_center();
        ui.painter().text(left, egui::Align2::LEFT_CENTER, entry.title, theme::text(), palette.faint);
    }
    if response.on_hover_text(entry.help).clicked() {
        out.push(Command::Palette);
    }
}

/// A menu's items, a line between its groups, and the submenus that a table cannot hold.
fn items(ui: &mut Ui, scene: &Scene<'_>, menu: Menu, out: &mut Vec<Command>) {
    let mut group = None;
    for entry in Command::table() {
        let Some((_, place)) = entry.menu.filter(|(any, _)| *any == menu) else { continue };
        if group.is_some_and(|before| before != place) {
            ui.separator();
        }
        group = Some(place);
        item(ui, scene, entry, out);
        match entry.name {
            Name::TypePath => recent(ui, scene, out),
            Name::ResetColumns => columns(ui, scene, out),
            Name::NameFilter => kept(ui, scene, out),
            _ => {}
        }
    }
}

/// One item: its title, its keys, whether it is on.
fn item(ui: &mut Ui, scene: &Scene<'_>, entry: &Entry, out: &mut Vec<Command>) {
    let Some(command) = entry.name.command() else { return };
    let keys = entry.key_text().unwrap_or_default();
    let button = Button::new(entry.title).shortcut_text(keys).selected(is_on(scene, entry.name));
    let response = offer(ui, scene.environment, command, button, entry.title, out);
    if response.clicked() {
        ui.close();
    }
}

/// Whether a command stands for what is chosen now.
fn is_on(scene: &Scene<'_>, name: Name) -> bool {
    let view = scene.view;
    let mode = scene.session.and_then(Session::overview).map(|overview| overview.mode);
    match name {
        Name::ReadLive => mode == Some(Mode::Live),
        Name::ReadFrozen => mode == Some(Mode::Frozen),
        Name::ReadCopy => mode == Some(Mode::Copy),
        Name::ThemeDark => view.theme == ThemeChoice::Dark,
        Name::ThemeLight => view.theme == ThemeChoice::Light,
        Name::ThemeSystem => view.theme == ThemeChoice::System,
        Name::TimesUtc => view.time_mode == TimeMode::Utc,
        Name::TimesLocal => view.time_mode == TimeMode::Local,
        Name::TimesRelative => view.time_mode == TimeMode::Relative,
        Name::ToggleFollow => !view.follow_paused,
        Name::ToggleStreams => view.streams_shown,
        Name::ToggleDetails => view.details_shown,
        Name::ToggleTimeline => view.timeline_shown,
        Name::ToggleChangesOnly => view.changes_only,
        Name::TogglePlotTime => view.plot_by_time,
        Name::KeepInView => view.place.stream.as_ref().is_some_and(|stream| view.beside.contains(stream)),
        _ => false,
    }
}

/// The files that were open before.
fn recent(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Command>) {
    let recent = scene.settings.recent();
    ui.add_enabled_ui(!recent.is_empty(), |ui| {
        ui.menu_button("Open recent", |ui| {
            ui.set_min_width(MENU_WIDTH);
            for (index, path) in recent.iter().enumerate() {
                if ui.button(path.display().to_string()).clicked() {
                    out.push(Command::OpenRecent(index));
                    ui.close();
                }
            }
        });
    })
    .response
    .on_disabled_hover_text("No file was opened yet.");
}

/// The filters that are kept for databases of this kind.
fn kept(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Command>) {
    let (filters, kind) = (&scene.settings.filters, kept_filters::kind(scene));
    let any = !filters.saved(kind).is_empty() || !filters.recent(kind).is_empty();
    ui.add_enabled_ui(any, |ui| ui.menu_button("Kept filters", |ui| kept_filters::menu(ui, scene, out)))
        .response
        .on_disabled_hover_text("No filter was used yet in a database of this kind.");
}

/// Which columns the event table has.
fn columns(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Command>) {
    ui.menu_button("Columns", |ui| {
        for column in Column::ALL {
            let mut shown = scene.view.columns.shows(column);
            if ui.checkbox(&mut shown, column.title()).clicked() {
                out.push(Command::ToggleColumn(column));
            }
        }
    });
}
