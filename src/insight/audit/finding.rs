//! What an audit finds: a fault of a kind, how often it is there and where.

use std::fmt;

use crate::event::{Event, Position, StreamName, Version};

/// How many instances of a finding are named; the rest is counted.
pub(super) const NAMED: usize = 100;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; in some libraries it is how things are.
    Note,
    /// Probably a fault.
    Warning,
    /// Something is broken.
    Error,
}

impl Severity {
    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One kind of fault, with where it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The kind, a word for scripts: `version_gap`.
    pub kind: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// How often it is there.
    pub count: u64,
    /// What is wrong, in a sentence.
    pub explanation: String,
    /// What to do about it, in a sentence.
    pub advice: &'static str,
    /// Where, in the order in which they were met; the first 100.
    pub instances: Vec<Instance>,
}

/// One place where a fault is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Instance {
    /// The event, where it is one.
    pub position: Option<Position>,
    /// The stream, where it is in one.
    pub stream: Option<StreamName>,
    /// The version in the stream.
    pub version: Option<Version>,
    /// What is there.
    pub what: String,
}

/// `position 12  order/ord-1@3  what is there`, as far as it is known.
impl fmt::Display for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut gap = "";
        if let Some(position) = self.position {
            write!(f, "position {position}")?;
            gap = "  ";
        }
        if let Some(stream) = &self.stream {
            write!(f, "{gap}{stream}")?;
            self.version.map_or(Ok(()), |version| write!(f, "@{version}"))?;
            gap = "  ";
        }
        if self.what.is_empty() { Ok(()) } else { write!(f, "{gap}{}", self.what) }
    }
}

impl Instance {
    /// In an event.
    pub(super) fn of(event: &Event, what: impl Into<String>) -> Self {
        Self {
            position: Some(event.position),
            stream: Some(event.stream.clone()),
            version: Some(event.version),
            what: what.into(),
        }
    }

    /// In no event.
    pub(super) fn said(what: impl Into<String>) -> Self {
        Self { what: what.into(), ..Self::default() }
    }
}

/// The instances of a fault while they are found.
#[derive(Clone, Debug, Default)]
pub(super) struct Instances {
    pub(super) count: u64,
    pub(super) named: Vec<Instance>,
}

impl Instances {
    /// Notes an instance, which is only made where it is named.
    pub(super) fn note(&mut self, instance: impl FnOnce() -> Instance) {
        self.count += 1;
        if self.named.len() < NAMED {
            self.named.push(instance());
        }
    }

    /// Takes others in behind these.
    pub(super) fn extend(&mut self, others: Self) {
        self.count += others.count;
        let free = NAMED.saturating_sub(self.named.len());
        self.named.extend(others.named.into_iter().take(free));
    }

    /// Takes in others that lie behind these in the store, and `between` that were met where both are joined: these, too,
    /// are faults of events of the later ones.
    pub(super) fn join(&mut self, mut between: Vec<Instance>, later: Self) {
        self.count += between.len() as u64 + later.count;
        between.extend(later.named);
        between.sort_by_key(|instance| instance.position);
        let free = NAMED.saturating_sub(self.named.len());
        self.named.extend(between.into_iter().take(free));
    }

    /// The finding; none where nothing was found.
    pub(super) fn finding(
        self,
        kind: &'static str,
        severity: Severity,
        explanation: impl Into<String>,
        advice: &'static str,
    ) -> Option<Finding> {
        let Self { count, named: instances } = self;
        (count > 0).then(|| Finding { kind, severity, count, explanation: explanation.into(), advice, instances })
    }
}
