//! Projections: tables of the application's own that are folded from the log, in step with it.

use rusqlite::Connection;

use super::event_store::EventStore;
use super::{read, row, subscription};
use crate::error::Result;
use crate::event::{Event, Position};

/// How many events are folded in one transaction: other writers wait for as long.
const BATCH: usize = 500;

/// A fold of the log into tables in the same file.
///
/// What it writes and how far it has come are committed together, so that after a crash no event is missing from its
/// tables or in them twice. Its tables can be made anew from the log at any time ([`EventStore::rebuild`]).
///
/// ```
/// use eventscope::event::{Event, ExpectedVersion, NewEvent, StreamName};
/// use eventscope::store::{EventStore, Projection, rusqlite::Connection};
/// use eventscope::Result;
/// use serde_json::json;
///
/// struct OrdersByCustomer;
///
/// impl Projection for OrdersByCustomer {
///     fn name(&self) -> &str {
///         "orders_by_customer"
///     }
///
///     fn create(&mut self, tables: &Connection) -> Result<()> {
///         let sql = "CREATE TABLE IF NOT EXISTS orders_by_customer (customer TEXT PRIMARY KEY, orders INTEGER)";
///         Ok(tables.execute_batch(sql)?)
///     }
///
///     fn clear(&mut self, tables: &Connection) -> Result<()> {
///         Ok(tables.execute_batch("DROP TABLE IF EXISTS orders_by_customer")?)
///     }
///
///     fn apply(&mut self, tables: &Connection, event: &Event) -> Result<()> {
///         if event.event_type == "order.placed" {
///             let customer = event.data.to_json()["customer"].as_str().unwrap_or_default().to_owned();
///             tables.execute(
///                 "INSERT INTO orders_by_customer VALUES (?1, 1) ON CONFLICT DO UPDATE SET orders = orders + 1",
///                 [customer],
///             )?;
///         }
///         Ok(())
///     }
/// }
///
/// let mut store = EventStore::open_in_memory()?;
/// let placed = [NewEvent::new("order.placed", json!({"customer": "c-118"}))];
/// store.append(&StreamName::new("order", "ord-1"), ExpectedVersion::NoStream, &placed)?;
/// assert_eq!(store.project(&mut OrdersByCustomer)?, 1);
/// assert_eq!(store.project(&mut OrdersByCustomer)?, 0, "it is up to date");
/// # Ok::<(), eventscope::Error>(())
/// ```
pub trait Projection {
    /// The name of its checkpoint, which it shares with no other projection or subscription.
    fn name(&self) -> &str;

    /// Makes its tables where they are not there.
    fn create(&mut self, tables: &Connection) -> Result<()>;

    /// Takes its tables, or what is in them, away.
    fn clear(&mut self, tables: &Connection) -> Result<()>;

    /// Folds one more event into its tables. `tables` is inside a transaction, which it must not end.
    ///
    /// # Errors
    /// Where it fails the projection stops before the batch that the event is in.
    fn apply(&mut self, tables: &Connection, event: &Event) -> Result<()>;
}

impl EventStore {
    /// Brings a projection up to date, batch by batch, and answers with how many events it has folded. Events that are
    /// appended meanwhile are folded too.
    pub fn project(&mut self, projection: &mut impl Projection) -> Result<u64> {
        let mut folded = 0;
        loop {
            let batch = self.project_batch(projection, BATCH)?;
            folded += batch as u64;
            if batch < BATCH {
                return Ok(folded);
            }
        }
    }

    /// Makes a projection anew from the first event, and answers with how many events it has folded.
    ///
    /// Until it is done its tables are incomplete; its checkpoint says how far it has come.
    pub fn rebuild(&mut self, projection: &mut impl Projection) -> Result<u64> {
        self.transaction(|transaction| {
            projection.clear(transaction.connection())?;
            let forget = "DELETE FROM checkpoints WHERE name = ?1";
            transaction.connection().execute(forget, [projection.name()])?;
            Ok::<_, crate::Error>(())
        })?;
        self.project(projection)
    }

    /// Folds at most so many events into a projection, in one transaction with its checkpoint.
    fn project_batch(&mut self, projection: &mut impl Projection, limit: usize) -> Result<usize> {
        self.transaction(|transaction| {
            let tables = transaction.connection();
            projection.create(tables)?;
            let position: Option<Position> = subscription::checkpoint(tables, projection.name())?;
            let events = read::all(tables, None, position, limit)?;
            for event in &events {
                projection.apply(tables, event).map_err(|error| stopped(projection.name(), event, error))?;
            }
            if let Some(last) = events.last() {
                let now = row::stored_moment(transaction.now());
                subscription::set_checkpoint(tables, projection.name(), last.position, &now)?;
            }
            Ok(events.len())
        })
    }
}

fn stopped(name: &str, event: &Event, error: crate::Error) -> crate::Error {
    error.context(format_args!("the projection {name} at position {}", event.position))
}
