//! The encodings that payloads come in, and their names in profiles and on screen.

use serde::{Deserialize, Serialize};

/// One layer of an encoding: a document format, a compression, or an alphabet around either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Codec {
    /// JSON text, stored as text or as bytes (<https://www.rfc-editor.org/rfc/rfc8259>).
    Json,
    /// SQLite's binary JSON (<https://sqlite.org/jsonb.html>).
    Jsonb,
    /// MessagePack (<https://github.com/msgpack/msgpack/blob/master/spec.md>).
    #[serde(alias = "msgpack")]
    MessagePack,
    /// CBOR (RFC 8949), which DAG-CBOR is a part of.
    Cbor,
    /// YAML (<https://yaml.org/spec/1.2.2/>), with the symbols and tags that Ruby writes.
    Yaml,
    /// What PHP's `serialize()` writes. It is read, never executed.
    Php,
    /// XML (<https://www.w3.org/TR/xml/>).
    Xml,
    /// Protocol Buffers without their schema: field numbers and what the wire says
    /// (<https://protobuf.dev/programming-guides/encoding/>).
    Protobuf,
    /// A little-endian signed integer of 1, 2, 4 or 8 bytes.
    Integer,
    /// zlib (RFC 1950) around something.
    Zlib,
    /// gzip (RFC 1952) around something.
    Gzip,
    /// Zstandard (RFC 8878) around something.
    Zstd,
    /// LZ4's frame format (<https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md>) around something.
    Lz4,
    /// Brotli (RFC 7932) around something. It has no mark, so it is only read where it is declared.
    Brotli,
    /// Base64 (RFC 4648) of either alphabet, with or without padding, around something.
    Base64,
    /// The four bytes `k8s\0` that Kubernetes puts before its messages.
    #[serde(rename = "k8s")]
    Kubernetes,
    /// UTF-16 of either byte order around a text format.
    Utf16,
    /// Readable UTF-8 that is no document.
    Text,
    /// Bytes that are not to be read: encrypted, or a language's own serialisation.
    #[serde(alias = "hex")]
    Opaque,
}

impl Codec {
    /// Every codec, in the order in which a person would look for one.
    pub const ALL: [Self; 19] = [
        Self::Json,
        Self::Jsonb,
        Self::MessagePack,
        Self::Cbor,
        Self::Yaml,
        Self::Php,
        Self::Xml,
        Self::Protobuf,
        Self::Integer,
        Self::Zlib,
        Self::Gzip,
        Self::Zstd,
        Self::Lz4,
        Self::Brotli,
        Self::Base64,
        Self::Kubernetes,
        Self::Utf16,
        Self::Text,
        Self::Opaque,
    ];

    /// The word for the codec, in TOML and on screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Jsonb => "jsonb",
            Self::MessagePack => "messagepack",
            Self::Cbor => "cbor",
            Self::Yaml => "yaml",
            Self::Php => "php",
            Self::Xml => "xml",
            Self::Protobuf => "protobuf",
            Self::Integer => "integer",
            Self::Zlib => "zlib",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Lz4 => "lz4",
            Self::Brotli => "brotli",
            Self::Base64 => "base64",
            Self::Kubernetes => "k8s",
            Self::Utf16 => "utf16",
            Self::Text => "text",
            Self::Opaque => "opaque",
        }
    }

    /// The codecs of names with commas between them, outermost first; `None` where one of them is unknown.
    #[must_use]
    pub fn chain(names: &str) -> Option<Vec<Self>> {
        names.split(',').map(Self::named).collect()
    }

    /// The codec of a name, as a profile or a column that names its codec row by row has it.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase();
        match name.as_str() {
            "msgpack" => Some(Self::MessagePack),
            "hex" => Some(Self::Opaque),
            _ => Self::ALL.into_iter().find(|codec| codec.name() == name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_of_the_files() {
        #[derive(Serialize, Deserialize)]
        struct File {
            layers: Vec<Codec>,
        }
        for codec in Codec::ALL {
            let text = toml::to_string(&File { layers: vec![codec] }).unwrap();
            assert_eq!(text.trim(), format!("layers = [\"{}\"]", codec.name()));
            assert_eq!(Codec::named(codec.name()), Some(codec));
        }
        let file: File = toml::from_str("layers = ['hex', 'msgpack']").unwrap();
        assert_eq!(file.layers, [Codec::Opaque, Codec::MessagePack]);
        assert_eq!(Codec::named(" MsgPack"), Some(Codec::MessagePack));
        assert_eq!(Codec::named("protobuff"), None);
        assert_eq!(Codec::chain("gzip, json"), Some(vec![Codec::Gzip, Codec::Json]));
        assert_eq!((Codec::chain(""), Codec::chain("json,")), (None, None));
    }
}
