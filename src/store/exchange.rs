//! Export and import: a whole store as lines of JSON, an event a line, and back.

use std::borrow::Cow;
use std::cell::RefMut;
use std::collections::HashMap;
use std::io::{BufRead, Write};

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::append;
use super::event_store::EventStore;
use super::id::Ids;
use super::insert::Inserter;
use super::line::Line;
use super::ndjson;
use super::placing::{Places, Placing, at_line, read_line};
use super::query::Query;
use super::row::NewRow;
use super::rules::Rules;
use super::transaction::Transaction;
use super::{archive, chain, encoding};
use crate::error::{Error, Result};
use crate::event::{NewEvent, StreamName, Version};

/// After how many events an import or export says how far it has come.
const STRIDE: u64 = 1_000;

impl EventStore {
    /// Writes the events that a query wants as [lines of JSON](super::ndjson_line), and answers with how many there
    /// were. `progress` is told now and then how many there are so far.
    pub fn export(&self, query: Query, to: &mut impl Write, mut progress: impl FnMut(u64)) -> Result<u64> {
        let mut count = 0;
        for event in self.events(query) {
            writeln!(to, "{}", ndjson::ndjson_line(&event?)?)?;
            count += 1;
            if count % STRIDE == 0 {
                progress(count);
            }
        }
        to.flush()?;
        Ok(count)
    }

    /// Appends the events that are in lines of JSON, and answers with how many there were. `progress` is told now and
    /// then how many there are so far.
    ///
    /// A line is an object with `aggregate_type`, `aggregate_id`, `event_type` and `data`, and may have `event_id`,
    /// `schema_version`, `actor`, `actor_type`, `source`, `causation_id`, `correlation_id` and `metadata`. With
    /// [`Places::Kept`] it must have `position`, `version` and `timestamp`, which are not looked at otherwise. Data and
    /// metadata are stored byte for byte as they stand in the line; data as the same document in MessagePack where the
    /// store [writes that](EventStore::set_encoding). Events have to fit what the store asks of names and data, as in any
    /// append. Empty lines are passed over.
    ///
    /// It is one transaction: all lines are imported or, after an error or a crash, none. Other writers wait
    /// meanwhile. An import that is done again is refused where its lines carry event ids.
    ///
    /// # Errors
    /// [`BadInput`](crate::ErrorKind::BadInput) for the first line that is wrong; the message starts with its number.
    /// Kept places must follow each other and what the store holds: positions ascending, versions without a gap,
    /// moments never going back.
    ///
    /// ```
    /// use eventscope::store::{EventStore, Places, Query};
    ///
    /// let lines = r#"{"aggregate_type":"cup","aggregate_id":"1","event_type":"cup.sold","data":{"price": 8.00}}"#;
    /// let mut store = EventStore::open_in_memory()?;
    /// assert_eq!(store.import(&mut lines.as_bytes(), Places::Anew, |_| {})?, 1);
    ///
    /// let mut exported = Vec::new();
    /// store.export(Query::default(), &mut exported, |_| {})?;
    /// assert!(String::from_utf8_lossy(&exported).contains(r#""data":{"price": 8.00}"#));
    /// let mut copy = EventStore::open_in_memory()?;
    /// copy.import(&mut exported.as_slice(), Places::Kept, |_| {})?;
    /// assert_eq!(copy.read_all(None, 10)?, store.read_all(None, 10)?);
    /// # Ok::<(), eventscope::Error>(())
    /// ```
    pub fn import(&mut self, lines: &mut impl BufRead, places: Places, mut progress: impl FnMut(u64)) -> Result<u64> {
        self.transaction(|transaction| {
            let mut importing = Import::begin(transaction, places)?;
            let (mut line, mut number) = (Vec::new(), 0_u64);
            while read_line(lines, &mut line)? {
                number += 1;
                if line.trim_ascii().is_empty() {
                    continue;
                }
                importing.take(&line).map_err(|error| at_line(number, error))?;
                if importing.count % STRIDE == 0 {
                    progress(importing.count);
                }
            }
            importing.end()
        })
    }
}

impl Transaction<'_> {
    /// Appends events, each a line in the form of [`EventStore::import`], and answers with how many there were. Line
    /// breaks between the tokens of a line are stored as they are.
    ///
    /// # Errors
    /// As [`EventStore::import`]. What came before is then still in the transaction: end it with an error, too.
    pub fn import<'line>(&self, lines: impl IntoIterator<Item = &'line [u8]>, places: Places) -> Result<u64> {
        let mut importing = Import::begin(self, places)?;
        for (line, number) in lines.into_iter().zip(1..) {
            importing.take(line).map_err(|error| at_line(number, error))?;
        }
        importing.end()
    }
}

/// An import under way, in a transaction.
struct Import<'store> {
    connection: &'store Connection,
    inserter: Inserter<'store>,
    ids: Ids<'store>,
    rules: RefMut<'store, Rules>,
    /// The versions of the streams that were written to.
    versions: HashMap<StreamName, Version>,
    placing: Placing,
    count: u64,
    is_chained: bool,
    buffer: Vec<u8>,
}

impl<'store> Import<'store> {
    fn begin(transaction: &Transaction<'store>, places: Places) -> Result<Self> {
        let connection = transaction.connection();
        let moment = match places {
            Places::Anew => append::next_moment(connection, transaction.now())?,
            Places::Kept | Places::Moments => archive::last_moment(connection)?.unwrap_or_default(),
        };
        let mut rules = transaction.rules();
        rules.refresh(connection)?;
        Ok(Self {
            connection,
            inserter: Inserter::new(connection)?,
            ids: Ids::new(connection),
            rules,
            placing: Placing::new(places, archive::last_position(connection)?.unwrap_or(0), &moment),
            versions: HashMap::new(),
            count: 0,
            is_chained: chain::last(connection)?.is_some(),
            buffer: Vec::new(),
        })
    }

    /// Writes the event in a line.
    fn take(&mut self, line: &[u8]) -> Result<()> {
        let line = Line::parse(line.trim_ascii())?;
        let (stream, event) = (line.stream(), line.event());
        let schema_version = self.admit(&line, &stream, &event)?;
        archive::refuse_taken_ids(self.connection, event.id.as_deref())?;
        let version = self.next_version(&stream)?;
        let position = self.placing.place(&line, &stream, version)?;
        let data = self.rules.encoding().write_text(line.data, &mut self.buffer)?;
        let metadata = line.metadata.map_or(Ok(ValueRef::Null), encoding::json_text)?;
        let (recorded_at, event) = (&self.placing.moment.stored, &event);
        let row = NewRow { stream: &stream, version, recorded_at, schema_version, event, data, metadata };
        let id = event.id.clone().map_or_else(|| self.ids.next(), Ok)?;
        let position = self.inserter.insert(&id, &row, position)?;
        self.placing.position = position;
        if self.is_chained {
            chain::extend(self.connection, &(position..position.saturating_add(1)))?;
        }
        self.versions.insert(stream, version);
        self.count += 1;
        Ok(())
    }

    /// Finds whether the event in a line is one that this store takes. Answers with its schema version as it is stored.
    fn admit(&mut self, line: &Line<'_>, stream: &StreamName, event: &NewEvent) -> Result<i64> {
        append::check_stream(stream)?;
        self.rules.check_stream(stream)?;
        let schema_version = append::admit(event, &self.rules)?;
        let document = || {
            let parsed = serde_json::from_str(line.data.get()).map(Cow::Owned);
            parsed.map_err(|error| Error::bad_input(error.to_string()))
        };
        self.rules.check_data(self.connection, &event.event_type, schema_version, document)?;
        Ok(schema_version)
    }

    fn next_version(&self, stream: &StreamName) -> Result<Version> {
        let current = match self.versions.get(stream) {
            Some(version) => Some(*version),
            None => append::current_version(self.connection, stream)?,
        };
        let next = current.unwrap_or(0).checked_add(1);
        next.ok_or_else(|| Error::bad_input(format!("the stream {stream} is full")))
    }

    /// Says at which versions the streams are now.
    fn end(self) -> Result<u64> {
        for (stream, version) in &self.versions {
            append::set_version(self.connection, stream, *version)?;
        }
        Ok(self.count)
    }
}
