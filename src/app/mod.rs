//! Wires the session, the model and the panels together in a window.
//!
//! Each frame takes in what workers and dialogs found ([`eframe::App::logic`]), paints the panels, and carries out the
//! commands that keys and panels gave (`commands`). Nothing here reads a file: that is the session's work, and what
//! the session does not do (making a store, asking for a path) is done by a named thread of its own.

mod answers;
mod commands;
#[cfg(windows)]
mod console;
mod demo_copy;
mod environment;
mod files;
mod keys;
mod launch;
mod messages;
mod outcomes;
mod pending;
mod pictures;
mod playback;
mod profiles;
mod selection;
mod tables;
mod taken_picture;
mod typed_path;
mod window;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use crate::model::{Command, Environment, History, Name, Place, SETTINGS_KEY, Settings, Sort, ViewState};
use crate::session::{Session, Wake};
use crate::ui::{self, Drafts, Scene};

#[cfg(windows)]
pub use console::{leave_console, say};
pub use launch::Launch;
pub use window::run;

use answers::Answer;
use demo_copy::DemoCopy;
use messages::Messages;
use pending::Pending;
use playback::Playback;

/// How many answers of dialogs may wait: a person has one open at a time.
const ANSWERS: usize = 8;

/// The program in its window.
pub struct App {
    ctx: egui::Context,
    view: ViewState,
    history: History<Place>,
    settings: Settings,
    session: Option<Session>,
    /// The server that is looked at, where there is one.
    #[cfg(feature = "postgres")]
    server: Option<crate::session::servers::ServerVisit>,
    /// Where its profiles are, and what is gathered from it.
    #[cfg(feature = "postgres")]
    places: crate::session::servers::Places,
    /// The copies of the demo that were made. They go after the session that may read one.
    demos: Vec<DemoCopy>,
    /// What the session was opened with, for opening it again.
    request: Option<crate::session::OpenRequest>,
    /// The folder with the user's own profiles.
    profiles: Option<std::path::PathBuf>,
    messages: Messages,
    drafts: Drafts,
    playback: Playback,
    /// The filter and the order that the session was last asked for.
    asked: Option<(String, Sort)>,
    /// What is still to be found before it can be shown.
    pending: Pending,
    /// The picture that is to be taken.
    picture: Option<pictures::Wanted>,
    answers: (SyncSender<Answer>, Receiver<Answer>),
    /// What the window's title says, so that it is only set when it changes.
    title: String,
    /// Whether the window was held against its screen.
    fitted: bool,
}

impl App {
    /// The program, on what `launch` says. `storage` holds the settings of former runs, where there are any.
    #[must_use]
    pub fn new(ctx: &egui::Context, storage: Option<&dyn eframe::Storage>, launch: Launch) -> Self {
        let settings: Settings =
            storage.and_then(|storage| eframe::get_value(storage, SETTINGS_KEY)).unwrap_or_default();
        let mut view = ViewState::default();
        settings.give_to(&mut view);
        ui::theme::apply(ctx, window::preference(view.theme));
        let mut app = Self {
            ctx: ctx.clone(),
            view,
            history: History::default(),
            settings,
            session: None,
            #[cfg(feature = "postgres")]
            server: None,
            #[cfg(feature = "postgres")]
            places: crate::session::servers::Places { profiles: launch.profiles.clone(), cache: launch.cache.clone() },
            demos: Vec::new(),
            request: None,
            profiles: launch.profiles.clone(),
            messages: Messages::default(),
            drafts: Drafts::default(),
            playback: Playback::default(),
            asked: None,
            pending: Pending::default(),
            picture: None,
            answers: sync_channel(ANSWERS),
            title: String::new(),
            fitted: false,
        };
        app.launch(launch);
        app
    }

    /// What the window shows.
    #[must_use]
    pub fn view(&self) -> &ViewState {
        &self.view
    }

    /// The open database, where there is one.
    #[must_use]
    pub fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    /// Whether a command can be carried out now; otherwise the sentence that its disabled button says.
    ///
    /// # Errors
    /// The sentence.
    pub fn resolve(&self, name: Name) -> std::result::Result<(), String> {
        name.resolve(&self.environment()).map_err(std::borrow::Cow::into_owned)
    }

    /// What a worker calls when it has something: it wakes the window.
    fn wake(&self) -> Wake {
        let ctx = self.ctx.clone();
        Arc::new(move || ctx.request_repaint())
    }

    fn paint(&mut self, ui: &mut egui::Ui, environment: &Environment) -> Vec<Command> {
        let mut commands = Vec::new();
        let scene = Scene {
            view: &self.view,
            session: self.session.as_ref(),
            #[cfg(feature = "postgres")]
            server: self.server.as_ref().map(crate::session::servers::ServerVisit::view),
            environment,
            settings: &self.settings,
            messages: self.messages.all(),
        };
        ui::layout::show(ui, &scene, &mut self.drafts, &mut commands);
        commands
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        self.fit_screen(ctx);
        self.take_answers();
        self.take_notices();
        #[cfg(feature = "postgres")]
        self.take_server_notices();
        self.resolve_pending();
        self.play(ctx);
        self.take_picture(ctx);
        if let Some(left) = self.messages.age(ctx.input(|input| input.time)) {
            ctx.request_repaint_after(Duration::from_secs_f64(left));
        }
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        let environment = self.environment();
        let typed = keys::command(ui.ctx(), self.view.overlay);
        let dropped = files::dropped(ui.ctx());
        let painted = self.paint(ui, &environment);
        let commands: Vec<_> = dropped.into_iter().chain(typed).chain(painted).collect();
        if !commands.is_empty() {
            // What they change is on the screen with the next frame.
            ui.ctx().request_repaint();
        }
        for command in commands {
            self.carry_out(command);
        }
        self.ask();
        self.say_title();
    }

    fn save(&mut self, storage: &mut dyn eframe::Storage) {
        self.note_place();
        self.settings.take_from(&self.view);
        eframe::set_value(storage, SETTINGS_KEY, &self.settings);
    }
}
