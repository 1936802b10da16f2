//! The family of looks: theme, times, columns, panels, zoom, and the windows over the panels.

use super::super::window::preference;
use super::App;
use crate::model::{ColumnLayout, Command, Overlay, ThemeChoice, TimeMode};

impl App {
    pub(super) fn carry_out_look(&mut self, command: Command) -> Result<(), Command> {
        match command {
            Command::ShowTab(tab) => self.view.tab = tab,
            Command::ToggleColumn(column) => self.view.columns.toggle(column),
            Command::SetColumnWidth((column, width)) => self.view.columns.set_width(column, width),
            Command::ResetColumns => self.view.columns = ColumnLayout::default(),
            Command::ToggleStreams => self.view.streams_shown = !self.view.streams_shown,
            Command::ToggleDetails => self.view.details_shown = !self.view.details_shown,
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
            Command::Shortcuts => self.view.overlay = Overlay::Shortcuts,
            Command::About => self.view.overlay = Overlay::About,
            Command::CloseOverlay => self.view.overlay = Overlay::None,
            Command::DismissNotice(id) => self.messages.dismiss(id),
            other => return Err(other),
        }
        Ok(())
    }

    fn set_theme(&mut self, theme: ThemeChoice) {
        self.view.theme = theme;
        crate::ui::theme::apply(&self.ctx, preference(theme));
    }
}
