//! What was noted in the window on bookmarks of a file, from where the window keeps its settings.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::model::{Noted, SETTINGS_KEY, Settings};
use crate::source::full_path;
use crate::transfer::Notes;

/// The notes on events of a database; none where none was made.
pub(super) fn of(database: &Path) -> Result<Notes> {
    let Some(file) = settings_file().filter(|file| file.exists()) else { return Ok(Notes::default()) };
    let path = full_path(database)?;
    let settings = read(&file).map_err(|fault| {
        Error::bad_input(format!("{}: {fault}", file.display()))
            .with_hint("The window keeps its settings and notes there; open and close it, and it writes them anew.")
    })?;
    Ok(settings.noted(&path).into_iter().flat_map(Noted::notes).collect())
}

/// The file of values by name, each as a text, as `eframe` writes it (<https://docs.rs/eframe/latest/eframe/fn.storage_dir.html>).
fn settings_file() -> Option<PathBuf> {
    let folder = directories::BaseDirs::new()?.data_dir().join("eventscope");
    Some(if cfg!(windows) { folder.join("data") } else { folder }.join("app.ron"))
}

fn read(file: &Path) -> std::result::Result<Settings, String> {
    let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
    let values: HashMap<String, String> = ron::from_str(&text).map_err(|error| error.to_string())?;
    let settings = values.get(SETTINGS_KEY).map(|settings| ron::from_str(settings)).transpose();
    Ok(settings.map_err(|error| error.to_string())?.unwrap_or_default())
}
