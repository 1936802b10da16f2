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
//! | [`workshop`] | the workers for whoever edits rules |
//! | [`sheet`] | what there is to know for that |
//! | [`aparts`] | what the events of a stream say for themselves |
//! | `held` | the last question to a worker, and its answer |
//! | [`examples`] | the worker that looks for the rules that a person means |
//! | `stand_in` | the state ahead of the fold, from a stored snapshot |
//! | `edits` | a reducers file with what is changed in it |
//! | [`trial`] | how a step comes out by edited rules |
//! | [`records`] | the snapshots and commands that a database keeps of a stream |

mod agreement;
pub(super) mod aparts;
mod api;
mod edits;
pub(super) mod examples;
mod held;
pub(super) mod histories;
pub(super) mod history;
pub(super) mod known;
pub(super) mod records;
pub(super) mod reducers;
pub(super) mod replayer;
pub(super) mod said;
pub(super) mod sheet;
mod stand_in;
pub(super) mod trial;
pub(super) mod workshop;
