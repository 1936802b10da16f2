//! A survey: something is asked of the whole store, once a person says so, and goes on in the background until it is
//! through, is stopped, or has found enough.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::process::StopSwitch;
use crate::session::workers::jobs::{Jobs, RunningJob, Subject};
use crate::session::workers::outbox::Outbox;
use crate::session::workers::reader::{Origin, Reader};
use crate::session::workers::worker::{JobContext, Worker};
use crate::source::Source;

/// The largest payload that is folded, as for states.
pub(in crate::session) const FOLDED: u64 = 16 << 20;

/// How often, at the most, what was found is shown.
const PACE: Duration = Duration::from_millis(50);

/// What a survey came to, as far as it went.
#[derive(Clone, Debug, Default)]
pub struct Survey<F> {
    /// What was found.
    pub findings: F,
    /// How it ended; `None` while it goes on.
    pub ended: Option<SurveyEnd>,
    /// Whether streams are folded by other rules by now, or grew.
    pub outdated: bool,
}

/// How a survey ended.
#[derive(Clone, Debug)]
pub enum SurveyEnd {
    /// Everything was looked through.
    Complete,
    /// A person stopped it.
    Stopped,
    /// There are so many findings that the rest was left.
    Limited,
    /// It failed.
    Failed(Arc<Error>),
}

impl SurveyEnd {
    /// How it ended by what a worker says: whether it got to the end, or to its limit.
    fn of(ended: Result<bool>) -> Self {
        match ended {
            Ok(true) => Self::Complete,
            Ok(false) => Self::Limited,
            Err(error) if error.is_cancelled() => Self::Stopped,
            Err(error) => Self::Failed(Arc::new(error)),
        }
    }
}

impl<F> Survey<F> {
    /// Whether everything was looked through.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        matches!(self.ended, Some(SurveyEnd::Complete))
    }

    /// Whether it still goes on.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.ended.is_none()
    }
}

/// What a survey finds, part by part.
pub(in crate::session) trait Findings: Clone + Default + Send + Sync + 'static {
    /// How many of them are kept.
    const LIMIT: usize;

    /// How many there are, of what the limit is for.
    fn count(&self) -> usize;

    /// Takes in what was found since.
    fn go_on(&mut self, more: Self);
}

/// What is asked of the whole store.
pub(in crate::session) trait Inquiry: Clone + Send + 'static {
    /// What comes of it.
    type Findings: Findings;
    /// The name of its worker.
    const WORKER: &'static str;
    /// What it is among the jobs that run, and what a person reads there.
    const SUBJECT: Subject;
    const TITLE: &'static str;

    /// How many steps it takes, as far as that is known.
    fn steps(&self) -> Option<u64>;

    /// What is known before the first step.
    fn beginning(&self) -> Self::Findings {
        Self::Findings::default()
    }

    /// Looks through a source, and tells what it finds until that breaks it off.
    fn look_through(&self, source: &Source, surveyor: &mut Surveyor<'_, Self::Findings>) -> Result<()>;
}

/// The generation of a survey, and what came of it since.
pub(in crate::session) type SurveyAnswer<F> = (u64, SurveyMore<F>);

/// More of what came of it.
pub(in crate::session) enum SurveyMore<F> {
    Found(F),
    Ended(Result<bool>),
}

/// What tells a survey's findings while it goes on.
pub(in crate::session) struct Surveyor<'a, F> {
    context: &'a JobContext<'a>,
    outbox: &'a Outbox<SurveyAnswer<F>>,
    running: RunningJob,
    waiting: F,
    shown: Instant,
    found: usize,
}

impl<F: Findings> Surveyor<'_, F> {
    /// What stops the filters of rules along with the survey.
    pub(in crate::session) fn stop_switch(&self) -> StopSwitch {
        let (stop, token) = (StopSwitch::default(), self.context.token.clone());
        stop.set(move || token.is_cancelled());
        stop
    }

    /// Takes in what was found up to a step, shows it in time, and says whether to go on.
    pub(in crate::session) fn note(&mut self, more: F, step: u64) -> ControlFlow<()> {
        self.running.done(step);
        self.found += more.count();
        self.waiting.go_on(more);
        if self.shown.elapsed() >= PACE {
            self.show();
        }
        let enough = self.is_full() || self.context.token.is_cancelled();
        if enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn is_full(&self) -> bool {
        self.found >= F::LIMIT
    }

    fn show(&mut self) {
        self.outbox.send((self.context.token.generation(), SurveyMore::Found(std::mem::take(&mut self.waiting))));
        self.shown = Instant::now();
    }
}

/// An inquiry that was begun by a person, and is another one each time.
#[derive(Clone)]
struct Begun<Q>(Q);

impl<Q> PartialEq for Begun<Q> {
    fn eq(&self, _: &Self) -> bool {
        false
    }
}

/// The survey of one kind that goes on, or the last one that did.
pub(in crate::session) struct Surveys<Q: Inquiry> {
    worker: Worker<Begun<Q>>,
    asked: Option<Q>,
    last: Option<Arc<Survey<Q::Findings>>>,
}

impl<Q: Inquiry> Surveys<Q> {
    /// Starts the worker.
    pub(in crate::session) fn start(
        origin: &Origin,
        outbox: &Outbox<SurveyAnswer<Q::Findings>>,
        jobs: &Jobs,
    ) -> Result<Self> {
        let (mut reader, jobs) = (Reader::new(origin), jobs.clone());
        let (sent, told) = (outbox.clone(), outbox.clone());
        let worker = Worker::start(
            Q::WORKER,
            1,
            move |Begun(inquiry): Begun<Q>, context| {
                let ended = look_through(&inquiry, &mut reader, &jobs, context, &sent);
                sent.send((context.token.generation(), SurveyMore::Ended(ended)));
            },
            move |_, generation, error| told.send((generation, SurveyMore::Ended(Err(error)))),
        )?;
        Ok(Self { worker, asked: None, last: None })
    }

    /// Begins one, in place of what was found before.
    pub(in crate::session) fn begin(&mut self, inquiry: Q) {
        self.worker.cancel();
        self.last = Some(Arc::new(Survey { findings: inquiry.beginning(), ..Survey::default() }));
        self.worker.submit(Begun(inquiry.clone()));
        self.asked = Some(inquiry);
    }

    /// What came of it so far; `None` where none was begun.
    pub(in crate::session) fn last(&self) -> Option<Arc<Survey<Q::Findings>>> {
        self.last.clone()
    }

    /// Leaves it where it is.
    pub(in crate::session) fn stop(&mut self) {
        self.worker.cancel();
        if let Some(last) = self.last.as_mut().filter(|last| last.is_running()) {
            Arc::make_mut(last).ended = Some(SurveyEnd::Stopped);
        }
    }

    /// Takes in that streams are folded by other rules: what goes on begins again by them, what was found is outdated.
    pub(in crate::session) fn refold(&mut self, by: impl FnOnce(&mut Q)) {
        let running = self.last.as_ref().is_some_and(|last| last.is_running());
        if let Some(mut asked) = self.asked.take_if(|_| running) {
            by(&mut asked);
            self.begin(asked);
        }
        self.grown();
    }

    /// Takes in that streams got more events: what was found stands, and there may be more.
    pub(in crate::session) fn grown(&mut self) {
        if let Some(last) = self.last.as_mut().filter(|last| !last.is_running()) {
            Arc::make_mut(last).outdated = true;
        }
    }

    /// Takes in what was found.
    pub(in crate::session) fn take(&mut self, (generation, more): SurveyAnswer<Q::Findings>) {
        let Some(last) = self.last.as_mut().filter(|_| generation == self.worker.generation()) else { return };
        let last = Arc::make_mut(last);
        match more {
            SurveyMore::Found(more) => last.findings.go_on(more),
            SurveyMore::Ended(ended) => last.ended = Some(SurveyEnd::of(ended)),
        }
    }
}

fn look_through<Q: Inquiry>(
    inquiry: &Q,
    reader: &mut Reader,
    jobs: &Jobs,
    context: &JobContext<'_>,
    outbox: &Outbox<SurveyAnswer<Q::Findings>>,
) -> Result<bool> {
    let source = reader.source(&context.token)?;
    source.leave_unread(Some(FOLDED));
    let running = jobs.begin(Q::SUBJECT, Q::TITLE, inquiry.steps(), &context.token);
    let (waiting, shown) = (Q::Findings::default(), Instant::now());
    let mut surveyor = Surveyor { context, outbox, running, waiting, shown, found: 0 };
    let ended = inquiry.look_through(source, &mut surveyor);
    surveyor.show();
    match ended {
        Err(error) if error.is_cancelled() && surveyor.is_full() => Ok(false),
        ended => ended.map(|()| !surveyor.is_full()),
    }
}
