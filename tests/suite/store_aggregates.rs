//! Aggregates of an application over the built-in store: a bank account, loaded, decided and saved.

use eventscope::event::{Event, ExpectedVersion, NewEvent, StreamName};
use eventscope::store::{Aggregate, Encoding, EventStore, Repository, Root, SnapshotPolicy, from_event, to_event};
use eventscope::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct BankAccount {
    cents: i64,
    movements: u32,
}

impl Aggregate for BankAccount {
    const TYPE: &'static str = "account";

    fn apply(&mut self, event: &Event) -> Result<()> {
        let cents = event.data.value().and_then(|data| data.get("cents")?.as_i64()).unwrap_or(0);
        match event.event_type.as_str() {
            "account.deposited" => self.cents += cents,
            "account.withdrawn" => self.cents -= cents,
            other => return Err(Error::bad_input(format!("an account knows no {other}"))),
        }
        self.movements += 1;
        Ok(())
    }
}

fn deposit(cents: i64) -> NewEvent {
    NewEvent::new("account.deposited", json!({ "cents": cents }))
}

fn stream() -> StreamName {
    StreamName::new("account", "acc-1")
}

fn accounts(store: &mut EventStore, every: u32) -> Repository<'_, BankAccount> {
    Repository::new(store, SnapshotPolicy { every, keep: 2 })
}

fn add(account: &mut Root<BankAccount>, cents: i64) -> Result<()> {
    account.record(deposit(cents))
}

#[test]
fn what_is_saved_is_loaded() {
    let mut store = EventStore::open_in_memory().unwrap();
    let mut accounts = accounts(&mut store, 0);
    let mut account = accounts.load("acc-1").unwrap();
    assert_eq!((account.version(), account.state()), (None, &BankAccount::default()));
    add(&mut account, 7).unwrap();
    add(&mut account, 8).unwrap();
    assert_eq!((account.state().cents, account.pending().len()), (15, 2));
    assert_eq!(accounts.save(&mut account).unwrap().len(), 2);
    assert_eq!((account.version(), account.pending().len()), (Some(2), 0));
    assert!(accounts.save(&mut account).unwrap().is_empty(), "nothing to save");
    assert_eq!(accounts.load("acc-1").unwrap().state(), &BankAccount { cents: 15, movements: 2 });
}

#[test]
fn what_was_recorded_is_kept_when_saving_fails() {
    let mut store = EventStore::open_in_memory().unwrap();
    let mut late = accounts(&mut store, 0).load("acc-1").unwrap();
    store.append(&stream(), ExpectedVersion::Any, &[deposit(1)]).unwrap();
    add(&mut late, 2).unwrap();
    let error = accounts(&mut store, 0).save(&mut late).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Conflict { actual: Some(1), .. }));
    assert_eq!((late.pending().len(), late.version()), (1, None));
}

#[test]
fn an_update_is_decided_again_after_a_conflict_as_often_as_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let (mut store, mut other) = (EventStore::create(&path).unwrap(), EventStore::open(&path).unwrap());
    let mut meddle = |left: &mut u32| {
        if *left > 0 {
            *left -= 1;
            other.append(&stream(), ExpectedVersion::Any, &[deposit(100)]).unwrap();
        }
    };
    let (mut seen, mut left) = (Vec::new(), 2);
    let mut accounts = accounts(&mut store, 0);
    accounts
        .update("acc-1", 3, |account| {
            meddle(&mut left);
            seen.push(account.state().cents);
            add(account, 1)
        })
        .unwrap();
    assert_eq!(seen, [0, 100, 200], "each attempt sees what came between");
    left = 9;
    let refused = accounts.update("acc-1", 2, |account| {
        meddle(&mut left);
        add(account, 1)
    });
    assert!(matches!(refused.unwrap_err().kind(), ErrorKind::Conflict { .. }));
    assert_eq!(left, 7, "two attempts and no more");
}

#[test]
fn snapshots_are_taken_by_the_policy_and_used() {
    let mut store = EventStore::open_in_memory().unwrap();
    for _ in 0..4 {
        accounts(&mut store, 10).update("acc-1", 1, |account| (0..7).try_for_each(|_| add(account, 1))).unwrap();
    }
    let versions: Vec<_> = store.snapshots(&stream()).unwrap().iter().map(|snapshot| snapshot.version).collect();
    assert_eq!(versions, [14, 21], "behind every tenth event, and the two newest");
    store.save_snapshot(&stream(), 28, 1, json!({"cents": 5000, "movements": 28})).unwrap();
    let account = accounts(&mut store, 10).load("acc-1").unwrap();
    assert_eq!((account.state().cents, account.snapshot_fault()), (5000, None), "the snapshot is believed");
}

#[test]
fn a_snapshot_that_cannot_be_used_is_reported_and_the_events_are_folded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let mut store = EventStore::create(&path).unwrap();
    store.append(&stream(), ExpectedVersion::Any, &[deposit(1), deposit(2)]).unwrap();
    let connection = rusqlite::Connection::open(&path).unwrap();
    for (version, shape, state, word) in [
        (2, 1, "{torn", "cannot be read"),
        (2, 7, "{}", "shape 7"),
        (9, 1, r#"{"cents":1,"movements":9}"#, "only at 2"),
    ] {
        connection.execute("DELETE FROM snapshots", []).unwrap();
        let sql = "INSERT INTO snapshots (aggregate_type, aggregate_id, version, state_version, taken_at, state) \
                   VALUES ('account', 'acc-1', ?1, ?2, '2026-03-14T12:00:00.000000Z', ?3)";
        connection.execute(sql, (version, shape, state)).unwrap();
        let account = accounts(&mut store, 10).load("acc-1").unwrap();
        assert_eq!(account.state(), &BankAccount { cents: 3, movements: 2 });
        assert!(account.snapshot_fault().unwrap().contains(word), "{:?}", account.snapshot_fault());
    }
}

#[test]
fn a_snapshot_that_is_missing_is_reported_and_the_events_are_folded() {
    let mut store = EventStore::open_in_memory().unwrap();
    accounts(&mut store, 10).update("acc-1", 1, |account| (0..9).try_for_each(|_| add(account, 1))).unwrap();
    assert_eq!(accounts(&mut store, 10).load("acc-1").unwrap().snapshot_fault(), None, "none is due yet");
    accounts(&mut store, 10).update("acc-1", 1, |account| add(account, 1)).unwrap();
    assert_eq!(accounts(&mut store, 10).load("acc-1").unwrap().snapshot_fault(), None);
    assert_eq!(store.delete_snapshots_before(&stream(), 11).unwrap(), 1);
    let account = accounts(&mut store, 10).load("acc-1").unwrap();
    assert_eq!(account.state(), &BankAccount { cents: 10, movements: 10 });
    assert!(account.snapshot_fault().unwrap().contains("no snapshot"), "{:?}", account.snapshot_fault());
    assert_eq!(accounts(&mut store, 0).load("acc-1").unwrap().snapshot_fault(), None, "none is wanted");
}

#[test]
fn an_event_that_the_aggregate_does_not_know_is_named() {
    let mut store = EventStore::open_in_memory().unwrap();
    store.append(&stream(), ExpectedVersion::Any, &[deposit(1), NewEvent::new("account.eaten", json!({}))]).unwrap();
    let error = accounts(&mut store, 0).load("acc-1").err().unwrap();
    assert!(error.to_string().contains("account.eaten at version 2 of account/acc-1"), "{error}");
}

#[test]
fn a_long_stream_is_folded_page_by_page() {
    let mut store = EventStore::open_in_memory().unwrap();
    store.append(&stream(), ExpectedVersion::Any, &vec![deposit(1); 2_000]).unwrap();
    let account = accounts(&mut store, 0).load("acc-1").unwrap();
    assert_eq!((account.version(), account.state().cents), (Some(2_000), 2_000));
}

/// What can happen to an account, as an application has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
enum AccountEvent {
    #[serde(rename = "account.opened")]
    Opened { owner: String, limit: f64 },
    #[serde(rename = "account.deposited")]
    Deposited { cents: i64 },
    #[serde(rename = "account.withdrawn")]
    Withdrawn { cents: i64 },
    #[serde(rename = "account.closed")]
    Closed,
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Account {
    owner: Option<String>,
    cents: i64,
    closed: bool,
}

impl Aggregate for Account {
    const TYPE: &'static str = "account";

    fn apply(&mut self, event: &Event) -> Result<()> {
        match from_event(event)? {
            AccountEvent::Opened { owner, .. } => self.owner = Some(owner),
            AccountEvent::Deposited { cents } => self.cents += cents,
            AccountEvent::Withdrawn { cents } => self.cents -= cents,
            AccountEvent::Closed => self.closed = true,
        }
        Ok(())
    }
}

impl Account {
    fn happened(account: &mut Root<Self>, event: &AccountEvent) -> Result<()> {
        account.record(to_event(event)?)
    }

    fn withdraw(account: &mut Root<Self>, cents: i64) -> Result<()> {
        if account.state().closed || account.state().cents < cents {
            return Err(Error::bad_input("there is not enough money in the account"));
        }
        Self::happened(account, &AccountEvent::Withdrawn { cents })
    }

    fn close(account: &mut Root<Self>) -> Result<()> {
        if account.state().cents != 0 {
            return Err(Error::bad_input("there is still money in the account"));
        }
        Self::happened(account, &AccountEvent::Closed)
    }
}

#[test]
fn an_account_of_typed_events_lives_in_json_and_in_messagepack() {
    let mut histories = Vec::new();
    for encoding in [Encoding::Json, Encoding::MessagePack] {
        let mut store = EventStore::open_in_memory().unwrap();
        store.set_encoding(encoding).unwrap();
        let mut accounts = Repository::<Account>::new(&mut store, SnapshotPolicy::every(3));
        let opened = AccountEvent::Opened { owner: "Ada".to_owned(), limit: 0.1 };
        accounts
            .update("acc-1", 1, |account| {
                Account::happened(account, &opened)?;
                Account::happened(account, &AccountEvent::Deposited { cents: i64::MAX })
            })
            .unwrap();
        accounts.update("acc-1", 1, |account| Account::withdraw(account, i64::MAX - 1)).unwrap();
        assert!(accounts.update("acc-1", 1, |account| Account::withdraw(account, 2)).is_err());
        assert!(accounts.update("acc-1", 1, Account::close).is_err());
        accounts.update("acc-1", 1, |account| Account::withdraw(account, 1)).unwrap();
        accounts.update("acc-1", 1, Account::close).unwrap();
        let account = accounts.load("acc-1").unwrap();
        assert_eq!(account.state(), &Account { owner: Some("Ada".to_owned()), cents: 0, closed: true });
        assert_eq!((account.version(), account.snapshot_fault()), (Some(5), None));
        let events = store.read_stream(&stream(), 1, None).unwrap();
        histories.push(events.iter().map(|event| from_event(event).unwrap()).collect::<Vec<AccountEvent>>());
    }
    assert_eq!(histories[0], histories[1]);
    assert_eq!(histories[0].last(), Some(&AccountEvent::Closed));
}
