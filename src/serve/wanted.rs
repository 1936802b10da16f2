//! Which events somebody wants, by the parameters that lists and streams share.

use chrono::{DateTime, Utc};

use super::params::Params;
use super::problem::Problem;
use crate::event::{Event, Position, StreamName};
use crate::store::Query;

/// How many events a page has where nothing is said.
const PAGE: usize = 100;

/// How many it has at most.
pub(super) const MOST: usize = 1_000;

/// Which events are wanted; each field that is set narrows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Filter {
    pub(super) aggregate_type: Option<String>,
    pub(super) aggregate_id: Option<String>,
    /// One of these, where there are any.
    pub(super) event_types: Vec<String>,
    /// Recorded later than this.
    pub(super) after: Option<DateTime<Utc>>,
    /// Recorded earlier than this.
    pub(super) before: Option<DateTime<Utc>>,
    pub(super) correlation_id: Option<String>,
}

/// A page of events.
#[derive(Clone, Debug, Default)]
pub(super) struct Page {
    pub(super) filter: Filter,
    /// From this position on, itself included, in the order that is asked for.
    pub(super) from: Option<Position>,
    pub(super) newest_first: bool,
    pub(super) offset: usize,
    pub(super) limit: usize,
}

impl Filter {
    pub(super) fn read(params: &mut Params) -> Result<Self, Problem> {
        let moment = "a moment such as 2026-01-01T12:00:00Z";
        let mut event_types = params.all("event_type");
        event_types.sort();
        event_types.dedup();
        Ok(Self {
            aggregate_type: params.one("aggregate_type")?,
            aggregate_id: params.one("aggregate_id")?,
            event_types,
            after: params.parsed("after", moment)?,
            before: params.parsed("before", moment)?,
            correlation_id: params.one("correlation_id")?,
        })
    }

    /// The stream that it is about, where it can be about no other.
    pub(super) fn stream(&self) -> Option<StreamName> {
        let (aggregate_type, aggregate_id) = self.aggregate_type.clone().zip(self.aggregate_id.clone())?;
        Some(StreamName { aggregate_type, aggregate_id })
    }

    /// Whether it lets everything through.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it lets an event through.
    pub(super) fn keeps(&self, event: &Event) -> bool {
        let is = |wanted: &Option<String>, value: &str| wanted.as_deref().is_none_or(|wanted| wanted == value);
        let at = || event.timestamp.as_ref().and_then(|timestamp| timestamp.utc);
        is(&self.aggregate_type, &event.stream.aggregate_type)
            && is(&self.aggregate_id, &event.stream.aggregate_id)
            && (self.event_types.is_empty() || self.event_types.contains(&event.event_type))
            && (self.correlation_id.is_none() || self.correlation_id == event.correlation_id)
            && self.after.is_none_or(|after| at().is_some_and(|at| at > after))
            && self.before.is_none_or(|before| at().is_some_and(|at| at < before))
    }

    /// The questions to the store that together are this one: one for each event type.
    pub(super) fn queries(&self) -> Vec<Query> {
        let query = Query {
            aggregate_type: self.aggregate_type.clone(),
            aggregate_id: self.aggregate_id.clone(),
            // The store counts in microseconds, and from a moment on.
            from: self.after.map(|after| after + chrono::TimeDelta::microseconds(1)),
            until: self.before,
            correlation_id: self.correlation_id.clone(),
            ..Query::default()
        };
        if self.event_types.is_empty() {
            return vec![query];
        }
        let of_type = |event_type: &String| Query { event_type: Some(event_type.clone()), ..query.clone() };
        self.event_types.iter().map(of_type).collect()
    }
}

impl Page {
    pub(super) fn read(params: &mut Params) -> Result<Self, Problem> {
        let filter = Filter::read(params)?;
        let from = params.parsed("from_position", "a position")?;
        let limit = params.parsed("limit", "a number of events")?.unwrap_or(PAGE);
        if !(1..=MOST).contains(&limit) {
            let detail = format!("a page has 1 to {MOST} events, and {limit} are asked for");
            return Err(Problem::invalid(detail).at("limit").hint("Follow the link to the next page."));
        }
        let offset = params.parsed("offset", "a number of events")?.unwrap_or_default();
        let newest_first = match params.one("order")?.as_deref() {
            None | Some("asc") => false,
            Some("desc") => true,
            Some(other) => {
                let detail = format!("`{other}` is no order");
                return Err(Problem::invalid(detail).at("order").hint("Give asc, oldest first, or desc."));
            }
        };
        Ok(Self { filter, from, newest_first, offset, limit })
    }
}
