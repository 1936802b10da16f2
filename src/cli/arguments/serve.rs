//! The words of the service, and of publishing without it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::database::{Database, Folding};
use crate::serve::RedisOptions;

/// What is served, how, and to whom.
#[derive(Args, Debug)]
pub(in crate::cli) struct Serve {
    #[command(flatten)]
    pub(in crate::cli) database: Database,
    /// Where to listen. Any address but a loopback one asks for --token-file.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8011")]
    pub(in crate::cli) listen: SocketAddr,
    /// Write nothing, and serve any database that can be opened.
    #[arg(long)]
    pub(in crate::cli) read_only: bool,
    #[command(flatten)]
    pub(in crate::cli) folding: Folding,
    /// A file with a line for each bearer token: `read TOKEN`, `append TOKEN` or `admin TOKEN`. It is read again on SIGHUP.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) token_file: Option<PathBuf>,
    /// Serve over TLS with the certificates in this file, in PEM.
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(in crate::cli) cert: Option<PathBuf>,
    /// The private key of the certificate, in PEM.
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(in crate::cli) key: Option<PathBuf>,
    /// A further name that the service is known by, as behind a proxy; may be given several times.
    #[arg(long = "host", value_name = "NAME")]
    pub(in crate::cli) hosts: Vec<String>,
    /// How many seconds a client may take to send a request.
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub(in crate::cli) timeout: Duration,
    #[command(flatten)]
    pub(in crate::cli) publishing: Publishing,
}

/// Where events are published, if anywhere.
#[derive(Args, Debug)]
pub(in crate::cli) struct Publishing {
    /// Publish every event on `events:AGGREGATE_TYPE` of this Redis: redis://[USER[:PASSWORD]@]HOST[:PORT][/DB], or
    /// rediss:// for TLS.
    #[arg(long, value_name = "URL")]
    redis: Option<String>,
    /// Add every event to this Redis stream besides, for those who must not miss any.
    #[arg(long, value_name = "NAME", requires = "redis")]
    redis_stream: Option<String>,
    /// About how many events that stream keeps.
    #[arg(long, value_name = "N", requires = "redis_stream", default_value_t = 100_000)]
    redis_keep: u64,
    /// Know Redis by the certificates in this file, in PEM, instead of by those that the system trusts.
    #[arg(long, value_name = "FILE", requires = "redis")]
    redis_ca: Option<PathBuf>,
    /// Show Redis the certificate in this file, in PEM.
    #[arg(long, value_name = "FILE", requires = "redis_key")]
    redis_cert: Option<PathBuf>,
    /// The private key of that certificate, in PEM.
    #[arg(long, value_name = "FILE", requires = "redis_cert")]
    redis_key: Option<PathBuf>,
}

impl Publishing {
    /// What of it says where; none where nothing does.
    pub(in crate::cli) fn options(self) -> Option<RedisOptions> {
        let Self { redis, redis_stream: stream, redis_keep: keep, redis_ca: ca, redis_cert, redis_key } = self;
        let identity = redis_cert.zip(redis_key);
        redis.map(|url| RedisOptions { url, stream, keep, ca, identity })
    }
}

/// What is published without the service.
#[derive(Args, Debug)]
pub(in crate::cli) struct Publish {
    #[command(flatten)]
    pub(in crate::cli) database: Database,
    #[command(flatten)]
    pub(in crate::cli) publishing: Publishing,
    /// Where it is remembered how far publishing has come; else beside the database, in FILE.redis-checkpoint.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) checkpoint: Option<PathBuf>,
    /// Publish what is there, and end.
    #[arg(long)]
    pub(in crate::cli) once: bool,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let wrong = || "expected a number of seconds above 0, such as 30 or 0.5".to_owned();
    let seconds: f64 = text.parse().map_err(|_| wrong())?;
    Duration::try_from_secs_f64(seconds).ok().filter(|time| !time.is_zero()).ok_or_else(wrong)
}
