//! The five buttons that walk through the versions, with their signs drawn: no font has all of them.

use egui::{Color32, Painter, Pos2, Rect, Response, Role, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::super::scene::Scene;
use super::super::theme;
use crate::model::Command;

#[derive(Clone, Copy)]
enum Sign {
    First,
    Back,
    Play,
    Pause,
    Forward,
    Last,
}

/// Paints the buttons `First version`, `Step back`, `Play` or `Pause`, `Step forward`, `Last version`.
pub fn show(ui: &mut Ui, scene: &Scene<'_>, out: &mut Vec<Command>) {
    let play = if scene.view.playing { ("Pause", Sign::Pause) } else { ("Play", Sign::Play) };
    let buttons = [
        (Command::FirstVersion, "First version", Sign::First),
        (Command::StepBack, "Step back", Sign::Back),
        (Command::PlayPause, play.0, play.1),
        (Command::StepForward, "Step forward", Sign::Forward),
        (Command::LastVersion, "Last version", Sign::Last),
    ];
    for (command, name, sign) in buttons {
        button(ui, scene, command, name, sign, out);
    }
}

fn button(ui: &mut Ui, scene: &Scene<'_>, command: Command, name: &str, sign: Sign, out: &mut Vec<Command>) {
    let resolved = command.resolve(scene.environment);
    let main = matches!(sign, Sign::Play | Sign::Pause);
    let size = vec2(if main { 34.0 } else { 28.0 }, theme::ENTRY);
    let response = ui.add_enabled_ui(resolved.is_ok(), |ui| paint(ui, size, main, name, sign)).inner;
    let entry = command.entry();
    let keys = entry.key_text().unwrap_or_default();
    if response.clicked() {
        out.push(command);
    }
    match resolved {
        Ok(()) => response.on_hover_text(format!("{} {keys}", entry.help)),
        Err(reason) => response.on_disabled_hover_text(reason),
    };
}

fn paint(ui: &mut Ui, size: Vec2, main: bool, name: &str, sign: Sign) -> Response {
    let palette = theme::palette(ui);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), name));
    let visuals = *ui.style().interact(&response);
    let (fill, stroke, color) = match (main && ui.is_enabled(), ui.is_enabled()) {
        (true, _) => (palette.accent, Stroke::NONE, palette.on_accent),
        (false, true) => (visuals.bg_fill, visuals.bg_stroke, palette.text),
        (false, false) => (palette.panel, Stroke::new(1.0, palette.line), palette.faint),
    };
    let focus = if response.has_focus() { Stroke::new(1.5, palette.text) } else { stroke };
    ui.painter().rect(rect, f32::from(theme::ROUNDING), fill, focus, egui::StrokeKind::Inside);
    draw(ui.painter(), rect, sign, color);
    response
}

fn draw(painter: &Painter, rect: Rect, sign: Sign, color: Color32) {
    let c = rect.center();
    match sign {
        Sign::First => {
            bar(painter, c - vec2(4.5, 0.0), color);
            triangle(painter, c + vec2(1.5, 0.0), -1.0, color);
        }
        Sign::Back => triangle(painter, c, -1.0, color),
        Sign::Play => {
            triangle(painter, c - vec2(4.0, 0.0), 1.0, color);
            triangle(painter, c + vec2(4.0, 0.0), 1.0, color);
        }
        Sign::Pause => {
            bar(painter, c - vec2(3.0, 0.0), color);
            bar(painter, c + vec2(3.0, 0.0), color);
        }
        Sign::Forward => triangle(painter, c, 1.0, color),
        Sign::Last => {
            triangle(painter, c - vec2(1.5, 0.0), 1.0, color);
            bar(painter, c + vec2(4.5, 0.0), color);
        }
    }
}

fn bar(painter: &Painter, center: Pos2, color: Color32) {
    painter.rect_filled(Rect::from_center_size(center, vec2(2.0, 9.0)), 0.5, color);
}

fn triangle(painter: &Painter, center: Pos2, direction: f32, color: Color32) {
    let (half_width, half_height) = (3.5 * direction, 4.5);
    let points = vec![
        pos2(center.x - half_width, center.y - half_height),
        pos2(center.x - half_width, center.y + half_height),
        pos2(center.x + half_width, center.y),
    ];
    painter.add(egui::Shape::convex_polygon(points, color, Stroke::NONE));
}
