//! What stored bytes say: readers for the encodings that event stores use, and the order in which they are tried.
//!
//! Everything here is pure. Nothing is executed, nothing panics, nothing unpacks without end; what cannot be read is
//! said to be unreadable, with what was tried. Documents become JSON, with [marks] for what JSON lacks.

mod base64;
mod cbor;
mod compressed;
mod decode;
mod envelope;
mod evidence;
mod foreign;
mod hex;
pub mod id;
mod json;
mod jsonb;
mod kind;
mod outline;
mod php;
mod protobuf;
mod text;
mod xml;
mod yaml;

use crate::document::messagepack;

pub use crate::document::marks;
pub use decode::{decode_as, decode_auto, decode_within, outlined};
pub use envelope::{Envelope, EnvelopeKind, envelope};
pub use hex::{HexRow, HexView, strings};
pub use kind::Codec;
pub use outline::{Child, Node, Outline};
pub(super) use protobuf::items as protobuf_items;
pub use text::readable;
