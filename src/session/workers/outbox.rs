//! The queue that workers put what they found in, for the session to take it out.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

use crate::session::Wake;

/// How many answers may wait for the session. A worker that is faster than that waits itself.
const CAPACITY: usize = 256;

/// Where a worker puts its answers. The window is woken once for each.
pub(in crate::session) struct Outbox<A> {
    send: Arc<dyn Fn(A) + Send + Sync>,
}

impl<A> Clone for Outbox<A> {
    fn clone(&self) -> Self {
        Self { send: Arc::clone(&self.send) }
    }
}

impl<A: Send + 'static> Outbox<A> {
    /// The queue, and the session's end of it.
    pub(in crate::session) fn new(wake: Wake) -> (Self, Receiver<A>) {
        let (sender, receiver) = sync_channel(CAPACITY);
        // An answer is lost where the session is gone: nobody waits for it then.
        let send = move |answer| {
            if sender.send(answer).is_ok() {
                wake();
            }
        };
        (Self { send: Arc::new(send) }, receiver)
    }

    /// The same queue for one worker, which knows only answers of its own kind.
    pub(in crate::session) fn of<B: 'static>(&self, wrap: fn(B) -> A) -> Outbox<B> {
        let send = Arc::clone(&self.send);
        Outbox { send: Arc::new(move |answer| send(wrap(answer))) }
    }
}

impl<A> Outbox<A> {
    /// Sends an answer.
    pub(in crate::session) fn send(&self, answer: A) {
        (self.send)(answer);
    }
}
