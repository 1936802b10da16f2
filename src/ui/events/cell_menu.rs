//! What can be done with one cell of the event table.

use egui::Ui;

use super::text::text;
use crate::filter::{Condition, Field, Moment, NumberField, Op, Term};
use crate::model::{Bookmark, Column, Command};
use crate::session::EventRow;

/// Offers to include, exclude and copy the cell's value, and what can be done with its row.
pub(super) fn show(ui: &mut Ui, row: &EventRow, column: Column, bookmark: Option<&Bookmark>, out: &mut Vec<Command>) {
    let mut offer = |ui: &mut Ui, title: &str, command: Command| {
        if ui.button(title).clicked() {
            out.push(command);
        }
    };
    let terms = terms(row, column);
    for (title, term) in &terms {
        offer(ui, title, Command::AddTerm(term.to_string()));
    }
    if !terms.is_empty() {
        ui.separator();
    }
    for (title, term) in only(row) {
        offer(ui, title, Command::OnlyTerm(term.to_string()));
    }
    ui.separator();
    for command in [Command::LookAroundTime, Command::LookAroundStream, Command::LookAroundCorrelation] {
        if command != Command::LookAroundCorrelation || row.correlation_id.is_some() {
            offer(ui, command.entry().title, command);
        }
    }
    ui.separator();
    offer(ui, "Copy value", Command::CopyText(copied(row, column)));
    offer(ui, "Copy row as JSON", Command::CopyEvent);
    ui.separator();
    offer(ui, "Show stream", Command::SelectStream(row.stream.clone()));
    let here = || bookmark.cloned().unwrap_or_else(|| bookmark_of(row));
    match bookmark {
        Some(bookmark) => {
            offer(ui, "Remove the bookmark", Command::RemoveBookmark(Box::new(bookmark.clone())));
        }
        None => offer(ui, "Set a bookmark", Command::KeepBookmark(Box::new(here()))),
    }
    offer(ui, "Write a note…", Command::EditBookmark(Box::new(here())));
}

/// A bookmark on the event of a row.
fn bookmark_of(row: &EventRow) -> Bookmark {
    Bookmark::new(&row.stream, row.version).of_event(row.position, &row.event_type)
}

/// The conditions that leave only what a row is of, with the words for them.
fn only(row: &EventRow) -> Vec<(&'static str, Term)> {
    let mut terms = vec![
        ("Only this stream", Term::stream(&row.stream)),
        ("Only this type", Term::field(Field::Type, row.event_type.to_string())),
    ];
    let correlation = row.correlation_id.clone();
    terms.extend(correlation.map(|id| ("Only this correlation", Term::field(Field::Correlation, id))));
    terms
}

/// The value as the file has it, not as it is painted.
fn copied(row: &EventRow, column: Column) -> String {
    match column {
        Column::Position => row.position.to_string(),
        Column::Version => row.version.to_string(),
        Column::Stream => row.stream_text.clone(),
        Column::Time => row.timestamp.as_ref().map(|at| at.stored.to_string()).unwrap_or_default(),
        other => text(row, other).to_owned(),
    }
}

/// The conditions that a value suggests, with the words for them.
fn terms(row: &EventRow, column: Column) -> Vec<(&'static str, Term)> {
    let number = |field, op, value| Term::number(field, op, value);
    match column {
        Column::Position => vec![
            ("From this position on", number(NumberField::Position, Op::AtLeast, row.position)),
            ("Up to this position", number(NumberField::Position, Op::AtMost, row.position)),
        ],
        Column::Version => both(number(NumberField::Version, Op::Equal, row.version)),
        Column::Time => row.timestamp.as_ref().and_then(|at| at.utc).map_or_else(Vec::new, |utc| {
            let at = |condition: fn(Moment) -> Condition| Term::new(condition(Moment::at(utc)));
            vec![("From this time on", at(Condition::After)), ("Before this time", at(Condition::Before))]
        }),
        Column::Stream => both(Term::stream(&row.stream)),
        other => field(other)
            .map(|field| Term::field(field, text(row, other)))
            .filter(|_| !text(row, other).is_empty())
            .map_or_else(Vec::new, both),
    }
}

fn both(term: Term) -> Vec<(&'static str, Term)> {
    vec![("Include", term.clone()), ("Exclude", term.negated())]
}

fn field(column: Column) -> Option<Field> {
    Some(match column {
        Column::Type => Field::Type,
        Column::EventId => Field::Id,
        Column::SchemaVersion => Field::Schema,
        Column::Actor => Field::Actor,
        Column::Source => Field::Source,
        Column::Correlation => Field::Correlation,
        Column::Causation => Field::Causation,
        Column::Position | Column::Time | Column::Stream | Column::Version | Column::Data => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::StreamName;

    fn row() -> EventRow {
        EventRow {
            position: 4812,
            version: 3,
            stream: StreamName::new("order", "ord-000418"),
            event_type: "order.line_added".into(),
            position_text: "4,812".into(),
            stream_text: "order/ord-000418".into(),
            ..EventRow::default()
        }
    }

    #[test]
    fn a_value_suggests_conditions_that_read_back() {
        let written = |column| -> Vec<_> { terms(&row(), column).iter().map(|(_, term)| term.to_string()).collect() };
        assert_eq!(written(Column::Type), ["type:order.line_added", "-type:order.line_added"]);
        assert_eq!(written(Column::Stream), ["stream:order/ord-000418", "-stream:order/ord-000418"]);
        assert_eq!(written(Column::Position), ["position>=4812", "position<=4812"]);
        assert!(written(Column::Actor).is_empty());
    }

    #[test]
    fn any_cell_leads_to_what_its_row_is_of() {
        let row = EventRow { correlation_id: Some("req 7".to_owned()), ..row() };
        let written: Vec<_> = only(&row).iter().map(|(_, term)| term.to_string()).collect();
        assert_eq!(written, ["stream:order/ord-000418", "type:order.line_added", "correlation:\"req 7\""]);
    }

    #[test]
    fn what_is_copied_is_what_is_stored() {
        assert_eq!(copied(&row(), Column::Position), "4812");
        assert_eq!(copied(&row(), Column::Stream), "order/ord-000418");
    }
}
