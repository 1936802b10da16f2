//! The hexadecimal view of bytes: offset, digits and characters, row by row as they come into sight, and the texts that
//! lie among them.

use std::ops::Range;

/// A view of bytes in rows. It holds nothing but the bytes, so 100 MB cost as little as 100.
#[derive(Clone, Copy, Debug)]
pub struct HexView<'a> {
    bytes: &'a [u8],
    width: usize,
}

/// One row of the view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HexRow {
    /// Where the row begins, in bytes from the start.
    pub offset: usize,
    /// The offset as digits, as many in each row of the view: `00000010`.
    pub offset_text: String,
    /// Two digits a byte, a space between bytes, two in the middle: as long in each row, spaces filling up the last.
    pub digits: String,
    /// A character a byte; what is no printable ASCII is a dot.
    pub characters: String,
}

impl<'a> HexView<'a> {
    /// How many bytes a row of the usual view has.
    pub const WIDTH: usize = 16;

    /// A view in rows of [`WIDTH`](Self::WIDTH) bytes.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self::with_width(bytes, Self::WIDTH)
    }

    /// A view in rows of `width` bytes; at least one.
    #[must_use]
    pub fn with_width(bytes: &'a [u8], width: usize) -> Self {
        Self { bytes, width: width.max(1) }
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len().div_ceil(self.width)
    }

    /// Whether there are no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The row of a byte.
    #[must_use]
    pub fn row_of(&self, offset: usize) -> usize {
        offset / self.width
    }

    /// One row; `None` past the end.
    #[must_use]
    pub fn row(&self, index: usize) -> Option<HexRow> {
        let offset = index.checked_mul(self.width)?;
        let rest = self.bytes.get(offset..).filter(|rest| !rest.is_empty())?;
        let bytes = rest.get(..self.width).unwrap_or(rest);
        Some(HexRow {
            offset,
            offset_text: format!("{offset:08x}"),
            digits: self.digits(bytes),
            characters: bytes
                .iter()
                .map(|byte| if matches!(byte, 32..=126) { char::from(*byte) } else { '.' })
                .collect(),
        })
    }

    /// The rows of a range, as far as there are any.
    pub fn rows(&self, range: Range<usize>) -> impl Iterator<Item = HexRow> + use<'a> {
        let view = *self;
        (range.start..range.end.min(self.len())).filter_map(move |index| view.row(index))
    }

    fn digits(&self, bytes: &[u8]) -> String {
        let middle = if self.width > 8 { self.width / 2 } else { self.width };
        let mut digits = String::with_capacity(self.width * 3 + 1);
        for place in 0..self.width {
            if place > 0 {
                digits.push_str(if place == middle { "  " } else { " " });
            }
            match bytes.get(place) {
                Some(byte) => digits.push_str(&super::marks::hex(&[*byte])),
                None => digits.push_str("  "),
            }
        }
        digits
    }
}

/// The readable texts of at least `least` ASCII characters among bytes, with where they begin, as `strings` finds them.
pub fn strings(bytes: &[u8], least: usize) -> impl Iterator<Item = (usize, &str)> {
    let printable = |byte: &u8| matches!(byte, 9 | 32..=126);
    let mut at = 0;
    bytes.split(move |byte| !printable(byte)).filter_map(move |run| {
        let offset = at;
        at += run.len() + 1;
        std::str::from_utf8(run).ok().filter(|run| run.len() >= least.max(1)).map(|run| (offset, run))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_cut_and_filled_up() {
        let bytes: Vec<u8> = (0x3c..0x4f).collect();
        let view = HexView::new(&bytes);
        let rows: Vec<HexRow> = view.rows(0..99).collect();
        assert_eq!(rows.len(), view.len());
        assert_eq!(rows[0].digits, "3c 3d 3e 3f 40 41 42 43  44 45 46 47 48 49 4a 4b");
        assert_eq!(rows[0].characters, "<=>?@ABCDEFGHIJK");
        assert_eq!((rows[1].offset, rows[1].offset_text.as_str()), (16, "00000010"));
        assert_eq!(rows[1].digits.trim_end(), "4c 4d 4e");
        assert_eq!(rows[1].digits.len(), rows[0].digits.len());
        assert_eq!(view.row(2), None);
        assert_eq!(view.row(usize::MAX), None);
        assert!(HexView::new(b"").is_empty() && HexView::new(b"").row(0).is_none());
        assert_eq!(HexView::with_width(b"\xff\x00", 0).row(1).unwrap().characters, ".");
        assert_eq!(view.row_of(17), 1);
    }

    #[test]
    fn a_range_costs_what_it_shows() {
        let bytes = vec![0; 100_000_000];
        let last = HexView::new(&bytes).rows(6_249_999..usize::MAX).next().unwrap();
        assert_eq!(last.offset_text, "05f5e0f0");
    }

    #[test]
    fn texts_among_bytes_are_found() {
        let found: Vec<_> = strings(b"\x08SKU-0000\x0b\xc5\x81ab\x00heavy", 3).collect();
        assert_eq!(found, [(1, "SKU-0000"), (15, "heavy")]);
        assert_eq!(strings(b"", 0).count(), 0);
    }
}
