//! Aggregates: an application's own types that are folded from their streams and decide what happens next.

use crate::error::Result;
use crate::event::{Event, NewEvent, Payload, StreamName, Version};
use serde_core::Serialize;
use serde_core::de::DeserializeOwned;

/// A state that is folded from the events of one stream.
///
/// `Default` is the state before the first event; `Serialize` and `DeserializeOwned` are for snapshots.
///
/// ```
/// use eventscope::event::Event;
/// use eventscope::store::{Aggregate, EventStore, Repository, Root, SnapshotPolicy, from_event, to_event};
/// use eventscope::{Error, Result};
/// use serde::{Deserialize, Serialize};
///
/// // What can happen to an account. The variant is the event type, what it holds is the data.
/// #[derive(Serialize, Deserialize)]
/// #[serde(tag = "type", content = "data")]
/// enum AccountEvent {
///     #[serde(rename = "account.opened")]
///     Opened { owner: String },
///     #[serde(rename = "account.deposited")]
///     Deposited { cents: i64 },
///     #[serde(rename = "account.withdrawn")]
///     Withdrawn { cents: i64 },
///     #[serde(rename = "account.closed")]
///     Closed,
/// }
///
/// // What has to be known of it in order to decide.
/// #[derive(Default, Serialize, Deserialize)]
/// struct BankAccount {
///     owner: Option<String>,
///     cents: i64,
///     closed: bool,
/// }
///
/// impl Aggregate for BankAccount {
///     const TYPE: &'static str = "account";
///
///     // What happened is never refused: it has happened.
///     fn apply(&mut self, event: &Event) -> Result<()> {
///         match from_event(event)? {
///             AccountEvent::Opened { owner } => self.owner = Some(owner),
///             AccountEvent::Deposited { cents } => self.cents += cents,
///             AccountEvent::Withdrawn { cents } => self.cents -= cents,
///             AccountEvent::Closed => self.closed = true,
///         }
///         Ok(())
///     }
/// }
///
/// // What may happen is decided by the state, and said as an event.
/// impl BankAccount {
///     fn open(account: &mut Root<Self>, owner: &str) -> Result<()> {
///         if account.state().owner.is_some() {
///             return Err(Error::bad_input("the account is open already"));
///         }
///         account.record(to_event(&AccountEvent::Opened { owner: owner.to_owned() })?)
///     }
///
///     fn deposit(account: &mut Root<Self>, cents: i64) -> Result<()> {
///         account.state().must_be_open()?;
///         account.record(to_event(&AccountEvent::Deposited { cents })?)
///     }
///
///     fn withdraw(account: &mut Root<Self>, cents: i64) -> Result<()> {
///         account.state().must_be_open()?;
///         if account.state().cents < cents {
///             return Err(Error::bad_input("there is not enough money in the account"));
///         }
///         account.record(to_event(&AccountEvent::Withdrawn { cents })?)
///     }
///
///     fn close(account: &mut Root<Self>) -> Result<()> {
///         account.state().must_be_open()?;
///         if account.state().cents != 0 {
///             return Err(Error::bad_input("there is still money in the account"));
///         }
///         account.record(to_event(&AccountEvent::Closed)?)
///     }
///
///     fn must_be_open(&self) -> Result<()> {
///         let open = self.owner.is_some() && !self.closed;
///         if open { Ok(()) } else { Err(Error::bad_input("the account is not open")) }
///     }
/// }
///
/// let mut store = EventStore::open_in_memory()?;
/// let mut accounts = Repository::<BankAccount>::new(&mut store, SnapshotPolicy::every(100));
/// let mut account = accounts.load("acc-7")?;
/// BankAccount::open(&mut account, "Ada")?;
/// BankAccount::deposit(&mut account, 25_000)?;
/// accounts.save(&mut account)?;
///
/// // Loads, decides and saves, again where somebody else was quicker.
/// accounts.update("acc-7", 3, |account| BankAccount::withdraw(account, 5_000))?;
/// assert_eq!(accounts.load("acc-7")?.state().cents, 20_000);
/// assert!(accounts.update("acc-7", 3, |account| BankAccount::withdraw(account, 99_000)).is_err());
/// assert!(accounts.update("acc-7", 3, BankAccount::close).is_err());
/// # Ok::<(), Error>(())
/// ```
pub trait Aggregate: Default + Serialize + DeserializeOwned {
    /// The aggregate type of the streams, such as `account`.
    const TYPE: &'static str;

    /// The shape of the state as it is kept in snapshots. Count it up when a field changes: snapshots of another
    /// shape are not used.
    const STATE_VERSION: u32 = 1;

    /// Folds one more event into the state.
    ///
    /// An event that was recorded but not yet saved has position 0 and no timestamp.
    ///
    /// # Errors
    /// Where the event cannot be understood: it is then not recorded, or the aggregate is not loaded.
    fn apply(&mut self, event: &Event) -> Result<()>;
}

/// An aggregate as it was loaded, and what was recorded since.
pub struct Root<A> {
    pub(super) stream: StreamName,
    pub(super) version: Option<Version>,
    pub(super) state: A,
    pub(super) pending: Vec<NewEvent>,
    pub(super) snapshot_fault: Option<String>,
}

impl<A: Aggregate> Root<A> {
    pub(super) fn new(id: &str) -> Self {
        Self {
            stream: StreamName::new(A::TYPE, id),
            version: None,
            state: A::default(),
            pending: Vec::new(),
            snapshot_fault: None,
        }
    }

    /// The stream that it is folded from.
    #[must_use]
    pub fn stream(&self) -> &StreamName {
        &self.stream
    }

    /// The version of its last saved event; `None` where it has none.
    #[must_use]
    pub fn version(&self) -> Option<Version> {
        self.version
    }

    /// The state, with what was recorded since.
    #[must_use]
    pub fn state(&self) -> &A {
        &self.state
    }

    /// What was recorded and is not yet saved.
    #[must_use]
    pub fn pending(&self) -> &[NewEvent] {
        &self.pending
    }

    /// Why its snapshot could not be used, or its new one not taken; the events were folded or saved all the same.
    #[must_use]
    pub fn snapshot_fault(&self) -> Option<&str> {
        self.snapshot_fault.as_deref()
    }

    /// Folds an event into the state, and keeps it to be saved.
    ///
    /// # Errors
    /// Where the aggregate does not understand the event, which is then not kept. An [`Aggregate::apply`] that
    /// changed the state before it failed has left it changed: load it again.
    pub fn record(&mut self, event: NewEvent) -> Result<()> {
        let before = self.version.unwrap_or(0).saturating_add(Version::try_from(self.pending.len()).unwrap_or(0));
        self.state.apply(&unsaved(&self.stream, before + 1, &event))?;
        self.pending.push(event);
        Ok(())
    }
}

/// The event as it will be, without what only the store can say.
fn unsaved(stream: &StreamName, version: Version, event: &NewEvent) -> Event {
    let event = event.clone();
    let metadata = if event.metadata.is_null() { Payload::default() } else { Payload::json(event.metadata) };
    Event {
        position: 0,
        id: event.id,
        stream: stream.clone(),
        version,
        event_type: event.event_type,
        schema_version: event.schema_version.or_else(|| Some("1".to_owned())),
        timestamp: None,
        actor: event.actor,
        actor_type: event.actor_type,
        source: event.source,
        causation_id: event.causation_id,
        correlation_id: event.correlation_id,
        data: Payload::json(event.data),
        metadata,
    }
}
