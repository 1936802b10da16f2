//! `eventscope gather`: the events of a server in a local file; and the file that stands in for a server in other verbs.

use std::io::{IsTerminal as _, Write as _, stderr, stdin};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::server::{self, Address, Connected, Server, cache};
use crate::session::thousands;
use crate::source::{Interrupt, Slice};

use super::arguments::{Gather, SliceOf};
use super::output::{Outcome, Output};
use super::profiles::library;
use super::progress::Progress;

/// Gathers, and follows where that is asked for.
pub(super) fn run(arguments: &Gather) -> Outcome {
    let Gather { url, file, slice, follow, json } = arguments;
    let mut server = connected(url)?;
    let slice = gathered(&mut server, slice, file)?;
    let mut output = Output::new(*json);
    if output.json {
        output.document(&document(&slice, file))?;
    } else {
        let events = thousands(i64::try_from(slice.events).unwrap_or(i64::MAX));
        output.line(&format!("gathered {events} events into {}", file.display()))?;
        slice.said().iter().try_for_each(|sentence| output.line(sentence))?;
    }
    output.finish()?;
    if *follow { followed(server, arguments, output) } else { Ok(()) }
}

fn document(slice: &Slice, file: &Path) -> Value {
    let Slice { server, table, what, events, as_of, whole, notes, .. } = slice;
    json!({
        "file": file.to_string_lossy(), "server": server, "table": table, "slice": what, "events": events,
        "as_of": as_of, "whole": whole, "notes": notes,
    })
}

/// Adds events as they come, until the process is ended or nobody reads any more.
fn followed(server: Server, arguments: &Gather, mut output: Output) -> Outcome {
    let mut failure = None;
    let wanted = arguments.slice.wanted();
    let followed = server::follow(server, &library(), &wanted, &arguments.file, &Interrupt::default(), &mut |news| {
        let told = if output.json {
            output.document(&json!({"events": news.events, "connected": news.fault.is_none(), "said": news.fault.as_ref().unwrap_or(&news.way)}))
        } else {
            let events = thousands(i64::try_from(news.events).unwrap_or(i64::MAX));
            let said = news.fault.clone().unwrap_or_else(|| format!("{events} events"));
            output.line(&said)
        };
        match told.and_then(|()| output.finish()) {
            Ok(()) => std::ops::ControlFlow::Continue(()),
            Err(error) => {
                failure = Some(error);
                std::ops::ControlFlow::Break(())
            }
        }
    });
    match failure {
        Some(failure) => Err(failure),
        None => Ok(followed?),
    }
}

/// The file that stands in for what a person named: that itself, or a slice of a server, as it is now.
pub(super) fn local(named: &Path, slice: &SliceOf) -> Result<PathBuf> {
    let Some(url) = named.to_str().filter(|_| crate::model::is_server(named)) else {
        return if slice.takes_files() {
            Ok(named.to_owned())
        } else {
            Err(Error::bad_input("--table, --last, --stream, --type, --after and --before are for a server's events")
                .with_hint("Choose among the events of a file with --filter."))
        };
    };
    let folder = cache::folder()?;
    cache::clean(&folder);
    let mut server = connected(url)?;
    let file = cache::file(&folder, server.address(), &slice.wanted())?;
    gathered(&mut server, slice, &file)?;
    Ok(file)
}

fn gathered(server: &mut Server, slice: &SliceOf, file: &Path) -> Result<Slice> {
    let mut progress = Progress::new();
    server::gather(server, &library(), &slice.wanted(), file, &Interrupt::default(), &mut |told| {
        progress.tell(told.events, "events");
    })
}

/// Connects, and asks at the terminal for a password where the server wants one that is not known.
fn connected(url: &str) -> Result<Server> {
    let address = Address::parse(url)?;
    match Server::connect(&address)? {
        Connected::Server(server) => Ok(*server),
        Connected::Refused(error) => Err(error),
        Connected::PasswordWanted if stdin().is_terminal() && stderr().is_terminal() => {
            // There is nowhere else to ask.
            let _ = write!(stderr().lock(), "Password for {address}: ");
            let password = rpassword::read_password()?;
            Server::connect_as_known(&address.with_password(password))
        }
        Connected::PasswordWanted => Server::connect_as_known(&address),
    }
}
