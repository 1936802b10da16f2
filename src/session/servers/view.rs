//! What there is to show of a server: plain, so that a window over the panels can be tried without one.

use std::path::PathBuf;
use std::sync::Arc;

use crate::error::Error;
use crate::model::{ServerAsked, SliceAsked};
use crate::server::cache::KeptSlice;
use crate::server::{Candidate, Expected, News, Progress, Wanted};
use crate::session::Loading;

/// What there is to show of a server.
#[derive(Clone, Debug, Default)]
pub struct ServerView {
    /// How far it is.
    pub step: ServerStep,
    /// What was asked for last.
    pub asked: ServerAsked,
    /// Where it is and who asks, without a password, once that is known.
    pub place: Option<String>,
    /// The same as slices say it, without who asks.
    pub server: Option<String>,
    /// Which kind of server it is, in its own words.
    pub engine: String,
    /// Whether it only follows another server.
    pub is_standby: bool,
    /// Whether a password is asked for.
    pub password: PasswordAsked,
    /// Why the last thing did not work.
    pub fault: Option<Arc<Error>>,
    /// The tables that look like logs of events, the surest first.
    pub found: Arc<Vec<Candidate>>,
    /// The slice that is estimated.
    pub expected_of: Option<SliceAsked>,
    /// How much that would be.
    pub expected: Loading<Expected>,
    /// How far the gathering is.
    pub progress: Option<Progress>,
    /// How many events are kept of a gathering that was stopped.
    pub stopped: Option<u64>,
    /// What was gathered before, of all servers.
    pub kept: Arc<Vec<KeptSlice>>,
    /// For how many days it is kept.
    pub kept_days: Option<u32>,
    /// The slice that is open.
    pub slice: Option<OpenSlice>,
    /// What is known of following it.
    pub followed: Option<Followed>,
}

/// How far a person is with a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ServerStep {
    /// It is to be named.
    #[default]
    Naming,
    /// It is connected to, and looked through.
    Connecting,
    /// What was found there is to be chosen from.
    Choosing,
    /// What was chosen is gathered.
    Gathering,
}

/// Whether a password is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PasswordAsked {
    /// No: none is needed, or one is known.
    #[default]
    No,
    /// The server wants one.
    Wanted,
    /// The server does not take the one that was given, or that was known.
    Refused,
}

/// A slice that was gathered from this server, and is open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenSlice {
    /// Its file.
    pub file: PathBuf,
    /// What was asked for.
    pub asked: SliceAsked,
    /// The same as the server is asked.
    pub wanted: Wanted,
    /// The server, as slices say it.
    pub server: String,
    /// Of when it is, where it was followed since it was opened. RFC 3339.
    pub as_of: Option<String>,
    /// What stands for it where files are remembered: the server's URL without a password, and the table.
    pub url: String,
}

/// What is known of following a server.
#[derive(Clone, Debug, Default)]
pub struct Followed {
    /// The slice's file.
    pub file: PathBuf,
    /// What was told last: how many events there are, how they are seen, or why the server is not reached.
    pub news: Option<News>,
    /// Why it is not followed any more.
    pub ended: Option<Arc<Error>>,
}

impl Followed {
    /// Whether it is followed, reached at this moment or not.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        self.ended.is_none()
    }
}
