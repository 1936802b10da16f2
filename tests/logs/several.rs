//! One log in several tables: partitions of the same columns, and a history beside each model.

use rusqlite::types::Value;

use super::forms::{Ids, Times, Types, said};
use super::layouts::{Habits, story, table, usual};
use super::{Chance, Data, Database, TableSpec, Told, quoted};

/// By month, by year or by shard.
pub fn partitions(chance: &mut Chance, habits: &mut Habits) -> Database {
    habits.times = chance.pick(&[Times::IsoMillis, Times::Sqlite, Times::Millis, Times::Micros]);
    if habits.types == Types::Many {
        habits.types = Types::Dotted;
    }
    let story = story(chance, habits);
    let versioned = chance.percent(50);
    let base = chance.between(0, 1);
    let mut rows = usual(chance, habits, &story, base);
    let parts = chance.between(2, 5) as usize;
    let sharded = chance.percent(40);
    let stem = habits.name(chance, habits.tongue.tables);
    let pattern = chance.bits() % 4;
    let name = |part: usize| match (sharded, pattern) {
        (true, 0 | 1) => format!("{stem}_{part}"),
        (true, 2) => format!("{stem}_shard{part}"),
        (true, _) => format!("{stem}_p{part:02}"),
        (false, 0) => format!("{stem}_2026_{:02}", part + 1),
        (false, 1) => format!("{stem}_2026{:02}", part + 1),
        (false, 2) => format!("{stem}_{}", 2020 + part),
        (false, _) => format!("{stem}_y2026m{:02}", part + 1),
    };
    let count = rows.len();
    let part_of: Vec<usize> = story
        .facts
        .iter()
        .enumerate()
        .map(|(n, fact)| if sharded { fact.stream % parts } else { n * parts / count })
        .collect();
    // The columns are drawn once; a row of the whole is then dealt to its part.
    let mut whole = table(chance, habits, &mut rows, versioned, Some(stem.clone()));
    // Without a time nothing would say in which order the parts are.
    if rows.iter().any(|row| row.told.times == [None]) {
        whole.columns.push(("written_at".to_owned(), habits.times.declared().to_owned()));
        for ((cells, row), fact) in whole.rows.iter_mut().zip(&mut rows).zip(&story.facts) {
            cells.push(row.time.clone());
            row.told.times = vec![Some(fact.at)];
        }
    }
    let across = chance.percent(50);
    let mut tables: Vec<TableSpec> = (0..parts)
        .map(|part| TableSpec {
            name: name(part),
            columns: whole.columns.clone(),
            constraints: whole.constraints.clone(),
            strict: whole.strict,
            without_rowid: whole.without_rowid,
            ..TableSpec::default()
        })
        .collect();
    let number = whole.columns.iter().position(|(_, declared)| declared.starts_with("INTEGER PRIMARY KEY"));
    for (n, cells) in whole.rows.into_iter().enumerate() {
        let mut cells = cells;
        let table = &mut tables[part_of[n]];
        if let Some(number) = number.filter(|_| !across) {
            cells[number] = Value::Integer(table.rows.len() as i64 + 1);
        }
        table.rows.push(cells);
    }
    tables.retain(|table| !table.rows.is_empty());
    let seen = format!(
        "partitions, {} of {stem}, sharded {sharded}, versioned {versioned}, numbers across {across}",
        tables.len()
    );
    let logs = tables.iter().map(|table| table.name.clone()).collect();
    let told = rows.into_iter().map(|it| it.told).collect();
    Database { kind: seen, logs, tables, told, ..Database::default() }
}

/// A history beside each model: its columns, and the same ones at the end.
pub fn histories(chance: &mut Chance, habits: &mut Habits) -> Database {
    habits.times = chance.pick(&[Times::Sqlite, Times::SqliteFraction, Times::IsoMillis, Times::Millis]);
    habits.types = chance.pick(&[Types::Letter, Types::Crud]);
    let story = story(chance, habits);
    habits.ids = chance.pick(&[Ids::Number, Ids::Number, Ids::Uuid]);
    let ids = habits.ids.make(chance, story.streams, &story.kinds);
    let (prefix, suffix) =
        chance.pick(&[("app_historical", ""), ("", "_history"), ("", "_aud"), ("hist_", ""), ("", "_versions")]);
    let (key, date, kind, user) = chance.pick(&[
        ("history_id", "history_date", "history_type", "history_user_id"),
        ("hist_id", "changed_at", "change_type", "changed_by"),
        ("rev", "rev_time", "rev_type", "rev_user"),
        ("audit_id", "audit_ts", "audit_action", "audit_user"),
    ]);
    let singular = story.kinds.len();
    let members: Vec<[&str; 3]> =
        vec![["title", "price", "body"], ["name", "city", "phone"], ["label", "weight", "colour"]];
    let mut tables: Vec<TableSpec> = Vec::new();
    for (n, (noun, _)) in story.kinds.iter().enumerate() {
        let of = members[n % 3];
        let mut model =
            TableSpec::new(format!("app_{noun}")).column("id", format!("{} PRIMARY KEY", habits.ids.declared()));
        let mut history = TableSpec::new(format!("{prefix}{noun}{suffix}")).column("id", habits.ids.declared());
        for member in of {
            model = model.column(member, "TEXT");
            history = history.column(member, "TEXT");
        }
        history = history
            .column(key, "INTEGER PRIMARY KEY")
            .column(date, habits.times.declared())
            .column(kind, "VARCHAR(10)")
            .column(user, "TEXT");
        if chance.percent(50) {
            history.indexes.push(format!(
                "CREATE INDEX {} ON {} (id)",
                quoted(&format!("of {noun}")),
                quoted(&history.name)
            ));
        }
        tables.push(model);
        tables.push(history);
    }
    let mut told = Vec::new();
    for (row, fact) in story.facts.iter().enumerate() {
        let event_type = habits.type_of(&story, fact, row);
        let of = members[fact.kind % 3];
        let values: Vec<Value> = of.iter().map(|_| Value::Text(format!("{} {row}", chance.word()))).collect();
        let said_of: Vec<(String, String)> =
            of.iter().zip(&values).map(|(name, value)| ((*name).to_owned(), said(value))).collect();
        told.push(Told {
            streams: vec![Some(format!("{} {}", fact.kind, said(&ids[fact.stream])))],
            version: None,
            types: vec![Some(said(&event_type))],
            times: vec![Some(fact.at)],
            data: vec![Data::Members(said_of)],
        });
        let history = &mut tables[fact.kind * 2 + 1];
        let mut cells = vec![ids[fact.stream].clone()];
        cells.extend(values.clone());
        cells.extend([
            Value::Integer(history.rows.len() as i64 + 1),
            habits.times.make(fact.at, row),
            event_type,
            Value::Text(fact.actor.to_owned()),
        ]);
        history.rows.push(cells);
        let model = &mut tables[fact.kind * 2];
        let mut now = vec![ids[fact.stream].clone()];
        now.extend(values);
        match model.rows.iter_mut().find(|known| known[0] == now[0]) {
            Some(known) => *known = now,
            None => model.rows.push(now),
        }
    }
    let logs = (0..singular)
        .map(|n| tables[n * 2 + 1].name.clone())
        .filter(|name| tables.iter().any(|it| it.name == *name && !it.rows.is_empty()))
        .collect();
    Database {
        kind: format!("histories, {singular} models, {kind} {:?}", habits.ids),
        logs,
        tables,
        told,
        ..Database::default()
    }
}
