//! A server whose events are opened like a file: connected to, looked through, gathered from, and followed. It is apart
//! from [`Session`](crate::session::Session), which opens what was gathered.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `visit` | what a person can ask, and what came of it |
//! | `view` | what there is to show |
//! | `asking` | the worker that connects, looks, estimates, gathers and keeps house in the cache |
//! | `following` | the worker that adds new events to a slice as they come |
//! | `places` | where profiles are, and where slices are kept |
//! | `brake` | ends what the server does for a worker |

mod asking;
mod brake;
mod following;
mod places;
mod view;
mod visit;

use std::path::Path;

use crate::error::Result;
use crate::model::{Secret, SliceAsked};
use crate::server::{self, cache};

pub use crate::server::cache::{KEPT_DAYS, KeptSlice};
pub use crate::server::{Candidate, Expected, News, Progress};
pub use places::Places;
pub use view::{Followed, OpenSlice, PasswordAsked, ServerStep, ServerView};
pub use visit::{ServerNotice, ServerVisit};

/// Copies a slice into a new file that is no slice any more, and may be written to.
///
/// # Errors
/// Where something is there already, or where reading or writing fails.
pub fn copy_slice(file: &Path, to: &Path) -> Result<()> {
    cache::copy(file, to)
}

/// What is asked for to go on with a slice of the server that is connected to; `None` where it is whole, of another server,
/// or was asked for in another way than a person can here.
#[must_use]
pub fn go_on(view: &ServerView, kept: &KeptSlice) -> Option<SliceAsked> {
    let asked = asking::asked(&kept.wanted, &kept.slice.table);
    let is_here = view.server.as_ref() == Some(&kept.slice.server);
    (is_here && !kept.slice.whole && asking::wanted(&asked) == kept.wanted).then_some(asked)
}

/// A URL as it may be shown, and the password that stood in it.
#[must_use]
pub fn split_password(url: &str) -> (String, Option<Secret>) {
    (server::without_password(url), server::password_in(url).map(Secret::new))
}
