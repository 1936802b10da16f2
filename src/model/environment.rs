//! Whether a command can be carried out now, and if not, why: the tooltip of its disabled button.

use std::borrow::Cow;

use super::command::{Command, Name};
use crate::event::Version;

/// What a command is resolved against: the state of the program, in a few plain facts.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a plain fact of its own")]
pub struct Environment {
    /// A database is open and was read.
    pub open: bool,
    /// Its tables are known, whether or not they are understood.
    pub known: bool,
    /// It has events that are understood, not only tables.
    pub has_events: bool,
    /// Something can be closed: a database that is open, being opened, or that failed to open.
    pub closable: bool,
    /// How many recent files there are.
    pub recent: usize,
    /// Why nothing can be appended to this kind of database; `None` where it can.
    pub cannot_append: Option<String>,
    /// It is an event store of our own format.
    pub native: bool,
    /// What would be archived was found.
    pub planned: bool,
    /// The store was verified.
    pub verified: bool,
    /// Writing was unlocked.
    pub unlocked: bool,
    /// A filter is set.
    pub filtered: bool,
    /// A filter was left to look around an event.
    pub around: bool,
    /// An event is selected, and was read.
    pub event: bool,
    /// The selected event has a correlation id.
    pub correlated: bool,
    /// The cause of the selected event is known.
    pub caused: bool,
    /// A stream is selected.
    pub stream: bool,
    /// A state is shown.
    pub state: bool,
    /// Another table is shown in place of the events.
    pub table: bool,
    /// The data of the selected event is so large that it was left unread.
    pub unread: bool,
    /// It was read since.
    pub loaded: bool,
    /// The first and last version of the selected stream, and the one shown.
    pub versions: Option<Versions>,
    /// How many watches there are for streams of the selected one's type.
    pub watches: usize,
    /// How many bookmarks there are in the selected stream.
    pub bookmarks: usize,
    /// Something is looked for in the state.
    pub finding: bool,
    /// How many invariants there are.
    pub invariants: usize,
    /// The database stores snapshots.
    pub snapshots: bool,
    /// There is somewhere to go back to.
    pub can_go_back: bool,
    /// There is somewhere to go forward to.
    pub can_go_forward: bool,
    /// The reducers are the guess.
    pub guessing: bool,
    /// Whether better rules were found than those in use.
    pub rules_found: bool,
    /// The application's own code folds, or is to.
    pub reducer_command: bool,
    /// How many pieces of work are going on.
    pub jobs: usize,
    /// What is known of the server whose slice is open.
    #[cfg(feature = "postgres")]
    pub server: OpenServer,
}

/// What is known of the server whose slice is open.
#[cfg(feature = "postgres")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a plain fact of its own")]
pub struct OpenServer {
    /// What is open is a slice of a server.
    pub slice: bool,
    /// Where the server is and who asks it are known.
    pub known: bool,
    /// It is followed.
    pub followed: bool,
    /// Events are gathered at this moment.
    pub gathering: bool,
}

/// The versions of the selected stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Versions {
    /// The first one.
    pub first: Version,
    /// The one whose state is shown.
    pub shown: Version,
    /// The last one.
    pub last: Version,
}

type Answer = Result<(), Cow<'static, str>>;

impl Command {
    /// Whether it can be carried out; otherwise a sentence that says why not.
    ///
    /// # Errors
    ///
    /// The sentence, for the tooltip of the disabled button.
    pub fn resolve(&self, environment: &Environment) -> Answer {
        match self {
            Self::OpenRecent(index) => need(*index < environment.recent, "There is no such recent file."),
            Self::SelectVersion(version) => selectable(*version, environment),
            other => other.name().resolve(environment),
        }
    }
}

impl Name {
    /// As [`Command::resolve`], for what does not depend on a value.
    ///
    /// # Errors
    ///
    /// The sentence, for the tooltip of the disabled button.
    pub fn resolve(self, environment: &Environment) -> Answer {
        match self {
            Self::Close => need(environment.closable, "No file is open."),
            Self::Refresh => need(environment.open, NOT_OPEN),
            Self::EditMapping
            | Self::ApplyMapping
            | Self::SaveProfile
            | Self::ChooseProfile
            | Self::ImportProfile
            | Self::ChooseExport
            | Self::ExportProfile
            | Self::ShowAudit
            | Self::AuditAgain
            | Self::NextPanel
            | Self::PreviousPanel => need(environment.known, NOT_OPEN),
            Self::ReadLive | Self::Reopen => need(environment.closable, NOT_OPEN),
            Self::ReadFrozen | Self::ReadCopy => {
                need(environment.closable, NOT_OPEN)?;
                need(!environment.unlocked, "A file that is unlocked for writing is read live. Lock it first.")
            }
            Self::StopJobs => need(environment.jobs > 0, "Nothing is being read or searched."),
            Self::Back => need(environment.can_go_back, "There is nowhere to go back to."),
            Self::Forward => need(environment.can_go_forward, "There is nowhere to go forward to."),
            Self::ShowEvents => need(environment.table && environment.has_events, "The events are shown already."),
            Self::ToggleDefinition => need(environment.table, NO_TABLE),
            Self::NextEvent
            | Self::PreviousEvent
            | Self::PageUp
            | Self::PageDown
            | Self::OldestEvent
            | Self::NewestEvent
            | Self::LookInside
            | Self::RowMenu
                if environment.table =>
            {
                Ok(())
            }
            Self::VerifyStore
            | Self::ShowVerification
            | Self::BackUp
            | Self::BackUpTo
            | Self::ImportEvents
            | Self::Import
            | Self::ArchiveEvents
            | Self::PlanArchive
            | Self::Archive => self.resolve_maintenance(environment),
            #[cfg(feature = "postgres")]
            Self::AppendToCopy
            | Self::CopySlice
            | Self::MoreOfServer
            | Self::FollowServer
            | Self::StopFollowing
            | Self::ForgetSlice
            | Self::StopGathering => self.resolve_server(environment.server),
            _ => self.resolve_events(environment),
        }
    }

    /// The commands that need a slice of a server.
    #[cfg(feature = "postgres")]
    fn resolve_server(self, server: OpenServer) -> Answer {
        if self == Self::StopGathering {
            return need(server.gathering, "Nothing is being gathered.");
        }
        need(server.slice, "No slice of a server is open.")?;
        match self {
            Self::MoreOfServer => need(server.known, NOT_CONNECTED),
            Self::FollowServer => {
                need(!server.followed, "The server is followed already.")?;
                need(server.known, NOT_CONNECTED)
            }
            Self::StopFollowing => need(server.followed, "The server is not followed."),
            _ => Ok(()),
        }
    }

    /// The commands that need a store of our own format.
    fn resolve_maintenance(self, environment: &Environment) -> Answer {
        need(environment.open, NOT_OPEN)?;
        need(environment.native, "This file is not an event store of Eventscope's own format.")?;
        match self {
            Self::ImportEvents | Self::Import | Self::ArchiveEvents | Self::PlanArchive => {
                need(environment.unlocked, LOCKED)
            }
            Self::Archive => {
                need(environment.unlocked, LOCKED)?;
                need(environment.planned, "Nothing was chosen to be archived.")
            }
            Self::ShowVerification => need(environment.verified, "The store was not verified yet."),
            _ => Ok(()),
        }
    }

    /// The commands that need events.
    fn resolve_events(self, environment: &Environment) -> Answer {
        match self {
            Self::ChooseReducers
            | Self::UseReducers
            | Self::EditReducerCommand
            | Self::RunReducerCommand
            | Self::FocusFilter
            | Self::TypePlace
            | Self::GoToPosition
            | Self::GoToMoment
            | Self::SaveFilter
            | Self::FocusStreams
            | Self::NextEvent
            | Self::PreviousEvent
            | Self::PageUp
            | Self::PageDown
            | Self::OldestEvent
            | Self::NewestEvent
            | Self::RowMenu
            | Self::ExportEvents
            | Self::ExportSelection
            | Self::EditInvariants
            | Self::AddInvariant
            | Self::KeepInvariant
            | Self::ShowStatistics
            | Self::CountAgain
            | Self::ShowSchemas
            | Self::InferSchemasAgain
            | Self::ShowBookmarks
            | Self::BeginRule
            | Self::EditBookmark
            | Self::KeepBookmark
            | Self::RemoveBookmark
            | Self::ExportTo => events(environment),
            Self::CheckInvariants => {
                events(environment)?;
                need(environment.invariants > 0, "There is no invariant yet. Add one first.")
            }
            Self::CompareSnapshots | Self::CompareSnapshotsAgain => {
                events(environment)?;
                need(environment.snapshots, "This database stores no snapshots.")
            }
            Self::UseGuess => {
                events(environment)?;
                need(!environment.guessing, "No rules of yours are in use.")
            }
            Self::UseFoundRules => {
                events(environment)?;
                need(environment.rules_found, "No better rules were found.")
            }
            Self::EndReducerCommand => {
                events(environment)?;
                need(environment.reducer_command, "No reducer of the application's is running.")
            }
            Self::ClearFilter | Self::NameFilter => need(environment.filtered, "No filter is set."),
            Self::BackToFilter => need(environment.around, "You are not looking around an event of a filter."),
            Self::Unlock
            | Self::ConfirmUnlock
            | Self::Lock
            | Self::NewEvent
            | Self::Append
            | Self::AppendInserted
            | Self::DuplicateEvent => self.resolve_writing(environment),
            _ => self.resolve_selection(environment),
        }
    }

    /// The commands that write or make writing possible.
    fn resolve_writing(self, environment: &Environment) -> Answer {
        events(environment)?;
        if let Some(reason) = &environment.cannot_append {
            return Err(Cow::Owned(reason.clone()));
        }
        match self {
            Self::Unlock | Self::ConfirmUnlock => need(!environment.unlocked, "Writing is unlocked already."),
            Self::Lock => need(environment.unlocked, "The file is read-only already."),
            _ => {
                need(environment.unlocked, LOCKED)?;
                need(self != Self::DuplicateEvent || environment.event, NO_EVENT)?;
                need(self != Self::DuplicateEvent || !environment.unread, UNREAD)
            }
        }
    }

    /// The commands that need something to be selected.
    fn resolve_selection(self, environment: &Environment) -> Answer {
        match self {
            Self::EditWatches
            | Self::WatchFor
            | Self::AddWatch
            | Self::Inquire
            | Self::EditRules
            | Self::EditRuleOf
            | Self::SaveRules
            | Self::WhatIf
            | Self::SaveBranch
            | Self::LoadBranch
            | Self::CopyStreamName
            | Self::FilterByStream => need(environment.stream, NO_STREAM),
            Self::CopyLink => need(environment.stream || environment.event, NO_EVENT),
            Self::PinState
            | Self::Compare
            | Self::KeepInView
            | Self::Bookmark
            | Self::NoteBookmark
            | Self::TimelineNearer
            | Self::TimelineFarther
            | Self::TimelineWhole => need(environment.versions.is_some(), NO_STREAM),
            Self::NextBookmark | Self::PreviousBookmark => {
                need(environment.stream, NO_STREAM)?;
                need(environment.bookmarks > 0, "There is no bookmark in this stream.")
            }
            Self::NextHit | Self::PreviousHit => {
                need(environment.stream, NO_STREAM)?;
                need(environment.watches > 0, "Nothing is watched for in streams of this type.")
            }
            Self::BreakOnType | Self::SkipInBranch | Self::ExplainStep => {
                need(environment.event, NO_EVENT)?;
                need(environment.stream, NO_STREAM)
            }
            Self::FilterByType
            | Self::LookInside
            | Self::LookAroundStream
            | Self::LookAroundTime
            | Self::ShowCauses => need(environment.event, NO_EVENT),
            Self::CopyEvent | Self::CopyData | Self::CopyRaw => {
                need(environment.event, NO_EVENT)?;
                need(!environment.unread || self != Self::CopyEvent && environment.loaded, UNREAD)
            }
            Self::LoadData => {
                need(environment.event, NO_EVENT)?;
                need(environment.unread, "The data of the selected event was read already.")
            }
            Self::FilterByCorrelation | Self::LookAroundCorrelation => {
                need(environment.event, NO_EVENT)?;
                need(environment.correlated, "The selected event has no correlation id.")
            }
            Self::GoToCause => {
                need(environment.event, NO_EVENT)?;
                need(environment.caused, "The cause of the selected event is not in this database.")
            }
            Self::CopyState | Self::Correct | Self::FindInState | Self::PinPath => {
                need(environment.state, "No state is shown.")
            }
            Self::NextMatch | Self::PreviousMatch => {
                need(environment.state, "No state is shown.")?;
                need(environment.finding, "Nothing is looked for in the state.")
            }
            Self::FirstVersion
            | Self::StepBack
            | Self::StretchBack
            | Self::PlayPause
            | Self::StepForward
            | Self::StretchForward
            | Self::LastVersion => self.resolve_step(environment),
            _ => Ok(()),
        }
    }

    /// The commands that walk through the versions.
    fn resolve_step(self, environment: &Environment) -> Answer {
        let Some(versions) = environment.versions else { return Err(Cow::Borrowed(NO_STREAM)) };
        match self {
            Self::FirstVersion | Self::StepBack | Self::StretchBack => {
                need(versions.shown > versions.first, "This is the stream's first version.")
            }
            Self::StepForward | Self::StretchForward | Self::LastVersion => {
                need(versions.shown < versions.last, "This is the stream's last version.")
            }
            _ => need(versions.last > versions.first, "The stream has only one version."),
        }
    }
}

#[cfg(feature = "postgres")]
const NOT_CONNECTED: &str = "Who asks this server is not known. Connect to it first: File > Open a server…";
const LOCKED: &str = "The file is read-only. Unlock it for writing first.";
const NOT_OPEN: &str = "No database is open.";
const NO_EVENT: &str = "No event is selected.";
const NO_TABLE: &str = "No other table is shown.";
const UNREAD: &str = "The data of this event is so large that it was left unread.";
const NO_STREAM: &str = "No stream is selected.";

fn need(fact: bool, otherwise: &'static str) -> Answer {
    if fact { Ok(()) } else { Err(Cow::Borrowed(otherwise)) }
}

fn events(environment: &Environment) -> Answer {
    need(environment.open, NOT_OPEN)?;
    need(environment.has_events, "Nothing in this database was recognised as events.")
}

fn selectable(version: Version, environment: &Environment) -> Answer {
    let Some(versions) = environment.versions else { return Err(Cow::Borrowed(NO_STREAM)) };
    need((versions.first..=versions.last).contains(&version), "The stream has no such version.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready() -> Environment {
        Environment {
            open: true,
            has_events: true,
            closable: true,
            event: true,
            stream: true,
            ..Environment::default()
        }
    }

    #[test]
    fn with_nothing_open_only_what_needs_nothing_can_be_done() {
        let nothing = Environment::default();
        assert_eq!(Command::Open.resolve(&nothing), Ok(()));
        assert_eq!(Command::Palette.resolve(&nothing), Ok(()));
        for command in [Command::Refresh, Command::Unlock, Command::CopyEvent, Command::StepBack, Command::Close] {
            assert!(command.resolve(&nothing).is_err(), "{command:?}");
        }
    }

    #[test]
    fn every_refusal_is_a_sentence() {
        for entry in Command::table() {
            if let Err(reason) = entry.name.resolve(&Environment::default()) {
                assert!(reason.ends_with('.') && reason.starts_with(char::is_uppercase), "{}: {reason}", entry.title);
            }
        }
    }

    #[test]
    fn appending_needs_the_file_to_be_unlocked_and_its_kind_to_allow_it() {
        let locked = ready();
        assert!(Command::NewEvent.resolve(&locked).unwrap_err().contains("read-only"));
        let unlocked = Environment { unlocked: true, ..ready() };
        assert_eq!(Command::NewEvent.resolve(&unlocked), Ok(()));
        assert_eq!(Command::Lock.resolve(&unlocked), Ok(()));
        let refused = Environment { cannot_append: Some("No.".into()), ..unlocked };
        assert_eq!(Command::NewEvent.resolve(&refused), Err("No.".into()));
    }

    #[test]
    fn looking_after_a_store_needs_one_of_our_own_and_writing_to_it_the_key() {
        let foreign = Environment { unlocked: true, ..ready() };
        assert!(Command::VerifyStore.resolve(&foreign).unwrap_err().contains("own format"));
        assert_eq!(Command::ExportEvents.resolve(&foreign), Ok(()));
        let native = Environment { native: true, ..ready() };
        for command in [Command::VerifyStore, Command::BackUp] {
            assert_eq!(command.resolve(&native), Ok(()), "{command:?}");
        }
        for command in [Command::ImportEvents, Command::ArchiveEvents] {
            assert!(command.resolve(&native).unwrap_err().contains("read-only"), "{command:?}");
            assert_eq!(command.resolve(&Environment { unlocked: true, ..native.clone() }), Ok(()), "{command:?}");
        }
    }

    #[test]
    fn what_is_unlocked_for_writing_is_read_live() {
        let unlocked = Environment { unlocked: true, ..ready() };
        assert!(Command::ReadFrozen.resolve(&unlocked).unwrap_err().contains("Lock it first"));
        assert!(Command::ReadCopy.resolve(&unlocked).is_err());
        assert_eq!(Command::ReadLive.resolve(&unlocked), Ok(()));
        assert_eq!(Command::ReadCopy.resolve(&ready()), Ok(()));
        assert!(Command::Reopen.resolve(&Environment::default()).is_err());
    }

    #[test]
    fn stepping_ends_at_the_ends() {
        let at = |shown| Environment { versions: Some(Versions { first: 0, shown, last: 4 }), ..ready() };
        assert!(Command::StepBack.resolve(&at(0)).is_err());
        assert!(Command::StepForward.resolve(&at(0)).is_ok());
        assert!(Command::StepForward.resolve(&at(4)).is_err());
        assert!(Command::SelectVersion(5).resolve(&at(4)).is_err());
        assert!(Command::SelectVersion(4).resolve(&at(0)).is_ok());
    }
}
