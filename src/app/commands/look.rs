//! The family of looks: theme, times, columns, panels, zoom, and the windows over the panels.

use super::super::window::preference;
use super::App;
use crate::model::{ColumnLayout, Command, Overlay, PinnedPath, ThemeChoice, TimeMode};
use crate::ui::find_in_state;

impl App {
    pub(super) fn carry_out_look(&mut self, command: Command) -> Result<(), Command> {
        match command {
            Command::ShowTab(tab) => self.view.tab = tab,
            Command::ToggleColumn(column) => self.view.columns.toggle(column),
            Command::SetColumnWidth((column, width)) => self.view.columns.set_width(column, width),
            Command::ResetColumns => self.view.columns = ColumnLayout::default(),
            Command::ToggleFollow => self.view.follow_paused = !self.view.follow_paused,
            Command::ToggleStreams => self.view.streams_shown = !self.view.streams_shown,
            Command::ToggleDetails => self.view.details_shown = !self.view.details_shown,
            Command::ToggleChangesOnly => self.view.changes_only = !self.view.changes_only,
            Command::TogglePlotTime => self.view.plot_by_time = !self.view.plot_by_time,
            Command::FindInState => {
                self.view.details_shown = true;
                self.view.finding = true;
                find_in_state::focus(&self.ctx);
            }
            Command::NextMatch => self.drafts.search.go(true),
            Command::PreviousMatch => self.drafts.search.go(false),
            Command::CloseFind => self.view.finding = false,
            Command::PinPath(pointer) => self.pin_path(pointer),
            Command::ToggleTimeline => self.view.timeline_shown = !self.view.timeline_shown,
            Command::SetTheme(theme) => self.set_theme(theme),
            Command::ThemeDark => self.set_theme(ThemeChoice::Dark),
            Command::ThemeLight => self.set_theme(ThemeChoice::Light),
            Command::ThemeSystem => self.set_theme(ThemeChoice::System),
            Command::SetTimeMode(mode) => self.view.time_mode = mode,
            Command::TimesUtc => self.view.time_mode = TimeMode::Utc,
            Command::TimesLocal => self.view.time_mode = TimeMode::Local,
            Command::TimesRelative => self.view.time_mode = TimeMode::Relative,
            Command::ZoomIn => egui::gui_zoom::zoom_in(&self.ctx),
            Command::ZoomOut => egui::gui_zoom::zoom_out(&self.ctx),
            Command::ZoomReset => self.ctx.set_zoom_factor(1.0),
            other => return self.carry_out_overlay(other),
        }
        Ok(())
    }

    fn carry_out_overlay(&mut self, command: Command) -> Result<(), Command> {
        match command {
            Command::Palette => self.view.overlay = Overlay::Palette,
            Command::Manual => self.view.overlay = Overlay::Manual,
            Command::Shortcuts => self.view.overlay = Overlay::Shortcuts,
            Command::About => self.view.overlay = Overlay::About,
            Command::CloseOverlay => self.close_overlay(),
            Command::DismissNotice(id) => self.messages.dismiss(id),
            other => return Err(other),
        }
        Ok(())
    }

    /// Shows a place on top of the states of the shown type, or no longer.
    fn pin_path(&mut self, pointer: String) {
        let Some(stream) = &self.view.place.stream else { return };
        let aggregate_type = stream.aggregate_type.clone();
        self.view.noted.turn_pinned(PinnedPath { aggregate_type, pointer });
        self.remember_noted();
    }

    fn set_theme(&mut self, theme: ThemeChoice) {
        self.view.theme = theme;
        crate::ui::theme::apply(&self.ctx, preference(theme));
    }
}
