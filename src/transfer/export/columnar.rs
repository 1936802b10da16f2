//! Events as Apache Parquet (<https://parquet.apache.org/docs/file-format/>): a column for each field of a line, and one
//! with the moment, for programs that count over many events.

use std::borrow::Cow;
use std::sync::Arc;

use ::parquet::basic::Compression;
use ::parquet::column::writer::ColumnWriter;
use ::parquet::data_type::ByteArray;
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::parser::parse_message_type;

use super::fields::cells_of;
use crate::error::{Error, ErrorKind, Result};
use crate::event::Event;

/// The columns, in the order of the fields of a line; the moment comes last.
const SCHEMA: &str = "message event {
    REQUIRED INT64 position;
    OPTIONAL BYTE_ARRAY event_id (STRING);
    OPTIONAL BYTE_ARRAY aggregate_type (STRING);
    OPTIONAL BYTE_ARRAY aggregate_id (STRING);
    REQUIRED INT64 version;
    OPTIONAL BYTE_ARRAY event_type (STRING);
    OPTIONAL BYTE_ARRAY schema_version (STRING);
    OPTIONAL BYTE_ARRAY timestamp (STRING);
    OPTIONAL BYTE_ARRAY actor (STRING);
    OPTIONAL BYTE_ARRAY actor_type (STRING);
    OPTIONAL BYTE_ARRAY source (STRING);
    OPTIONAL BYTE_ARRAY causation_id (STRING);
    OPTIONAL BYTE_ARRAY correlation_id (STRING);
    OPTIONAL BYTE_ARRAY data (STRING);
    OPTIONAL BYTE_ARRAY metadata (STRING);
    OPTIONAL INT64 recorded_at (TIMESTAMP(MICROS, true));
}";
/// How many columns hold text: those that are neither numbers nor the moment.
const TEXTS: usize = 13;
/// The places of position and version among the fields of a line.
const POSITION: usize = 0;
const VERSION: usize = 4;
/// A group of rows ends after so many events, or so many bytes of text.
const ROWS: usize = 50_000;
const BYTES: usize = 32 << 20;

/// Writes a file, a group of rows at a time.
pub(super) struct Columnar {
    writer: SerializedFileWriter<Vec<u8>>,
    group: Group,
}

/// The rows that wait to be written, column by column.
#[derive(Default)]
struct Group {
    positions: Vec<i64>,
    versions: Vec<i64>,
    texts: [Texts; TEXTS],
    moments: Vec<i64>,
    has_moment: Vec<i16>,
    bytes: usize,
}

/// The texts of a column that are there, and for each row whether it has one.
#[derive(Default)]
struct Texts {
    values: Vec<ByteArray>,
    present: Vec<i16>,
}

impl Columnar {
    /// Begins a file.
    pub(super) fn new() -> Result<Self> {
        let schema = Arc::new(parse_message_type(SCHEMA).map_err(failed)?);
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(concat!("eventscope ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).map_err(failed)?;
        Ok(Self { writer, group: Group::default() })
    }

    /// Takes an event in; what is complete by then goes to `out`.
    pub(super) fn event(&mut self, event: &Event, out: &mut Vec<u8>) -> Result<()> {
        self.group.push(event)?;
        if self.group.positions.len() >= ROWS || self.group.bytes >= BYTES {
            self.flush(out)?;
        }
        Ok(())
    }

    /// Writes the rest, and what a file ends with.
    pub(super) fn end(mut self, out: &mut Vec<u8>) -> Result<()> {
        if !self.group.positions.is_empty() {
            self.flush(out)?;
        }
        out.append(&mut self.writer.into_inner().map_err(failed)?);
        Ok(())
    }

    fn flush(&mut self, out: &mut Vec<u8>) -> Result<()> {
        let group = std::mem::take(&mut self.group);
        group.write(&mut self.writer).map_err(failed)?;
        // The writer goes by what it has written, not by what is still there.
        out.append(self.writer.inner_mut());
        Ok(())
    }
}

impl Group {
    fn push(&mut self, event: &Event) -> Result<()> {
        self.positions.push(event.position);
        self.versions.push(event.version);
        let cells = cells_of(event)?;
        let texts = cells.into_iter().enumerate().filter(|(place, _)| ![POSITION, VERSION].contains(place));
        for (column, (_, cell)) in self.texts.iter_mut().zip(texts) {
            column.present.push(i16::from(cell.is_some()));
            if let Some(text) = cell {
                self.bytes += text.len();
                column.values.push(ByteArray::from(text.into_owned().into_bytes()));
            }
        }
        let moment = event.timestamp.as_ref().and_then(|time| time.utc).map(|utc| utc.timestamp_micros());
        self.has_moment.push(i16::from(moment.is_some()));
        self.moments.extend(moment);
        Ok(())
    }

    fn write(self, writer: &mut SerializedFileWriter<Vec<u8>>) -> std::result::Result<(), ParquetError> {
        let (mut numbers, mut texts) = ([self.positions, self.versions].into_iter(), self.texts.iter());
        let mut group = writer.next_row_group()?;
        while let Some(mut column) = group.next_column()? {
            match column.untyped() {
                ColumnWriter::Int64ColumnWriter(column) => match numbers.next() {
                    Some(numbers) => column.write_batch(&numbers, None, None)?,
                    None => column.write_batch(&self.moments, Some(&self.has_moment), None)?,
                },
                ColumnWriter::ByteArrayColumnWriter(column) => match texts.next() {
                    Some(texts) => column.write_batch(&texts.values, Some(&texts.present), None)?,
                    None => 0,
                },
                _ => 0,
            };
            column.close()?;
        }
        group.close()?;
        Ok(())
    }
}

fn failed(error: ParquetError) -> Error {
    let says: Cow<'_, str> = error.to_string().into();
    Error::new(ErrorKind::Unsupported, format!("writing Parquet: {says}")).with_source(error)
}

#[cfg(test)]
mod tests {
    use ::parquet::file::reader::{FileReader, SerializedFileReader};
    use ::parquet::record::RowAccessor;

    use super::*;
    use crate::event::{Payload, StreamName, Timestamp};

    fn file(bytes: &[u8]) -> std::fs::File {
        let mut file = tempfile::tempfile().unwrap();
        std::io::Write::write_all(&mut file, bytes).unwrap();
        file
    }

    #[test]
    fn what_was_written_is_read_again_over_several_groups_of_rows() {
        let event = |position: i64| Event {
            position,
            version: position / 2,
            stream: StreamName::new("order", format!("o-{}", position % 7)),
            event_type: "order.placed".to_owned(),
            actor: (position % 3 == 0).then(|| "ann".to_owned()),
            timestamp: Some(Timestamp {
                stored: "2026-03-14".into(),
                utc: chrono::DateTime::from_timestamp(position, 0).filter(|_| position % 2 == 0),
            }),
            data: Payload::json(serde_json::json!({"total": position})),
            ..Event::default()
        };
        let (mut columnar, mut out) = (Columnar::new().unwrap(), Vec::new());
        let count = i64::try_from(ROWS).unwrap() + 10;
        for position in 1..=count {
            columnar.event(&event(position), &mut out).unwrap();
        }
        assert!(!out.is_empty(), "the first group is written before the last event came");
        columnar.end(&mut out).unwrap();
        let reader = SerializedFileReader::new(file(&out)).unwrap();
        assert_eq!((reader.num_row_groups(), reader.metadata().file_metadata().num_rows()), (2, count));
        for (row, position) in reader.get_row_iter(None).unwrap().zip(1..) {
            let row = row.unwrap();
            assert_eq!((row.get_long(0).unwrap(), row.get_long(4).unwrap()), (position, position / 2));
            assert_eq!(row.get_string(13).unwrap(), &format!("{{\"total\":{position}}}"));
            assert_eq!(row.get_string(8).is_ok(), position % 3 == 0);
            assert_eq!(row.get_timestamp_micros(15).ok(), (position % 2 == 0).then_some(position * 1_000_000));
        }
    }

    #[test]
    fn no_events_are_a_file_too() {
        let mut out = Vec::new();
        Columnar::new().unwrap().end(&mut out).unwrap();
        let reader = SerializedFileReader::new(file(&out)).unwrap();
        assert_eq!(reader.metadata().file_metadata().num_rows(), 0);
    }
}
