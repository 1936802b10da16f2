//! Guesses where the events are in a database that no profile describes.
//!
//! The strongest evidence is structural, not lexical: a unique pair of an id and an integer that is dense for each id,
//! from 0 or 1, is a stream and its version, whatever the columns are called. Names break ties; sampled values decide
//! encodings and time formats; what no column holds is looked for inside the documents. Every field carries its
//! confidence and its reason.
//!
//! | file | the question that it answers |
//! | --- | --- |
//! | `relation`, `links` | What is there to choose from: the table's columns, and those of tables that it leads to? |
//! | `spread` | Which tables are one log together: partitions, and a history beside each model? |
//! | `values`, `moments`, `measure` | What do sampled values look like? Which of them are moments? |
//! | `names`, `vocabulary` | What do names suggest, and which words do? |
//! | `key`, `subject` | Which columns are the stream and its version? What are rows about that nothing counts? |
//! | `likely` | What are rows about where neither names nor the schema say it? |
//! | `density` | Does an integer count the rows of each id without a gap? |
//! | `changes` | Are the events changes to rows, so that a stream's state is its row? |
//! | `batches` | Does a row hold several events? |
//! | `columns` | Which column is which other field, and in which order are they asked? |
//! | `data` | Which column holds what an event says, or is it what no field claims? |
//! | `when`, `what` | Which column says when an event happened, and which what happened? |
//! | `kinds` | Which column of few words is the event's type, and not who acted or how it stands? |
//! | `documents`, `envelope` | What do the documents tell that no column does? What stands around them? |
//! | `fields` | What was found, how surely, and why? |
//! | `score`, `thing` | Is it a log of events at all, or do its rows look like things? |
//! | `guess` | What mapping comes of it, and what is in doubt? |

mod batches;
mod changes;
mod columns;
mod data;
mod density;
mod documents;
mod envelope;
mod fields;
mod guess;
mod key;
mod kinds;
mod likely;
mod links;
mod measure;
mod moments;
mod names;
mod relation;
mod score;
mod spread;
mod subject;
mod thing;
mod values;
mod vocabulary;
mod what;
mod when;

use rusqlite::Connection;

use crate::error::Result;

use super::detection::Detection;
use super::functions;
use super::schema::{self, TableKind};
use guess::Guess;
use links::Neighbours;

pub(super) use moments::time_format;
pub(super) use names::{VERSION, rank, words};
pub(super) use relation::plain;

/// What a profile is called that was guessed.
pub(super) const NAME: &str = "inferred";

/// Below this a table is not offered: it is a plain table.
const THRESHOLD: f32 = 0.45;

/// The tables of a database that look like a log of events, best first. Empty: nothing does.
///
/// # Errors
/// Those of SQLite.
pub fn infer(conn: &Connection) -> Result<Vec<Detection>> {
    functions::install(conn)?;
    let tables = schema::read(conn)?;
    let neighbours = Neighbours::of(&tables);
    let mut guesses: Vec<Guess> = Vec::new();
    for table in tables.iter().filter(|table| table.kind == TableKind::Table) {
        // A table that cannot be sampled is no log of events; the database may still hold one.
        if let Ok(Some(guess)) = Guess::of(conn, &neighbours, table) {
            guesses.push(guess);
        }
    }
    // Snapshots and what waits to be sent look like events: they are only believed where there is nothing else.
    if guesses.iter().any(|guess| !guess.is_secondary()) {
        guesses.retain(|guess| !guess.is_secondary());
    }
    // Several tables as one come before each of them alone.
    for spread in spread::of(&tables) {
        let alone = guesses.iter().filter(|guess| spread.has(&guess.relation.table.name)).map(|guess| guess.score);
        let most = alone.fold(0.0, f32::max);
        if let Ok(Some(mut guess)) = Guess::of_spread(conn, &spread)
            && guess.tells_what_and_when()
            && guess.score.max(most) >= THRESHOLD
        {
            guess.score = guess.score.max(most + 0.01);
            guesses.push(guess);
        }
    }
    guesses.sort_by(|a, b| b.score.total_cmp(&a.score).then(b.relation.rows.cmp(&a.relation.rows)));
    let mut found: Vec<Detection> = Vec::new();
    for guess in guesses {
        // A table and one that links to it may both lead to the same events.
        let table = guess.home().0;
        let known = guess.relation.parts.is_empty()
            && found.iter().any(|it| it.profile.events.table == table && it.profile.events.from == guess.relation.from);
        found.extend(guess.detection(conn, &tables).filter(|_| !known));
    }
    Ok(found)
}

/// One table, read as a log of events however little it looks like one: a person says that it is. `None` where it has
/// no rows to judge by, or nothing that could be an event's data.
///
/// # Errors
/// Those of SQLite.
pub fn infer_table(conn: &Connection, name: &str) -> Result<Option<Detection>> {
    functions::install(conn)?;
    let tables = schema::read(conn)?;
    let Some(table) = schema::find(&tables, name) else { return Ok(None) };
    let guess = Guess::read(conn, &Neighbours::of(&tables), table)?;
    Ok(guess.filter(|guess| guess.relation.rows > 0).and_then(|guess| {
        let reason = guess.story();
        guess.detection(conn, &tables).map(|found| Detection { reason, ..found })
    }))
}

/// How much the names of a table and of its columns alone promise a log of events, above 0 where they do: for choosing
/// which of many tables is looked into.
#[must_use]
pub fn promise<'n>(table: &str, columns: impl Iterator<Item = &'n str>) -> f32 {
    let columns: Vec<&str> = columns.collect();
    let best = |roles| columns.iter().map(|column| rank(roles, column)).fold(0.0, f32::max);
    let (data, kind) = (best(names::DATA), best(names::EVENT_TYPE));
    // Without something that it says, or without what or which it is about, it is no log.
    if columns.len() < 3 || data == 0.0 && kind == 0.0 {
        return 0.0;
    }
    5.0 * names::table_hint(table) + data + kind + best(names::STREAM) + best(names::VERSION)
}

#[cfg(test)]
mod tests;
