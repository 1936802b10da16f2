//! Which values of a row name a stream or an event of the store. Only what a look-up has found is a link.

use super::{GlancedRow, Glimpse, names};
use crate::codec::{Format, decode};
use crate::error::Result;
use crate::event::{Position, StreamName};
use crate::profile::Role;
use crate::profile::schema::{Column, Table};
use crate::source::Source;
use crate::source::bound::equal;
use crate::source::layout::{Columns, Layout};
use crate::source::value::Stored;

/// A longer text is no name.
const LONGEST_NAME: usize = 256;
/// In a store of more events than this, streams are looked up by an index or not at all.
const SCANNED: u64 = 100_000;
/// How many streams with one id are told.
const SAME_ID: usize = 4;
/// How columns are called that hold an event's position, or a stream's id that is a bare number.
const POSITIONS: [&str; 6] = ["position", "checkpoint", "notification", "sequence", "offset", "global"];
const IDS: [&str; 5] = ["aggregate", "stream", "originator", "entity", "view_id"];

/// What a value names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// A stream.
    Stream(StreamName),
    /// The event at a position.
    Event(Position),
}

/// A value that names something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The column, by its place.
    pub column: usize,
    /// What it names.
    pub target: Target,
}

impl Source {
    /// The links of a row of a table, in the order of its columns. A database without a mapping has none.
    pub fn links(&self, table: &str, row: &GlancedRow) -> Result<Vec<Link>> {
        let (Some(layout), table) = (self.shared.layout.as_ref(), self.table(table)?) else { return Ok(Vec::new()) };
        let kind = kind_in(layout, table, row);
        let mut links = Vec::new();
        for (index, (column, value)) in table.columns.iter().zip(&row.values).enumerate() {
            self.check()?;
            let Glimpse::Whole(value) = value else { continue };
            for target in self.targets(layout, (table, column), value, kind.as_deref())? {
                links.push(Link { column: index, target });
            }
        }
        Ok(links)
    }

    fn targets(
        &self,
        layout: &Layout,
        (table, column): (&Table, &Column),
        value: &Stored,
        kind: Option<&str>,
    ) -> Result<Vec<Target>> {
        if self.may_be_position(layout, table, &column.name)
            && let Some(position) = value.to_integer()
            && self.has_event(layout, position)?
        {
            return Ok(vec![Target::Event(position)]);
        }
        if !may_be_id(layout, &column.name, value) {
            return Ok(Vec::new());
        }
        for text in forms(value) {
            let mut streams = self.streams_called(layout, &text)?;
            if streams.len() > 1 && kind.is_some() {
                streams.retain(|stream| Some(stream.aggregate_type.as_str()) == kind);
            }
            if !streams.is_empty() {
                return Ok(streams.into_iter().take(SAME_ID).map(Target::Stream).collect());
            }
        }
        Ok(Vec::new())
    }

    /// The streams that a name may mean; none where looking for them would take long.
    fn streams_called(&self, layout: &Layout, text: &str) -> Result<Vec<StreamName>> {
        if layout.column(Columns::AGGREGATE_ID).is_none() {
            return Ok(Vec::new());
        }
        if let Some(found) = self.streams_by_name(text)? {
            return Ok(found.into_iter().map(|stream| stream.name).collect());
        }
        let query = self.streams_with_id_query(text)?;
        if self.rows().rows() > SCANNED && !query.finds_by_index(&self.conn)? {
            return Ok(Vec::new());
        }
        self.streams_of_query(&query)
    }

    /// Whether a column of this name may hold positions of events. Versions are numbers, too, and are none.
    fn may_be_position(&self, layout: &Layout, table: &Table, column: &str) -> bool {
        let mapping = &layout.mapping;
        let is = |field: &Option<crate::profile::Field>| {
            field.as_ref().is_some_and(|field| field.sql.trim_matches('"').eq_ignore_ascii_case(column))
        };
        let role = self.role(table);
        if role == Some(Role::Events) {
            return is(&mapping.position) || is_rowid(table, column, mapping.position.as_ref());
        }
        if is(&mapping.version) || column.to_ascii_lowercase().contains("version") {
            return false;
        }
        let profile = self.detection().map(|detection| &detection.profile);
        let known = profile.and_then(|profile| profile.tables.checkpoints_of(&table.name));
        let said = known.and_then(|known| known.position.as_deref()).is_some_and(|sql| names(sql, column));
        let named = POSITIONS.iter().any(|word| column.to_ascii_lowercase().contains(word));
        said || named && !matches!(role, Some(Role::Snapshots | Role::Streams))
    }

    fn has_event(&self, layout: &Layout, position: Position) -> Result<bool> {
        if !layout.has_positions() {
            return Ok(u64::try_from(position).is_ok_and(|row| row > 0 && row <= self.rows().rows()));
        }
        let mut query = layout.select_only(&["1".to_owned()]);
        query.push(" AND ").append(&equal(&layout.order, &[Stored::Integer(position)])).push(" LIMIT 1");
        Ok(self.one(&query)?.is_some())
    }
}

/// What the row says about the type of the aggregate, where it has the column that the events have for it.
fn kind_in(layout: &Layout, table: &Table, row: &GlancedRow) -> Option<String> {
    let field = layout.mapping.aggregate_type.as_ref()?;
    let column = table.columns.iter().position(|column| column.name.eq_ignore_ascii_case(&field.sql))?;
    let Some(Glimpse::Whole(value)) = row.values.get(column) else { return None };
    decode::text(value.as_ref(), field.format)
}

/// Whether the column is another name of the rowid, and that is the events' position.
fn is_rowid(table: &Table, column: &str, position: Option<&crate::profile::Field>) -> bool {
    let alias = table.rowid_alias().is_some_and(|alias| alias.name.eq_ignore_ascii_case(column));
    alias && position.is_some_and(|field| field.sql.eq_ignore_ascii_case("rowid"))
}

/// Whether a value may be a stream's id. A bare number is taken for one only in a column that is called so: any table
/// has a row 1.
fn may_be_id(layout: &Layout, column: &str, value: &Stored) -> bool {
    let field = layout.mapping.aggregate_id.as_ref();
    let called = || {
        let column = column.to_ascii_lowercase();
        field.is_some_and(|field| field.sql.trim_matches('"').eq_ignore_ascii_case(&column))
            || IDS.iter().any(|word| column.contains(word))
    };
    match value {
        Stored::Text(bytes) if bytes.iter().all(u8::is_ascii_digit) => !bytes.is_empty() && called(),
        Stored::Text(bytes) => (1..=LONGEST_NAME).contains(&bytes.len()) && !bytes.starts_with(b"{"),
        Stored::Blob(bytes) => bytes.len() == 16,
        Stored::Integer(_) => called(),
        Stored::Null | Stored::Real(_) => false,
    }
}

/// The texts that a stored value may stand for as an id: as it is, and a UUID with and without its dashes, in both
/// orders of bytes.
pub(super) fn forms(value: &Stored) -> Vec<String> {
    let mut forms = Vec::new();
    let mut add = |text: String| {
        if !forms.contains(&text) {
            forms.push(text);
        }
    };
    if let Some(text) = decode::text(value.as_ref(), Format::Auto) {
        add(text.clone());
        if let Ok(id) = uuid::Uuid::parse_str(&text) {
            add(id.hyphenated().to_string());
            add(id.simple().to_string());
        }
    }
    if let Stored::Blob(bytes) = value
        && let Ok(bytes) = <[u8; 16]>::try_from(&**bytes)
    {
        add(uuid::Uuid::from_bytes_le(bytes).to_string());
    }
    forms
}
