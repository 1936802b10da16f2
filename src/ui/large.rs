//! A value that was left unread because it is large: what it is, the way to have it read, how far that is, and then the
//! value.

use std::sync::Arc;

use egui::{ProgressBar, Ui};

use super::controls::{dim, failure, faint, inset, main_button};
use super::numbers::grouped;
use super::theme;
use super::widgets::OutlineTree;
use crate::filter::Root;
use crate::model::Command;
use crate::session::{LOADING, Large, LargeDocument, Session};

/// What is offered to be read.
pub struct Offer {
    /// What it is: "Data".
    pub what: &'static str,
    /// Its size in bytes.
    pub size: u64,
    /// What has it read.
    pub command: Command,
}

/// What a payload is called.
#[must_use]
pub fn of(root: Root) -> &'static str {
    if root == Root::Data { "Data" } else { "Metadata" }
}

/// What has a payload read.
#[must_use]
pub fn command(root: Root) -> Command {
    if root == Root::Data { Command::LoadData } else { Command::LoadMetadata }
}

/// Says what was left unread, and offers to read it; or how far the reading is.
pub fn offer(ui: &mut Ui, session: &Session, offer: &Offer, large: &Large, out: &mut Vec<Command>) {
    let text = dim(ui, format!("{} of {} bytes.", offer.what, grouped(offer.size)));
    match large {
        Large::Loading { read, of } => {
            ui.add(egui::Label::new(text).wrap());
            #[expect(clippy::cast_precision_loss, reason = "a share is shown with two digits")]
            let share = *read as f32 / (*of).max(1) as f32;
            let said = format!("{} of {}", grouped(*read), grouped(offer.size));
            ui.add(ProgressBar::new(share).desired_height(theme::ENTRY).text(said));
            if ui.button("Stop").on_hover_text("Leave it unread.").clicked() {
                let job = session.jobs().into_iter().find(|job| job.title == LOADING);
                out.extend(job.map(|job| Command::StopJob(job.id.0)));
            }
        }
        Large::Failed(error) => {
            ui.add(egui::Label::new(text).wrap());
            failure(ui, error);
            load(ui, offer, "Try again", out);
        }
        Large::Unread | Large::Ready(_) => {
            ui.add(egui::Label::new(text).wrap());
            let why = faint(ui, "It is large, and was left unread.");
            ui.add(egui::Label::new(why).wrap());
            load(ui, offer, "Load", out);
        }
    }
}

fn load(ui: &mut Ui, offer: &Offer, text: &str, out: &mut Vec<Command>) {
    ui.add_space(theme::STEP);
    let button = main_button(ui, text);
    let response = ui.add(button).accessible_name(format!("{text}: {}", offer.what.to_lowercase()));
    if response.on_hover_text(offer.command.entry().help).clicked() {
        out.push(offer.command.clone());
    }
}

/// A large document as a tree that is read from its own bytes, and what was taken off around it.
pub fn document(ui: &mut Ui, document: &LargeDocument, salt: &'static str, max_height: f32, out: &mut Vec<Command>) {
    let line = ui.text_style_height(&egui::TextStyle::Small) + theme::STEP;
    inset(ui, |ui| {
        let text =
            faint(ui, format!("Decoded: {}. Texts and numbers are as they are stored.", document.encodings.join(", ")));
        ui.add(egui::Label::new(text).truncate());
    });
    let tree = OutlineTree { salt, name: "large document", outline: Arc::clone(&document.outline) };
    out.extend(tree.show(ui, (max_height - line).max(3.0 * theme::TREE_ROW)).into_iter().map(Command::CopyText));
}
