//! What is in a store, and what is wrong with it: surveys of the whole of it, each a sample first and then exact.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `api` | what a session answers |
//! | [`extent`] | how much of what there is |
//! | [`schemas`] | what the data of each event type looks like |
//! | [`auditing`] | everything that is wrong |
//! | [`audit_together`] | the same, found by several readers |
//! | [`fitting`] | a document that is being written, held against what events of its type look like |
//! | [`causes`] | how events caused one another: asked of one event, and kept |

mod api;
pub(super) mod audit_together;
pub(super) mod auditing;
pub(super) mod causes;
pub(super) mod extent;
pub(super) mod fitting;
pub(super) mod schemas;
