//! What every part of a session is made of: worker threads with their queues, the jobs that are running, and kept answers.
//!
//! | file | what it holds |
//! | --- | --- |
//! | [`worker`] | a worker thread with its queue |
//! | [`jobs`] | the long work that is going on, for a person to see and stop |
//! | [`reader`] | a worker's own connection to the database |
//! | [`count_together`] | counting with a second reader |
//! | [`waiting`] | waiting for a file that another process keeps locked |
//! | [`read_ahead`] | reading a stream on a thread of its own |
//! | [`outbox`] | what workers send back |
//! | [`cache`] | answers that are kept, and asked for where they are missing |
//! | [`lru`] | the map beneath it, which forgets what was not looked at for longest |
//! | [`loading`] | a value that is still on its way |

pub(super) mod cache;
pub(super) mod count_together;
pub(super) mod export_together;
pub(super) mod gather_together;
pub(super) mod jobs;
pub(super) mod loading;
pub(super) mod lru;
pub(super) mod outbox;
pub(super) mod read_ahead;
pub(super) mod reader;
pub(super) mod scan_together;
pub(super) mod waiting;
pub(super) mod worker;
