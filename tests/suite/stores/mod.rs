//! What every event store does, wherever its events lie: each scenario is run on a file, and on a server where there is
//! one.

mod asking;
mod model;
mod writing;

use std::sync::Arc;

use eventscope::event::{Event, NewEvent, StreamName};
use eventscope::store::{EventStore, Store};
use serde_json::json;

/// A store that is there for one test, to which more connections can be opened.
pub struct Place {
    open: Arc<dyn Fn() -> Box<dyn Store> + Send + Sync>,
    _kept: Option<tempfile::TempDir>,
}

impl Place {
    pub fn open(&self) -> Box<dyn Store> {
        (self.open)()
    }

    fn file() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.db");
        EventStore::create(&path).unwrap();
        Self { open: Arc::new(move || Box::new(EventStore::open(&path).unwrap())), _kept: Some(folder) }
    }

    #[cfg(all(feature = "postgres", unix))]
    fn server(test: &str) -> Option<Self> {
        use eventscope::server::{Address, create_store, open_store};

        let database = crate::postgres::server::database(test)?;
        let address = Address::parse(&database.url()).unwrap();
        create_store(&address).unwrap();
        Some(Self { open: Arc::new(move || Box::new(open_store(&address).unwrap())), _kept: None })
    }
}

/// Makes a test of each scenario on each kind of store.
macro_rules! on_every_store {
    ($($module:ident: $($scenario:ident),+;)+) => {
        mod in_a_file {
            $($(
                #[test]
                fn $scenario() {
                    super::$module::$scenario(&super::Place::file());
                }
            )+)+
        }

        #[cfg(all(feature = "postgres", unix))]
        mod on_a_server {
            $($(
                #[test]
                fn $scenario() {
                    if let Some(place) = super::Place::server(stringify!($scenario)) {
                        super::$module::$scenario(&place);
                    }
                }
            )+)+
        }
    };
}

on_every_store! {
    writing: what_is_expected_of_a_stream_is_held, an_event_is_read_as_it_was_appended, requests_share_a_commit_and_not_their_fate,
        a_request_is_safe_to_repeat, a_command_is_processed_once, what_is_asked_of_events_is_asked_of_all_writers,
        many_that_do_not_fit_are_named_up_to_a_limit, names_are_held_to_what_was_set,
        lines_go_out_and_come_in_again, a_wrong_line_is_named_and_nothing_is_imported;
    asking: every_question_is_answered_as_by_looking_at_each_event, snapshots_and_checkpoints_are_kept,
        who_waits_hears_of_what_others_commit;
    model: writers_at_the_same_time_leave_a_log_as_if_one_after_the_other;
}

fn stream(id: &str) -> StreamName {
    StreamName::new("order", id)
}

fn event(event_type: &str, number: i64) -> NewEvent {
    NewEvent::new(event_type, json!({ "number": number }))
}

fn positions(events: &[Event]) -> Vec<i64> {
    events.iter().map(|event| event.position).collect()
}
