//! Event stores on a PostgreSQL server, opened like files: found there, and gathered into a local file that everything
//! else reads as it reads any database.
//!
//! Nothing is made on the server and nothing changed: every transaction is read-only and short, with a time limit. Only the
//! event stores of this program are written to, by [`crate::store::postgres`]: `store` makes and opens them.

mod address;
pub mod cache;
mod catalogue;
mod chosen;
mod connection;
mod engine;
mod expect;
mod explain;
mod find;
mod follow;
mod gather;
mod gathering;
mod host;
mod key;
mod late;
mod local;
mod password_file;
mod progress;
mod row_time;
mod service_file;
mod store;
mod surroundings;
mod tls;
mod value;
mod wanted;
mod watermark;

pub use address::{Address, password_in, without_password};
pub use connection::{Connected, Server, Stopper};
pub use engine::{Engine, EngineKind};
pub use expect::{Expected, expect};
pub use find::{Candidate, find};
pub use follow::{News, follow};
pub use gather::gather;
pub use progress::{Progress, Report};
pub use store::{create_store, open_store, open_store_read_only};
pub use tls::TlsMode;
pub use wanted::{Last, USUAL, Wanted};
