//! What a link of a row says, and where it leads.

use crate::model::Command;
use crate::session::{Link, Target};
use crate::ui::numbers::grouped;

/// What a link says, and where it leads.
pub(super) fn link_command(link: &Link) -> (String, Command) {
    match &link.target {
        Target::Stream(stream) => (format!("Show stream {stream}"), Command::SelectStream(stream.clone())),
        Target::Event(position) => {
            let position = *position;
            (format!("Show event {}", grouped(position)), Command::SelectEvent(position))
        }
    }
}
