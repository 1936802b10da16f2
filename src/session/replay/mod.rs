//! Histories and states of streams, folded by a worker that keeps what it folded.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `api` | what a session answers |
//! | [`histories`] | the answers that were asked for, and those that are known |
//! | [`replayer`] | the worker that folds |
//! | [`history`] | a mark for every version of a stream |
//! | [`reducers`] | the reducers of a database: found, named or guessed |
//! | [`agreement`] | how far the reducers agree with stored snapshots |
//! | [`known`] | the worker that looks for rules where nobody wrote any |
//! | [`said`] | what the application's own code says on its standard error |
//! | [`records`] | the snapshots and commands that a database keeps of a stream |

mod agreement;
mod api;
pub(super) mod histories;
pub(super) mod history;
pub(super) mod known;
pub(super) mod records;
pub(super) mod reducers;
pub(super) mod replayer;
pub(super) mod said;
