//! The forms in which events are sent to a reader that goes on reading.

use bytes::{Bytes, BytesMut};

use crate::event::Position;

/// The form that events are sent in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Server-sent events: the id is the position.
    ServerSent,
    /// One event a line.
    Lines,
}

impl Form {
    pub(super) fn push(self, to: &mut BytesMut, position: Position, json: &[u8]) {
        match self {
            Self::ServerSent => {
                to.extend_from_slice(b"id: ");
                to.extend_from_slice(position.to_string().as_bytes());
                to.extend_from_slice(b"\ndata: ");
                to.extend_from_slice(json);
                to.extend_from_slice(b"\n\n");
            }
            Self::Lines => {
                to.extend_from_slice(json);
                to.extend_from_slice(b"\n");
            }
        }
    }

    pub(super) fn heartbeat(self) -> Bytes {
        match self {
            Self::ServerSent => Bytes::from_static(b": heartbeat\n\n"),
            Self::Lines => Bytes::from_static(b"\n"),
        }
    }

    /// The first bytes, which tell a client at once that it is connected.
    pub(super) fn greeting(self) -> Bytes {
        match self {
            Self::ServerSent => Bytes::from_static(b": following\n\n"),
            Self::Lines => Bytes::from_static(b"\n"),
        }
    }
}
