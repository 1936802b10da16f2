//! The native window: its size, its icon, its title, its colours.

use egui::{ThemePreference, ViewportBuilder, ViewportCommand};

use super::{App, Launch};
use crate::error::{Error, ErrorKind, Result};
use crate::model::ThemeChoice;

/// The name under which the desktop knows the program, and under which settings are stored.
const APP_ID: &str = "eventscope";
/// The icon, 256 pixels square.
const ICON: &[u8] = include_bytes!("../../assets/icon.png");

/// Opens the window and stays until it is closed.
pub fn run(launch: Launch) -> Result<()> {
    let viewport = ViewportBuilder::default()
        .with_app_id(APP_ID)
        .with_title("Eventscope")
        // A window as large as the screen would lose its lowest line below the desktop's own bars: the first one is
        // maximised, later ones are as they were left.
        .with_inner_size([1280.0, 720.0])
        .with_maximized(true)
        .with_min_inner_size([820.0, 520.0])
        .with_drag_and_drop(true);
    let viewport = match eframe::icon_data::from_png_bytes(ICON) {
        Ok(icon) => viewport.with_icon(icon),
        Err(_) => viewport,
    };
    let options = eframe::NativeOptions { viewport, ..eframe::NativeOptions::default() };
    let create: eframe::AppCreator<'_> =
        Box::new(|creation| Ok(Box::new(App::new(&creation.egui_ctx, creation.storage, launch))));
    eframe::run_native(APP_ID, options, create).map_err(|error| {
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
    /// Says in the window's title which file is open and whether it can be written to.
    pub(super) fn say_title(&mut self) {
        let overview = self.session.as_ref().and_then(|session| session.overview());
        let title = match overview {
            Some(overview) if self.view.unlocked => {
                format!("{} - live, writing unlocked - Eventscope", overview.file_name)
            }
            Some(overview) => format!("{} - live, read-only - Eventscope", overview.file_name),
            None => "Eventscope".to_owned(),
        };
        if title != self.title {
            self.ctx.send_viewport_cmd(ViewportCommand::Title(title.clone()));
            self.title = title;
        }
    }
}
