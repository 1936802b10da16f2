//! The histories and states that panels ask for, and the replay worker behind them.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use crate::error::{Error, Result};
use crate::event::{StreamName, Version};
use crate::insight::TypeRules;
use crate::model::ReducerCommand;
use crate::process::Launch;
use crate::replay::StateAt;

use super::agreement::{AgreementAnswer, AgreementJob, Comparer};
use super::known::{Finder, FirstLook, KnownAnswer, KnownJob};
use super::reducers::{FoundReducers, ReducersOrigin};
use super::replayer::{ReplayJob, Replayed, Replayer};
use super::said::SaidLines;
use crate::session::workers::cache::AnswerCache;
use crate::session::workers::jobs::Jobs;
use crate::session::workers::lru::Lru;
use crate::session::workers::outbox::Outbox;
use crate::session::workers::reader::{Origin, Reader};
use crate::session::workers::worker::Worker;
use crate::session::{Agreement, Draft, History, Loading, Notice, OpenRequest, Preview, ReducersInfo};

/// How many states are kept: stepping to and fro among them is instant.
const STATES: usize = 256;

/// How many histories are kept.
const HISTORIES: usize = 16;

/// How many jobs may wait for the replay worker.
const WAITING: usize = 16;

/// What is known of the streams' histories.
pub(in crate::session) struct Histories {
    replay: Worker<ReplayJob>,
    finder: Worker<KnownJob>,
    compare: Worker<AgreementJob>,
    kept: AnswerCache<StreamName, Arc<History>>,
    states: AnswerCache<(StreamName, Version), Arc<StateAt>>,
    /// The state that was shown last of each stream, to stand in for the next one.
    shown: RefCell<Lru<StreamName, Arc<StateAt>>>,
    preview: RefCell<Option<(Draft, Loading<Arc<Preview>>)>>,
    agreements: RefCell<HashMap<String, Option<Agreement>>>,
    /// Streams whose replay a person stopped.
    stopped: HashSet<StreamName>,
    reducers: FoundReducers,
    /// The file whose reducers could not be used, and why.
    problem: Option<(PathBuf, Arc<Error>)>,
    /// What the application's own code says on its standard error.
    said: SaidLines,
    /// Whether the application's own code is to be started anew, as it may have changed.
    restart: bool,
    /// Whether the database stores snapshots to compare with.
    snapshots: Cell<bool>,
    /// The rules that were found and are in use, where nobody wrote any.
    known: Arc<[Arc<TypeRules>]>,
    /// Those that were found while something was on screen already.
    offered: Option<Arc<[Arc<TypeRules>]>>,
    /// The reducers as they would be with these.
    with_offered: Option<FoundReducers>,
    /// Whether rules were looked for.
    looked: Cell<bool>,
    /// When a person began to look at a state.
    first_look: FirstLook,
    /// What the reducers were read for last.
    request: OpenRequest,
}

impl Histories {
    /// Starts the workers.
    pub(in crate::session) fn start(
        origin: &Origin,
        outbox: &Outbox<(u64, Replayed)>,
        agreements: &Outbox<AgreementAnswer>,
        found: &Outbox<KnownAnswer>,
        jobs: &Jobs,
    ) -> Result<Self> {
        let said = SaidLines::default();
        let readers = [Reader::new(origin), Reader::new(origin)];
        let mut replayer = Replayer::new(readers, outbox.clone(), jobs.clone(), said.clone());
        let told = outbox.clone();
        let replay = Worker::start(
            "replay",
            WAITING,
            move |job, context| replayer.work(job, context),
            move |job, generation, error| told.send(Replayer::failed(job, generation, error)),
        )?;
        let mut comparer = Comparer::new(Reader::new(origin), agreements.clone(), jobs.clone());
        let told = agreements.clone();
        let compare = Worker::start(
            "snapshots",
            4,
            move |job, context| comparer.work(&job, context),
            move |job, generation, error| told.send((generation, job.aggregate_type, Err(error))),
        )?;
        let first_look = FirstLook::default();
        let mut rules = Finder::new(&first_look, Reader::new(origin), found.clone(), jobs.clone());
        let told = found.clone();
        let finder = Worker::start(
            "rules",
            1,
            move |job, context| rules.work(&job, context),
            move |_, generation, error| told.send((generation, Err(error))),
        )?;
        Ok(Self {
            replay,
            finder,
            compare,
            kept: AnswerCache::new(HISTORIES),
            states: AnswerCache::new(STATES),
            shown: RefCell::new(Lru::new(HISTORIES)),
            preview: RefCell::default(),
            agreements: RefCell::default(),
            stopped: HashSet::new(),
            reducers: FoundReducers::guess(),
            problem: None,
            said,
            restart: false,
            snapshots: Cell::new(false),
            known: Arc::default(),
            offered: None,
            with_offered: None,
            looked: Cell::new(false),
            first_look,
            request: OpenRequest::default(),
        })
    }

    /// Reads the reducers, and has everything folded anew; what is on screen stays until it is.
    pub(in crate::session) fn read_reducers(&mut self, request: &OpenRequest) {
        self.replay.cancel();
        self.compare.cancel();
        self.kept.mark_stale();
        self.states.mark_stale();
        self.stopped.clear();
        let restart = std::mem::take(&mut self.restart);
        self.request = request.clone();
        let known = Arc::clone(&self.known);
        self.replay.submit(ReplayJob::Reducers { request: Box::new(request.clone()), restart, known });
        self.renew_preview();
    }

    /// Takes the rules that were found, and folds anew by them.
    pub(in crate::session) fn use_found(&mut self) {
        if let Some(found) = self.offered.take() {
            self.known = found;
            self.with_offered = None;
            self.read_reducers(&self.request.clone());
        }
    }

    /// Where the state of an aggregate type would come from by the rules that were found and are not in use.
    pub(in crate::session) fn offered(&self, aggregate_type: &str) -> Option<String> {
        self.with_offered.as_ref()?.known_of(aggregate_type).map(|rules| rules.label())
    }

    /// Has rules looked for, once, where nobody wrote any. The worker lets the first state go before it.
    fn look_for_rules(&self) {
        if self.reducers.is_open() && !self.looked.replace(true) {
            self.finder.submit(KnownJob);
        }
    }

    /// Whether rules were found that are not in use.
    pub(in crate::session) fn offers(&self) -> bool {
        self.with_offered.as_ref().is_some_and(|found| found.known.is_some())
    }

    fn weigh_offer(&mut self) {
        let with = |offered| self.reducers.clone().with_known(offered).ok();
        self.with_offered = self.offered.as_ref().and_then(with);
    }

    /// Has the application's own code started anew when the reducers are read the next time.
    pub(in crate::session) fn restart_application(&mut self) {
        self.restart = true;
    }

    /// What the application's own code said on its standard error last.
    pub(in crate::session) fn said(&self) -> Vec<Arc<str>> {
        self.said.all()
    }

    /// Says whether there are snapshots to compare with.
    pub(in crate::session) fn set_snapshots(&self, stored: bool) {
        self.snapshots.set(stored);
    }

    /// Whether there are.
    pub(in crate::session) fn has_snapshots(&self) -> bool {
        self.snapshots.get()
    }

    /// Which reducers fold the streams of an aggregate type.
    pub(in crate::session) fn info(&self, aggregate_type: &str) -> ReducersInfo {
        let FoundReducers { reducers, origin, application, .. } = &self.reducers;
        let launch = application.as_ref().map(|process| process.launch().clone());
        let command = launch.map(|Launch { line, folder }| ReducerCommand { line, folder });
        let guess = command.is_none() && reducers.is_guess_for(aggregate_type);
        let library = match origin {
            ReducersOrigin::Library(library) if !guess => Some(library.clone()),
            _ => None,
        };
        let (failed, error) = self.problem.clone().unzip();
        let path = failed.or_else(|| origin.path().map(Path::to_owned));
        let rules = self.reducers.known_of(aggregate_type).cloned();
        let written = command.is_none().then(|| reducers.clone());
        ReducersInfo {
            label: self.reducers.label(aggregate_type),
            library,
            guess,
            command,
            path,
            error,
            rules,
            written,
        }
    }

    /// Whether the rules in use are the user's.
    pub(in crate::session) fn has_own_reducers(&self) -> bool {
        matches!(self.reducers.origin, ReducersOrigin::File(_))
    }

    /// The reducers in use.
    pub(in crate::session) fn reducers(&self) -> &FoundReducers {
        &self.reducers
    }

    /// The history of a stream, as far as it is folded.
    pub(in crate::session) fn history(&self, stream: &StreamName) -> Loading<Arc<History>> {
        let follow = || {
            if !self.stopped.contains(stream) {
                self.replay.submit(ReplayJob::Follow(stream.clone()));
            }
        };
        let held = self.kept.get_or_ask(stream, follow);
        if let Loading::Ready(history) = &held {
            if !history.complete {
                follow();
            }
            self.compare(stream);
        }
        held
    }

    /// Has the snapshots of a stream's type compared, once for each set of reducers.
    fn compare(&self, stream: &StreamName) {
        let kind = &stream.aggregate_type;
        if self.snapshots.get() && !self.agreements.borrow().contains_key(kind) {
            self.compare.submit(AgreementJob { aggregate_type: kind.clone(), reducers: self.reducers.clone() });
        }
    }

    /// The state of a stream at a version; the one that was shown before it stands in while it is folded.
    pub(in crate::session) fn state(&self, stream: &StreamName, version: Version) -> Loading<Arc<StateAt>> {
        let ask = |version| {
            if self.reaches(stream, version) {
                self.replay.submit(ReplayJob::State(stream.clone(), version));
            }
        };
        let held = self.states.get_or_ask(&(stream.clone(), version), || ask(version));
        if let Loading::Ready(state) = &held {
            self.shown.borrow_mut().insert(stream.clone(), Arc::clone(state));
            self.neighbours(stream, version).into_iter().flatten().for_each(ask);
            self.first_look.begin(Instant::now());
        }
        match held {
            Loading::Missing => {
                self.shown.borrow_mut().get(stream).map_or(Loading::Missing, |state| Loading::Stale(Arc::clone(state)))
            }
            held => held,
        }
    }

    /// Whether a state may be folded: not beyond where a person stopped the replay.
    fn reaches(&self, stream: &StreamName, version: Version) -> bool {
        let known = |history: &Arc<History>| history.marks.last().is_some_and(|mark| mark.version >= version);
        !self.stopped.contains(stream) || self.kept.get_or_ask(stream, || ()).value().is_some_and(known)
    }

    /// The versions one step back and one step on whose states are not known: a person who steps goes there next.
    fn neighbours(&self, stream: &StreamName, version: Version) -> [Option<Version>; 2] {
        let history = self.kept.get_or_ask(stream, || ());
        let Some(marks) = history.value().map(|history| history.marks.clone()) else { return [None, None] };
        let place = marks.partition_point(|mark| mark.version < version);
        let unknown = |place: Option<usize>| {
            let version = marks.get(place?)?.version;
            (!self.states.has(&(stream.clone(), version))).then_some(version)
        };
        [unknown(place.checked_add(1)), unknown(place.checked_sub(1))]
    }

    /// What writing a draft would do. Only the last draft is kept.
    pub(in crate::session) fn preview(&self, draft: &Draft) -> Loading<Arc<Preview>> {
        let mut held = self.preview.borrow_mut();
        let before = match held.take() {
            Some((of, answer)) if of == *draft => answer,
            Some((of, answer)) if of.stream == draft.stream => {
                answer.value().map_or(Loading::Missing, |preview| Loading::Stale(Arc::clone(preview)))
            }
            _ => Loading::Missing,
        };
        if before.is_loading() {
            self.replay.submit(ReplayJob::Preview(Box::new(draft.clone())));
        }
        *held = Some((draft.clone(), before.clone()));
        before
    }

    /// Takes in that streams got more events.
    pub(in crate::session) fn grown(&mut self, streams: impl IntoIterator<Item = StreamName>) {
        for stream in streams {
            self.stopped.remove(&stream);
            self.kept.change(&stream, |held| match held {
                Loading::Ready(history) => {
                    Arc::make_mut(history).complete = false;
                    // It may be folded just now to the end that it had before.
                    self.replay.renew(ReplayJob::Follow(stream.clone()));
                }
                held => *held = Loading::Missing,
            });
            if self.preview.borrow().as_ref().is_some_and(|(draft, _)| draft.stream == stream) {
                self.renew_preview();
            }
        }
    }

    /// Knows nothing of the last draft any more: a person wants to see where its stream is now.
    pub(in crate::session) fn forget_preview(&mut self) {
        self.preview.take();
    }

    /// Has the last draft looked at anew. What was known of it stays until then: a form that lost it would change its size
    /// and its buttons under the pointer.
    fn renew_preview(&self) {
        if let Some((draft, _)) = self.preview.borrow().as_ref() {
            self.replay.renew(ReplayJob::Preview(Box::new(draft.clone())));
        }
    }

    /// Leaves the replay of a stream where it is.
    pub(in crate::session) fn stopped(&mut self, stream: StreamName) {
        self.stopped.insert(stream);
    }

    /// Leaves the snapshots of an aggregate type uncompared.
    pub(in crate::session) fn stopped_comparing(&self, aggregate_type: String) {
        self.agreements.borrow_mut().insert(aggregate_type, None);
    }

    /// Takes in what the replay worker found.
    pub(in crate::session) fn take(&mut self, generation: u64, answer: Replayed) -> Option<Notice> {
        if generation != self.replay.generation() {
            return None;
        }
        match answer {
            Replayed::Reducers(found, problem) => return self.take_reducers(found, problem),
            Replayed::Marks(history) => self.take_marks(history),
            Replayed::Unreadable(stream, error) => self.kept.insert(stream, Err(error)),
            Replayed::StandIn(stream, state) => self.shown.get_mut().insert(stream, state),
            Replayed::State(stream, version, state) => self.states.insert((stream, version), state),
            Replayed::Preview(draft, preview) => self.take_preview(&draft, preview),
        }
        None
    }
}

/// Taking in what came.
impl Histories {
    fn take_reducers(&mut self, found: FoundReducers, problem: Option<(PathBuf, Error)>) -> Option<Notice> {
        self.problem = problem.map(|(path, error)| (path, Arc::new(error)));
        self.reducers = found;
        self.agreements.borrow_mut().clear();
        self.weigh_offer();
        self.look_for_rules();
        self.problem.as_ref().map(|(_, error)| Notice::ReducersFailed(Arc::clone(error)))
    }

    /// Takes in the rules that were found: they are used where no state was looked at yet, and offered where one was.
    pub(in crate::session) fn take_known(&mut self, generation: u64, found: Result<Vec<TypeRules>>) -> Option<Notice> {
        if generation != self.finder.generation() {
            return None;
        }
        match found {
            Ok(found) if found.is_empty() => None,
            Ok(found) => {
                self.offered = Some(found.into_iter().map(Arc::new).collect());
                self.weigh_offer();
                if self.first_look.is_unread(Instant::now()) {
                    self.use_found();
                }
                Some(Notice::RulesFound)
            }
            Err(error) if error.is_cancelled() => None,
            Err(error) => Some(Notice::WorkFailed(Arc::new(error))),
        }
    }

    fn take_marks(&self, mut history: History) {
        history.agreement = self.agreements.borrow().get(&history.stream.aggregate_type).copied().flatten();
        self.kept.insert(history.stream.clone(), Ok(Arc::new(history)));
    }

    fn take_preview(&self, draft: &Draft, preview: Result<Arc<Preview>>) {
        let mut held = self.preview.borrow_mut();
        if let Some((of, answer)) = held.as_mut()
            && of == draft
        {
            *answer = match preview {
                Ok(preview) => Loading::Ready(preview),
                Err(error) if error.is_cancelled() => return,
                Err(error) => Loading::Failed(Arc::new(error)),
            };
        }
    }

    /// Takes in how far the reducers agree with the snapshots of an aggregate type.
    pub(in crate::session) fn take_agreement(
        &self,
        generation: u64,
        kind: String,
        agreement: Result<Option<Agreement>>,
    ) -> Option<Notice> {
        if generation != self.compare.generation() {
            return None;
        }
        let (agreement, notice) = match agreement {
            Ok(agreement) => (agreement, None),
            Err(error) if error.is_cancelled() => return None,
            Err(error) => (None, Some(Notice::WorkFailed(Arc::new(error)))),
        };
        self.kept.change_all(|stream, history| {
            if stream.aggregate_type == kind
                && let Loading::Ready(history) | Loading::Stale(history) = history
            {
                Arc::make_mut(history).agreement = agreement;
            }
        });
        self.agreements.borrow_mut().insert(kind, agreement);
        notice
    }
}
