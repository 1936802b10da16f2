//! Compression around a payload: zlib, gzip, Zstandard, LZ4 and Brotli, each to its end and never past a limit.

use std::io::Read;

use crate::codec::kind::Codec;

/// The most that is unpacked, in bytes: more than payloads are, less than what harms a small machine. A few kilobytes
/// can unpack to gigabytes.
pub(in crate::codec) const LIMIT: usize = 100_000_000;

/// However little is packed, so much of it may be unpacked.
const FREE: usize = 4 << 20;

/// How many times as large as what is packed a payload may be: text that repeats itself unpacks to some tens of times
/// its size. What is beyond is made to be large, and one of it in each row would hold up whoever reads them.
const TIMES: usize = 250;

/// The most that is unpacked of so many bytes where nobody asked for just these.
pub(in crate::codec) fn limit(packed: usize) -> usize {
    packed.saturating_mul(TIMES).clamp(FREE, LIMIT)
}

/// Whether the bytes begin as this compression does. Brotli has no mark.
pub(in crate::codec) fn begins(codec: Codec, bytes: &[u8]) -> bool {
    match codec {
        // RFC 1950: deflate, a window of at most 32 KiB, and a check of these two bytes.
        Codec::Zlib => matches!(bytes, [first, second, ..]
            if first & 15 == 8 && first >> 4 <= 7 && u16::from_be_bytes([*first, *second]).is_multiple_of(31)),
        Codec::Gzip => bytes.starts_with(b"\x1f\x8b\x08"),
        Codec::Zstd => bytes.starts_with(b"\x28\xb5\x2f\xfd"),
        Codec::Lz4 => bytes.starts_with(b"\x04\x22\x4d\x18"),
        _ => false,
    }
}

/// What is inside, at most `limit` bytes; else why it cannot be unpacked.
pub(in crate::codec) fn unpack(codec: Codec, bytes: &[u8], limit: usize) -> Result<Vec<u8>, String> {
    if codec != Codec::Brotli && !begins(codec, bytes) {
        return Err(format!("it does not begin as {} does", codec.name()));
    }
    match codec {
        Codec::Zlib => zlib(bytes, limit),
        Codec::Gzip => read_all(flate2::read::MultiGzDecoder::new(bytes), limit),
        Codec::Zstd => zstd(bytes, limit),
        Codec::Lz4 => lz4(bytes, limit),
        Codec::Brotli => read_all(brotli_decompressor::Decompressor::new(bytes, 4096), limit),
        other => Err(format!("{} is no compression", other.name())),
    }
}

fn zlib(bytes: &[u8], limit: usize) -> Result<Vec<u8>, String> {
    let mut decoder = flate2::bufread::ZlibDecoder::new(bytes);
    let inner = read_all(&mut decoder, limit)?;
    match decoder.get_ref().len() {
        0 => Ok(inner),
        rest => Err(format!("{rest} bytes follow the compressed ones")),
    }
}

/// Frames may follow each other (RFC 8878, 3).
fn zstd(bytes: &[u8], limit: usize) -> Result<Vec<u8>, String> {
    let (mut rest, mut inner) = (bytes, Vec::new());
    while !rest.is_empty() {
        let frame = ruzstd::decoding::StreamingDecoder::new(&mut rest).map_err(|error| error.to_string())?;
        inner.append(&mut read_all(frame, limit.saturating_sub(inner.len()))?);
    }
    Ok(inner)
}

/// Frames may follow each other (<https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md>).
fn lz4(bytes: &[u8], limit: usize) -> Result<Vec<u8>, String> {
    let (mut rest, mut inner) = (bytes, Vec::new());
    while !rest.is_empty() {
        let mut source = Noticed { source: &mut rest, starved: false };
        let frame = lz4_flex::frame::FrameDecoder::new(&mut source);
        inner.append(&mut read_all(frame, limit.saturating_sub(inner.len()))?);
        if source.starved {
            return Err("it ends before its end mark".to_owned());
        }
    }
    Ok(inner)
}

/// Notices that more was asked for than there is: to the LZ4 decoder, a frame without its end mark is complete.
struct Noticed<'a, 'b> {
    source: &'a mut &'b [u8],
    starved: bool,
}

impl Read for Noticed<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.source.read(buffer)?;
        self.starved |= length == 0 && !buffer.is_empty();
        Ok(length)
    }
}

fn read_all(reader: impl Read, limit: usize) -> Result<Vec<u8>, String> {
    let mut inner = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX);
    reader.take(most.saturating_add(1)).read_to_end(&mut inner).map_err(|error| error.to_string())?;
    if inner.len() > limit {
        return Err(format!("it unpacks to more than {limit} bytes, so it is left packed"));
    }
    Ok(inner)
}

#[cfg(test)]
pub(in crate::codec) mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};
    use proptest::prelude::*;

    use super::*;

    pub(crate) fn pack(codec: Codec, bytes: &[u8]) -> Vec<u8> {
        match codec {
            Codec::Zlib => {
                let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
                encoder.write_all(bytes).unwrap();
                encoder.finish().unwrap()
            }
            Codec::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
                encoder.write_all(bytes).unwrap();
                encoder.finish().unwrap()
            }
            Codec::Zstd => ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest),
            Codec::Lz4 => {
                let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
                encoder.write_all(bytes).unwrap();
                encoder.finish().unwrap()
            }
            other => panic!("no encoder for {other:?}"),
        }
    }

    const PACKED: [Codec; 4] = [Codec::Zlib, Codec::Gzip, Codec::Zstd, Codec::Lz4];

    #[test]
    fn bombs_end_at_the_limit() {
        let zeros = vec![0; 1 << 20];
        for codec in PACKED {
            let bomb = pack(codec, &zeros);
            let refused = unpack(codec, &bomb, 1 << 16).unwrap_err();
            assert_eq!(refused, "it unpacks to more than 65536 bytes, so it is left packed", "{codec:?}");
            assert_eq!(unpack(codec, &bomb, 1 << 20).unwrap().len(), 1 << 20);
        }
    }

    #[test]
    fn what_is_cut_or_continued_is_refused() {
        for codec in PACKED {
            let mut bytes = pack(codec, b"{\"a\":1}, {\"a\":1}, {\"a\":1}");
            bytes.pop();
            assert!(unpack(codec, &bytes, LIMIT).is_err(), "{codec:?}");
            bytes.extend(b"xyz");
            assert!(unpack(codec, &bytes, LIMIT).is_err(), "{codec:?}");
        }
    }

    #[test]
    fn brotli_is_read() {
        // `printf '{"a":1}' | brotli -q 0`: one uncompressed meta-block, then the empty last one.
        let packed = b"\x0b\x03\x80{\"a\":1}\x03";
        assert_eq!(unpack(Codec::Brotli, packed, LIMIT).unwrap(), b"{\"a\":1}");
        assert!(unpack(Codec::Brotli, b"{\"a\":1}", LIMIT).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn unpacking_gives_back_what_was_packed(bytes: Vec<u8>) {
            for codec in PACKED {
                let packed = pack(codec, &bytes);
                prop_assert!(begins(codec, &packed));
                prop_assert_eq!(unpack(codec, &packed, LIMIT).unwrap(), bytes.clone());
            }
        }

        #[test]
        fn broken_bytes_are_an_error_and_never_a_panic(bytes: Vec<u8>, at: usize, byte: u8) {
            for codec in PACKED {
                let mut packed = pack(codec, &bytes);
                let at = at % packed.len();
                packed[at] = byte;
                let _ = unpack(codec, &packed, 1 << 16);
            }
            let _ = unpack(Codec::Brotli, &bytes, 1 << 16);
        }
    }
}
