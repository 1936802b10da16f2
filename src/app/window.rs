//! The native window: its size, its icon, its title, its colours.

use std::time::Duration;

use egui::{ThemePreference, ViewportBuilder, ViewportCommand};

use super::{App, Launch};
use crate::error::{Error, ErrorKind, Result};
use crate::model::ThemeChoice;
use crate::session;

/// The name under which the desktop knows the program, and under which settings are stored.
const APP_ID: &str = "eventscope";
/// The icon, 256 pixels square.
const ICON: &[u8] = include_bytes!("../../assets/icon.png");
/// How long the program waits for its workers once the window is gone: as long as nobody notices.
const PATIENCE: Duration = Duration::from_secs(2);

/// Opens the window and stays until it is closed.
pub fn run(launch: Launch) -> Result<()> {
    let viewport = ViewportBuilder::default()
        .with_app_id(APP_ID)
        .with_title("Eventscope")
        .with_inner_size([1440.0, 900.0])
        .with_min_inner_size([820.0, 520.0])
        .with_drag_and_drop(true);
    let viewport = match eframe::icon_data::from_png_bytes(ICON) {
        Ok(icon) => viewport.with_icon(icon),
        Err(_) => viewport,
    };
    let options = eframe::NativeOptions { viewport, ..eframe::NativeOptions::default() };
    let create: eframe::AppCreator<'_> =
        Box::new(|creation| Ok(Box::new(App::new(&creation.egui_ctx, creation.storage, launch))));
    let ran = eframe::run_native(APP_ID, options, create);
    // Workers end on their own; what they hold open would leave files beside the database.
    session::wait_until_closed(PATIENCE);
    ran.map_err(|error| {
        Error::new(ErrorKind::Unsupported, format!("the window could not be opened: {error}"))
            .with_hint("The verbs of the command line work without a window: see `eventscope --help`.")
    })
}

/// A choice of theme as egui takes it.
pub(super) fn preference(choice: ThemeChoice) -> ThemePreference {
    match choice {
        ThemeChoice::Dark => ThemePreference::Dark,
        ThemeChoice::Light => ThemePreference::Light,
        ThemeChoice::System => ThemePreference::System,
    }
}

impl App {
    /// Maximises a window that fills its screen, once: with the desktop's title bar above it, its lowest line would be
    /// out of sight. At first the window's own rectangle does not count that bar.
    pub(super) fn fit_screen(&mut self, ctx: &egui::Context) {
        let (window, screen) = ctx.input(|input| (input.viewport().outer_rect, input.viewport().monitor_size));
        if let (false, Some(window), Some(screen)) = (self.fitted, window, screen) {
            self.fitted = true;
            if window.width() >= screen.x || window.height() >= screen.y {
                ctx.send_viewport_cmd(ViewportCommand::Maximized(true));
            }
        }
    }

    /// Says in the window's title which file is open and whether it can be written to.
    pub(super) fn say_title(&mut self) {
        let overview = self.session.as_ref().and_then(|session| session.overview());
        let writing = if self.view.unlocked { "writing unlocked" } else { "read-only" };
        let branch =
            (self.view.overlay == crate::model::Overlay::WhatIf).then(|| self.drafts.what_if.stream().to_string());
        let title = match overview {
            Some(overview) if branch.is_some() => {
                let stream = branch.unwrap_or_default();
                format!("{} - what-if branch of {stream}, in memory only - Eventscope", overview.file_name)
            }
            Some(overview) => format!("{} - {}, {writing} - Eventscope", overview.file_name, overview.mode),
            None => "Eventscope".to_owned(),
        };
        let title = session::visible(&title).into_owned();
        if title != self.title {
            self.ctx.send_viewport_cmd(ViewportCommand::Title(title.clone()));
            self.title = title;
        }
    }
}
