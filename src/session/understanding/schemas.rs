//! What the data of each event type looks like, inferred from the events.

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::error::Result;
use crate::insight::Sampled;
use crate::insight::schema::{Inference, Schemas};
use crate::session::asking::survey::{Findings, Inquiry, Survey, Surveyor};
use crate::session::workers::gather_together::gather_together;
use crate::session::workers::jobs::Subject;
use crate::source::Source;

/// What came of inferring, as far as it went.
pub type Inferred = Survey<InferredSchemas>;

/// The schemas of a store.
#[derive(Clone, Debug, Default)]
pub struct InferredSchemas {
    /// The schemas; `None` before anything is known.
    pub schemas: Option<Arc<Schemas>>,
    /// What they were inferred from, where that is a sample.
    pub sampled: Option<Sampled>,
    /// How many events were read so far.
    pub read: u64,
}

impl Findings for InferredSchemas {
    const LIMIT: usize = usize::MAX;

    fn count(&self) -> usize {
        0
    }

    fn go_on(&mut self, more: Self) {
        self.read = more.read.max(self.read);
        if more.schemas.is_some() {
            (self.schemas, self.sampled) = (more.schemas, more.sampled);
        }
    }
}

/// The question, with how many events there are as far as that is known.
#[derive(Clone)]
pub(in crate::session) struct InferSchemas(pub(in crate::session) Option<u64>);

impl Inquiry for InferSchemas {
    type Findings = InferredSchemas;
    const WORKER: &'static str = "schemas";
    const SUBJECT: Subject = Subject::Inferring;
    const TITLE: &'static str = "Inferring schemas";

    fn steps(&self) -> Option<u64> {
        self.0
    }

    fn look_through(&self, source: &Source, surveyor: &mut Surveyor<'_, InferredSchemas>) -> Result<()> {
        if let Some((schemas, sampled)) = Schemas::sampled(source)? {
            let (schemas, sampled) = (Some(Arc::new(schemas)), Some(sampled));
            let _ = surveyor.note(InferredSchemas { schemas, sampled, read: 0 }, 0);
        }
        let mut seen = 0;
        let mut on = |read: u64| -> ControlFlow<()> {
            seen = read;
            surveyor.note(InferredSchemas { read, ..InferredSchemas::default() }, read)
        };
        let schemas = gather_together(source, &Inference::default, &mut on)?.schemas;
        let more = InferredSchemas { schemas: Some(Arc::new(schemas)), sampled: None, read: seen };
        let _ = surveyor.note(more, seen);
        Ok(())
    }
}
