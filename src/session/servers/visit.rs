//! What a person can ask of a server, and what came of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use crate::error::{Error, Result};
use crate::model::{ServerAsked, SliceAsked};
use crate::server::Address;
use crate::session::workers::outbox::Outbox;
use crate::session::workers::worker::Worker;
use crate::session::{Loading, Wake};

use super::asking::{self, Answer, Found, Latest, Work};
use super::brake::Brake;
use super::following::{self, Follow, Told};
use super::places::Places;
use super::view::{Followed, OpenSlice, PasswordAsked, ServerStep, ServerView};

/// What came of what was asked, beyond what there is to show.
#[derive(Debug)]
pub enum ServerNotice {
    /// A slice was gathered, and can be opened.
    Gathered(PathBuf),
    /// The password was not written down.
    PasswordNotRemembered(Error),
    /// The open slice is not followed any more.
    FollowingEnded(Arc<Error>),
    /// Something else did not work; what there is to show says it, too.
    Failed(Arc<Error>),
}

/// A server that is looked at. What it answers comes with [`ServerVisit::poll`], after a wake.
pub struct ServerVisit {
    view: ServerView,
    address: Option<Address>,
    workers: Option<Workers>,
    /// The slice that is to be estimated.
    expected: Latest,
    brake: Brake,
    inbox: Receiver<Came>,
    /// A slice that was gathered, and is opened once it is followed.
    gathered: Option<OpenSlice>,
    awaits_news: bool,
}

struct Workers {
    asking: Worker<Work>,
    following: Worker<Follow>,
}

enum Came {
    Asked(u64, Answer),
    Followed(u64, Told),
}

impl ServerVisit {
    /// Nothing is connected to yet.
    #[must_use]
    pub fn new(places: &Places, wake: Wake) -> Self {
        let (outbox, inbox) = Outbox::new(wake);
        let brake = Brake::default();
        let (workers, fault) = match Workers::start(places, &brake, &outbox) {
            Ok(workers) => (Some(workers), None),
            Err(error) => (None, Some(Arc::new(error.context("starting the workers")))),
        };
        let view = ServerView { fault, ..ServerView::default() };
        let expected = Latest::default();
        Self { view, address: None, workers, expected, brake, inbox, gathered: None, awaits_news: false }
    }

    /// What there is to show.
    #[must_use]
    pub fn view(&self) -> &ServerView {
        &self.view
    }

    /// Connects, and looks for events.
    pub fn connect(&mut self, asked: ServerAsked) {
        self.ask_anew(Work::Connect(Box::new(asked.clone())));
        self.view = ServerView { step: ServerStep::Connecting, asked, ..self.kept_view() };
        self.address = None;
    }

    /// Goes back to naming a server.
    pub fn leave(&mut self) {
        self.cancel();
        let asked = std::mem::take(&mut self.view.asked);
        self.view = ServerView { asked: ServerAsked { password: None, ..asked }, ..self.kept_view() };
    }

    /// Estimates a slice.
    pub fn expect(&mut self, asked: SliceAsked) {
        let before = std::mem::take(&mut self.view.expected);
        self.view.expected = before.value().map_or(Loading::Missing, |before| Loading::Stale(*before));
        self.expected.set(asked.clone());
        self.view.expected_of = Some(asked);
        if let Some(workers) = &self.workers {
            // What is estimated at this moment may be the one before.
            workers.asking.renew(Work::Expect(self.expected.clone()));
        }
    }

    /// Gathers a slice, or goes on with it where it was stopped.
    pub fn gather(&mut self, asked: SliceAsked) {
        self.stop_following_file(&asked);
        self.ask_anew(Work::Gather(Box::new(asked)));
        let view = &mut self.view;
        (view.step, view.progress, view.stopped, view.fault) = (ServerStep::Gathering, None, None, None);
    }

    /// Stops gathering. What was gathered until then is kept.
    pub fn stop_gathering(&mut self) {
        self.cancel();
        let view = &mut self.view;
        view.step = ServerStep::Choosing;
        view.stopped = Some(view.progress.take().map_or(0, |progress| progress.events));
        self.ask(Work::LookAtKept);
    }

    /// Looks what was gathered before, and deletes what is old.
    pub fn look_at_kept(&mut self) {
        self.ask(Work::LookAtKept);
    }

    /// Keeps slices for so many days that nobody opened.
    pub fn keep_for(&mut self, days: u32) {
        self.view.kept_days = Some(days);
        self.ask(Work::KeepFor(days));
    }

    /// Deletes a slice.
    pub fn forget(&mut self, file: &Path) {
        if self.view.slice.as_ref().is_some_and(|slice| slice.file == file) {
            self.stop_following();
            self.view.slice = None;
        }
        self.gathered = self.gathered.take().filter(|gathered| gathered.file != file);
        self.ask(Work::Forget(file.to_owned()));
    }

    /// A file was opened, or none is open any more: what belongs to another one ends.
    pub fn opened(&mut self, file: Option<&Path>) {
        let slice = file.and_then(|file| self.slice_of(file));
        if self.view.slice.as_ref().map(|slice| &slice.file) != slice.as_ref().map(|slice| &slice.file) {
            let is_followed_already = slice.as_ref().is_some_and(|slice| self.follows(&slice.file));
            if !is_followed_already {
                self.stop_following();
            }
            self.view.slice = slice;
        }
    }

    /// Shows what can be chosen from, once more: for a wider slice.
    pub fn choose_again(&mut self) {
        let view = &mut self.view;
        (view.step, view.fault, view.stopped) = (ServerStep::Choosing, None, None);
    }

    /// Whether the server is known whose slice is open.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.view.slice.as_ref().is_some_and(|slice| self.is_here(&slice.server))
    }

    /// Adds new events to the open slice as they come.
    pub fn follow(&mut self) {
        if let Some(slice) = self.view.slice.clone() {
            self.follow_slice(&slice);
        }
    }

    /// Adds no new events any more.
    pub fn stop_following(&mut self) {
        if let Some(workers) = &self.workers {
            workers.following.cancel();
        }
        (self.view.followed, self.awaits_news) = (None, false);
    }

    /// Takes in what the workers found since the last time. Cheap when there is nothing.
    pub fn poll(&mut self) -> Vec<ServerNotice> {
        let mut notices = Vec::new();
        while let Ok(came) = self.inbox.try_recv() {
            match (came, &self.workers) {
                (Came::Asked(generation, answer), Some(workers)) if generation == workers.asking.generation() => {
                    self.take(answer, &mut notices);
                }
                (Came::Followed(generation, told), Some(workers)) if generation == workers.following.generation() => {
                    self.take_told(told, &mut notices);
                }
                _ => {}
            }
        }
        notices
    }

    fn take(&mut self, answer: Answer, notices: &mut Vec<ServerNotice>) {
        let view = &mut self.view;
        match answer {
            Answer::Found(found) => self.found(*found),
            Answer::PasswordWanted => (view.step, view.password) = (ServerStep::Naming, PasswordAsked::Wanted),
            Answer::PasswordRefused(error) => {
                (view.step, view.password) = (ServerStep::Naming, PasswordAsked::Refused);
                view.asked.password = None;
                view.fault = Some(Arc::new(error));
            }
            Answer::NotRemembered(error) => notices.push(ServerNotice::PasswordNotRemembered(error)),
            Answer::Expected(asked, expected) => {
                if view.expected_of.as_ref() == Some(&asked) {
                    view.expected = expected.map_or_else(|error| Loading::Failed(Arc::new(error)), Loading::Ready);
                }
            }
            Answer::Progress(progress) => view.progress = Some(progress),
            Answer::Gathered(asked, file) => self.gathered(*asked, file, notices),
            Answer::Kept(kept, days) => {
                if view.stopped.is_some() {
                    // What was gathered in the moment of stopping is kept, too.
                    let begun = kept.iter().find(|kept| !kept.slice.whole);
                    view.stopped = begun.map(|begun| begun.slice.events).or(view.stopped);
                }
                (view.kept, view.kept_days) = (Arc::new(kept), Some(days));
            }
            Answer::Failed(error) => {
                let error = Arc::new(error);
                view.step = match view.step {
                    ServerStep::Connecting => ServerStep::Naming,
                    ServerStep::Gathering => ServerStep::Choosing,
                    step => step,
                };
                if let Some(progress) = view.progress.take() {
                    view.stopped = Some(progress.events);
                }
                view.fault = Some(Arc::clone(&error));
                notices.push(ServerNotice::Failed(error));
            }
        }
    }

    fn found(&mut self, found: Found) {
        let Found { address, engine, is_standby, candidates } = found;
        let view = &mut self.view;
        (view.step, view.password, view.fault) = (ServerStep::Choosing, PasswordAsked::No, None);
        view.place = Some(asking::shown(&view.asked, &address));
        view.server = Some(address.place());
        // It is in the address now, and needed nowhere else.
        view.asked.password = None;
        (view.engine, view.is_standby, view.found) = (engine, is_standby, Arc::new(candidates));
        (view.expected_of, view.expected) = (None, Loading::Missing);
        self.address = Some(address);
    }

    fn gathered(&mut self, asked: SliceAsked, file: PathBuf, notices: &mut Vec<ServerNotice>) {
        let url = self.url(&asked.table);
        let server = self.view.server.clone().unwrap_or_default();
        let slice = OpenSlice { file, wanted: asking::wanted(&asked), asked, server, as_of: None, url };
        (self.view.step, self.view.progress) = (ServerStep::Choosing, None);
        self.gathered = Some(slice.clone());
        if slice.asked.follow {
            // The file is opened once its log is the follower's: from then on both go on side by side.
            self.follow_slice(&slice);
            self.awaits_news = self.view.followed.is_some();
        }
        if !self.awaits_news {
            notices.push(ServerNotice::Gathered(slice.file));
        }
    }

    fn take_told(&mut self, told: Told, notices: &mut Vec<ServerNotice>) {
        let followed = self.view.followed.get_or_insert_with(Followed::default);
        match told {
            Told::News(news) => {
                let of_slice = |slice: &&mut OpenSlice| slice.file == followed.file;
                for slice in self.view.slice.iter_mut().chain(&mut self.gathered).filter(of_slice) {
                    if !news.as_of.is_empty() {
                        slice.as_of = Some(news.as_of.clone());
                    }
                }
                followed.news = Some(news);
            }
            Told::Ended(error) => {
                let error = Arc::new(error);
                followed.ended = Some(Arc::clone(&error));
                notices.push(ServerNotice::FollowingEnded(error));
            }
        }
        if std::mem::take(&mut self.awaits_news) {
            notices.extend(self.gathered.as_ref().map(|slice| ServerNotice::Gathered(slice.file.clone())));
        }
    }

    fn follow_slice(&mut self, slice: &OpenSlice) {
        let (Some(workers), Some(address)) = (&self.workers, self.address.clone()) else { return };
        workers.following.cancel();
        workers.following.submit(Follow { address, wanted: slice.wanted.clone(), file: slice.file.clone() });
        self.view.followed = Some(Followed { file: slice.file.clone(), ..Followed::default() });
    }

    /// Two do not write to one file.
    fn stop_following_file(&mut self, asked: &SliceAsked) {
        let same = |slice: &OpenSlice| slice.wanted == asking::wanted(asked);
        if self.view.slice.as_ref().is_some_and(same) {
            self.stop_following();
        }
    }

    fn follows(&self, file: &Path) -> bool {
        self.view.followed.as_ref().is_some_and(|followed| followed.file == file)
    }

    /// What a file is a slice of, where it was gathered from this server.
    fn slice_of(&self, file: &Path) -> Option<OpenSlice> {
        if let Some(gathered) = self.gathered.as_ref().filter(|gathered| gathered.file == file) {
            return Some(gathered.clone());
        }
        let kept = self.view.kept.iter().find(|kept| kept.file == file)?;
        let asked = asking::asked(&kept.wanted, &kept.slice.table);
        let here = self.is_here(&kept.slice.server);
        let url =
            if here { self.url(&asked.table) } else { format!("postgres://{}#{}", kept.slice.server, asked.table) };
        let (wanted, server) = (kept.wanted.clone(), kept.slice.server.clone());
        Some(OpenSlice { file: file.to_owned(), wanted, asked, server, as_of: None, url })
    }

    /// Whether a slice is one of the server that is connected to.
    fn is_here(&self, server: &str) -> bool {
        self.address.is_some() && self.view.server.as_deref() == Some(server)
    }

    /// What stands for a table of this server where files are remembered.
    fn url(&self, table: &str) -> String {
        format!("{}#{table}", self.view.place.as_deref().unwrap_or_default())
    }

    /// What is shown of no server in particular, and of the slice that is open.
    fn kept_view(&mut self) -> ServerView {
        let before = std::mem::take(&mut self.view);
        ServerView {
            kept: before.kept,
            kept_days: before.kept_days,
            slice: before.slice,
            followed: before.followed,
            password: before.password,
            ..ServerView::default()
        }
    }

    fn ask(&mut self, work: Work) {
        if let Some(workers) = &self.workers {
            workers.asking.submit(work);
        }
    }

    fn ask_anew(&mut self, work: Work) {
        self.cancel();
        self.ask(work);
    }

    fn cancel(&mut self) {
        if let Some(workers) = &self.workers {
            workers.asking.cancel();
        }
        self.brake.pull();
    }
}

impl Workers {
    fn start(places: &Places, brake: &Brake, outbox: &Outbox<Came>) -> Result<Self> {
        let asked = outbox.of(|(generation, answer)| Came::Asked(generation, answer));
        let followed = outbox.of(|(generation, told)| Came::Followed(generation, told));
        Ok(Self { asking: asking::start(places, brake, &asked)?, following: following::start(places, &followed)? })
    }
}

/// What the server still does for nobody ends with it.
impl Drop for ServerVisit {
    fn drop(&mut self) {
        self.brake.pull();
    }
}
