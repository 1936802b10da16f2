//! Everything a person can do: one table with each command's title, help, keys and place in the menus.
//!
//! Menus, buttons, shortcuts, the palette, the list of shortcuts, the manual's table of keys and the tests all read it.

use std::path::PathBuf;

use chrono::{DateTime, Utc};

use super::bookmark::Bookmark;
use super::chord::{Chord, Focus};
use super::column::Column;
use super::invariant::InvariantRule;
use super::kept_filters::SavedFilter;
use super::key::Key;
use super::link::DeepLink;
use super::look::{Tab, ThemeChoice, TimeMode};
use super::maintenance::{Archiving, Asked, Exporting, Importing, NewStore};
use super::marks::{MarkKind, Span};
use super::new_file::NewFile;
use super::reducer_command::ReducerCommand;
use super::rule_edits::{Correction, RuleEdits, RuleStart};
#[cfg(feature = "postgres")]
use super::server::{ServerAsked, SliceAsked};
use super::view::Speed;
use super::watch::{Inquiry, Watch};
use crate::event::{ExpectedVersion, NewEvent, Position, StreamName, Version};

/// A menu of the title bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Menu {
    /// Files, and the rules that belong to them.
    File,
    /// Writing, copying, filtering.
    Edit,
    /// Panels, columns, colours, times.
    View,
    /// Moving through events and tables, and back.
    Go,
    /// Writing to the store, and looking after it as a whole.
    Store,
    /// Walking through a stream's versions.
    Replay,
    /// Asking a stream's history, and the whole store's.
    Ask,
    /// How it all works.
    Help,
}

impl Menu {
    /// Every menu, from left to right.
    pub const ALL: [Self; 8] =
        [Self::File, Self::Edit, Self::View, Self::Go, Self::Store, Self::Replay, Self::Ask, Self::Help];

    /// Its title.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::File => "File",
            Self::Edit => "Edit",
            Self::View => "View",
            Self::Go => "Go",
            Self::Store => "Store",
            Self::Replay => "Replay",
            Self::Ask => "Ask",
            Self::Help => "Help",
        }
    }
}

/// One line of the table.
#[derive(Debug)]
pub struct Entry {
    /// Which command.
    pub name: Name,
    /// Its title in sentence case; with `…` where more input follows.
    pub title: &'static str,
    /// A sentence of help.
    pub help: &'static str,
    /// The keys, the one that is shown first.
    pub keys: &'static [Chord],
    /// The menu that it is in and its group there, between two lines; `None` where it needs a value or a place.
    pub menu: Option<(Menu, u8)>,
}

impl Entry {
    /// The key that is shown beside the title, as a person reads it.
    #[must_use]
    pub fn key_text(&self) -> Option<String> {
        self.keys.first().map(|chord| chord.text())
    }
}

/// An event to be appended, and what its writer expects of the stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Appending {
    /// The stream.
    pub stream: StreamName,
    /// The event.
    pub event: NewEvent,
    /// What is expected.
    pub expected: ExpectedVersion,
}

macro_rules! commands {
    ($($(#[$gate:meta])? $name:ident $(($value:ty))? = $title:literal, $help:literal, [$($key:expr),*], $menu:expr;)*) => {
        /// One thing that a person can do, with what it needs to know.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Command { $($(#[$gate])? #[doc = $help] $name $(($value))?,)* }

        /// Which command, without its value.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Name { $($(#[$gate])? #[doc = $help] $name,)* }

        static TABLE: &[Entry] = &[$($(#[$gate])? Entry {
            name: Name::$name, title: $title, help: $help, keys: &[$($key),*], menu: $menu,
        },)*];

        impl Command {
            /// Which command it is.
            #[must_use]
            pub fn name(&self) -> Name {
                match self { $($(#[$gate])? Self::$name { .. } => Name::$name,)* }
            }
        }

        impl Name {
            /// The command, where it needs no value.
            #[must_use]
            pub fn command(self) -> Option<Command> {
                match self { $($(#[$gate])? Self::$name => commands!(@plain $name $(($value))?),)* }
            }
        }
    };
    (@plain $name:ident) => { Some(Command::$name) };
    (@plain $name:ident ($value:ty)) => { None };
}

#[expect(clippy::unnecessary_wraps, reason = "the table reads `at(…)` or `None`")]
const fn at(menu: Menu, group: u8) -> Option<(Menu, u8)> {
    Some((menu, group))
}

commands! {
    Open = "Open…", "Open a database file.", [Chord::ctrl(Key::O)], at(Menu::File, 0);
    OpenFolder = "Open folder…", "Open the files of a folder as one data set, where a library spreads its events over files.", [], at(Menu::File, 0);
    TypePath = "Open by path…", "Type or paste the path of a database file, or of a folder.", [Chord::ctrl_shift(Key::O)], at(Menu::File, 0);
    OpenPath(PathBuf) = "Open this file", "Open the file or folder at this path.", [], None;
    #[cfg(feature = "postgres")]
    OpenServer = "Open a server…", "Find the events of a PostgreSQL server, and open them like a file.", [], at(Menu::File, 0);
    #[cfg(feature = "postgres")]
    ConnectServer(Box<ServerAsked>) = "Connect", "Connect to this server, and look for events there.", [], None;
    #[cfg(feature = "postgres")]
    LeaveServer = "Another server", "Go back, and name another server.", [], None;
    #[cfg(feature = "postgres")]
    ExpectSlice(Box<SliceAsked>) = "Estimate", "Ask the server how much this would be, by its own estimate.", [], None;
    #[cfg(feature = "postgres")]
    GatherSlice(Box<SliceAsked>) = "Gather", "Read these events into a local file, and open it.", [], None;
    #[cfg(feature = "postgres")]
    StopGathering = "Stop gathering", "Stop; what was gathered is kept, and gone on with the next time.", [], None;
    #[cfg(feature = "postgres")]
    KeepSlices(u32) = "Keep slices for so long", "Delete what was gathered once nobody opened it for so many days.", [], None;
    #[cfg(feature = "postgres")]
    ForgetKept(PathBuf) = "Forget", "Delete this slice's file. Nothing is done to the server.", [], None;
    #[cfg(feature = "postgres")]
    CopySlice(PathBuf) = "Copy the slice", "Copy the slice to this file, which may be written to.", [], None;
    OpenRecent(usize) = "Open recent", "Open a file that was open before.", [], None;
    NewStore = "New event store…", "Create an empty event store in Eventscope's own format.", [], at(Menu::File, 1);
    CreateStore(NewStore) = "Create this event store", "Create an empty event store at this path.", [], None;
    OpenDemo = "Open the demo", "Make a fresh copy of the demo shop and open it.", [], at(Menu::File, 1);
    Refresh = "Reload", "Read the file and the reducers again.", [Chord::key(Key::F5), Chord::ctrl(Key::R)], at(Menu::File, 2);
    ReadLive = "Read live", "Read the file as it is now, and follow it.", [], at(Menu::File, 2);
    ReadFrozen = "Read frozen", "Read the file as it stands, without locks and without its write-ahead log.", [], at(Menu::File, 2);
    ReadCopy = "Read a copy", "Take a copy of this moment and read that; once more for a new copy.", [], at(Menu::File, 2);
    Reopen = "Reopen", "Open the file anew in the same way, such as after it was replaced.", [], at(Menu::File, 2);
    EditMapping = "Edit mapping…", "Say which table and columns the events come from.", [], at(Menu::File, 3);
    ApplyMapping = "Apply the mapping", "Read the file through the edited mapping, without saving it.", [], None;
    SaveProfile(bool) = "Save as profile", "Save the edited mapping with your own profiles, replacing one of its name or not.", [], None;
    ChooseProfile = "Import a profile…", "Edit the mapping of a profile's file.", [], None;
    ImportProfile(PathBuf) = "Import this profile", "Edit the mapping of the profile in this file.", [], None;
    ChooseExport = "Export the profile…", "Choose a file to write the edited mapping to.", [], None;
    ExportProfile((PathBuf, bool)) = "Export the profile", "Write the edited mapping to this file, replacing what is there or not.", [], None;
    ChooseReducers = "Choose reducers…", "Fold the streams with the rules of a TOML file.", [], at(Menu::File, 3);
    UseReducers(PathBuf) = "Use these reducers", "Fold the streams with the rules of this file.", [], None;
    UseFoundRules = "Use the rules that were found", "Fold the streams by the rules that were learnt from the database's own states, or that names suggest.", [], at(Menu::File, 3);
    UseGuess = "Use the guess", "Fold the streams without rules of yours: as the library defines it, else with a merge patch, which is a guess.", [], at(Menu::File, 3);
    Unlock = "Unlock for writing…", "Allow events to be appended to this file.", [Chord::ctrl_shift(Key::U)], at(Menu::Store, 0);
    ConfirmUnlock = "Unlock this file", "Allow events to be appended, now that the file was named.", [], None;
    Lock = "Lock", "Make the file read-only again.", [Chord::ctrl(Key::L)], at(Menu::Store, 0);
    #[cfg(feature = "postgres")]
    AppendToCopy = "Append to a copy…", "Copy this slice of a server to a file of its own, to which events can be appended.", [], at(Menu::Store, 0);
    #[cfg(feature = "postgres")]
    MoreOfServer = "More of this server…", "Gather a wider slice: more events, other streams, types or times.", [], at(Menu::Store, 2);
    #[cfg(feature = "postgres")]
    FollowServer = "Follow the server", "Add new events to this slice as they come.", [], at(Menu::Store, 2);
    #[cfg(feature = "postgres")]
    StopFollowing = "Stop following", "Add no new events to this slice.", [], at(Menu::Store, 2);
    #[cfg(feature = "postgres")]
    ForgetSlice = "Forget this slice", "Close this slice of a server, and delete its file. Nothing is done to the server.", [], at(Menu::Store, 2);
    ExportEvents = "Export events…", "Write the events that the filter lets through to a file, in one of several forms.", [Chord::ctrl_shift(Key::E)], at(Menu::Store, 1);
    ExportTo(Box<Exporting>) = "Export to this file", "Write the events that the filter lets through to this file.", [], None;
    ExportSelection(String) = "Export these events…", "Write the events that this filter lets through to a file, in one of several forms.", [], None;
    ImportEvents = "Import into this store…", "Append the events of another database, or of a file of JSON lines.", [], at(Menu::Store, 1);
    Import(Box<Importing>) = "Import these events", "Append the events of this file to the store.", [], None;
    VerifyStore = "Verify this store", "Read the whole store and show the first event that is not as it was written.", [], at(Menu::Store, 1);
    ShowVerification = "Show what verifying found", "Show what verifying the store found.", [], None;
    BackUp = "Back up to…", "Copy the store, as it is at one moment, to a new file.", [], at(Menu::Store, 1);
    BackUpTo(PathBuf) = "Back up to this file", "Copy the store to this file.", [], None;
    ArchiveEvents = "Archive…", "Move closed streams or old events into an archive beside the store.", [], at(Menu::Store, 1);
    PlanArchive(Box<Archiving>) = "Show what would be archived", "Find the events that would be archived, and move none.", [], None;
    Archive = "Archive what is shown", "Move the events that were shown into the archive.", [], None;
    Browse(Asked) = "Browse…", "Choose a file with the desktop's own dialog.", [], None;
    UsePath(PathBuf) = "Use this path", "Put this path into the window that asks for one.", [], None;
    PictureOfWindow = "Picture of the window…", "Save what the window shows as a picture, in PNG.", [Chord::ctrl_shift(Key::S)], at(Menu::File, 3);
    PictureOfPanel = "Picture of this panel…", "Save what the panel that was last used shows as a picture, in PNG; of a window over the panels, that window.", [Chord::alt(Key::S)], at(Menu::File, 3);
    Close = "Close file", "Close the file and go back to the welcome screen.", [Chord::ctrl(Key::W)], at(Menu::File, 4);
    Quit = "Quit", "Close the window.", [Chord::ctrl(Key::Q)], at(Menu::File, 4);

    NewEvent = "New event…", "Write an event to append to a stream.", [Chord::ctrl(Key::N)], at(Menu::Edit, 0);
    DuplicateEvent = "Duplicate this event…", "Start a new event with what the selected one says.", [Chord::ctrl(Key::D)], at(Menu::Edit, 0);
    Append(Box<Appending>) = "Append event", "Write the event to the file, in one transaction.", [], None;
    ClearDraft = "Clear the form", "Empty the form for a new event.", [], None;
    FocusFilter = "Filter events", "Type a filter for the event table.", [Chord::key(Key::Slash), Chord::ctrl(Key::F)], at(Menu::Edit, 1);
    FocusStreams = "Find stream", "Type part of a stream's name.", [Chord::ctrl_shift(Key::F)], at(Menu::Edit, 1);
    SetFilter(String) = "Set the filter", "Show the events that this filter lets through.", [], None;
    AddTerm(String) = "Add to the filter", "Add a condition to the filter.", [], None;
    RemoveTerm(usize) = "Remove from the filter", "Take a condition out of the filter.", [], None;
    OnlyTerm(String) = "Only this", "Let only this value of its field through the filter.", [], None;
    FilterByStream = "Only this stream", "Show only the events of the selected stream.", [], at(Menu::Edit, 1);
    FilterByType = "Only this type", "Show only the events of the selected event's type.", [], at(Menu::Edit, 1);
    FilterByCorrelation = "Only this correlation", "Show only the events that share the selected event's correlation id.", [], at(Menu::Edit, 1);
    NameFilter = "Save this filter…", "Keep the filter by a name, for databases of this kind.", [], at(Menu::Edit, 1);
    SaveFilter(SavedFilter) = "Save the filter", "Keep the filter by this name, for databases of this kind.", [], None;
    ForgetFilter(String) = "Forget this filter", "Keep the filter of this name no longer.", [], None;
    ClearFilter = "Clear filter", "Show every event.", [Chord::ctrl_shift(Key::X)], at(Menu::Edit, 1);
    CopyEvent = "Copy event", "Copy the selected event with its envelope as JSON.", [Chord::ctrl_shift(Key::C)], at(Menu::Edit, 2);
    CopyData = "Copy data", "Copy what the selected event says as JSON.", [], at(Menu::Edit, 2);
    CopyRaw = "Copy stored data", "Copy the stored data character by character, or as hexadecimal digits.", [], at(Menu::Edit, 2);
    LoadData = "Load the data", "Read the whole of the selected event's data, which is large.", [], at(Menu::Edit, 2);
    LoadMetadata = "Load the metadata", "Read the whole of the selected event's metadata, which is large.", [], None;
    LoadField(usize) = "Load the value", "Read the whole of this value of the selected row, which is large.", [], None;
    CopyState = "Copy state", "Copy the state at the shown version as JSON.", [], at(Menu::Edit, 2);
    CopyStreamName = "Copy stream name", "Copy the name of the selected stream.", [], at(Menu::Edit, 2);
    CopyLink = "Copy link", "Copy a link to the shown stream at its version, or else to the event's position, which the command line and Go to take.", [], at(Menu::Edit, 2);
    CopyText(String) = "Copy", "Copy this text.", [], None;

    Palette = "Search commands…", "Find any command by part of its name, and events, streams, types, fields and bookmarks.", [Chord::ctrl(Key::K), Chord::ctrl_shift(Key::P)], at(Menu::View, 0);
    Back = "Back", "Go to where you were before.", [Chord::alt(Key::ArrowLeft)], at(Menu::Go, 0);
    Forward = "Forward", "Go to where you were before going back.", [Chord::alt(Key::ArrowRight)], at(Menu::Go, 0);
    PreviousEvent = "Previous event", "Select the event above.", [Chord::key(Key::K), Chord::key(Key::ArrowUp)], at(Menu::Go, 1);
    NextEvent = "Next event", "Select the event below.", [Chord::key(Key::J), Chord::key(Key::ArrowDown)], at(Menu::Go, 1);
    PageUp = "One page up", "Select the event one page above.", [Chord::key(Key::PageUp)], None;
    PageDown = "One page down", "Select the event one page below.", [Chord::key(Key::PageDown)], None;
    OldestEvent = "First row", "Select the first event of the table.", [Chord::ctrl(Key::Home)], at(Menu::Go, 1);
    NewestEvent = "Last row", "Select the last event of the table.", [Chord::ctrl(Key::End)], at(Menu::Go, 1);
    SelectEvent(Position) = "Select event", "Show this event, and its stream at its version.", [], None;
    SelectStream(StreamName) = "Select stream", "Show the history of this stream.", [], None;
    SelectStreamAt((StreamName, Version)) = "Select stream at a version", "Show the history of this stream, and its state at this version.", [], None;
    ShowTable(String) = "Show table", "Show this table in place of the events.", [], None;
    ShowTableRow((String, u64)) = "Show row", "Show this row of another table.", [], None;
    ShowTableRows(String) = "Show its rows", "Read the rows of this table, which is not part of the event store.", [], None;
    SelectRow(u64) = "Select row", "Show the values of this row of the table.", [], None;
    SortTable(usize) = "Sort the table", "Sort by this column, turn the order round, or go back to the order of the key.", [], None;
    ToggleDefinition = "Definition", "Show the statements that made the table, or its rows.", [], at(Menu::View, 1);
    ToggleFollow = "Follow the newest", "Go on with the newest event while it is in view, or pause and keep the place.", [Chord::key(Key::F)], at(Menu::View, 2);
    ShowEvents = "Show the events", "Show the events in place of the other table.", [Chord::ctrl(Key::E)], at(Menu::Go, 1);
    TypePlace = "Go to position or time…", "Select the first event from a position or a moment on.", [Chord::ctrl(Key::G)], at(Menu::Go, 1);
    GoToPosition(Position) = "Go to this position", "Select the first event from this position on.", [], None;
    GoToMoment(DateTime<Utc>) = "Go to this moment", "Select the first event from this moment on.", [], None;
    GoToLink(DeepLink) = "Go to this link", "Show the stream or the position that this link names, in this database or another.", [], None;
    GoToCause = "Go to the cause", "Select the event that caused the selected one.", [Chord::alt(Key::ArrowUp)], at(Menu::Go, 1);
    LookAroundTime = "Look around in time", "Show the selected event among its neighbours in the whole store, without the filter.", [Chord::key(Key::L)], at(Menu::Go, 3);
    LookAroundStream = "Look around in its stream", "Show the selected event among the others of its stream, without the filter.", [Chord::shift(Key::L)], at(Menu::Go, 3);
    LookAroundCorrelation = "Look around in its correlation", "Show the selected event among those that share its correlation id, without the filter.", [Chord::alt(Key::L)], at(Menu::Go, 3);
    BackToFilter = "Back to the filter", "Go back to the filter and the event from which you looked around.", [Chord::key(Key::G)], at(Menu::Go, 3);
    NextPanel = "Next panel", "Give the keyboard to the next list: streams, rows, data, state.", [Chord::key(Key::F6)], at(Menu::Go, 2);
    PreviousPanel = "Previous panel", "Give the keyboard to the list before.", [Chord::shift(Key::F6)], at(Menu::Go, 2);
    RowMenu = "Menu of the row", "Open the menu of the row that has the keyboard.", [Chord::shift(Key::F10), Chord::key(Key::Menu)], at(Menu::Go, 2);
    MenuBar = "Menus", "Open the first menu of the title bar.", [Chord::key(Key::F10)], at(Menu::Go, 2);
    LookInside = "Look inside", "Give the keyboard to what the selected row says; Esc gives it back.", [], None;
    ShowTab(Tab) = "Show tab", "Show this part of the selected event.", [], None;
    Sort(Column) = "Sort", "Sort by this column, or turn the order round.", [], None;
    ToggleColumn(Column) = "Show or hide column", "Show or hide this column of the event table.", [], None;
    SetColumnWidth((Column, f32)) = "Set the width of a column", "Make this column as wide as this.", [], None;
    ResetColumns = "Reset columns", "Show the columns as they were at first.", [], at(Menu::View, 2);
    ToggleStreams = "Streams panel", "Show or hide the list of streams.", [Chord::ctrl(Key::B)], at(Menu::View, 3);
    ToggleDetails = "Event and state panels", "Show or hide the selected event and its state.", [Chord::ctrl(Key::I)], at(Menu::View, 3);
    ToggleTimeline = "Timeline", "Show or hide the timeline.", [Chord::ctrl(Key::T)], at(Menu::View, 3);
    SetTheme(ThemeChoice) = "Set the theme", "Show the window in these colours.", [], None;
    ThemeDark = "Dark theme", "Show light text on dark.", [], at(Menu::View, 4);
    ThemeLight = "Light theme", "Show dark text on light.", [], at(Menu::View, 4);
    ThemeSystem = "Theme of the desktop", "Follow the colours of the desktop.", [], at(Menu::View, 4);
    SetTimeMode(TimeMode) = "Set how times are written", "Write recorded times in this way.", [], None;
    TimesUtc = "Times in UTC", "Write recorded times in Coordinated Universal Time.", [], at(Menu::View, 5);
    TimesLocal = "Local times", "Write recorded times in the time zone of this computer.", [], at(Menu::View, 5);
    TimesRelative = "Relative times", "Write how long ago an event was recorded.", [], at(Menu::View, 5);
    ZoomIn = "Zoom in", "Make everything larger.", [Chord::ctrl(Key::Plus), Chord::ctrl(Key::Equals)], at(Menu::View, 6);
    ZoomOut = "Zoom out", "Make everything smaller.", [Chord::ctrl(Key::Minus)], at(Menu::View, 6);
    ZoomReset = "Actual size", "Show everything at its first size.", [Chord::ctrl(Key::Num0)], at(Menu::View, 6);


    FirstVersion = "First version", "Go to the stream's first version.", [Chord::key(Key::Home)], at(Menu::Replay, 0);
    StepBack = "Step back", "Go to the version before.", [Chord::key(Key::ArrowLeft)], at(Menu::Replay, 0);
    PlayPause = "Play or pause", "Step through the versions by themselves, or stop doing so.", [Chord::key(Key::Space)], at(Menu::Replay, 0);
    StepForward = "Step forward", "Go to the version after.", [Chord::key(Key::ArrowRight)], at(Menu::Replay, 0);
    LastVersion = "Last version", "Go to the stream's last version.", [Chord::key(Key::End)], at(Menu::Replay, 0);
    SelectVersion(Version) = "Go to version", "Show the state at this version, and its event.", [], None;
    StretchBack = "One stretch back", "Go back by a tenth of the timeline that is in view.", [Chord::shift(Key::ArrowLeft)], at(Menu::Replay, 0);
    StretchForward = "One stretch forward", "Go on by a tenth of the timeline that is in view.", [Chord::shift(Key::ArrowRight)], at(Menu::Replay, 0);
    TimelineNearer = "Zoom into the timeline", "Show fewer events on the timeline, around the version that is shown.", [Chord::key(Key::Plus), Chord::key(Key::Equals)], at(Menu::Replay, 1);
    TimelineFarther = "Zoom out of the timeline", "Show more events on the timeline.", [Chord::key(Key::Minus)], at(Menu::Replay, 1);
    TimelineWhole = "Whole timeline", "Show every event of the stream on the timeline.", [Chord::key(Key::Num0)], at(Menu::Replay, 1);
    ShowSpan(Option<Span>) = "Show this part of the timeline", "Show this part of the timeline.", [], None;
    ToggleMarks(MarkKind) = "Show or hide marks", "Show or hide these marks on the timeline.", [], None;
    KeepInView = "Keep this stream in view", "Show the state of this stream beside others at every moment of the store, or no longer.", [Chord::key(Key::P)], at(Menu::Replay, 1);
    LetGo(StreamName) = "Let this stream go", "Show the state of this stream beside others no longer.", [], None;
    Bookmark = "Bookmark this version", "Set a bookmark at the shown version, or take it away; remembered for this file.", [Chord::key(Key::M)], at(Menu::Replay, 1);
    NextBookmark = "Next bookmark", "Go to the next version with a bookmark.", [Chord::key(Key::F2)], at(Menu::Replay, 1);
    PreviousBookmark = "Previous bookmark", "Go to the last version before this one with a bookmark.", [Chord::shift(Key::F2)], at(Menu::Replay, 1);
    NoteBookmark = "Note on this version…", "Set a bookmark at the shown version, and write a note on it.", [Chord::shift(Key::M)], at(Menu::Replay, 1);
    ShowBookmarks = "Bookmarks…", "Show every bookmark of this file with its note: to go there, to write, to take away.", [Chord::ctrl(Key::M)], at(Menu::Go, 4);
    EditBookmark(Box<Bookmark>) = "Write a note…", "Set this bookmark where there is none, and write a note on it.", [], None;
    KeepBookmark(Box<Bookmark>) = "Keep this bookmark", "Set this bookmark with its note, in place of the one that is there.", [], None;
    RemoveBookmark(Box<Bookmark>) = "Remove this bookmark", "Take the bookmark and its note away.", [], None;
    Slower = "Play slower", "Take longer from one version to the next.", [Chord::key(Key::OpenBracket)], at(Menu::Replay, 1);
    Faster = "Play faster", "Take less time from one version to the next.", [Chord::key(Key::CloseBracket)], at(Menu::Replay, 1);
    SetSpeed(Speed) = "Set the speed", "Play at this speed.", [], None;
    EditWatches = "Watch…", "Watch for a condition on the state: find every version at which it begins or ceases to hold.", [Chord::key(Key::W)], at(Menu::Ask, 0);
    WatchFor(String) = "Watch this value…", "Write a watch that begins with this.", [], None;
    AddWatch(Watch) = "Add watch", "Find where this is met in the streams of its type; remembered for this file.", [], None;
    RemoveWatch(Watch) = "Remove watch", "Watch for this no longer.", [], None;
    BreakOnType = "Break at this type", "Watch for the events of the selected event's type.", [], at(Menu::Ask, 0);
    NextHit = "Go on to the next watch", "Go to the next version at which a watch is met.", [Chord::key(Key::F8)], at(Menu::Ask, 0);
    PreviousHit = "Go back to the watch before", "Go to the last version before this one at which a watch is met.", [Chord::shift(Key::F8)], at(Menu::Ask, 0);
    Inquire(Inquiry) = "Show its history", "Show every value that this had, or where this watch was met, below the state.", [], None;
    TogglePlotTime = "Plot over time", "Plot the values of a number over time, or over versions.", [], at(Menu::View, 3);
    CloseInquiry = "Close the history", "Close the list below the state.", [], None;
    FindInState = "Find in the state…", "Look for a text in the keys and values of the state.", [Chord::key(Key::S)], at(Menu::Edit, 3);
    NextMatch = "Next match", "Go to the next place in the state that has the text.", [Chord::key(Key::N)], at(Menu::Edit, 3);
    PreviousMatch = "Previous match", "Go to the place before in the state that has the text.", [Chord::shift(Key::N)], at(Menu::Edit, 3);
    CloseFind = "Close the search", "Look for nothing in the state any more.", [], None;
    ToggleChangesOnly = "Only what changed", "Show of the state only what the shown event changed, or all of it.", [Chord::key(Key::U)], at(Menu::View, 3);
    PinPath(String) = "Pin on top", "Show this place on top of the state at every version, or no longer; remembered for this file.", [], None;
    EditInvariants = "Invariants…", "Say what must hold at every version of every stream of a type, and find the streams that break it.", [Chord::key(Key::I)], at(Menu::Ask, 2);
    AddInvariant(InvariantRule) = "Add invariant", "Hold the store against this; remembered for this file.", [], None;
    RemoveInvariant(InvariantRule) = "Remove invariant", "Hold the store against this no longer.", [], None;
    KeepInvariant(InvariantRule) = "Keep with the reducers", "Write the invariant into the file of the reducers, which the command line checks as well.", [], None;
    CheckInvariants = "Check the invariants", "Hold every stream of the store against the invariants.", [], at(Menu::Ask, 2);
    StopChecking = "Stop checking", "Leave the rest of the store unchecked.", [], None;
    CompareSnapshots = "Stored snapshots…", "Hold every snapshot in the database against what the events fold to at its own version, and list those that differ.", [], at(Menu::Ask, 2);
    CompareSnapshotsAgain = "Compare the snapshots again", "Hold every snapshot against the replay once more.", [], None;
    StopComparingSnapshots = "Stop comparing the snapshots", "Leave the other snapshots uncompared.", [], None;
    ShowCauses = "Causes…", "Show what led to the selected event and what followed from it, as a tree and as swimlanes.", [Chord::key(Key::T)], at(Menu::Ask, 3);
    ShowStatistics = "Statistics…", "Show how much there is of what: by type, stream, actor, time and size.", [Chord::key(Key::H)], at(Menu::Ask, 3);
    CountAgain = "Count again", "Read every event and count once more.", [], None;
    StopCounting = "Stop counting", "Leave the rest uncounted.", [], None;
    ShowSchemas = "Schemas…", "Show what the data of each event type looks like, and what changed in it.", [Chord::key(Key::D)], at(Menu::Ask, 3);
    InferSchemasAgain = "Infer the schemas again", "Read every event and infer the schemas once more.", [], None;
    StopInferring = "Stop inferring", "Leave the rest unread.", [], None;
    ShowAudit = "Audit…", "Look for everything that is wrong in the store, with what to do about it.", [Chord::key(Key::V)], at(Menu::Ask, 3);
    AuditAgain = "Audit again", "Look for everything that is wrong once more.", [], None;
    StopAuditing = "Stop the audit", "Leave the rest unaudited.", [], None;
    SaveAs(Box<NewFile>) = "Save as…", "Choose a new file and write this to it.", [], None;
    WriteFile(Box<NewFile>) = "Write to this file", "Write this to a new file.", [], None;
    PinState = "Pin this state as A", "Keep the shown state to compare another one with it.", [Chord::key(Key::A)], at(Menu::Ask, 1);
    Compare = "Compare…", "Compare the shown state with the pinned one, or else with that of the version before it.", [Chord::key(Key::C)], at(Menu::Ask, 1);
    WhatIf = "What if…", "Skip, edit, move or insert events of this stream in memory, and see what its state would be.", [Chord::key(Key::B)], at(Menu::Ask, 1);
    SkipInBranch = "What if it had not been…", "See what the state would be without the selected event.", [], at(Menu::Ask, 1);
    SaveBranch(PathBuf) = "Save the branch", "Write what is other in the branch to this file.", [], None;
    LoadBranch(PathBuf) = "Load a branch", "Read a branch from this file, in place of the one that is shown.", [], None;
    AppendInserted(Box<NewEvent>) = "Append for real…", "Take the first event behind the stream's last one into the form for a new event.", [], None;
    EditRules = "Edit rules…", "Write the rules by which the streams of the shown one's type are folded.", [Chord::key(Key::E)], at(Menu::Replay, 3);
    EditRuleOf(String) = "Edit this rule…", "Write the rule for events of this type.", [], None;
    BeginRule(Box<RuleStart>) = "Begin a reducer…", "Begin a rule with this, where its event is, to be looked over before it is saved.", [], None;
    ExplainStep = "Explain this step…", "Show the state before the selected event, the event, its rule, and the state after.", [Chord::key(Key::X)], at(Menu::Replay, 3);
    Correct(Correction) = "Correct the state…", "Say what is right at a place of the state, and choose the rule that makes it so.", [], None;
    SaveRules(Box<RuleEdits>) = "Save these rules", "Save the edited rules beside the database, and fold by them.", [], None;
    EditReducerCommand = "Application's reducer…", "Fold the streams with your application's own code, as a process.", [], at(Menu::Replay, 3);
    RunReducerCommand(ReducerCommand) = "Run this command", "Run this command, and fold the streams with what it answers.", [], None;
    EndReducerCommand = "End the application's reducer", "End the process, and fold the streams with rules or the guess.", [], at(Menu::Replay, 3);
    StopJobs = "Stop the work in progress", "Stop what is being read or searched.", [Chord::ctrl(Key::Period)], at(Menu::Replay, 3);
    StopJob(u64) = "Stop", "Stop this piece of work.", [], None;

    Manual = "Manual…", "Read how everything works, and look something up.", [], at(Menu::Help, 0);
    Shortcuts = "Keyboard shortcuts", "Show every key.", [Chord::key(Key::Questionmark), Chord::key(Key::F1)], at(Menu::Help, 0);
    About = "About Eventscope", "Show the version and the licences.", [], at(Menu::Help, 0);
    CloseOverlay = "Close this window", "Close the window over the panels.", [], None;
    DismissNotice(u64) = "Dismiss", "Put this message away.", [], None;
}

impl Command {
    /// Its line in the table.
    #[must_use]
    pub fn entry(&self) -> &'static Entry {
        self.name().entry()
    }

    /// The whole table, in the order of the palette.
    #[must_use]
    pub fn table() -> &'static [Entry] {
        TABLE
    }

    /// The command whose keys `pressed` says were pressed, the one with the most modifiers first: `Ctrl+Shift+F` is
    /// not `Ctrl+F`.
    pub fn from_keys(focus: Focus, mut pressed: impl FnMut(Chord) -> bool) -> Option<Self> {
        let mut keys: Vec<_> =
            TABLE.iter().flat_map(|entry| entry.keys.iter().map(move |chord| (*chord, entry.name))).collect();
        keys.sort_by_key(|(chord, _)| std::cmp::Reverse(chord.modifiers()));
        let (_, name) = keys.into_iter().find(|(chord, _)| chord.is_heard(focus) && pressed(*chord))?;
        name.command()
    }
}

impl Name {
    /// Its line in the table.
    #[must_use]
    pub fn entry(self) -> &'static Entry {
        // The table and the enum are written by one macro: the order is the same.
        &TABLE[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn no_two_shortcuts_clash() {
        let mut owners: HashMap<Chord, Name> = HashMap::new();
        for entry in TABLE {
            for chord in entry.keys {
                let other = owners.insert(*chord, entry.name);
                assert_eq!(other, None, "{} belongs to {:?} as well", chord.text(), entry.name);
            }
        }
    }

    #[test]
    fn every_command_has_a_title_and_a_sentence_of_help() {
        for entry in TABLE {
            assert!(entry.title.starts_with(char::is_uppercase), "{}", entry.title);
            assert!(!entry.title.ends_with([':', '.']), "{}", entry.title);
            assert!(entry.help.ends_with('.') && entry.help.len() > 10, "{}", entry.title);
            assert_eq!(entry.name.entry().title, entry.title);
        }
    }

    #[test]
    fn what_has_a_key_or_a_place_in_a_menu_needs_no_value() {
        for entry in TABLE {
            if entry.menu.is_some() || !entry.keys.is_empty() {
                assert!(entry.name.command().is_some(), "{}", entry.title);
            }
        }
    }

    #[test]
    fn single_letters_work_only_while_no_text_field_has_the_focus() {
        let letter = |chord: Chord| chord == Chord::key(Key::J);
        assert_eq!(Command::from_keys(Focus::Nothing, letter), Some(Command::NextEvent));
        assert_eq!(Command::from_keys(Focus::Text, letter), None);
        let palette = |chord: Chord| chord == Chord::ctrl(Key::K);
        assert_eq!(Command::from_keys(Focus::Text, palette), Some(Command::Palette));
    }

    #[test]
    fn the_chord_with_more_modifiers_wins() {
        let held = [Chord::ctrl_shift(Key::F), Chord::ctrl(Key::F)];
        assert_eq!(Command::from_keys(Focus::Nothing, |chord| held.contains(&chord)), Some(Command::FocusStreams));
    }
}
