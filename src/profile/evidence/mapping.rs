//! How a table that was recognised is read: the mapping for its rows.

use rusqlite::types::Value;

use super::super::field::Field;
use super::super::infer::{plain, time_format};
use super::super::mapping::SnapshotMapping;
use super::super::read_model::ReadModelMapping;
use super::judge::{Case, Kind, Place, Reading};
use super::log::Log;
use super::spelling::{beginnings, kind_of, sql_text};
use super::state;

impl Case<'_> {
    fn aggregate_type(&self) -> Option<Field> {
        match &self.kind {
            Kind::Column(column) => self.table.columns.get(*column).map(|column| Field::new(plain(&column.name))),
            Kind::Only(kind) => Some(Field::new(sql_text(kind))),
            Kind::Any => None,
        }
    }

    fn aggregate_id(&self) -> Option<Field> {
        let column = self.table.columns.get(self.key.column)?;
        Some(Field::new(self.key.spelling.sql(&plain(&column.name))))
    }

    fn column(&self, place: usize) -> Option<Field> {
        self.table.columns.get(place).map(|column| Field::new(plain(&column.name)))
    }

    pub(super) fn snapshots(&self, log: &Log<'_>, place: Place) -> Option<SnapshotMapping> {
        let state = match self.document(place.column()).or_else(|| self.opaque()) {
            Some(place) => self.column(place)?,
            None => state::state(self.table, self.rows, &self.names(Some(place.column())), true)?,
        };
        Some(SnapshotMapping {
            from: plain(&self.table.name),
            filter: None,
            aggregate_type: self.aggregate_type(),
            aggregate_id: self.aggregate_id()?,
            version: self.version_field(log, place)?,
            timestamp: self.moment(),
            state,
        })
    }

    pub(super) fn model(&self, log: &Log<'_>, reading: &Reading) -> Option<ReadModelMapping> {
        let spoken = reading.spoken.echoed.union(&reading.spoken.summed);
        let beside = spoken.into_iter().any(|name| !name.contains('/'));
        Some(ReadModelMapping {
            table: self.table.name.clone(),
            filter: None,
            aggregate_type: self.aggregate_type(),
            aggregate_id: self.aggregate_id()?,
            version: reading.place.and_then(|place| self.version_field(log, place)),
            state: state::state(self.table, self.rows, &self.names(reading.place.map(Place::column)), beside)?,
            of: self.of(),
        })
    }

    /// The column that says when a row was written.
    fn moment(&self) -> Option<Field> {
        let is_moment = |column: usize| {
            let values: Vec<&Value> = self.rows.values.iter().filter_map(|row| row.get(column)).collect();
            let there: Vec<&Value> = values.into_iter().filter(|value| !matches!(value, Value::Null)).collect();
            !there.is_empty() && time_format(&there).is_some()
        };
        let named = |column: &usize| {
            self.table.columns.get(*column).is_some_and(|column| {
                let name = column.name.to_lowercase();
                ["time", "date", "_at", "_on", "created", "taken", "stamp"].iter().any(|word| name.contains(word))
            })
        };
        let column = (0..self.table.columns.len()).filter(named).find(|column| is_moment(*column))?;
        self.column(column)
    }

    /// What the rows are of, for people.
    fn of(&self) -> String {
        match &self.kind {
            Kind::Only(kind) => kind.clone(),
            Kind::Column(_) => String::new(),
            Kind::Any => {
                let first = self.matched.first().map_or("", |(_, stream)| stream.id.as_str());
                let shared = |prefix: &&str| self.matched.iter().all(|(_, stream)| stream.id.starts_with(prefix));
                let enough = self.matched.len() > 1;
                beginnings(first).filter(|prefix| enough && shared(prefix)).last().map_or("", kind_of).to_owned()
            }
        }
    }

    /// The version of the last event that a row contains.
    fn version_field(&self, log: &Log<'_>, place: Place) -> Option<Field> {
        let column = self.column(place.column())?;
        match place {
            Place::Version(_) => Some(column),
            Place::Position(_) => {
                let of_table = |name: &str| format!("{}.{name}", plain(&self.table.name));
                let key = plain(&self.table.columns.get(self.key.column)?.name);
                let id = self.key.spelling.sql(&of_table(&key));
                Some(Field::new(log.version_at(&id, &of_table(&column.sql))?))
            }
        }
    }
}
