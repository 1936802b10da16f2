//! The worker that adds new events of a server to a slice as they come, through a connection of its own: what is asked of
//! the server meanwhile goes on beside it.

use std::ops::ControlFlow;
use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::server::{self, Address, News, Server, Wanted};
use crate::session::workers::outbox::Outbox;
use crate::session::workers::worker::Worker;

use super::places::Places;

/// A slice that is to follow its server.
#[derive(Clone, PartialEq)]
pub(super) struct Follow {
    pub(super) address: Address,
    pub(super) wanted: Wanted,
    pub(super) file: PathBuf,
}

/// What is told of it.
pub(super) enum Told {
    /// Events came, or the server is gone or there again.
    News(News),
    /// It is not followed any more.
    Ended(Error),
}

/// Starts the worker. What is told carries the generation of what was asked.
pub(super) fn start(places: &Places, outbox: &Outbox<(u64, Told)>) -> Result<Worker<Follow>> {
    let (sent, told, places) = (outbox.clone(), outbox.clone(), places.clone());
    Worker::start(
        "follow server",
        1,
        move |Follow { address, wanted, file }: Follow, context| {
            let generation = context.token.generation();
            let library = places.library();
            let ended = Server::connect_as_known(&address).and_then(|server| {
                server::follow(server, &library, &wanted, &file, &context.token.interrupt(), &mut |news| {
                    sent.send((generation, Told::News(news.clone())));
                    ControlFlow::Continue(())
                })
            });
            if let Err(error) = ended {
                sent.send((generation, Told::Ended(error)));
            }
        },
        move |_, generation, error| told.send((generation, Told::Ended(error))),
    )
}
