//! In which order, and by what, the rows of a table are gathered piece by piece.

use serde::{Deserialize, Serialize};

use super::catalogue::Relation;
use super::connection::{Reading, identifier};
use super::engine::{Engine, EngineKind};
use super::value::Kind;
use super::wanted::plain_column;
use crate::error::Result;
use crate::profile::Profile;

/// What rows are gathered by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Key {
    /// A column of whole numbers that grow.
    Number {
        column: String,
        /// Whether no two rows have the same.
        unique: bool,
        /// Whether the server finds the rows of a range without reading all.
        indexed: bool,
    },
    /// The blocks of the table, in which new rows mostly come last.
    Blocks,
    /// Nothing: all rows at once.
    None,
}

/// A place in that order: a number, or that of a block.
pub(super) type Place = i64;

impl Key {
    /// What the rows of a table can be gathered by.
    pub(super) fn of(table: &Relation, profile: Option<&Profile>, engine: &Engine) -> Self {
        let spec = profile.and_then(|profile| profile.gather.as_ref());
        let named = spec.and_then(|spec| spec.key.as_deref()).and_then(|name| table.column(name));
        let position = || plain_column(table, &profile?.events.position.as_ref()?.sql);
        let whole = |column: &&super::catalogue::Column| matches!(column.kind, Kind::Integer | Kind::Large);
        let primary = || {
            let key = table.indexes.iter().find(|index| index.unique && index.columns.len() == 1)?;
            table.column(key.columns.first()?)
        };
        let column = named.or_else(position).filter(whole).or_else(|| primary().filter(whole));
        if let Some(column) = column {
            let filter = spec.and_then(|spec| spec.filter.as_deref()).unwrap_or_default();
            let (unique, indexed) = (is_unique(table, &column.name, filter), is_indexed(table, &column.name, filter));
            return Self::Number { column: column.name.clone(), unique, indexed };
        }
        if engine.kind == EngineKind::PostgreSql { Self::Blocks } else { Self::None }
    }

    /// The column, where it is one.
    pub(super) fn column(&self) -> Option<&str> {
        match self {
            Self::Number { column, .. } => Some(column),
            Self::Blocks | Self::None => None,
        }
    }

    /// The column that can be the row's own number locally.
    pub(super) fn row_number(&self) -> Option<&str> {
        match self {
            Self::Number { column, unique: true, .. } => Some(column),
            _ => None,
        }
    }

    /// The condition that a row lies behind one place and not behind another.
    pub(super) fn between(&self, after: Place, until: Place) -> Option<String> {
        match self {
            Self::Number { column, .. } => {
                let column = identifier(column);
                Some(format!("{column} > '{after}'::bigint AND {column} <= '{until}'::bigint"))
            }
            // A block's number is one more than that of the place before it.
            Self::Blocks => Some(format!(
                "ctid >= '({},0)'::tid AND ctid < '({},0)'::tid",
                after.saturating_add(1).max(0),
                until.saturating_add(1).max(0)
            )),
            Self::None => None,
        }
    }

    /// The place before the first one that there is.
    pub(super) fn beginning(&self, table: &Relation, filter: Option<&str>, reading: &mut Reading<'_>) -> Result<Place> {
        let Self::Number { column, .. } = self else { return Ok(-1) };
        let filter = filter.unwrap_or("true");
        let sql = format!("SELECT min({}) FROM {} WHERE {filter}", identifier(column), table.in_sql());
        let first: Option<Place> = reading.value(&sql)?.and_then(|text| text.parse().ok());
        Ok(first.map_or(0, |first| first.saturating_sub(1)))
    }

    /// The last place that there is now; `None` for an empty table.
    ///
    /// Of what is asked for only `filter` counts, which the table's own form asks for: with conditions that few rows pass the
    /// server would walk far from the end, and where it ends does not matter.
    pub(super) fn last(
        &self,
        table: &Relation,
        filter: Option<&str>,
        reading: &mut Reading<'_>,
    ) -> Result<Option<Place>> {
        let sql = match self {
            Self::Number { column, .. } => {
                let filter = filter.unwrap_or("true");
                format!("SELECT max({}) FROM {} WHERE {filter}", identifier(column), table.in_sql())
            }
            Self::Blocks if table.partitioned => format!(
                "SELECT max(pg_relation_size(relid) / current_setting('block_size')::bigint) - 1
                 FROM pg_partition_tree({}) WHERE isleaf",
                table.oid
            ),
            Self::Blocks => {
                format!("SELECT pg_relation_size({}) / current_setting('block_size')::bigint - 1", table.oid)
            }
            Self::None => return Ok(Some(0)),
        };
        Ok(reading
            .value(&sql)?
            .and_then(|text| text.parse().ok())
            .filter(|last| *last >= 0 || !matches!(self, Self::Blocks)))
    }

    /// The place before the last `most` rows up to another; `None` where there are no more than that.
    pub(super) fn before_last(
        &self,
        table: &Relation,
        conditions: &[String],
        (most, until): (u64, Place),
        reading: &mut Reading<'_>,
    ) -> Result<Option<Place>> {
        match self {
            Self::Number { column, .. } => {
                let column = identifier(column);
                let sql = format!(
                    "SELECT {column} FROM {} WHERE {} AND {column} <= '{until}'::bigint ORDER BY {column} DESC OFFSET {most} LIMIT 1",
                    table.in_sql(),
                    all(conditions)
                );
                Ok(reading.value(&sql)?.and_then(|text| text.parse().ok()))
            }
            // As many blocks as such rows fill by the catalogue's estimate.
            Self::Blocks => {
                let (blocks, rows) = (until.saturating_add(1), table.rows.max(0));
                let share = i64::try_from(most).unwrap_or(i64::MAX);
                if rows <= share || blocks <= 1 {
                    return Ok(None);
                }
                let wanted = i128::from(blocks) * i128::from(share) / i128::from(rows) + 1;
                Ok(i64::try_from(i128::from(until) - wanted).ok().filter(|place| *place >= 0))
            }
            Self::None => Ok(None),
        }
    }

    /// Where the next piece of about `rows` rows ends.
    pub(super) fn next(
        &self,
        table: &Relation,
        conditions: &[String],
        (after, until, rows): (Place, Place, u64),
        reading: &mut Reading<'_>,
    ) -> Result<Place> {
        let rows = i64::try_from(rows).unwrap_or(i64::MAX).max(1);
        Ok(match self {
            Self::Number { column, indexed, .. } => {
                let name = identifier(column);
                let range = self.between(after, until).unwrap_or_default();
                // Without an index each piece reads the whole table: then there are a few large ones.
                let rows = if *indexed { rows } else { rows.saturating_mul(10) };
                let sql = format!(
                    "SELECT {name} FROM {} WHERE {range} AND {} ORDER BY {name} OFFSET {} LIMIT 1",
                    table.in_sql(),
                    all(conditions),
                    rows - 1
                );
                reading.value(&sql)?.and_then(|text| text.parse().ok()).unwrap_or(until)
            }
            Self::Blocks => {
                let (blocks, all) = (until.saturating_add(1).max(1), table.rows.max(1));
                let step = i128::from(blocks) * i128::from(rows) / i128::from(all);
                after.saturating_add(i64::try_from(step).unwrap_or(i64::MAX).max(64)).min(until)
            }
            Self::None => until,
        })
    }
}

/// Conditions, all of which hold.
pub(super) fn all(conditions: &[String]) -> String {
    if conditions.is_empty() { "true".to_owned() } else { conditions.join(" AND ") }
}

/// Whether a column's values are those of one row each, among the rows that a filter lets through: it fixes the other
/// columns of the index.
fn is_unique(table: &Relation, column: &str, filter: &str) -> bool {
    table.is_unique(column)
        || table.indexes.iter().any(|index| {
            let others = || index.columns.iter().filter(|name| *name != column);
            index.unique && index.columns.iter().any(|name| name == column) && others().all(|name| fixes(filter, name))
        })
}

fn is_indexed(table: &Relation, column: &str, filter: &str) -> bool {
    table.indexes.iter().any(|index| {
        let first = index.columns.iter().find(|name| !fixes(filter, name));
        first.is_some_and(|first| first == column)
    })
}

fn fixes(filter: &str, name: &str) -> bool {
    filter
        .split(" AND ")
        .any(|part| part.trim().strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with('=')))
}
