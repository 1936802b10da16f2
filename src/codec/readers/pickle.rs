//! What can be said of a Python pickle without running it: its classes and its texts.
//!
//! A pickle is a program for a small machine. Its instructions are only read one after the other here: which classes they
//! name and which texts they carry is seen, what they would do is not.

use std::collections::HashMap;
use std::fmt::Write as _;

/// How many classes and texts are named, and how many characters of each.
const CLASSES: usize = 3;
const TEXTS: usize = 12;
const CHARACTERS: usize = 60;

/// How many instructions are read.
const MOST: usize = 20_000;

/// What is seen in a pickle.
#[derive(Debug, Default)]
struct Seen {
    classes: Vec<String>,
    texts: Vec<String>,
    /// The last two texts in a row: the module and the name that an instruction may make a class of.
    last: [String; 2],
    /// What was put aside, and what the last instruction would put there.
    memo: HashMap<usize, String>,
    top: String,
}

/// A sentence of what the bytes hold; `None` where they are no pickle of protocol 2 to 5.
pub(super) fn describe(bytes: &[u8]) -> Option<String> {
    let [0x80, protocol @ 2..=5, .., b'.'] = bytes else { return None };
    let mut seen = Seen::default();
    let mut rest = bytes;
    for _ in 0..MOST {
        let Some(left) = seen.instruction(rest) else { break };
        rest = left;
    }
    let mut sentence = format!("this is a Python pickle (protocol {protocol})");
    // Writing to a text cannot fail.
    if !seen.classes.is_empty() {
        let _ = write!(sentence, " of {}", seen.classes.join(", "));
    }
    if !seen.texts.is_empty() {
        let texts: Vec<String> = seen.texts.iter().map(|text| format!("`{text}`")).collect();
        let _ = write!(sentence, " with the texts {}", texts.join(", "));
    }
    sentence.push_str(": a program, which is never run");
    Some(sentence)
}

impl Seen {
    /// Reads one instruction, and returns what comes after it; `None` at the end, or where it cannot be read.
    fn instruction<'b>(&mut self, bytes: &'b [u8]) -> Option<&'b [u8]> {
        let (code, rest) = bytes.split_first()?;
        let top = std::mem::take(&mut self.top);
        match code {
            b'.' => None,
            // What was made last is put aside, or comes from there.
            0x94 => {
                self.memo.insert(self.memo.len(), top.clone());
                self.top = top;
                Some(rest)
            }
            b'q' => self.put_aside(rest, 1, top),
            b'r' => self.put_aside(rest, 4, top),
            b'h' => self.take_back(rest, 1),
            b'j' => self.take_back(rest, 4),
            // Texts, with their lengths before them.
            0x8c | b'U' => self.text(rest, 1),
            b'X' | b'T' => self.text(rest, 4),
            0x8d => self.text(rest, 8),
            // Bytes and long integers.
            b'C' | 0x8a => sized(rest, 1).map(|(_, rest)| rest),
            b'B' | 0x8b => sized(rest, 4).map(|(_, rest)| rest),
            0x8e | 0x96 => sized(rest, 8).map(|(_, rest)| rest),
            b'c' | b'i' => {
                let (module, rest) = line(rest)?;
                let (name, rest) = line(rest)?;
                self.class(module, name);
                Some(rest)
            }
            0x93 => {
                let [module, name] = std::mem::take(&mut self.last);
                self.texts.retain(|text| *text != module && *text != name);
                self.class(&module, &name);
                Some(rest)
            }
            b'I' | b'L' | b'F' | b'S' | b'V' | b'p' | b'g' | b'P' => line(rest).map(|(_, rest)| rest),
            b'K' | 0x80 | 0x82 => rest.get(1..),
            b'M' | 0x83 => rest.get(2..),
            b'J' | 0x84 => rest.get(4..),
            b'G' | 0x95 => rest.get(8..),
            _ => Some(rest),
        }
    }

    fn text<'b>(&mut self, bytes: &'b [u8], size: usize) -> Option<&'b [u8]> {
        let (text, rest) = sized(bytes, size)?;
        // A part is enough: what is put aside may be taken back any number of times.
        let text = text.get(..CHARACTERS * 4).unwrap_or(text);
        let short = cut(&String::from_utf8_lossy(text));
        if self.texts.len() < TEXTS && !short.is_empty() && !self.texts.contains(&short) {
            self.texts.push(short.clone());
        }
        self.push(short);
        Some(rest)
    }

    fn push(&mut self, text: String) {
        self.top.clone_from(&text);
        self.last.rotate_left(1);
        if let Some(last) = self.last.last_mut() {
            *last = text;
        }
    }

    fn put_aside<'b>(&mut self, bytes: &'b [u8], size: usize, text: String) -> Option<&'b [u8]> {
        let (place, rest) = number(bytes, size)?;
        self.memo.insert(place, text.clone());
        self.top = text;
        Some(rest)
    }

    fn take_back<'b>(&mut self, bytes: &'b [u8], size: usize) -> Option<&'b [u8]> {
        let (place, rest) = number(bytes, size)?;
        self.push(self.memo.get(&place).cloned().unwrap_or_default());
        Some(rest)
    }

    fn class(&mut self, module: &str, name: &str) {
        if module.is_empty() || name.is_empty() {
            return;
        }
        let class = cut(&format!("{module}.{name}"));
        if self.classes.len() < CLASSES && !self.classes.contains(&class) {
            self.classes.push(class);
        }
    }
}

fn cut(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(CHARACTERS).collect()
}

/// What has its length before it, of so many bytes.
fn sized(bytes: &[u8], size: usize) -> Option<(&[u8], &[u8])> {
    let (length, rest) = number(bytes, size)?;
    rest.split_at_checked(length)
}

/// A number of so many bytes, the lowest first.
fn number(bytes: &[u8], size: usize) -> Option<(usize, &[u8])> {
    let (number, rest) = bytes.split_at_checked(size)?;
    let add = |number: usize, byte: &u8| number.checked_mul(256)?.checked_add(usize::from(*byte));
    Some((number.iter().rev().try_fold(0, add)?, rest))
}

fn line(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let (line, rest) = bytes.split_at_checked(end)?;
    Some((std::str::from_utf8(line).ok()?, rest.get(1..)?))
}

#[cfg(test)]
mod tests {
    use super::describe;

    #[test]
    fn classes_and_texts_are_seen() {
        // pickle.dumps({"state": {"total": 7}}, protocol=4)
        let said = describe(
            b"\x80\x04\x95\x19\x00\x00\x00\x00\x00\x00\x00}\x94\x8c\x05state\x94}\x94\x8c\x05total\x94K\x07ss.",
        )
        .unwrap();
        assert!(
            said.contains("protocol 4") && said.contains("`state`, `total`") && said.contains("never run"),
            "{said}"
        );
        // pickle.dumps([Decimal("1.5"), Context], protocol=4): the module's name is there once
        let said = describe(b"\x80\x04\x953\x00\x00\x00\x00\x00\x00\x00]\x94(\x8c\x07decimal\x94\x8c\x07Decimal\x94\x93\x94\x8c\x031.5\x94\x85\x94R\x94h\x01\x8c\x07Context\x94\x93\x94e.").unwrap();
        assert!(said.contains("of decimal.Decimal, decimal.Context with the texts `1.5`:"), "{said}");
        // pickle.dumps(Decimal("1.5"), protocol=2)
        let said = describe(b"\x80\x02cdecimal\nDecimal\nq\x00X\x03\x00\x00\x001.5q\x01\x85q\x02Rq\x03.").unwrap();
        assert!(said.contains("of decimal.Decimal with the texts `1.5`:"), "{said}");
    }

    #[test]
    fn what_breaks_off_or_lies_about_its_length_is_survived() {
        for bytes in [
            b"\x80\x04.".as_slice(),
            b"\x80\x04\x8c\xffab.",
            b"\x80\x05\x8d\xff\xff\xff\xff\xff\xff\xff\xff.",
            b"\x80\x02cabc.",
            b"\x80\x03\x93\x93.",
        ] {
            assert!(describe(bytes).unwrap().contains("pickle"));
        }
        assert_eq!(describe(b"\x80\x01x."), None);
        assert_eq!(describe(b""), None);
    }
}
