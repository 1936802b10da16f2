//! How much of what there is: events and bytes by type, stream, actor and time.

use std::sync::Arc;

use crate::error::Result;
use crate::insight::{Extent, ExtentSummary, Sampled};
use crate::session::asking::survey::{Findings, Inquiry, Survey, Surveyor};
use crate::session::workers::gather_together::gather_together;
use crate::session::workers::jobs::Subject;
use crate::source::Source;

/// How many types, streams and actors are listed.
const LISTED: usize = 500;

/// What came of counting, as far as it went.
pub type Counted = Survey<StoreExtent>;

/// How much of what there is.
#[derive(Clone, Debug, Default)]
pub struct StoreExtent {
    /// What there is.
    pub summary: Option<Arc<ExtentSummary>>,
    /// What it was told from, where that is a sample.
    pub sampled: Option<Sampled>,
    /// How many events were read so far.
    pub read: u64,
}

impl Findings for StoreExtent {
    const LIMIT: usize = usize::MAX;

    fn count(&self) -> usize {
        0
    }

    fn go_on(&mut self, more: Self) {
        self.read = more.read.max(self.read);
        if more.summary.is_some() {
            (self.summary, self.sampled) = (more.summary, more.sampled);
        }
    }
}

/// The question, with how many events there are as far as that is known.
#[derive(Clone)]
pub(in crate::session) struct CountExtent(pub(in crate::session) Option<u64>);

impl Inquiry for CountExtent {
    type Findings = StoreExtent;
    const WORKER: &'static str = "extent";
    const SUBJECT: Subject = Subject::Counting;
    const TITLE: &'static str = "Counting";

    fn steps(&self) -> Option<u64> {
        self.0
    }

    fn look_through(&self, source: &Source, surveyor: &mut Surveyor<'_, StoreExtent>) -> Result<()> {
        if let Some((summary, sampled)) = ExtentSummary::sampled(source, LISTED)? {
            let (summary, sampled) = (Some(Arc::new(summary)), Some(sampled));
            let _ = surveyor.note(StoreExtent { summary, sampled, read: 0 }, 0);
        }
        let extent = gather_together(source, &Extent::default, &mut |read| {
            surveyor.note(StoreExtent { read, ..StoreExtent::default() }, read)
        })?;
        let (summary, read) = (Some(Arc::new(extent.summary(LISTED))), extent.total.events);
        let _ = surveyor.note(StoreExtent { summary, sampled: None, read }, read);
        Ok(())
    }
}
