//! What is known of the states of streams, whoever says so.

use serde::Serialize;
use serde_json::Value;

use crate::event::{Position, StreamName, Version};

/// Something that is known of the state of one stream at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// The stream.
    pub stream: StreamName,
    /// When.
    pub at: At,
    /// What.
    pub known: Known,
    /// Where it comes from, as a person would call it: "snapshot", "table `order_view`", "example".
    pub source: String,
    /// How much it counts; 1 for what a database says, more for what a person says.
    pub weight: f32,
}

/// The moment of which evidence tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// After the event with this version.
    Version(Version),
    /// After the last event of the stream up to this position in the whole store, as the rows of a read model are that
    /// lag behind.
    Position(Position),
    /// After the last event of the stream.
    Last,
}

/// What is known.
#[derive(Clone, Debug, PartialEq)]
pub enum Known {
    /// The whole state.
    State(Value),
    /// Some members of the state, each of them whole; of others nothing is known. So are the rows of a read model, with
    /// their columns as the members.
    Members(Value),
    /// One value, at a JSON Pointer (RFC 6901); `None` where there is none.
    Value {
        /// Where.
        pointer: String,
        /// What.
        value: Option<Value>,
    },
    /// What stands at a JSON Pointer belongs to events and is no part of any state.
    NoState {
        /// Where.
        pointer: String,
    },
}

impl Evidence {
    /// A state that the application itself stored.
    #[must_use]
    pub fn snapshot(stream: StreamName, version: Version, state: Value) -> Self {
        let (at, known) = (At::Version(version), Known::State(state));
        Self { stream, at, known, source: "snapshot".to_owned(), weight: 1.0 }
    }

    /// A row of a read model.
    #[must_use]
    pub fn row(stream: StreamName, at: At, members: Value, table: &str) -> Self {
        Self { stream, at, known: Known::Members(members), source: format!("table {table}"), weight: 1.0 }
    }

    /// What a person says. It counts as much as it takes to make one rule of it.
    #[must_use]
    pub fn example(stream: StreamName, version: Version, pointer: &str, value: Option<Value>) -> Self {
        let known = Known::Value { pointer: pointer.to_owned(), value };
        Self { stream, at: At::Version(version), known, source: "example".to_owned(), weight: EXAMPLE }
    }
}

impl Evidence {
    /// Whether a person says so.
    pub(super) fn is_example(&self) -> bool {
        self.weight > 1.0 || matches!(self.known, Known::NoState { .. })
    }
}

/// What one example of a person weighs.
const EXAMPLE: f32 = 3.0;

/// How often something is as it should be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Agreement {
    /// How often it is.
    pub agree: usize,
    /// How often it was looked at.
    pub of: usize,
}

impl Agreement {
    pub(super) fn note(&mut self, agrees: bool) {
        self.of += 1;
        self.agree += usize::from(agrees);
    }

    /// Whether it was looked at and always is.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.of > 0 && self.agree == self.of
    }
}

/// What was learnt, or is suggested.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Learnt {
    /// For each aggregate type what was found.
    pub aggregates: Vec<Aggregate>,
    /// The rules as a reducers file, each with its evidence as a comment.
    pub reducers: String,
}

/// What was found for the streams of one aggregate type.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Aggregate {
    /// The aggregate type; empty where the store has none.
    pub aggregate_type: String,
    /// The parts of the state.
    pub leaves: Vec<Leaf>,
    /// How many of all the states that are known the rules give exactly.
    pub states: Agreement,
    /// How many they gave of those that they were not learnt from; of none where there was too little to hold any out.
    pub held_out: Agreement,
    /// The evidence that no rule explains, as drifted snapshots are.
    pub unexplained: Vec<Unexplained>,
    /// The event types that change nothing.
    pub idle: Vec<String>,
    /// Whether the rules come from names and habits alone, without any evidence.
    pub suggested: bool,
}

/// One part of the state.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Leaf {
    /// Where it is: a JSON Pointer in which `*` stands for the key of any entry.
    pub pointer: String,
    /// What the event types do to it; those that do nothing are left out.
    pub effects: Vec<Effect>,
    /// How often it is as the evidence says.
    pub agreement: Agreement,
    /// How often it was as the evidence says that was held out.
    pub held_out: Agreement,
}

/// What one event type does to one part of the state.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Effect {
    /// The event type.
    pub event_type: String,
    /// What it does, in a few words: `+ amount`.
    pub effect: String,
    /// How many pieces of evidence would come out wrong with another effect. With none it is taken from names, or from
    /// what the other event types do.
    pub evidence: usize,
    /// What would explain the evidence as well: no stream tells one from the other.
    pub rivals: Vec<String>,
}

/// Evidence that the rules do not explain.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Unexplained {
    /// The stream.
    #[serde(serialize_with = "as_text")]
    pub stream: StreamName,
    /// The version of the last event that it takes in.
    pub version: Version,
    /// Where it comes from.
    pub source: String,
    /// In which parts of the state it differs; none where the stream has no such version.
    pub pointers: Vec<String>,
}

fn as_text<S: serde::Serializer>(stream: &StreamName, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(stream)
}
