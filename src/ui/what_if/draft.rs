//! What is typed into a branch: events skipped, edited and inserted, each with its text while it is no JSON yet.

use serde_json::Value;

use super::super::timeline::mark_of;
use super::super::widgets::JsonEditor;
use crate::event::{Event, StreamName, Version};
use crate::replay::branch::{Branch, Insertion};
use crate::session::{History, Session};

/// A branch that is being typed.
#[derive(Debug, Default)]
pub struct BranchDraft {
    stream: StreamName,
    pub(super) edits: Vec<Edit>,
    /// The version that the buttons are about, and the one behind which its event is moved.
    pub(super) version: String,
    pub(super) after: String,
    /// The file that it is saved to and loaded from.
    pub(super) file: String,
}

/// One thing that is other in the branch.
#[derive(Debug)]
pub(super) struct Edit {
    pub(super) kind: EditKind,
    pub(super) event_type: String,
    pub(super) data: JsonEditor,
    /// What was inserted, save what is typed.
    base: Option<Insertion>,
    /// The last text that was JSON; none while the event's own is not read yet.
    valid: Option<Value>,
}

/// What is done, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EditKind {
    /// The event of this version is left out.
    Skip(Version),
    /// The event of this version has other data.
    Set(Version),
    /// An event stands behind this version.
    Insert(Version),
}

impl EditKind {
    pub(super) const fn version(self) -> Version {
        match self {
            Self::Skip(version) | Self::Set(version) | Self::Insert(version) => version,
        }
    }
}

impl BranchDraft {
    /// Goes on with the branch of a stream at a version; begins one where it was of another stream.
    pub fn begin(&mut self, stream: &StreamName, version: Option<Version>) {
        if self.stream != *stream {
            let file = std::mem::take(&mut self.file);
            *self = Self { stream: stream.clone(), file, ..Self::default() };
        }
        if let Some(version) = version {
            self.version = version.to_string();
        }
    }

    /// Leaves the event of a version out.
    pub fn skip(&mut self, version: Version) {
        self.forget(version);
        self.edits.push(Edit::new(EditKind::Skip(version), "{}"));
    }

    /// Takes over a branch that was loaded.
    pub fn load(&mut self, branch: &Branch) {
        self.stream = branch.stream();
        self.edits.clear();
        self.edits.extend(branch.skipped().iter().map(|version| Edit::new(EditKind::Skip(*version), "{}")));
        for (version, data) in branch.edited() {
            let (kind, data, valid) = (EditKind::Set(*version), JsonEditor::new(data), Some(data.clone()));
            self.edits.push(Edit { data, valid, ..Edit::new(kind, "") });
        }
        for insertion in branch.insertions() {
            self.edits.push(Edit::inserted(insertion.clone()));
        }
    }

    /// The stream that it is of.
    #[must_use]
    pub fn stream(&self) -> &StreamName {
        &self.stream
    }

    /// The branch, as far as what is typed can be read.
    #[must_use]
    pub fn branch(&self) -> Branch {
        let mut branch = Branch::of(&self.stream);
        for edit in &self.edits {
            match (edit.kind, &edit.valid) {
                (EditKind::Skip(version), _) => branch.skip(version),
                (EditKind::Set(version), Some(data)) => branch.set(version, data.clone()),
                (EditKind::Insert(after), Some(data)) if !edit.event_type.trim().is_empty() => {
                    let base = edit.base.clone().unwrap_or_else(|| Insertion::new(after, "", Value::Null));
                    let event_type = edit.event_type.trim().to_owned();
                    branch.insert(Insertion { after, event_type, data: data.clone(), ..base });
                }
                _ => {}
            }
        }
        branch
    }

    /// Gives the event of a version other data: at first its own, once that is read.
    pub(super) fn set(&mut self, version: Version) {
        self.forget(version);
        self.edits.push(Edit { valid: None, ..Edit::new(EditKind::Set(version), "") });
    }

    /// Puts a new event behind a version.
    pub(super) fn insert(&mut self, after: Version) {
        self.edits.push(Edit::new(EditKind::Insert(after), "{\n  \n}"));
    }

    /// Takes an event to the place behind another version.
    pub(super) fn take_to(&mut self, event: &Event, after: Version) {
        let mut branch = self.branch();
        let moved = branch.move_event(event, after);
        self.skip(event.version);
        if let Some(insertion) = branch.insertions().get(moved) {
            self.edits.push(Edit::inserted(insertion.clone()));
        }
    }

    /// Lets the event of a version be as it is.
    fn forget(&mut self, version: Version) {
        self.edits.retain(|edit| matches!(edit.kind, EditKind::Insert(_)) || edit.kind.version() != version);
    }

    /// Gives edits whose event was read meanwhile that event's data, and takes in what was typed.
    pub(super) fn take_in(&mut self, session: &Session, history: Option<&History>) {
        for edit in &mut self.edits {
            if let (EditKind::Set(version), None) = (edit.kind, &edit.valid)
                && let Some(event) = event_at(session, history, version)
            {
                edit.data = JsonEditor::new(&event.data.to_stored_json());
            }
            if let (false, Ok(value)) = (edit.data.text().is_empty(), edit.data.value()) {
                edit.valid = Some(value.clone());
            }
        }
    }
}

impl Edit {
    fn new(kind: EditKind, text: &str) -> Self {
        Self { kind, event_type: String::new(), data: JsonEditor::from_text(text), base: None, valid: None }
    }

    fn inserted(insertion: Insertion) -> Self {
        Self {
            kind: EditKind::Insert(insertion.after),
            event_type: insertion.event_type.clone(),
            data: JsonEditor::new(&insertion.data),
            valid: Some(insertion.data.clone()),
            base: Some(insertion),
        }
    }
}

/// The event of a version, once it is read.
pub(super) fn event_at(
    session: &Session,
    history: Option<&History>,
    version: Version,
) -> Option<std::sync::Arc<Event>> {
    let mark = mark_of(history?, version)?;
    session.event(mark.position).value().cloned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::event::Payload;

    fn draft() -> BranchDraft {
        let mut draft = BranchDraft::default();
        draft.begin(&StreamName::new("stock", "cup"), Some(4));
        draft
    }

    #[test]
    fn what_is_typed_is_the_branch_and_a_branch_that_is_loaded_is_typed() {
        let mut draft = draft();
        draft.skip(4);
        draft.insert(9);
        assert_eq!(draft.branch().insertions(), [], "an event without a type is none yet");
        let event = Event { version: 2, event_type: "out".into(), data: Payload::json(json!(1)), ..Event::default() };
        draft.take_to(&event, 6);
        let branch = draft.branch();
        assert_eq!(branch.skipped().iter().copied().collect::<Vec<_>>(), [2, 4]);
        assert_eq!(branch.insertions(), [Insertion::new(6, "out", json!(1))]);
        let mut other = BranchDraft::default();
        other.load(&branch);
        assert_eq!(other.branch(), branch);
    }

    #[test]
    fn a_version_is_skipped_or_edited_and_never_both() {
        let mut draft = draft();
        draft.skip(4);
        draft.set(4);
        assert_eq!(draft.edits.len(), 1);
        assert!(draft.branch().is_empty(), "its own data are not read yet");
        draft.skip(4);
        draft.skip(4);
        assert_eq!(draft.branch().skipped().len(), 1);
    }

    #[test]
    fn another_stream_begins_anew() {
        let mut draft = draft();
        draft.skip(4);
        draft.begin(&StreamName::new("stock", "cup"), Some(5));
        assert_eq!((draft.edits.len(), draft.version.as_str()), (1, "5"));
        draft.begin(&StreamName::new("stock", "pot"), None);
        assert!(draft.branch().is_empty());
    }
}
