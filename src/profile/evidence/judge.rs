//! What a table is whose rows name streams: snapshots, a read model, a list of the streams, or nothing of the kind.

use rusqlite::types::Value;

use super::super::infer::{VERSION, rank, words};
use super::super::mapping::SnapshotMapping;
use super::super::read_model::ReadModelMapping;
use super::super::schema::Table;
use super::content::{Spoken, Told};
use super::leaves::{document, of_column, of_document};
use super::log::{History, Known, Log};
use super::rows::{Key, Rows, ratio};
use super::state;

/// How many rows are held against the events of their streams.
const ROWS: usize = 24;
/// How many columns that name streams, and how many kinds of streams, are tried.
const KEYS: usize = 3;
const KINDS: usize = 6;
/// Words that say that a table keeps states of its own accord.
const STATES: [&str; 5] = ["snapshot", "snap", "memento", "state", "checkpoint"];

/// What a table is.
pub(super) enum Finding {
    /// States at versions, and how much speaks for it.
    Snapshots(f32, SnapshotMapping),
    /// One row for each stream.
    ReadModel(ReadModelMapping),
    /// Which streams there are, and nothing of what they came to.
    Streams,
    /// None of these.
    Nothing,
    /// Its rows are of streams, and nothing in them can be read.
    Unclear,
}

/// Judges a table by the columns that name streams.
pub(super) fn judge(table: &Table, rows: &Rows, keys: &[Key], log: &Log<'_>) -> rusqlite::Result<Finding> {
    let mut other = Finding::Nothing;
    for key in keys.iter().take(KEYS) {
        for kind in kinds(table, rows, key) {
            let case = Case::new(table, rows, key, kind);
            match case.judge(log)? {
                Finding::Nothing => {}
                found @ (Finding::Streams | Finding::Unclear) => other = found,
                found => return Ok(found),
            }
        }
    }
    Ok(other)
}

/// How the kind of a row's stream is known.
#[derive(Clone, PartialEq)]
pub(super) enum Kind {
    /// A column says it.
    Column(usize),
    /// All are of one.
    Only(String),
    /// The id tells.
    Any,
}

fn kinds(table: &Table, rows: &Rows, key: &Key) -> Vec<Kind> {
    let kinds = key.kinds();
    match kinds.as_slice() {
        [only] if only.is_empty() => return vec![Kind::Any],
        [only] => {
            // The column says it of rows that were not read, too.
            return vec![key.kind_column(table, rows).map_or_else(|| Kind::Only(only.clone()), Kind::Column)];
        }
        _ if key.streams.iter().all(|found| found.len() < 2) => {
            return vec![key.kind_column(table, rows).map_or(Kind::Any, Kind::Column)];
        }
        _ => {}
    }
    let column = key.kind_column(table, rows).map(Kind::Column);
    column.map_or_else(|| kinds.into_iter().take(KINDS).map(Kind::Only).collect(), |column| vec![column])
}

/// A table read by one column that names streams, of one kind.
pub(super) struct Case<'a> {
    pub(super) table: &'a Table,
    pub(super) rows: &'a Rows,
    pub(super) key: &'a Key,
    pub(super) kind: Kind,
    /// The rows that are of a stream, with it.
    pub(super) matched: Vec<(usize, Known)>,
}

/// A column that says how far a row is.
#[derive(Clone, Copy)]
pub(super) enum Place {
    /// By the version of the last event that it contains.
    Version(usize),
    /// By that event's position in the whole store.
    Position(usize),
}

impl Place {
    pub(super) fn column(self) -> usize {
        let (Self::Version(column) | Self::Position(column)) = self;
        column
    }
}

/// A reading of the rows: at which version each is, and what the events say of it then.
pub(super) struct Reading {
    pub(super) place: Option<Place>,
    pub(super) spoken: Spoken,
    /// Whether the documents are the data of single events.
    copies: bool,
}

impl<'a> Case<'a> {
    fn new(table: &'a Table, rows: &'a Rows, key: &'a Key, kind: Kind) -> Self {
        let of = |row: usize, found: &[Known]| {
            let wanted = match &kind {
                Kind::Column(column) => rows.text(row, *column)?,
                Kind::Only(kind) => kind.clone(),
                Kind::Any => return found.first().cloned(),
            };
            found.iter().find(|stream| stream.kind == wanted).cloned()
        };
        let matched = key.streams.iter().enumerate().filter_map(|(row, found)| Some((row, of(row, found)?))).collect();
        Self { table, rows, key, kind, matched }
    }

    fn judge(&self, log: &Log<'_>) -> rusqlite::Result<Finding> {
        if self.matched.is_empty() || ratio(self.matched.len(), self.rows.values.len()) < 0.5 {
            return Ok(Finding::Nothing);
        }
        let versions = self.versions();
        let plain = self.read(log, None)?;
        let versions_first = versions.iter().take(KEYS).map(|column| Place::Version(*column));
        let positions = self.positions(log)?;
        for place in versions_first.chain(positions.into_iter().map(Place::Position)) {
            let reading = self.read(log, Some(place))?;
            if let Some(found) = self.at_versions(log, &reading, &plain) {
                return Ok(found);
            }
        }
        if self.is_model(&plain) {
            return Ok(self.model(log, &plain).map_or(Finding::Nothing, Finding::ReadModel));
        }
        let counts = versions.iter().any(|column| self.counts_events(*column));
        if counts && self.is_unique() {
            return Ok(Finding::Streams);
        }
        Ok(if self.opaque().is_some() { Finding::Unclear } else { Finding::Nothing })
    }

    /// What rows with a version are, if that is what the column holds.
    fn at_versions(&self, log: &Log<'_>, at: &Reading, plain: &Reading) -> Option<Finding> {
        let place = at.place?;
        let column = place.column();
        if !self.tells_apart(column) || at.copies || at.spoken.is_ahead() {
            return None;
        }
        // Where nothing can be read, or the events are gone that the state is made of, the name is all that is left.
        let mute =
            at.spoken.names == 0 && self.opaque().is_some() || self.is_pruned() && self.document(column).is_some();
        if !(self.is_spoken(&at.spoken) || mute && self.is_named_state()) {
            return None;
        }
        if self.is_unique() && !self.is_named_state() {
            // Rows that are kept up to date count their changes, which need not be the events.
            let last = |(row, stream): &&(usize, Known)| self.version(*row, column) == Some(stream.last);
            let current = matches!(place, Place::Position(_))
                || self.matched.iter().filter(last).count() * 2 >= self.matched.len();
            let better = at.spoken.count() > plain.spoken.count();
            let kept = better || current && at.spoken.count() == plain.spoken.count();
            return self.model(log, if kept { at } else { plain }).map(Finding::ReadModel);
        }
        let worth = ratio(at.spoken.count(), at.spoken.names.max(1)) + if self.is_named_state() { 0.5 } else { 0.0 };
        self.snapshots(log, place).map(|mapping| Finding::Snapshots(worth, mapping))
    }

    /// Whether rows without a version, one for a stream, are a read model.
    fn is_model(&self, plain: &Reading) -> bool {
        self.is_unique() && !plain.copies && self.is_spoken(&plain.spoken)
    }

    /// Whether the events speak of the rows. Short numbers are ids of everything: then more must be said.
    fn is_spoken(&self, spoken: &Spoken) -> bool {
        spoken.count() > usize::from(self.key.weak) && (!self.key.weak || !spoken.echoed.is_empty())
    }

    /// Whether there is one row for a stream, and no other key of the rows than that.
    fn is_unique(&self) -> bool {
        let name = self.table.columns.get(self.key.column).map(|column| column.name.as_str());
        let alias = self.table.rowid_alias().map(|column| column.name.as_str());
        let keys = self.table.unique_keys();
        let own = keys.iter().any(|key| key.as_slice() == [name.unwrap_or_default()]);
        let other = keys.iter().any(|key| {
            let here = key.iter().any(|column| Some(*column) == name);
            !(here || key.len() == 1 && key.first().copied() == alias)
        });
        self.key.unique && (own || !other)
    }

    /// The columns that may hold versions, the best first.
    fn versions(&self) -> Vec<usize> {
        let mut found: Vec<usize> =
            (0..self.table.columns.len()).filter(|column| self.may_be_version(*column)).collect();
        let name = |column: &usize| self.table.columns.get(*column).map_or(0.0, |it| rank(VERSION, &it.name));
        let sum = |column: &usize| -> i64 {
            self.matched.iter().filter_map(|(row, _)| self.version(*row, *column)).fold(0, i64::saturating_add)
        };
        found.sort_by(|a, b| name(b).total_cmp(&name(a)).then_with(|| sum(b).cmp(&sum(a))));
        found
    }

    /// The column that holds positions of events of each row's own stream, if there is one.
    fn positions(&self, log: &Log<'_>) -> rusqlite::Result<Option<usize>> {
        let mut candidates: Vec<usize> =
            (0..self.table.columns.len()).filter(|column| !self.names_rows(*column)).collect();
        if !log.has_positions() {
            return Ok(None);
        }
        for (row, stream) in self.sampled() {
            let history = log.history(stream)?;
            let is_position = |column: &usize| {
                let position = self.version(*row, *column);
                position.is_some() && history.events.iter().any(|event| event.position == position)
            };
            candidates.retain(is_position);
        }
        Ok(candidates.first().copied().filter(|_| self.matched.len() > 2))
    }

    /// Whether a column only numbers the rows or names their streams.
    fn names_rows(&self, column: usize) -> bool {
        let numbers = self.table.rowid_alias().map(|alias| alias.name.as_str());
        let own = self.table.columns.get(column).map(|column| column.name.as_str());
        column == self.key.column || numbers.is_some() && numbers == own
    }

    /// Some of the rows that are of a stream, from all over the table.
    fn sampled(&self) -> impl Iterator<Item = &(usize, Known)> {
        self.matched.iter().step_by(self.matched.len().div_ceil(ROWS).max(1))
    }

    fn may_be_version(&self, column: usize) -> bool {
        if self.names_rows(column) {
            return false;
        }
        let fits = self.matched.iter().filter(|(row, stream)| {
            let version = self.version(*row, column);
            version.is_some_and(|version| version >= stream.first - 1 && (version <= stream.last || !stream.whole))
        });
        fits.count() * 10 >= self.matched.len() * 9
    }

    /// Whether the first events of most streams are gone.
    fn is_pruned(&self) -> bool {
        self.matched.iter().filter(|(_, stream)| stream.first > 1).count() * 2 > self.matched.len()
    }

    /// The column that holds documents.
    pub(super) fn document(&self, version: usize) -> Option<usize> {
        let names = self.names(Some(version));
        let holds = |place: &usize| !names.contains(place) && state::holds_documents(self.rows, *place);
        (0..self.table.columns.len()).find(holds)
    }

    fn version(&self, row: usize, column: usize) -> Option<i64> {
        self.rows.integer(row, column)
    }

    /// Whether no two rows are of the same version of a stream.
    fn tells_apart(&self, version: usize) -> bool {
        let mut seen = std::collections::HashSet::new();
        let names = self.matched.iter().map(|(row, stream)| (&stream.kind, &stream.id, self.version(*row, version)));
        names.filter(|name| !seen.insert(*name)).count() * 20 <= self.matched.len()
    }

    fn counts_events(&self, column: usize) -> bool {
        let counted = self.matched.iter().filter(|(row, stream)| {
            let version = self.version(*row, column);
            version.is_some_and(|version| (version - stream.last).abs() <= 1)
        });
        counted.count() * 10 >= self.matched.len() * 8
    }

    fn is_named_state(&self) -> bool {
        let words = words(&self.table.name).concat();
        STATES.iter().any(|word| words.contains(word))
    }

    /// The columns that only say which row it is.
    pub(super) fn names(&self, version: Option<usize>) -> Vec<usize> {
        let kind = if let Kind::Column(column) = self.kind { Some(column) } else { None };
        let alias = self.table.rowid_alias().map(|alias| alias.name.as_str());
        let alias = self.table.columns.iter().position(|column| Some(column.name.as_str()) == alias);
        [Some(self.key.column), kind, version, alias].into_iter().flatten().collect()
    }

    /// The version of the last event that a row contains.
    fn reached(&self, row: usize, place: Place, history: &History) -> Option<i64> {
        let number = self.version(row, place.column())?;
        match place {
            Place::Version(_) => Some(number),
            Place::Position(_) => {
                let mut events = history.events.iter().rev();
                let contained = events.find(|event| event.position.is_some_and(|it| it <= number));
                contained.map(|event| event.version)
            }
        }
    }

    /// Holds some rows, as if they were at the versions of a column, against the events.
    fn read(&self, log: &Log<'_>, place: Option<Place>) -> rusqlite::Result<Reading> {
        let names = self.names(place.map(Place::column));
        let (mut told, mut copies, mut comparable) = (Vec::new(), 0, 0);
        for (row, stream) in self.sampled() {
            let history = log.history(stream)?;
            let at = place.and_then(|place| self.reached(*row, place, &history));
            let mut leaves = Vec::new();
            for (place, column) in self.table.columns.iter().enumerate().filter(|(place, _)| !names.contains(place)) {
                let Some(value) = self.rows.values.get(*row).and_then(|row| row.get(place)) else { continue };
                let found = of_column(&column.name, value);
                leaves.extend(found.into_iter().filter(|leaf| leaf.print != stream.id && leaf.print != stream.kind));
                let event = at.and_then(|at| history.events.iter().find(|event| event.version == at));
                if let (Some(document), Some(event)) =
                    (document(value), event.filter(|event| event.version > stream.first))
                {
                    comparable += 1;
                    let said = event.data.as_ref().map(prints);
                    copies += usize::from(said.is_some_and(|said| said == prints(&document)));
                }
            }
            told.push(Told { leaves, history, version: at });
        }
        let copies = comparable > 0 && copies * 2 >= comparable;
        Ok(Reading { place, spoken: Spoken::of(&told), copies })
    }

    /// The column whose bytes nothing here can read.
    pub(super) fn opaque(&self) -> Option<usize> {
        let long = |value: &Value| matches!(value, Value::Blob(bytes) if bytes.len() > 16);
        (0..self.table.columns.len())
            .find(|column| self.rows.values.iter().filter_map(|row| row.get(*column)).take(20).all(long))
    }
}

/// What a document says, in no order.
fn prints(document: &serde_json::Value) -> Vec<String> {
    let mut prints: Vec<String> = of_document("", document).into_iter().map(|leaf| leaf.print).collect();
    prints.sort_unstable();
    prints
}
