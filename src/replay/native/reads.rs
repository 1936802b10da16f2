//! What rules of common forms look at in an event.

use super::{Condition, Expr, Native, Place, Statement};

impl Native {
    /// Whether of the event the rule looks at nothing but its data.
    pub(crate) fn reads_data_alone(&self) -> bool {
        self.0.iter().all(Statement::reads_data_alone)
    }
}

impl Statement {
    fn reads_data_alone(&self) -> bool {
        match self {
            Self::Put(place, expr) | Self::Count(place, _, expr) | Self::Default(place, expr) => {
                place.reads_data_alone() && expr.reads_data_alone()
            }
            Self::Merge(members) => members.iter().all(|(_, expr)| expr.reads_data_alone()),
            Self::Delete(place) | Self::Toggle(place) => place.reads_data_alone(),
            Self::If(condition, then) => condition.reads_data_alone() && then.iter().all(Self::reads_data_alone),
        }
    }
}

impl Place {
    fn reads_data_alone(&self) -> bool {
        self.0.iter().all(Expr::reads_data_alone)
    }
}

impl Expr {
    fn reads_data_alone(&self) -> bool {
        match self {
            Self::Constant(_) => true,
            Self::Event(way) => is_of_data(way),
            Self::Object(members) => members.iter().all(|(_, expr)| expr.reads_data_alone()),
            Self::Array(item) => item.reads_data_alone(),
            Self::Times(a, b) => a.reads_data_alone() && b.reads_data_alone(),
            Self::Lookup(_, key) => key.reads_data_alone(),
        }
    }
}

impl Condition {
    fn reads_data_alone(&self) -> bool {
        match self {
            Self::Told(way, _) => is_of_data(way),
            Self::There(place, key) => place.reads_data_alone() && key.reads_data_alone(),
            Self::Spent(place) => place.reads_data_alone(),
        }
    }
}

fn is_of_data(way: &[String]) -> bool {
    way.first().is_some_and(|first| first == "data")
}
