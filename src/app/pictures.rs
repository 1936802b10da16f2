//! Pictures of the window, or of one of its panels: taken once menus are closed, cut out and encoded by a thread of its
//! own, and then offered to be saved.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};

use egui::{ColorImage, Context, Rect};

use super::App;
use super::answers::Answer;
use super::messages::bad;
use super::taken_picture::Taken;
use super::typed_path::expanded;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{NewFile, Overlay};
use crate::ui::panels;

/// How many frames it takes until menus and the palette are gone from the screen.
const SETTLES: u8 = 3;
/// How many names for a picture are tried.
const NAMES: u32 = 1_000;

/// A picture that is to be taken.
#[derive(Debug)]
pub(super) struct Wanted {
    /// The panel, as it was when it was asked for; `None` for the whole window.
    panel: Option<String>,
    /// After how many frames.
    frames: u8,
}

impl App {
    /// Takes a picture of the whole window, as soon as nothing lies over it.
    pub(super) fn picture_window(&mut self) {
        self.want_picture(None);
    }

    /// Takes a picture of the current panel.
    pub(super) fn picture_panel(&mut self) {
        match panels::current(&self.ctx) {
            Some((panel, _)) => self.want_picture(Some(panel)),
            None => self.messages.add(bad("No panel is shown. Take a picture of the window.")),
        }
    }

    fn want_picture(&mut self, panel: Option<String>) {
        if self.view.overlay == Overlay::Palette {
            self.view.overlay = Overlay::None;
        }
        self.picture = Some(Wanted { panel, frames: SETTLES });
        self.ctx.request_repaint();
    }

    /// Has the picture taken that was asked for, once it is time.
    pub(super) fn take_picture(&mut self, ctx: &Context) {
        let Some(wanted) = &mut self.picture else { return };
        if let Some(left) = wanted.frames.checked_sub(1) {
            wanted.frames = left;
            ctx.request_repaint();
            return;
        }
        let Some(Wanted { panel, .. }) = self.picture.take() else { return };
        let cut = panel.map(|name| {
            let rect = panels::place(ctx, &name).unwrap_or(Rect::EVERYTHING);
            (name, rect)
        });
        let name = file_name(self.open_file().as_deref(), cut.as_ref().map(|(name, _)| name.as_str()));
        let (sender, shots) = sync_channel::<Arc<ColorImage>>(1);
        let scale = ctx.pixels_per_point();
        request(ctx, sender);
        self.in_background("picture", move || {
            // Where the window is closed meanwhile, or cannot be read, nothing is ever sent.
            let Ok(shot) = shots.recv() else { return Answer::Failed(no_picture()) };
            match taken(&shot, cut, scale, name) {
                Ok(taken) => Answer::Picture(taken),
                Err(error) => Answer::Failed(error),
            }
        });
    }

    /// Asks where a picture goes.
    pub(super) fn save_picture(&mut self, taken: Taken) {
        let Taken { file, pixels } = taken;
        self.drafts.save.begin(file, Some(pixels), self.view.overlay);
        self.view.overlay = Overlay::SaveFile;
    }
}

fn request(ctx: &Context, sender: SyncSender<Arc<ColorImage>>) {
    ctx.request_screenshot(move |image| {
        sender.try_send(image).ok();
    });
}

fn no_picture() -> Error {
    Error::new(ErrorKind::Unsupported, "no picture could be taken of the window")
        .with_hint("The window has to be on the screen until the picture is taken.")
}

/// The name of a picture beside the database, or in the home folder.
fn file_name(database: Option<&Path>, panel: Option<&str>) -> PathBuf {
    let what: String = panel.unwrap_or("window").to_lowercase();
    let what: String = what.chars().map(|letter| if letter.is_alphanumeric() { letter } else { '-' }).collect();
    match database {
        Some(database) => {
            let stem = database.file_stem().unwrap_or_default().to_string_lossy();
            database.with_file_name(format!("{stem}-{what}.png"))
        }
        None => expanded(PathBuf::from(format!("~/eventscope-{what}.png"))),
    }
}

/// Cuts the panel out of a picture of the window, and encodes it. The name is one that no file has yet.
fn taken(shot: &ColorImage, cut: Option<(String, Rect)>, scale: f32, path: PathBuf) -> Result<Taken> {
    let (what, pixels) = match cut {
        Some((name, rect)) => (format!("A picture of {name}"), cut_out(shot, rect, scale)),
        None => ("A picture of the window".to_owned(), shot.clone()),
    };
    let bytes = encoded(&pixels).map_err(|error| error.context("encoding the picture"))?;
    let file = NewFile { path: free(path), what, bytes: bytes.into() };
    Ok(Taken { file, pixels: Arc::new(pixels) })
}

/// The part of a picture that lies in a rectangle, which is in points.
fn cut_out(shot: &ColorImage, rect: Rect, scale: f32) -> ColorImage {
    let [width, height] = shot.size;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "pixels count from 0, and casts saturate"
    )]
    let pixel = |points: f32, most: usize| ((points * scale).round().max(0.0) as usize).min(most);
    let (left, right) = (pixel(rect.left(), width), pixel(rect.right(), width));
    let (top, bottom) = (pixel(rect.top(), height), pixel(rect.bottom(), height));
    if left >= right || top >= bottom {
        return shot.clone();
    }
    shot.region_by_pixels([left, top], [right - left, bottom - top])
}

/// A picture in PNG. The window has no holes: how much shines through is left out.
fn encoded(pixels: &ColorImage) -> Result<Vec<u8>> {
    let side = |pixels: usize| u32::try_from(pixels).map_err(|_| no_picture());
    let [width, height] = pixels.size;
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, side(width)?, side(height)?);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let colors: Vec<u8> = pixels.pixels.iter().flat_map(|color| [color.r(), color.g(), color.b()]).collect();
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(&colors)?;
        writer.finish()
    });
    written.map_err(|error| Error::new(ErrorKind::Unsupported, error.to_string()))?;
    Ok(bytes)
}

/// The path, or one with a number where there is a file already.
fn free(path: PathBuf) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let numbered = (2..NAMES).map(|number| path.with_file_name(format!("{stem}-{number}.png")));
    std::iter::once(path.clone()).chain(numbered).find(|path| !path.exists()).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use egui::{Color32, pos2};

    use super::*;

    /// A picture whose pixels say where they are.
    fn shot(width: usize, height: usize) -> ColorImage {
        let byte = |number: usize| u8::try_from(number).unwrap();
        let pixel = |at: usize| Color32::from_rgb(byte(at % width), byte(at / width), 7);
        ColorImage::new([width, height], (0..width * height).map(pixel).collect())
    }

    #[test]
    fn a_panel_is_cut_out_where_it_is_on_the_screen() {
        let panel = Rect::from_min_max(pos2(10.0, 5.0), pos2(30.0, 400.0));
        let cut = cut_out(&shot(100, 60), panel, 2.0);
        assert_eq!(cut.size, [40, 50], "it ends where the window does");
        assert_eq!(cut.pixels[0], Color32::from_rgb(20, 10, 7));
        assert_eq!(cut_out(&shot(4, 4), Rect::NOTHING, 1.0).size, [4, 4]);
    }

    #[test]
    fn a_picture_is_read_again_as_it_was() {
        let shot = shot(5, 3);
        let bytes = encoded(&shot).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((frame.width, frame.height, frame.color_type), (5, 3, png::ColorType::Rgb));
        assert_eq!(&pixels[..6], [0, 0, 7, 1, 0, 7]);
    }

    #[test]
    fn a_picture_never_has_the_name_of_a_file_that_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = file_name(Some(&folder.path().join("shop.db")), Some("Side by side"));
        assert_eq!(path, folder.path().join("shop-side-by-side.png"));
        std::fs::write(&path, b"").unwrap();
        assert_eq!(free(path), folder.path().join("shop-side-by-side-2.png"));
    }
}
