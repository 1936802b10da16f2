//! Follows the events of a server: new ones are added to the file as they come, those that are committed late, too.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

use super::cache::held;
use super::connection::Server;
use super::find;
use super::gather::{catch_up, now};
use super::gathering::Gathering;
use super::key::Place;
use super::late;
use super::wanted::Wanted;
use super::watermark::{LOOK_BY_TIME, Way};
use crate::error::{ErrorKind, Result};
use crate::profile::Library;
use crate::source::Interrupt;

/// How often the server is asked where it does not tell by itself.
const EVERY: Duration = Duration::from_millis(400);

/// How often the tables beside the events are taken in anew, once there were new events.
const BESIDE: Duration = Duration::from_secs(5);

/// How long after a connection was cut the next one is tried: at first, and at most.
const AGAIN: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(10));

/// What is told while a server is followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// How many events are in the file.
    pub events: u64,
    /// Of when they are: what the server held by then is in the file. RFC 3339.
    pub as_of: String,
    /// How new events and late ones are seen, in sentences.
    pub way: String,
    /// Why the server is not reached at this moment.
    pub fault: Option<String>,
}

/// Adds to a gathered file what comes, until the interrupt is raised or `on` breaks off. `on` is told when events came,
/// and when the server was lost or is there again. A connection that was cut is made again.
///
/// # Errors
/// As [`gather`](super::gather), but for what is wrong with the connection alone.
pub fn follow(
    server: Server,
    library: &Library,
    wanted: &Wanted,
    file: &Path,
    interrupt: &Interrupt,
    on: &mut dyn FnMut(&News) -> ControlFlow<()>,
) -> Result<()> {
    let address = server.address().clone();
    let _held = held(file)?;
    let (mut next, mut pause, mut events, mut as_of) = (Some(server), AGAIN.0, 0, String::new());
    loop {
        let server = match next.take() {
            Some(server) => Ok(server),
            None => Server::connect_as_known(&address),
        };
        let mut told = |news: &News| {
            (pause, events) = (AGAIN.0, news.events);
            as_of.clone_from(&news.as_of);
            on(news)
        };
        let ended = server.and_then(|server| {
            let mut following = Following::begin(server, library, wanted, file, interrupt)?;
            following.go_on(interrupt, &mut told)
        });
        let error = match ended {
            Ok(()) => return Ok(()),
            Err(error) if error.is_cancelled() => return Ok(()),
            Err(error) => error,
        };
        // Only what time may mend.
        if !matches!(error.kind(), ErrorKind::Io | ErrorKind::Busy) {
            return Err(error);
        }
        let news = News { events, as_of: as_of.clone(), way: String::new(), fault: Some(error.to_string()) };
        if on(&news).is_break() {
            return Ok(());
        }
        let until = Instant::now() + pause;
        while Instant::now() < until {
            if interrupt.is_raised() {
                return Ok(());
            }
            std::thread::sleep(EVERY.min(pause));
        }
        pause = (pause * 2).min(AGAIN.1);
    }
}

/// A server that is followed.
struct Following {
    server: Server,
    gathering: Gathering,
    way: Way,
    is_told: bool,
    /// The ranges in which rows may come late.
    gaps: Vec<(Place, Place)>,
    /// When rows were asked for the last time by when they were written.
    looked: Instant,
}

impl Following {
    fn begin(
        mut server: Server,
        library: &Library,
        wanted: &Wanted,
        file: &Path,
        interrupt: &Interrupt,
    ) -> Result<Self> {
        let chosen = find::chosen(&mut server, library, wanted.table.as_deref())?;
        let channel = chosen.channel();
        let mut gathering = Gathering::open(&mut server, chosen, wanted, file)?;
        catch_up(&mut gathering, &mut server, interrupt, &mut |_| {})?;
        let way = Way::of(&mut server, &gathering.chosen.table, gathering.state.key.column())?;
        // A standby passes no notifications on.
        let is_told = channel.is_some_and(|channel| server.listen(&channel).is_ok());
        let gaps = late::gaps(&gathering, gathering.state.settled)?;
        Ok(Self { server, gathering, way, is_told, gaps, looked: Instant::now() })
    }

    fn news(&self) -> News {
        let seen = if self.is_told { "The store tells of new events. " } else { "New events are asked for. " };
        let slice = &self.gathering.slice;
        News {
            events: slice.events,
            as_of: slice.as_of.clone(),
            way: format!("{seen}{}", self.way.in_words()),
            fault: None,
        }
    }

    fn go_on(&mut self, interrupt: &Interrupt, on: &mut dyn FnMut(&News) -> ControlFlow<()>) -> Result<()> {
        let (mut events, mut beside) = (self.gathering.slice.events, Instant::now());
        let mut is_stale = false;
        if on(&self.news()).is_break() {
            return Ok(());
        }
        while !interrupt.is_raised() {
            let way = self.way;
            self.take_in(interrupt)?;
            let has_new = events != self.gathering.slice.events;
            if has_new || way != self.way {
                (events, is_stale) = (self.gathering.slice.events, is_stale || has_new);
                if on(&self.news()).is_break() {
                    return Ok(());
                }
            }
            if is_stale && beside.elapsed() > BESIDE {
                self.gathering.beside(&mut self.server, interrupt, &mut |_| {})?;
                (beside, is_stale) = (Instant::now(), false);
            }
            if self.is_told {
                self.server.wait(EVERY)?;
            } else {
                std::thread::sleep(EVERY);
            }
        }
        Ok(())
    }

    /// Takes in what is there by now.
    fn take_in(&mut self, interrupt: &Interrupt) -> Result<()> {
        let before = self.gathering.state.reached;
        self.gathering.slice.as_of = now();
        self.gathering.advance(&mut self.server, interrupt, &mut |_| {})?;
        let after = self.gathering.state.reached;
        if self.way.row_time.is_some() && self.looked.elapsed() >= LOOK_BY_TIME {
            if !late::look_by_time(&mut self.gathering, &mut self.server, interrupt, self.way)? {
                // The table is too large for it: then what is told is that late rows are waited for, and no more.
                self.way.row_time = None;
            }
            self.looked = Instant::now();
        }
        if after > before {
            self.gaps.extend(late::gaps(&self.gathering, before)?);
        }
        if self.gaps.is_empty() && self.gathering.state.settled == after {
            return Ok(());
        }
        let passed = late::passed(&mut self.gathering, &mut self.server, self.way)?;
        if late::look(&mut self.gathering, &mut self.server, interrupt, &self.gaps)? > 0 {
            self.gaps = late::gaps(&self.gathering, self.gathering.state.settled)?;
        }
        if let Some(place) = passed {
            late::settle(&mut self.gathering, Some(place));
            self.gaps.retain_mut(|(from, until)| {
                *from = (*from).max(place.saturating_add(1));
                *from <= *until
            });
        }
        Ok(())
    }
}
