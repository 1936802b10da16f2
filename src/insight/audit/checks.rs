//! The checks that every event passes. Its data is read once for all of them.

use std::ops::ControlFlow;

use super::AuditStep;
use super::causes::Causes;
use super::finding::Finding;
use super::names::Names;
use super::payloads::Payloads;
use super::personal::Personal;
use super::shapes::Shapes;
use super::streams::Streams;
use crate::error::Result;
use crate::event::Event;
use crate::insight::gather::Gather;
use crate::insight::node::Content;
use crate::profile::Mapping;
use crate::source::Source;
use crate::source::layout::Columns;

/// What the checks know of the events that they saw. Where one is to be made anew, the others are left out.
pub(crate) struct Checks {
    mapping: Mapping,
    streams: Option<Streams>,
    payloads: Option<Payloads>,
    personal: Option<Personal>,
    shapes: Option<Shapes>,
    names: Option<Names>,
    causes: Option<Causes>,
}

impl Checks {
    /// Before the first event.
    pub(crate) fn new(mapping: &Mapping) -> Self {
        let has_ids = mapping.event_id.is_some() || mapping.correlation_id.is_some();
        Self {
            mapping: mapping.clone(),
            streams: Some(Streams::new(mapping)),
            payloads: Some(Payloads::default()),
            personal: Some(Personal::default()),
            shapes: Some(Shapes::default()),
            names: mapping.event_type.is_some().then(Names::default),
            causes: has_ids.then(Causes::default),
        }
    }

    fn reads_data(&self) -> bool {
        self.payloads.is_some() || self.personal.is_some() || self.shapes.is_some()
    }

    /// Where the streams stand, and what was found in the events.
    pub(super) fn finish(
        self,
        source: &Source,
        on: &mut dyn FnMut(AuditStep) -> ControlFlow<()>,
    ) -> Result<(Streams, Vec<Finding>)> {
        let Self { mapping, streams, payloads, personal, shapes, names, causes } = self;
        let mut findings = Vec::new();
        findings.extend(payloads.into_iter().flat_map(Payloads::finish));
        findings.extend(personal.into_iter().flat_map(Personal::finish));
        findings.extend(shapes.into_iter().flat_map(Shapes::finish));
        findings.extend(names.into_iter().flat_map(Names::finish));
        if let Some(causes) = causes {
            findings.extend(causes.finish(source, on)?);
        }
        Ok((streams.unwrap_or_else(|| Streams::new(&mapping)), findings))
    }
}

impl Gather for Checks {
    fn columns(&self) -> Columns {
        let Self { mapping, .. } = self;
        let wanted = [
            (true, Columns::STREAM.with(Columns::EVENT_TYPE)),
            (self.reads_data(), Columns::DATA),
            (self.shapes.is_some() && mapping.schema_version.is_some(), Columns::SCHEMA_VERSION),
            (mapping.version.is_some(), Columns::VERSION),
            (self.streams.is_some() && mapping.timestamp.is_some(), Columns::TIMESTAMP),
            (self.causes.is_some() && mapping.event_id.is_some(), Columns::EVENT_ID),
            (self.causes.is_some() && mapping.causation_id.is_some(), Columns::CAUSATION),
            (self.causes.is_some() && mapping.correlation_id.is_some(), Columns::CORRELATION),
        ];
        wanted.into_iter().filter(|(is_wanted, _)| *is_wanted).fold(Columns::NONE, |all, (_, column)| all.with(column))
    }

    fn see(&mut self, event: &Event) {
        if let Some(streams) = &mut self.streams {
            streams.see(event);
        }
        if let Some(names) = &mut self.names {
            names.see(event);
        }
        if let Some(causes) = &mut self.causes {
            causes.see(event);
        }
        if !self.reads_data() {
            return;
        }
        let content = Content::of(&event.data);
        if let Some(payloads) = &mut self.payloads {
            payloads.see(event, &content);
        }
        if let Some(personal) = &mut self.personal {
            personal.see(event, &content);
        }
        if let Some(shapes) = &mut self.shapes {
            shapes.see(event, &content);
        }
    }

    fn join(&mut self, later: Self) {
        both(&mut self.streams, later.streams, Streams::join);
        both(&mut self.payloads, later.payloads, Payloads::join);
        both(&mut self.personal, later.personal, Personal::join);
        both(&mut self.shapes, later.shapes, Shapes::join);
        both(&mut self.names, later.names, Names::join);
        both(&mut self.causes, later.causes, Causes::join);
    }

    fn untold(&self) -> Option<Self> {
        let streams = self.streams.as_ref().is_some_and(Streams::is_untold).then(|| Streams::new(&self.mapping));
        let personal = self.personal.as_ref().is_some_and(Personal::is_untold).then(Personal::default);
        let is_any = streams.is_some() || personal.is_some();
        let mapping = self.mapping.clone();
        is_any.then_some(Self { mapping, streams, personal, payloads: None, shapes: None, names: None, causes: None })
    }

    fn told(&mut self, anew: Self) {
        self.streams = anew.streams.or(self.streams.take());
        self.personal = anew.personal.or(self.personal.take());
    }
}

fn both<T>(mine: &mut Option<T>, later: Option<T>, join: fn(&mut T, T)) {
    if let (Some(mine), Some(later)) = (mine, later) {
        join(mine, later);
    }
}
