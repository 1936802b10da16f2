//! The worker that connects to a server, looks what is there, estimates, gathers, and keeps house in the cache.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::error::{Error, ErrorKind, Result};
use crate::model::{ServerAsked, SliceAsked};
use crate::profile::Library;
use crate::server::cache::{self, KeptSlice};
use crate::server::{self, Address, Candidate, Connected, Expected, Last, Progress, Server, Wanted};
use crate::session::workers::outbox::Outbox;
use crate::session::workers::worker::{CancelToken, Worker};
use crate::source::Interrupt;

use super::brake::{AtWork, Brake};
use super::places::Places;

/// How often it is looked whether a slice is free, and how long is waited between.
const ENDING: (usize, Duration) = (40, Duration::from_millis(100));

/// How many jobs may wait.
const WAITING: usize = 8;

/// What is asked of the worker.
#[derive(Clone, PartialEq)]
pub(super) enum Work {
    /// To connect, and to look for events.
    Connect(Box<ServerAsked>),
    /// To estimate the slice that was asked for last.
    Expect(Latest),
    /// To gather a slice.
    Gather(Box<SliceAsked>),
    /// To look what was gathered before.
    LookAtKept,
    /// To keep slices for so many days.
    KeepFor(u32),
    /// To delete a slice.
    Forget(PathBuf),
}

/// The slice that was asked for last: while a person types, those before it are of no use.
#[derive(Clone, Default)]
pub(super) struct Latest(Arc<Mutex<SliceAsked>>);

impl Latest {
    pub(super) fn set(&self, asked: SliceAsked) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = asked;
    }

    fn get(&self) -> SliceAsked {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// It is one question, whatever is asked.
impl PartialEq for Latest {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// What it answers.
pub(super) enum Answer {
    /// The server is there, and this was found.
    Found(Box<Found>),
    /// It wants a password.
    PasswordWanted,
    /// It does not take the password.
    PasswordRefused(Error),
    /// The password was not written down.
    NotRemembered(Error),
    /// How much a slice would be.
    Expected(Box<SliceAsked>, Result<Expected>),
    /// How far the gathering is.
    Progress(Progress),
    /// A slice was gathered.
    Gathered(Box<SliceAsked>, PathBuf),
    /// What was gathered before, and for how long it is kept.
    Kept(Vec<KeptSlice>, u32),
    /// It did not work.
    Failed(Error),
}

/// What was found on a server.
pub(super) struct Found {
    pub(super) address: Address,
    pub(super) engine: String,
    pub(super) is_standby: bool,
    pub(super) candidates: Vec<Candidate>,
}

/// Starts the worker. Each answer carries the generation of what was asked.
pub(super) fn start(places: &Places, brake: &Brake, outbox: &Outbox<(u64, Answer)>) -> Result<Worker<Work>> {
    let (sent, told) = (outbox.clone(), outbox.clone());
    let mut asking = Asking { places: places.clone(), brake: brake.clone(), server: None, address: None };
    Worker::start(
        "server",
        WAITING,
        move |work, context| {
            let token = &context.token;
            let tell = |answer| sent.send((token.generation(), answer));
            if let Err(error) = asking.carry_out(work, token, &tell) {
                tell(Answer::Failed(error));
            }
        },
        move |_, generation, error| told.send((generation, Answer::Failed(error))),
    )
}

/// What the worker knows.
struct Asking {
    places: Places,
    brake: Brake,
    server: Option<Server>,
    /// Where it is, with the password where one is needed: a connection that was cut is made again.
    address: Option<Address>,
}

impl Asking {
    fn carry_out(&mut self, work: Work, token: &CancelToken, tell: &dyn Fn(Answer)) -> Result<()> {
        match work {
            Work::Connect(asked) => self.connect(&asked, token, tell),
            Work::Expect(latest) => {
                let asked = latest.get();
                let expected = self.expect(&asked).or_else(|error| self.once_more(error, |own| own.expect(&asked)));
                tell(Answer::Expected(Box::new(asked), expected));
                Ok(())
            }
            Work::Gather(asked) => {
                let gathered = self.gather(&asked, token, tell);
                let file = gathered.or_else(|error| self.once_more(error, |own| own.gather(&asked, token, tell)))?;
                tell(Answer::Gathered(asked, file));
                self.look_at_kept(tell)
            }
            Work::LookAtKept => {
                cache::clean(&self.places.cache()?);
                self.look_at_kept(tell)
            }
            Work::KeepFor(days) => {
                cache::keep_for(&self.places.cache()?, days)?;
                self.look_at_kept(tell)
            }
            Work::Forget(file) => {
                forget(&file)?;
                self.look_at_kept(tell)
            }
        }
    }

    fn connect(&mut self, asked: &ServerAsked, token: &CancelToken, tell: &dyn Fn(Answer)) -> Result<()> {
        (self.server, self.address) = (None, None);
        let mut address = address(asked)?;
        if let Some(password) = &asked.password {
            address = address.with_password(password.reveal());
        }
        let mut server = match Server::connect(&address)? {
            Connected::Server(server) => *server,
            Connected::PasswordWanted => {
                tell(Answer::PasswordWanted);
                return Ok(());
            }
            Connected::Refused(error) => {
                tell(Answer::PasswordRefused(error));
                return Ok(());
            }
        };
        if asked.remember && asked.password.is_some() {
            address.remember_password().unwrap_or_else(|error| tell(Answer::NotRemembered(error)));
        }
        let (engine, is_standby) = (server.engine().to_string(), server.is_standby().unwrap_or_default());
        let library = self.library();
        let candidates = {
            let _at_work = self.brake.at_work(&server);
            server::find(&mut server, &library, &token.interrupt())?
        };
        self.address = Some(address.clone());
        self.server = Some(server);
        tell(Answer::Found(Box::new(Found { address, engine, is_standby, candidates })));
        self.look_at_kept(tell)
    }

    fn expect(&mut self, asked: &SliceAsked) -> Result<Expected> {
        let library = self.library();
        let (server, _at_work) = self.server()?;
        server::expect(server, &library, &wanted(asked))
    }

    fn gather(&mut self, asked: &SliceAsked, token: &CancelToken, tell: &dyn Fn(Answer)) -> Result<PathBuf> {
        let folder = self.places.cache()?;
        let (library, wanted) = (self.library(), wanted(asked));
        let (server, _at_work) = self.server()?;
        let file = cache::file(&folder, server.address(), &wanted)?;
        wait_until_free(&file);
        let interrupt: Interrupt = token.interrupt();
        server::gather(server, &library, &wanted, &file, &interrupt, &mut |progress| {
            tell(Answer::Progress(progress.clone()));
        })?;
        Ok(file)
    }

    /// Tries again what failed since the connection was cut, such as by a server that was restarted meanwhile.
    fn once_more<T>(&mut self, error: Error, again: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if *error.kind() == ErrorKind::Io && self.server.as_ref().is_some_and(Server::is_closed) {
            again(self)
        } else {
            Err(error)
        }
    }

    /// The server, connected to once more where the connection was cut.
    fn server(&mut self) -> Result<(&mut Server, AtWork)> {
        let address = self.address.as_ref().ok_or_else(|| Error::bad_input("no server is connected to"))?;
        if self.server.as_ref().is_none_or(Server::is_closed) {
            self.server = Some(Server::connect_as_known(address)?);
        }
        let server = self.server.as_mut().ok_or_else(|| Error::bad_input("no server is connected to"))?;
        let at_work = self.brake.at_work(server);
        Ok((server, at_work))
    }

    fn library(&self) -> Library {
        self.places.library()
    }

    fn look_at_kept(&self, tell: &dyn Fn(Answer)) -> Result<()> {
        let folder = self.places.cache()?;
        tell(Answer::Kept(cache::slices(&folder), cache::kept_days(&folder)));
        Ok(())
    }
}

/// Deletes a slice once nobody gathers into it any more.
fn forget(file: &Path) -> Result<()> {
    wait_until_free(file);
    cache::forget(file)
}

/// Waits until nobody gathers into a slice, but not for long: whoever follows a server takes a moment to end.
fn wait_until_free(file: &Path) {
    for _ in 0..ENDING.0 {
        if !cache::is_held(file) {
            return;
        }
        std::thread::sleep(ENDING.1);
    }
}

fn address(asked: &ServerAsked) -> Result<Address> {
    let ServerAsked { host, port, database, user, .. } = asked;
    if Address::is_meant(host.trim()) {
        return Address::parse(host.trim());
    }
    Address::of_parts(host, port, database, user)
}

/// What is asked of the server.
pub(super) fn wanted(asked: &SliceAsked) -> Wanted {
    let SliceAsked { table, last, streams, types, after, before, follow: _ } = asked.clone();
    let table = Some(table).filter(|table| !table.is_empty());
    Wanted { table, last: last.map_or(Last::All, Last::Events), streams, types, after, before }
}

/// What somebody asked for whose slice is kept.
pub(super) fn asked(wanted: &Wanted, table: &str) -> SliceAsked {
    let Wanted { streams, types, after, before, .. } = wanted.clone();
    SliceAsked { table: table.to_owned(), last: wanted.most(), streams, types, after, before, follow: true }
}

/// How a server is shown and remembered: as it was named where that was a URL, which may say more than where it is.
pub(super) fn shown(asked: &ServerAsked, address: &Address) -> String {
    let host = asked.host.trim();
    if Address::is_meant(host) { server::without_password(host) } else { address.to_string() }
}
