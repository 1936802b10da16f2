//! The words of the filter language: the names of fields, operators and effects, and what they are compared with.

/// A kind of thing that an event did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EffectKind {
    /// It changed a place, or nothing.
    Changed,
    /// Its rule failed, with a message that matches.
    Failed,
    /// There is no rule for its type, which matches.
    Unhandled,
}

impl EffectKind {
    /// Every kind, in the order in which a reader meets them.
    pub const ALL: [Self; 3] = [Self::Changed, Self::Failed, Self::Unhandled];

    /// The word that names it in a filter.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Failed => "failed",
            Self::Unhandled => "unhandled",
        }
    }

    /// The kind of a name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A field of the envelope that is matched as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// The event type.
    Type,
    /// The aggregate's id, or `TYPE/ID`.
    Stream,
    /// The aggregate's type.
    Aggregate,
    /// The event's own id.
    Id,
    /// The schema version, as stored.
    Schema,
    /// The actor.
    Actor,
    /// The kind of actor.
    ActorType,
    /// The source.
    Source,
    /// The correlation id.
    Correlation,
    /// The causation id.
    Causation,
}

impl Field {
    /// Every field, in the order in which a reader meets them.
    pub const ALL: [Self; 10] = [
        Self::Type,
        Self::Stream,
        Self::Aggregate,
        Self::Id,
        Self::Schema,
        Self::Actor,
        Self::ActorType,
        Self::Source,
        Self::Correlation,
        Self::Causation,
    ];

    /// The word that names it in a filter.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Stream => "stream",
            Self::Aggregate => "aggregate",
            Self::Id => "id",
            Self::Schema => "schema",
            Self::Actor => "actor",
            Self::ActorType => "actor_type",
            Self::Source => "source",
            Self::Correlation => "correlation",
            Self::Causation => "causation",
        }
    }

    /// The field of a name, or of the longer name that databases use.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        let short = match name {
            "event_type" => "type",
            "aggregate_type" => "aggregate",
            "aggregate_id" => "stream",
            "event_id" => "id",
            "schema_version" => "schema",
            "correlation_id" => "correlation",
            "causation_id" => "causation",
            other => other,
        };
        Self::ALL.into_iter().find(|field| field.name() == short)
    }
}

/// A field of the envelope that is compared as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NumberField {
    /// The place in the stream.
    Version,
    /// The place in the whole store.
    Position,
}

impl NumberField {
    /// The word that names it in a filter.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::Position => "position",
        }
    }
}

/// How two values compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
}

impl Op {
    /// How it is written, in a filter and in SQL.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
        }
    }

    /// Whether values that compare as `ordering` meet it.
    #[must_use]
    pub fn allows(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::AtMost => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::AtLeast => ordering.is_ge(),
        }
    }
}

/// Which payload a path leads into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Root {
    /// The event's data.
    Data,
    /// The event's metadata.
    Metadata,
}

impl Root {
    /// The word that names it in a filter.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Metadata => "metadata",
        }
    }
}

/// What a value inside a payload is compared with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Operand {
    /// A number, digit by digit as typed. It compares by value with numbers, and with strings that are numbers:
    /// many stores write amounts as strings.
    Number(String),
    /// A text. It compares byte by byte with strings, and with the words `true`, `false` and `null`.
    Text(String),
}
