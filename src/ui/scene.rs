//! Everything that a panel may look at, in one place: it only borrows, and painting changes none of it.

use crate::model::{Command, Environment, Settings, ViewState};
use crate::session::Session;
#[cfg(feature = "postgres")]
use crate::session::servers::ServerView;

/// What there is to paint.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// What the window shows.
    pub view: &'a ViewState,
    /// The open database, where there is one.
    pub session: Option<&'a Session>,
    /// The server that is looked at, where there is one.
    #[cfg(feature = "postgres")]
    pub server: Option<&'a ServerView>,
    /// What commands are resolved against.
    pub environment: &'a Environment,
    /// What is remembered from run to run.
    pub settings: &'a Settings,
    /// Messages that were not put away yet, oldest first.
    pub messages: &'a [Message],
}

/// Something that a person should know, until they put it away or it has been read.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Its name for [`Command::DismissNotice`].
    pub id: u64,
    /// How bad it is.
    pub tone: Tone,
    /// What happened, in a sentence.
    pub text: String,
    /// What to do now.
    pub hint: Option<String>,
    /// A way to do it at once.
    pub offer: Option<Command>,
}

/// How bad a message is. Each has its own sign, so that colour is not alone in saying it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Something went well.
    Good,
    /// Something failed.
    Bad,
}
