//! What stored bytes say: readers for the encodings that event stores use, the order in which they are tried, and the way
//! back.
//!
//! Nothing is executed, nothing panics, nothing unpacks without end; what cannot be read is said to be unreadable, with
//! what was tried. Documents become JSON, with [marks] for what JSON lacks.
//!
//! | file | what it holds |
//! | --- | --- |
//! | [`decode`], [`encode`] | values of a database as payloads, ids and moments, and back: the two that know rusqlite |
//! | `encoding`, `kind` | how a value is written, as a profile declares it |
//! | `layers` | takes the layers of an encoding off, as declared or by what the bytes look like |
//! | `evidence` | how sure a reading is, where nearly any bytes mean something |
//! | `readers` | one file for each format |
//! | `text`, [`id`], `hex` | texts, UUIDs and ULIDs, and plain bytes |
//! | `envelope`, `wrapped` | what libraries put around a payload, and around its values |
//! | `visible` | text as it may be shown |
//! | `outline` | where the values of a large document are |
//! | `places` | the places in a document that have names |

pub mod cells;
pub mod decode;
pub mod encode;
mod encoding;
mod envelope;
mod evidence;
mod hex;
pub mod id;
mod kind;
mod layers;
mod outline;
#[cfg(feature = "session")]
pub(crate) mod places;
mod readers;
mod text;
mod visible;
mod wrapped;

use crate::document::messagepack;

pub use crate::document::marks;
pub use encoding::{Encoding, Format, Unwrap};
pub use envelope::{Envelope, EnvelopeKind, envelope};
pub use hex::{HexRow, HexView, strings};
pub use kind::Codec;
pub use layers::{decode_as, decode_auto, decode_within, outlined};
pub use outline::{Child, Node, Outline};
pub(crate) use readers::protobuf::items as protobuf_items;
pub use text::readable;
pub use visible::{LINE, one_line, visible, visible_json, visible_lines};
pub(crate) use wrapped::may_hold_wrapped;
pub use wrapped::{Plain, may_be_wrapped, unwrapped};
