//! Where the verbs write: JSON for scripts, aligned columns for people. A reader that went away is no error.

use std::borrow::Cow;
use std::io::{self, BufWriter, StdoutLock, Write};

use serde_json::Value;

use crate::codec::{visible, visible_json, visible_lines};
use crate::error::Error;

/// Why a verb ended early.
#[derive(Debug)]
pub(super) enum Failure {
    /// It failed.
    Failed(Error),
    /// The answer is a plain no, and says so itself.
    No,
    /// Nobody reads the output any more, as in `eventscope events FILE | head`.
    NobodyReads,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// The result of writing, and of a verb.
pub(super) type Outcome<T = ()> = Result<T, Failure>;

/// The standard output.
pub(super) struct Output {
    to: BufWriter<StdoutLock<'static>>,
    /// Whether a script reads it.
    pub(super) json: bool,
    folded_by: Option<String>,
}

impl Output {
    /// The standard output, for a script or for a person.
    pub(super) fn new(json: bool) -> Self {
        Self { to: BufWriter::new(io::stdout().lock()), json, folded_by: None }
    }

    /// Writes one line for a person: what a terminal would obey is shown as an escape.
    pub(super) fn line(&mut self, text: &str) -> Outcome {
        self.exactly(&visible(text))
    }

    /// Writes a line as it is, such as one of a file that is made.
    pub(super) fn exactly(&mut self, text: &str) -> Outcome {
        writeln!(self.to, "{text}").map_err(written)
    }

    /// Writes whole lines as they are.
    pub(super) fn bytes(&mut self, lines: &[u8]) -> Outcome {
        self.to.write_all(lines).map_err(written)
    }

    /// Says where the states come from of which the documents tell that follow: each has it as `reducers`.
    pub(super) fn folded_by(&mut self, label: String) {
        self.folded_by = Some(label);
    }

    /// Writes one document in one line.
    pub(super) fn document(&mut self, value: &Value) -> Outcome {
        match (&self.folded_by, value) {
            (Some(label), Value::Object(members)) if !members.contains_key("reducers") => {
                let mut members = members.clone();
                members.insert("reducers".to_owned(), Value::from(label.as_str()));
                self.exactly(&visible_json(&Value::Object(members).to_string()))
            }
            _ => self.exactly(&visible_json(&value.to_string())),
        }
    }

    /// Writes one document over several lines, for people.
    pub(super) fn pretty(&mut self, value: &Value) -> Outcome {
        self.exactly(&visible_lines(&format!("{value:#}")))
    }

    /// Writes what is still held back.
    pub(super) fn finish(&mut self) -> Outcome {
        self.to.flush().map_err(written)
    }
}

fn shown(cell: String) -> String {
    match visible(&cell) {
        Cow::Borrowed(_) => cell,
        Cow::Owned(shown) => shown,
    }
}

fn written(error: io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::NobodyReads,
        _ => Failure::Failed(Error::from(error).context("writing the answer")),
    }
}

/// A list: for scripts a document a line, for people aligned rows.
pub(super) enum List<'a> {
    /// Documents.
    Documents(&'a mut Output),
    /// Rows.
    Rows(Columns<'a>),
}

impl<'a> List<'a> {
    /// A list; people read these headings over it.
    pub(super) fn new(output: &'a mut Output, headings: &[(&str, Align)]) -> Self {
        if output.json { Self::Documents(output) } else { Self::Rows(Columns::new(output, headings)) }
    }

    /// Adds an entry.
    pub(super) fn put(&mut self, document: impl FnOnce() -> Value, cells: impl FnOnce() -> Vec<String>) -> Outcome {
        match self {
            Self::Documents(output) => output.document(&document()),
            Self::Rows(columns) => columns.row(cells()),
        }
    }

    /// Says where the states come from of which the entries tell that follow.
    pub(super) fn folded_by(&mut self, label: String) {
        if let Self::Documents(output) = self {
            output.folded_by(label);
        }
    }

    /// Has whoever reads see what is there so far.
    pub(super) fn flush(&mut self) -> Outcome {
        match self {
            Self::Documents(output) => output.finish(),
            Self::Rows(columns) => {
                columns.write()?;
                columns.output.finish()
            }
        }
    }
}

/// How a column stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// Columns that are aligned by what is in them, written a block at a time so that a long list flows.
pub(super) struct Columns<'a> {
    output: &'a mut Output,
    aligns: Vec<Align>,
    widths: Vec<usize>,
    block: Vec<Vec<String>>,
}

/// How many rows are held back to find the widths.
const BLOCK: usize = 500;

impl<'a> Columns<'a> {
    /// Columns under these headings. The last one is never padded.
    pub(super) fn new(output: &'a mut Output, headings: &[(&str, Align)]) -> Self {
        let widths = headings.iter().map(|(heading, _)| heading.chars().count()).collect();
        let first = headings.iter().map(|(heading, _)| (*heading).to_owned()).collect();
        Self { output, aligns: headings.iter().map(|(_, align)| *align).collect(), widths, block: vec![first] }
    }

    /// Adds a row with a cell for each column.
    pub(super) fn row(&mut self, cells: Vec<String>) -> Outcome {
        // Before their widths are taken.
        self.block.push(cells.into_iter().map(shown).collect());
        if self.block.len() >= BLOCK { self.write() } else { Ok(()) }
    }

    /// Writes the rows that are held back. A later block may be wider, never narrower.
    pub(super) fn write(&mut self) -> Outcome {
        for cells in &self.block {
            for (width, cell) in self.widths.iter_mut().zip(cells) {
                *width = (*width).max(cell.chars().count());
            }
        }
        for cells in std::mem::take(&mut self.block) {
            let line = self.aligned(&cells);
            self.output.line(line.trim_end())?;
        }
        Ok(())
    }

    fn aligned(&self, cells: &[String]) -> String {
        let last = cells.len().saturating_sub(1);
        let mut line = String::new();
        for (place, ((cell, width), align)) in cells.iter().zip(&self.widths).zip(&self.aligns).enumerate() {
            let padding = " ".repeat(width.saturating_sub(cell.chars().count()));
            match align {
                Align::Right => line.extend([padding.as_str(), cell, "  "]),
                Align::Left if place == last => line.push_str(cell),
                Align::Left => line.extend([cell, padding.as_str(), "  "]),
            }
        }
        line
    }
}
