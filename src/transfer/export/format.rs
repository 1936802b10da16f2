//! The forms in which events are written, and what each writes for an event.

use std::io::Write as _;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

#[cfg(feature = "parquet")]
use super::columnar::Columnar;
use super::fields::{cells_of, text};
use super::fixture::Fixture;
use crate::codec::cells;
use crate::error::{Error, ErrorKind, Result};
use crate::event::{Decoded, Event};
use crate::source::Source;
use crate::store::{LINE_FIELDS, ndjson_line};

/// A form in which events are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// An object of JSON a line.
    #[default]
    Ndjson,
    /// A list of JSON.
    Json,
    /// A table for a spreadsheet.
    Csv,
    /// A table for a text.
    Markdown,
    /// Statements that make a table and fill it.
    Sql,
    /// A batch of `CloudEvents` 1.0 in JSON.
    CloudEvents,
    /// Columns, for programs that count over many events.
    Parquet,
    /// One stream as a test: given, when, then.
    Fixture,
    /// A database: an event store of the native format.
    Store,
    /// A database of the format that the events are in.
    Original,
}

impl Format {
    /// Every form, in the order in which they are offered.
    pub const ALL: [Self; 10] = [
        Self::Ndjson,
        Self::Json,
        Self::Csv,
        Self::Markdown,
        Self::Sql,
        Self::CloudEvents,
        Self::Parquet,
        Self::Fixture,
        Self::Store,
        Self::Original,
    ];

    /// The word for it on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Markdown => "markdown",
            Self::Sql => "sql",
            Self::CloudEvents => "cloudevents",
            Self::Parquet => "parquet",
            Self::Fixture => "fixture",
            Self::Store => "db",
            Self::Original => "original",
        }
    }

    /// The form of a name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// What a person calls it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Ndjson => "NDJSON",
            Self::Json => "JSON",
            Self::Csv => "CSV",
            Self::Markdown => "Markdown",
            Self::Sql => "SQL",
            Self::CloudEvents => "CloudEvents",
            Self::Parquet => "Parquet",
            Self::Fixture => "Test fixture",
            Self::Store => "Event store",
            Self::Original => "Original format",
        }
    }

    /// A sentence about it.
    #[must_use]
    pub const fn help(self) -> &'static str {
        match self {
            Self::Ndjson => "An object of JSON a line, data as it is stored; an event store imports it.",
            Self::Json => "A list with an object for each event.",
            Self::Csv => "A table for a spreadsheet, in which no cell is a formula.",
            Self::Markdown => "A table for an issue or a page.",
            Self::Sql => "Statements that make a table and fill it.",
            Self::CloudEvents => "A batch of CloudEvents 1.0 in JSON.",
            Self::Parquet => "Apache Parquet: columns, for programs that count over many events.",
            Self::Fixture => "The events of one stream as a test: given, when, then.",
            Self::Store => "A database of Eventscope's own format.",
            Self::Original => {
                "A small database of the format that this one has, with the rows that belong to the events."
            }
        }
    }

    /// Whether this program writes it: Parquet comes with a feature of its own.
    #[must_use]
    pub const fn is_available(self) -> bool {
        !matches!(self, Self::Parquet) || cfg!(feature = "parquet")
    }

    /// Whether it is text, which can be shown.
    #[must_use]
    pub const fn is_text(self) -> bool {
        !matches!(self, Self::Parquet | Self::Store | Self::Original)
    }

    /// Whether it is a database, which is a file rather than a text that can be written along.
    #[must_use]
    pub const fn is_database(self) -> bool {
        matches!(self, Self::Store | Self::Original)
    }

    /// What a file's name ends with.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Markdown => "md",
            Self::Sql => "sql",
            Self::CloudEvents => "cloudevents.json",
            Self::Parquet => "parquet",
            Self::Fixture => "fixture.json",
            Self::Store => "export.db",
            Self::Original => "part.db",
        }
    }

    /// What writes it; `has_notes`: beside what a person noted.
    pub(super) fn writer(self, source: &Source, has_notes: bool) -> Result<Writer> {
        let file = source.path().file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        match self {
            Self::Store | Self::Original => {
                Err(Error::new(ErrorKind::Unsupported, "a database is a file, and nothing that can be written along"))
            }
            #[cfg(not(feature = "parquet"))]
            Self::Parquet => Err(Error::new(
                ErrorKind::Unsupported,
                "this program writes no Parquet: it was built without the feature `parquet`",
            )
            .with_hint("Choose another form, or build it with `cargo build --release --features parquet`.")),
            format => Ok(Writer {
                format,
                file,
                has_notes,
                count: 0,
                fixture: Fixture::default(),
                #[cfg(feature = "parquet")]
                columnar: (format == Self::Parquet).then(Columnar::new).transpose()?,
            }),
        }
    }
}

/// Writes events in a form, one after the other.
pub(super) struct Writer {
    format: Format,
    file: String,
    has_notes: bool,
    count: u64,
    fixture: Fixture,
    #[cfg(feature = "parquet")]
    columnar: Option<Columnar>,
}

impl Writer {
    /// Writes an event with what is noted on it, and what stands before the first one.
    pub(super) fn event(&mut self, event: &Event, note: Option<&str>, out: &mut Vec<u8>) -> Result<()> {
        #[cfg(feature = "parquet")]
        if let Some(columnar) = &mut self.columnar {
            return columnar.event(event, out);
        }
        let is_first = self.count == 0;
        self.count += 1;
        if is_first {
            self.begin(out)?;
        }
        match self.format {
            Format::Ndjson => writeln!(out, "{}", ndjson_line(event)?)?,
            Format::Json => write!(out, "{}{}", if is_first { "\n" } else { ",\n" }, ndjson_line(event)?)?,
            Format::CloudEvents => {
                write!(out, "{}{}", if is_first { "\n" } else { ",\n" }, cloud_event(event, &self.file)?)?;
            }
            Format::Csv => csv_row(event, out)?,
            Format::Markdown => markdown_row(event, self.has_notes.then_some(note.unwrap_or_default()), out)?,
            Format::Sql => sql_row(event, out)?,
            Format::Fixture => self.fixture.event(event)?,
            Format::Parquet | Format::Store | Format::Original => {}
        }
        Ok(())
    }

    fn begin(&self, out: &mut Vec<u8>) -> Result<()> {
        match self.format {
            Format::Json | Format::CloudEvents => out.push(b'['),
            Format::Csv => write!(out, "{}\r\n", LINE_FIELDS.join(","))?,
            Format::Markdown => {
                let (title, line) = if self.has_notes { (" note |", " --- |") } else { ("", "") };
                writeln!(out, "| position | time | stream | version | type | data |{title}")?;
                writeln!(out, "| ---: | --- | --- | ---: | --- | --- |{line}")?;
            }
            Format::Sql => {
                writeln!(out, "BEGIN;")?;
                writeln!(
                    out,
                    "CREATE TABLE IF NOT EXISTS events (position INTEGER PRIMARY KEY, event_id TEXT, aggregate_type TEXT, \
                     aggregate_id TEXT, version INTEGER, event_type TEXT, schema_version TEXT, timestamp TEXT, \
                     actor TEXT, actor_type TEXT, source TEXT, causation_id TEXT, correlation_id TEXT, data TEXT, \
                     metadata TEXT);"
                )?;
            }
            Format::Ndjson | Format::Fixture | Format::Parquet | Format::Store | Format::Original => {}
        }
        Ok(())
    }

    /// Writes what stands behind the last event.
    pub(super) fn end(&mut self, out: &mut Vec<u8>) -> Result<()> {
        #[cfg(feature = "parquet")]
        if let Some(columnar) = self.columnar.take() {
            return columnar.end(out);
        }
        if self.count == 0 {
            self.begin(out)?;
        }
        match self.format {
            Format::Json | Format::CloudEvents => {
                out.extend_from_slice(if self.count == 0 { b"]\n" } else { b"\n]\n" });
            }
            Format::Sql => writeln!(out, "COMMIT;")?,
            Format::Fixture => writeln!(out, "{:#}", self.fixture.document())?,
            _ => {}
        }
        Ok(())
    }
}

fn csv_row(event: &Event, out: &mut Vec<u8>) -> Result<()> {
    for (number, cell) in cells_of(event)?.iter().enumerate() {
        let comma = if number == 0 { "" } else { "," };
        write!(out, "{comma}{}", cells::csv(cell.as_deref().unwrap_or_default()))?;
    }
    out.extend_from_slice(b"\r\n");
    Ok(())
}

/// `note` is what is noted on it, where there is a column for notes.
fn markdown_row(event: &Event, note: Option<&str>, out: &mut Vec<u8>) -> Result<()> {
    let time = event.timestamp.as_ref().map(|time| &*time.stored).unwrap_or_default();
    let stream = event.stream.to_string();
    let data = text(&event.data, event)?;
    let [time, stream, kind, data] = [time, &stream, &event.event_type, &data].map(cells::markdown);
    write!(out, "| {} | {time} | {stream} | {} | {kind} | {data} |", event.position, event.version)?;
    if let Some(note) = note {
        let lines: Vec<String> = note.trim().lines().map(|line| cells::markdown(line.trim_end())).collect();
        write!(out, " {} |", lines.join("<br>"))?;
    }
    out.push(b'\n');
    Ok(())
}

fn sql_row(event: &Event, out: &mut Vec<u8>) -> Result<()> {
    out.extend_from_slice(b"INSERT INTO events VALUES (");
    for (number, cell) in cells_of(event)?.iter().enumerate() {
        let comma = if number == 0 { "" } else { ", " };
        match (number, cell) {
            // Position and version are numbers.
            (0 | 4, Some(number)) => write!(out, "{comma}{number}")?,
            (_, cell) => write!(out, "{comma}{}", cells::sql(cell.as_deref()))?,
        }
    }
    out.extend_from_slice(b");\n");
    Ok(())
}

/// An event as the JSON format of `CloudEvents` 1.0 has it
/// (<https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md>). Extensions are texts: its
/// whole numbers have 32 bits.
fn cloud_event(event: &Event, file: &str) -> Result<Value> {
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| drop(members.insert(name.to_owned(), value));
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    put("specversion", json!("1.0"));
    put("id", json!(event.id.clone().filter(|id| !id.is_empty()).unwrap_or_else(|| event.position.to_string())));
    put("source", json!(format!("/{}/{}", encoded(file), encoded(&event.stream.aggregate_type))));
    let kind = if event.event_type.is_empty() { "event" } else { &event.event_type };
    put("type", json!(kind));
    if !event.stream.aggregate_id.is_empty() {
        put("subject", json!(event.stream.aggregate_id));
    }
    if let Some(utc) = event.timestamp.as_ref().and_then(|time| time.utc) {
        put("time", json!(utc.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)));
    }
    put("position", json!(event.position.to_string()));
    put("version", json!(event.version.to_string()));
    let extensions = [
        ("schemaversion", &event.schema_version),
        ("actor", &event.actor),
        ("causationid", &event.causation_id),
        ("correlationid", &event.correlation_id),
    ];
    for (name, value) in extensions {
        if let Some(value) = value.as_ref().filter(|value| !value.is_empty()) {
            put(name, json!(value));
        }
    }
    match event.data.decoded() {
        Decoded::Missing => {}
        Decoded::Document { value, .. } => {
            put("datacontenttype", json!("application/json"));
            put("data", value.clone());
        }
        Decoded::Text(text) => {
            put("datacontenttype", json!("text/plain"));
            put("data", json!(text));
        }
        Decoded::Opaque { .. } => {
            use base64::Engine as _;
            put("data_base64", json!(base64::engine::general_purpose::STANDARD.encode(&event.data.raw)));
        }
        Decoded::Unread { bytes } => {
            return Err(Error::bad_input(format!(
                "the event at position {}: its payload of {bytes} bytes was not read",
                event.position
            )));
        }
    }
    Ok(Value::Object(members))
}
