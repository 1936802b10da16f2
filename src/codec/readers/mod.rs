//! One file for each way to write a payload: `read` turns its bytes into a document or says why not, and `begins` knows a
//! mark at their start.

pub(in crate::codec) mod base64;
pub(in crate::codec) mod cbor;
pub(in crate::codec) mod compressed;
pub(in crate::codec) mod foreign;
pub(in crate::codec) mod json;
pub(in crate::codec) mod jsonb;
pub(in crate::codec) mod php;
mod pickle;
pub(crate) mod protobuf;
pub(in crate::codec) mod xml;
pub(in crate::codec) mod yaml;
