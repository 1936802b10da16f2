//! The store as a service: events over HTTP, a stream of them that goes on, and what is published to Redis.
//!
//! [`run`] listens until it is told to end. Requests are read and answered on `tokio`; the store, which waits for the
//! disk, is never asked there:
//!
//! - one thread writes (`writer`): it takes all appends that wait and commits them together, so that as many clients as
//!   there are share one wait for the disk;
//! - a few connections read (`readers`), on threads that may wait;
//! - one thread follows the log (`tail`) for all who listen (`following`);
//! - one thread publishes (`publish`), from a checkpoint that it keeps in the store.
//!
//! The routes are in `routes`, what may be asked by whom in `who` and `whence`, and every error is a `problem`.
//! States are folded by what the caller of [`run`] gives, so that this layer knows no reducers.

mod body;
mod following;
mod form;
mod incoming;
mod listen;
mod log;
mod metrics;
mod outgoing;
mod params;
mod problem;
mod publish;
mod readers;
mod room;
mod routes;
mod service;
mod signals;
mod tail;
mod tls;
mod wanted;
mod whence;
mod who;
mod writer;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;
use tokio::runtime::Runtime;
use tokio::sync::{Semaphore, watch};

use crate::error::{Error, Result};
use crate::event::{StreamName, Version};

use metrics::Metrics;
use readers::Readers;
use service::Service;
use tail::Tail;
use whence::Names;
use who::Tokens;
use writer::Writer;

pub use log::{Database, ForeignOpener, StoreOpener};
pub use publish::{RedisOptions, run as publish};

/// A state, as it is given.
pub struct Folded {
    /// The version that it is at.
    pub version: Version,
    /// The state, and by what it was folded.
    pub document: Value,
}

/// Folds a stream up to a version, or to its last.
pub type Fold = Arc<dyn Fn(&StreamName, Option<Version>) -> Result<Folded> + Send + Sync>;

/// What hears what an operator should know: a line at a time, with nothing secret in it.
pub type Say = Arc<dyn Fn(&str) + Send + Sync>;

/// What is served, how, and to whom.
pub struct Options {
    /// The database.
    pub database: Database,
    /// Where to listen. Any but a loopback address asks for tokens.
    pub listen: SocketAddr,
    /// Whether nothing may be written.
    pub read_only: bool,
    /// What folds streams into states.
    pub fold: Fold,
    /// The file with the tokens.
    pub token_file: Option<PathBuf>,
    /// The files with the certificates and the key, for TLS.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Further names that the service is known by.
    pub hosts: Vec<String>,
    /// How long a client may take to send a request.
    pub patience: Duration,
    /// Where events are published, if anywhere.
    pub redis: Option<RedisOptions>,
    /// What hears what an operator should know.
    pub say: Say,
}

/// Serves until the process is told to end, and has then answered what it had begun.
///
/// `listening` hears the address once requests are taken.
///
/// # Errors
/// Where the database cannot be opened, the address is taken, or is no loopback address and there are no tokens.
pub fn run(options: Options, listening: impl FnOnce(SocketAddr, bool)) -> Result<()> {
    let tokens = options.token_file.as_deref().map(Tokens::read).transpose()?;
    if tokens.is_none() && !options.listen.ip().is_loopback() {
        return Err(Error::bad_input(format!(
            "{} is reached by others, and nothing says who may ask what",
            options.listen
        ))
        .with_hint(
            "Name a file of tokens with --token-file, or listen on a loopback address such as 127.0.0.1:8011.",
        ));
    }
    let tls = options.tls.as_ref().map(|(cert, key)| tls::acceptor(cert, key)).transpose()?;
    let listener = listen::bind(options.listen)?;
    let address = listener.local_addr()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let parts = Parts::start(options, address, tokens)?;
    let is_secure = tls.is_some();
    runtime.block_on(async {
        signals::watch(Arc::clone(&parts.service), parts.close.clone())?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        listening(address, is_secure);
        listen::accept(listener, tls, Arc::clone(&parts.service)).await;
        Ok::<_, Error>(())
    })?;
    parts.end(runtime);
    Ok(())
}

/// The service and its threads.
struct Parts {
    service: Arc<Service>,
    close: Arc<watch::Sender<bool>>,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Parts {
    fn start(options: Options, address: SocketAddr, tokens: Option<Tokens>) -> Result<Self> {
        let Options { database, read_only, fold, hosts, patience, redis, say, .. } = options;
        let metrics = Arc::new(Metrics::default());
        let (close, closing) = watch::channel(false);
        let stop = Arc::new(AtomicBool::new(false));
        let mut threads = Vec::new();
        // First, as it brings an older store to the schema that the readers read.
        let writer = match if read_only { None } else { database.writer()? } {
            Some(store) => {
                let (writer, thread) = Writer::start(store, Arc::clone(&metrics))?;
                threads.push(thread);
                Some(writer)
            }
            None => None,
        };
        let file = match &database {
            Database::Store(path) => Some(path.clone()),
            _ => None,
        };
        let (tail, thread) = Tail::start(&database, Arc::clone(&metrics), Arc::clone(&stop), Arc::clone(&say))?;
        threads.push(thread);
        if let Some(redis) = redis {
            let Some(writer) = writer.clone() else {
                return Err(Error::bad_input("a database that is only read keeps no checkpoint of what was published")
                    .with_hint("Publish its events with `eventscope publish`, which keeps one beside it."));
            };
            let (metrics, stop, say) = (Arc::clone(&metrics), Arc::clone(&stop), Arc::clone(&say));
            threads.push(publish::start(&redis, &database, writer, metrics, stop, say)?);
        }
        let service = Arc::new(Service {
            readers: Arc::new(Readers::new(database.clone())?),
            writer,
            tail,
            metrics,
            fold,
            is_own: !matches!(database, Database::Foreign(_)),
            file,
            archiving: Semaphore::new(1),
            tokens,
            names: Names::new(address, &hosts),
            patience,
            closing,
            say,
        });
        Ok(Self { service, close: Arc::new(close), stop, threads })
    }

    /// Ends the threads once nobody asks anything any more: the writer when all that waits is written.
    fn end(self, runtime: Runtime) {
        self.stop.store(true, Ordering::Relaxed);
        // With its tasks the last that hold the service go.
        runtime.shutdown_timeout(Duration::from_secs(5));
        drop(self.service);
        // The writer is the first of them and waits for the last that hold it.
        for thread in self.threads.into_iter().rev() {
            // What a thread panicked of was said when it did.
            let _ = thread.join();
        }
    }
}
