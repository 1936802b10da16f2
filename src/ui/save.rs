//! The window that asks where something goes that is written to a new file: a picture, a report, a schema.

use std::path::Path;
use std::sync::Arc;

use egui::{ColorImage, Image, TextureHandle, TextureOptions, Ui, vec2};

use super::dialogs::dialog;
use super::maintenance::{choices, path_row};
use super::numbers::size;
use super::scene::Scene;
use super::{controls, theme};
use crate::codec::visible;
use crate::model::{Asked, Command, NewFile, Overlay};

/// The width of the window, and the most height of a picture in it, in points.
const WIDTH: f32 = 560.0;
const PICTURE: f32 = 260.0;

/// What is to be written, and where to.
#[derive(Default)]
pub struct SaveDraft {
    file: Option<NewFile>,
    path: String,
    /// The window that is open again afterwards.
    back: Overlay,
    /// How the file looks, where it is a picture.
    picture: Option<Picture>,
}

enum Picture {
    Pixels(Arc<ColorImage>),
    Texture(TextureHandle),
}

impl SaveDraft {
    /// Begins with what is to be written, and the window that is open.
    pub fn begin(&mut self, file: NewFile, picture: Option<Arc<ColorImage>>, open: Overlay) {
        let back = match open {
            Overlay::Palette => Overlay::None,
            Overlay::SaveFile => self.back,
            open => open,
        };
        let path = file.path.display().to_string();
        *self = Self { file: Some(file), path, back, picture: picture.map(Picture::Pixels) };
    }

    /// A path was chosen in the desktop's own dialog.
    pub fn chose(&mut self, path: &Path) {
        self.path = path.display().to_string();
    }

    /// The name of the file, for the desktop's own dialog.
    #[must_use]
    pub fn file_name(&self) -> String {
        Path::new(&self.path).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// Lets go of what was to be written; answers with the window that is open again.
    pub fn end(&mut self) -> Overlay {
        std::mem::take(self).back
    }
}

/// Paints the window.
pub(super) fn show(ui: &mut Ui, scene: &Scene<'_>, draft: &mut SaveDraft, out: &mut Vec<Command>) {
    let Some(file) = draft.file.clone() else { return };
    dialog(ui, "Save as", WIDTH, out, |ui, out| {
        let what = format!("{}, {}.", visible(&file.what), size(file.bytes.len() as u64));
        let what = controls::dim(ui, what);
        ui.add(egui::Label::new(what).wrap());
        picture(ui, draft);
        path_row(ui, scene, "Where it goes", &mut draft.path, Asked::NewFile, out);
        let path = Some(draft.path.trim()).filter(|path| !path.is_empty());
        let command = path.map(|path| Command::WriteFile(Box::new(NewFile { path: path.into(), ..file.clone() })));
        choices(ui, scene, "Save", command.ok_or("Type or choose a path first."), out);
    });
}

/// The picture as it will be, as large as there is room for.
fn picture(ui: &mut Ui, draft: &mut SaveDraft) {
    if let Some(Picture::Pixels(pixels)) = &draft.picture {
        let texture = ui.ctx().load_texture("picture to save", Arc::clone(pixels), TextureOptions::LINEAR);
        draft.picture = Some(Picture::Texture(texture));
    }
    if let Some(Picture::Texture(texture)) = &draft.picture {
        let room = vec2(ui.available_width(), PICTURE);
        let image = Image::new(texture).max_size(room).fit_to_original_size(1.0 / ui.ctx().pixels_per_point());
        let image = image.alt_text("The picture");
        let shown = ui.add(image).rect;
        let line = egui::Stroke::new(1.0, theme::palette(ui).line);
        ui.painter().rect_stroke(shown, 0, line, egui::StrokeKind::Outside);
    }
}
