//! What is typed and chosen in the windows for a server.

use std::fmt;
use std::path::Path;

use crate::filter::Moment;
use crate::model::{Secret, ServerAsked, SliceAsked};

/// How many events are gathered unless somebody says otherwise.
const USUAL: u64 = 100_000;

/// How much wider a slice is when more of it is asked for.
const WIDER: u64 = 10;

/// What is typed and chosen in the windows for a server.
#[derive(Clone)]
pub struct ServerDraft {
    pub(super) host: String,
    pub(super) port: String,
    pub(super) database: String,
    pub(super) user: String,
    /// The password, once it was asked for since the last try.
    pub(super) password: Option<String>,
    pub(super) remember: bool,
    /// The table that was chosen; the surest one where none was.
    pub(super) table: Option<String>,
    /// A table that is typed, in place of one that was found.
    pub(super) other: Option<String>,
    pub(super) all: bool,
    pub(super) last: String,
    pub(super) streams: String,
    pub(super) types: String,
    pub(super) after: String,
    pub(super) before: String,
    pub(super) follow: bool,
    pub(super) days: Option<u32>,
    pub(super) copy_to: String,
}

impl Default for ServerDraft {
    fn default() -> Self {
        let empty = String::new;
        Self {
            host: empty(),
            port: empty(),
            database: empty(),
            user: empty(),
            password: None,
            remember: false,
            table: None,
            other: None,
            all: false,
            last: USUAL.to_string(),
            streams: empty(),
            types: empty(),
            after: empty(),
            before: empty(),
            follow: true,
            days: None,
            copy_to: empty(),
        }
    }
}

/// A password is in no log.
impl fmt::Debug for ServerDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerDraft").field("host", &self.host).field("table", &self.table).finish_non_exhaustive()
    }
}

impl ServerDraft {
    /// Begins to name a server; what was typed before stands, but for the password.
    pub fn begin(&mut self) {
        let before = std::mem::take(self);
        let Self { host, port, database, user, .. } = before;
        *self = Self { host, port, database, user, ..Self::default() };
    }

    /// Begins with a server that is named already, and maybe with a table of it.
    pub fn begin_with(&mut self, asked: &ServerAsked, table: Option<String>) {
        let ServerAsked { host, port, database, user, .. } = asked.clone();
        *self = Self { host, port, database, user, table, ..Self::default() };
    }

    /// Begins to choose more than a slice has.
    pub fn begin_wider(&mut self, asked: &SliceAsked) {
        let listed = |names: &[String]| names.join(", ");
        let moment = |moment: Option<chrono::DateTime<chrono::Utc>>| {
            moment.map(|moment| moment.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)).unwrap_or_default()
        };
        self.table = Some(asked.table.clone());
        self.other = None;
        self.all = asked.last.is_none();
        self.last = asked.last.unwrap_or(USUAL).saturating_mul(WIDER).to_string();
        (self.streams, self.types) = (listed(&asked.streams), listed(&asked.types));
        (self.after, self.before) = (moment(asked.after), moment(asked.before));
        self.follow = asked.follow;
    }

    /// Begins to ask where a copy of a slice goes.
    pub fn begin_copy(&mut self, to: &Path) {
        self.copy_to = to.display().to_string();
    }

    /// A path was chosen in the desktop's own dialog.
    pub fn chose(&mut self, path: &Path) {
        self.copy_to = path.display().to_string();
    }

    /// Whether the first field holds a whole URL, beside which the others say nothing.
    pub(super) fn is_url(&self) -> bool {
        crate::model::is_server(Path::new(&self.host))
    }

    /// The server that is named. The password is not kept here any longer.
    pub(super) fn asked(&mut self) -> ServerAsked {
        let password = self.password.take();
        ServerAsked {
            host: self.host.trim().to_owned(),
            port: self.port.trim().to_owned(),
            database: self.database.trim().to_owned(),
            user: self.user.trim().to_owned(),
            password: password.filter(|password| !password.is_empty()).map(Secret::new),
            remember: self.remember,
        }
    }

    /// The slice that is chosen, of this table where none was chosen; or why none is.
    pub(super) fn slice(&self, surest: Option<&str>) -> Result<SliceAsked, &'static str> {
        let table = match (&self.other, &self.table) {
            (Some(typed), _) => typed.trim(),
            (None, Some(chosen)) => chosen,
            (None, None) => surest.unwrap_or_default(),
        };
        if table.is_empty() {
            return Err("Choose a table first.");
        }
        let last = if self.all {
            None
        } else {
            let digits = self.last.replace([',', ' '], "");
            let number = digits.parse().ok().filter(|number| *number > 0);
            Some(number.ok_or("How many events is a number from 1 on.")?)
        };
        let moment = |text: &str| match text.trim() {
            "" => Ok(None),
            text => Moment::parse(text).map(|moment| Some(moment.utc())).ok_or("A moment is such as 2026-01-31T12:00."),
        };
        let (after, before) = (moment(&self.after)?, moment(&self.before)?);
        if after.zip(before).is_some_and(|(after, before)| after >= before) {
            return Err("The span of time ends before it begins.");
        }
        let (streams, types) = (listed(&self.streams), listed(&self.types));
        Ok(SliceAsked { table: table.to_owned(), last, streams, types, after, before, follow: self.follow })
    }
}

/// Names with commas between them.
fn listed(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_a_slice_or_says_why_not() {
        let mut draft = ServerDraft::default();
        assert_eq!(draft.slice(None), Err("Choose a table first."));
        let slice = draft.slice(Some("public.events")).unwrap();
        assert_eq!((slice.table.as_str(), slice.last, slice.follow), ("public.events", Some(USUAL), true));
        draft.last = "1,000,000".to_owned();
        draft.streams = " order-1 , order-2,".to_owned();
        draft.after = "2026-01-01".to_owned();
        let slice = draft.slice(Some("t")).unwrap();
        assert_eq!(slice.last, Some(1_000_000));
        assert_eq!(slice.streams, ["order-1", "order-2"]);
        assert!(slice.after.is_some());
        draft.before = "2025-01-01".to_owned();
        assert!(draft.slice(Some("t")).is_err());
        draft.before = "soon".to_owned();
        assert!(draft.slice(Some("t")).is_err());
        draft.begin_wider(&slice);
        assert_eq!((draft.last.as_str(), draft.streams.as_str()), ("10000000", "order-1, order-2"));
        draft.last = "none".to_owned();
        assert!(draft.slice(None).is_err());
        draft.all = true;
        assert_eq!(draft.slice(None).unwrap().last, None);
    }

    #[test]
    fn a_password_leaves_the_form_with_what_is_asked() {
        let mut draft = ServerDraft { password: Some("hush".to_owned()), ..ServerDraft::default() };
        assert!(!format!("{draft:?}").contains("hush"));
        assert_eq!(draft.asked().password, Some(Secret::new("hush")));
        assert_eq!(draft.asked().password, None);
    }
}
