//! Opening a database, what is known of the whole of it, and the work that is going on.

use std::sync::Arc;

use crate::session::workers::jobs::{Jobs, Subject};
use crate::session::workers::outbox::Outbox;
use crate::session::workers::reader::Origin;
use crate::session::{
    FileStatus, Histogram, JobId, JobView, Mode, Notice, OpenRequest, Overview, Parts, Session, Status, StreamList,
    Wake,
};

impl Session {
    /// Begins to open a database. The answer comes as [`Notice::Opened`] or [`Notice::Failed`].
    #[must_use]
    pub fn open(request: OpenRequest, wake: Wake) -> Self {
        let (origin, jobs) = (Origin::default(), Jobs::new(Arc::clone(&wake)));
        let (outbox, inbox) = Outbox::new(wake);
        let (parts, status) = match Parts::start(&origin, &outbox, &jobs) {
            Ok(parts) => (Some(parts), Status::Opening),
            Err(error) => (None, Status::Failed(Arc::new(error.context("starting the workers")))),
        };
        if let Some(parts) = &parts {
            parts.open.submit(request.clone());
        }
        Self {
            request,
            status,
            inbox,
            jobs,
            outbox,
            origin,
            parts,
            overview: None,
            file_status: FileStatus::Sound,
            written: 0,
        }
    }

    /// Takes in what the workers found since the last time. Cheap when there is nothing.
    pub fn poll(&mut self) -> Vec<Notice> {
        let mut notices = Vec::new();
        while let Ok(answer) = self.inbox.try_recv() {
            self.take(answer, &mut notices);
        }
        notices
    }

    /// How far the opening got.
    #[must_use]
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// What is known of the whole database, once it is open.
    #[must_use]
    pub fn overview(&self) -> Option<&Overview> {
        self.overview.as_ref()
    }

    /// How the file stands compared with when it was opened.
    #[must_use]
    pub fn file_status(&self) -> &FileStatus {
        &self.file_status
    }

    /// What was asked to be opened.
    #[must_use]
    pub fn request(&self) -> &OpenRequest {
        &self.request
    }

    /// The streams that were read so far.
    #[must_use]
    pub fn streams(&self) -> Arc<StreamList> {
        self.parts.as_ref().map(|parts| parts.statistics.streams()).unwrap_or_default()
    }

    /// How the events spread over time; `None` until it is known and where there are no moments.
    #[must_use]
    pub fn histogram(&self) -> Option<Arc<Histogram>> {
        self.parts.as_ref()?.statistics.histogram()
    }

    /// Whether there is no histogram yet, and one may come: its place is kept, so that nothing moves when it does.
    #[must_use]
    pub fn awaits_histogram(&self) -> bool {
        self.parts.as_ref().is_some_and(|parts| parts.statistics.awaits_histogram())
    }

    /// Reads everything anew: the file, its profile, and the reducers. What is on screen stays until it is read.
    pub fn refresh(&mut self) {
        if let Some(parts) = &mut self.parts {
            parts.histories.restart_application();
            parts.histories.forget_preview();
        }
        self.read_again();
    }

    /// Reads everything anew, and lets the application's own code run on.
    pub(in crate::session) fn read_again(&mut self) {
        if let Some(parts) = &mut self.parts {
            parts.open.cancel();
            parts.open.submit(self.request.clone());
        }
    }

    /// Opens the file anew in a way, such as after it was replaced. What is on screen stays until it is read.
    pub fn reopen(&mut self, mode: Mode) {
        self.request.mode = mode;
        self.refresh();
    }

    /// The long work that is going on.
    #[must_use]
    pub fn jobs(&self) -> Vec<JobView> {
        self.jobs.shown()
    }

    /// Stops one piece of long work; what it found so far stays.
    pub fn stop(&mut self, job: JobId) {
        let (Some(subject), Some(parts)) = (self.jobs.stop(job), &mut self.parts) else { return };
        match subject {
            Subject::Rows => parts.event_table.stopped(),
            Subject::Replay(stream) => parts.histories.stopped(stream),
            Subject::Snapshots(aggregate_type) => parts.histories.stopped_comparing(aggregate_type),
            Subject::Asked(key) => parts.asking.stopped(&key),
            Subject::Branch => parts.branches.stopped(),
            Subject::Comparing => parts.comparisons.stopped(),
            Subject::Checking => parts.checking.stop(),
            Subject::Drifting => parts.drifting.stop(),
            Subject::Counting => parts.counting.stop(),
            Subject::Inferring => parts.inferring.stop(),
            Subject::Causes(of) => parts.causes.stopped(of),
            Subject::Auditing => parts.auditing.stop(),
            Subject::Seeking => parts.seeking.stopped(),
            Subject::Large => parts.tables.stopped_loading(),
            Subject::Opening => self.opening_stopped(),
            Subject::Tables | Subject::Other => {}
        }
    }
}

/// The files that a session made go with it.
impl Drop for Session {
    fn drop(&mut self) {
        self.origin.close();
    }
}
