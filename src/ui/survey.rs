//! What the windows share that ask something of the whole store: a button that begins and one that stops, what came of it
//! in a sentence, and a list of findings.

use egui::{Align, Color32, FontId, Label, Layout, RichText, Role, ScrollArea, Sense, Ui, WidgetInfo, vec2};

use super::controls::{failure, main_button, offer};
use super::scene::Scene;
use super::theme;
use super::widgets::{focus_ring, text_in};
use crate::codec::visible;
use crate::model::Command;
use crate::session::{Survey, SurveyEnd};

/// The width of such a window, in points.
pub(super) const WIDTH: f32 = 860.0;

/// How a survey is begun and stopped.
pub(super) struct Buttons {
    /// What begins it, and its name.
    pub begin: (Command, &'static str),
    /// What stops it.
    pub stop: Command,
}

impl Buttons {
    /// Paints the button that there is something for, and behind it what came of the survey.
    pub(super) fn show<F>(
        self,
        ui: &mut Ui,
        scene: &Scene<'_>,
        survey: Option<&Survey<F>>,
        summary: impl FnOnce(&Survey<F>, &Ui) -> (String, Color32),
        out: &mut Vec<Command>,
    ) {
        self.show_with(ui, scene, survey, summary, |_, _| {}, out);
    }

    /// The same, with something more at the right.
    pub(super) fn show_with<F>(
        self,
        ui: &mut Ui,
        scene: &Scene<'_>,
        survey: Option<&Survey<F>>,
        summary: impl FnOnce(&Survey<F>, &Ui) -> (String, Color32),
        right: impl FnOnce(&mut Ui, &mut Vec<Command>),
        out: &mut Vec<Command>,
    ) {
        ui.horizontal(|ui| {
            if survey.is_some_and(Survey::is_running) {
                if ui.button("Stop").on_hover_text("What was found so far stays.").clicked() {
                    out.push(self.stop);
                }
            } else {
                let (begin, name) = self.begin;
                let button = main_button(ui, name);
                offer(ui, scene.environment, begin, button, name, out);
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                right(ui, out);
                if let Some(survey) = survey {
                    let (text, color) = summary(survey, ui);
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                        ui.add(Label::new(RichText::new(text).color(color)).wrap());
                    });
                }
            });
        });
        if let Some(SurveyEnd::Failed(error)) = survey.and_then(|survey| survey.ended.as_ref()) {
            failure(ui, error);
        }
    }
}

/// What a sentence about a survey ends with where it was not brought to an end, or is no longer true; `again` is what
/// to do then.
pub(super) fn reservation<F>(survey: &Survey<F>, again: &str) -> String {
    match &survey.ended {
        Some(SurveyEnd::Stopped) => " It was stopped before the end.".to_owned(),
        Some(SurveyEnd::Limited) => " There are too many to look for all of them.".to_owned(),
        _ if survey.outdated => format!(" The rules or the streams are others by now: {again}."),
        _ => String::new(),
    }
}

/// Paints what was found, a row each, as high as there is something, up to `height`.
pub(super) fn list<T>(
    ui: &mut Ui,
    name: &str,
    height: f32,
    found: &[T],
    mut row: impl FnMut(&mut Ui, &T, &mut Vec<Command>),
    out: &mut Vec<Command>,
) {
    // The window is as high as what was in it, and grows with what is found.
    let area = ScrollArea::vertical().id_salt(name).max_height(height).min_scrolled_height(height);
    let area = area.auto_shrink([false, true]);
    ui.spacing_mut().item_spacing.y = 0.0;
    area.show_rows(ui, theme::ROW, found.len(), |ui, rows| {
        for one in found.get(rows).unwrap_or_default() {
            row(ui, one, out);
        }
    });
}

/// A text in a row: which share of the width it begins at, the text, its font and colour.
pub(super) type Cell<'a> = (f32, &'a str, FontId, Color32);

/// Paints a row that can be pressed; `more` is shown when it is pointed at. Says whether it was pressed.
pub(super) fn row(ui: &mut Ui, name: &str, cells: &[Cell<'_>], more: String) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), theme::ROW), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
    if response.hovered() {
        ui.painter().rect_filled(rect, f32::from(theme::ROUNDING), theme::palette(ui).hover);
    }
    if response.has_focus() {
        focus_ring(ui, rect);
    }
    let inside = rect.shrink2(vec2(6.0, 0.0));
    let at = |share: f32| inside.left() + inside.width() * share;
    for (number, (from, text, font, color)) in cells.iter().enumerate() {
        let to = cells.get(number + 1).map_or(1.0, |next| next.0);
        let cell = inside.with_min_x(at(*from)).with_max_x(at(to) - 2.0 * theme::STEP);
        text_in(ui.painter(), cell, Align::Min, &visible(text), font.clone(), *color);
    }
    response.on_hover_text(more).clicked()
}
