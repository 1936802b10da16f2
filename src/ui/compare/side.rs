//! One of the two states that are compared: which one it is to be.

use std::path::PathBuf;

use egui::{Id, RichText, Ui};

use super::super::theme;
use super::super::widgets::{Entry, drop_down};
use crate::codec::visible;
use crate::event::{StreamName, Version};
use crate::replay::branch::Branch;
use crate::session::Pinned;

/// What kind of state a side is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Folded,
    Stored,
    Branch,
    Elsewhere,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Folded, Self::Stored, Self::Branch, Self::Elsewhere];

    const fn title(self) -> &'static str {
        match self {
            Self::Folded => "Stream at a version",
            Self::Stored => "Stored snapshot",
            Self::Branch => "What-if branch",
            Self::Elsewhere => "Another file",
        }
    }
}

/// A side as it is typed.
#[derive(Debug, Default)]
pub(super) struct SideDraft {
    kind: Kind,
    name: String,
    file: String,
}

impl SideDraft {
    /// A stream at a version.
    pub(super) fn of(stream: &StreamName, version: Version) -> Self {
        Self { name: format!("{stream}@{version}"), ..Self::default() }
    }

    /// Whether nothing is chosen.
    pub(super) fn is_empty(&self) -> bool {
        self.kind != Kind::Branch && self.name.trim().is_empty()
    }

    /// What is to be compared, or what is missing for that.
    pub(super) fn pinned(&self, branch: &Branch) -> Result<Pinned, &'static str> {
        if self.kind == Kind::Branch {
            let known = !branch.stream().aggregate_id.is_empty();
            return if known { Ok(Pinned::Branch(Box::new(branch.clone()))) } else { Err(NO_BRANCH) };
        }
        let name = self.name.trim().to_owned();
        if name.is_empty() {
            return Err("Name a stream, such as order/ord-000418@3.");
        }
        let file = self.kind == Kind::Elsewhere;
        if file && self.file.trim().is_empty() {
            return Err("Name the other file.");
        }
        let file = file.then(|| PathBuf::from(self.file.trim()));
        Ok(Pinned::Stream { name, stored: self.kind == Kind::Stored, file })
    }
}

const NO_BRANCH: &str = "There is no branch yet. Press B over a stream to begin one.";

/// Paints the choice; `letter` tells the side from the other.
pub(super) fn show(ui: &mut Ui, letter: &str, side: &mut SideDraft, branch: &Branch) {
    ui.horizontal(|ui| {
        let text = RichText::new(letter).font(theme::semibold()).color(theme::palette(ui).accent);
        ui.add_sized([theme::MARGIN, theme::ENTRY], egui::Label::new(text));
        let kind = side.kind;
        let chosen = drop_down(ui, &format!("Kind of {letter}"), RichText::new(kind.title()), 180.0, |ui| {
            let mut chosen = None;
            for kind in Kind::ALL {
                if ui.add(egui::Button::new(kind.title()).selected(kind == side.kind)).clicked() {
                    chosen = Some(kind);
                    ui.close();
                }
            }
            chosen
        });
        if let Some(chosen) = chosen.flatten() {
            side.kind = chosen;
        }
        if side.kind == Kind::Branch {
            ui.label(
                RichText::new(visible(&branch.stream().to_string())).font(theme::mono()).color(theme::palette(ui).dim),
            );
            return;
        }
        let elsewhere = side.kind == Kind::Elsewhere;
        let share = if elsewhere { 0.5 } else { 1.0 };
        ui.scope(|ui| {
            ui.set_max_width(ui.available_width() * share);
            let (name, id) = (format!("Stream and version of {letter}"), Id::unique(("compared", letter.to_owned())));
            Entry { name: &name, hint: "order/ord-000418@3", id, framed: true }.show(ui, &mut side.name);
        });
        if elsewhere {
            let (name, id) = (format!("File of {letter}"), Id::unique(("compared file", letter.to_owned())));
            Entry { name: &name, hint: "~/yesterday.db", id, framed: true }.show(ui, &mut side.file);
        }
    });
}
