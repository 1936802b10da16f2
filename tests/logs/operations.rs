//! Logs that are no rows of a stream, a type and a document: what an event says stands in columns, or all of it in one
//! document, or in the form of some protocol.

use rusqlite::types::Value;
use serde_json::{Map, Value as Json, json};

use super::forms::{Ids, Payloads, Times, Types, said, stored};
use super::layouts::{Habits, story, usual};
use super::{Chance, Data, Database, TableSpec, Told, quoted};

fn text(text: impl Into<String>) -> Value {
    Value::Text(text.into())
}

fn database(kind: String, tables: Vec<TableSpec>, told: Vec<Told>) -> Database {
    Database { kind, logs: vec![tables.last().unwrap().name.clone()], tables, told, ..Database::default() }
}

/// Members under the names of their columns.
fn members(columns: &[(&str, &Value)]) -> Vec<Data> {
    vec![Data::Members(columns.iter().map(|(name, value)| ((*name).to_owned(), said(value))).collect())]
}

/// Bookings, movements of stock, points: the amount and the rest are columns.
pub fn ledger(chance: &mut Chance, habits: &mut Habits) -> Database {
    let story = story(chance, habits);
    if matches!(habits.types, Types::Many | Types::Class | Types::Versioned) {
        habits.types = chance.pick(&[Types::Bare, Types::Letter, Types::Upper]);
    }
    let ids = habits.ids.make(chance, story.streams, &story.kinds);
    let (table, subject, kind, amount, unit, note, time) = chance.pick(&[
        ("ledger", "account", "entry_type", "amount_minor", "currency", "memo", "booked_at"),
        ("ledger_entries", "account_id", "type", "amount", "currency", "description", "created_at"),
        ("stock_movements", "product_id", "movement_type", "quantity", "unit", "reference", "moved_at"),
        ("inventory_log", "sku", "reason", "delta", "warehouse", "comment", "logged_at"),
        ("points_history", "member_id", "kind", "points", "campaign", "note", "earned_on"),
        ("transactions", "wallet", "direction", "value", "asset", "memo", "ts"),
        ("buchungen", "konto", "buchungsart", "betrag", "waehrung", "verwendungszweck", "gebucht_am"),
        ("mouvements", "compte", "sens", "montant", "devise", "libelle", "date_valeur"),
        ("meter_events", "meter", "event", "reading", "unit", "remark", "read_at"),
        ("access_log", "badge", "action", "door_no", "site", "remark", "at"),
        ("game_moves", "match_id", "move_type", "piece_no", "square", "comment", "played_at"),
    ]);
    let names: Vec<String> =
        [subject, kind, amount, unit, note, time].iter().map(|name| habits.written(name)).collect();
    let mut spec = TableSpec::new(habits.written(table))
        .column(habits.written("id"), "INTEGER PRIMARY KEY")
        .column(&names[0], habits.ids.declared())
        .column(&names[1], habits.types.declared())
        .column(&names[2], "INTEGER")
        .column(&names[3], "TEXT")
        .column(&names[4], "TEXT")
        .column(&names[5], habits.times.declared());
    if chance.percent(50) {
        spec.indexes.push(format!("CREATE INDEX by_subject ON {} ({})", quoted(&spec.name), quoted(&names[0])));
    }
    let mut told = Vec::new();
    let units = ["EUR", "USD", "CHF"];
    for (row, fact) in story.facts.iter().enumerate() {
        let event_type = habits.type_of(&story, fact, row);
        let amount = Value::Integer(chance.between(-90_000, 90_000));
        let unit = text(units[fact.stream % units.len()]);
        let note = if chance.percent(70) { text(format!("{} {row}", chance.word())) } else { Value::Null };
        told.push(Told {
            streams: vec![Some(said(&ids[fact.stream]))],
            version: None,
            types: vec![Some(said(&event_type))],
            times: vec![Some(fact.at)],
            data: members(&[(&names[2], &amount), (&names[3], &unit), (&names[4], &note)]),
        });
        let time = habits.times.make(fact.at, row);
        spec.rows.push(vec![
            Value::Integer(row as i64 + 1),
            ids[fact.stream].clone(),
            event_type,
            amount,
            unit,
            note,
            time,
        ]);
    }
    database(format!("ledger, {:?} {:?} {:?}", habits.ids, habits.types, habits.times), vec![spec], told)
}

/// Each row sets one cell: a table, a row, a column, a value.
pub fn cells(chance: &mut Chance, habits: &mut Habits) -> Database {
    let story = story(chance, habits);
    habits.ids = chance.pick(&[Ids::Uuid, Ids::Hex, Ids::Prefixed, Ids::Slug]);
    let ids = habits.ids.make(chance, story.streams, &story.kinds);
    let (table, of, row_name, column, value, time) = chance.pick(&[
        ("oplog", "dataset", "row", "column", "value", "timestamp"),
        ("changes", "table_name", "pk", "cid", "val", "ts"),
        ("crdt_ops", "tbl", "row_id", "col", "new_value", "hlc"),
        ("field_changes", "entity", "entity_id", "field", "value", "changed_at"),
        ("messages_crdt", "dataset", "row", "column", "value", "timestamp"),
    ]);
    let names: Vec<String> = [of, row_name, column, value, time].iter().map(|name| habits.written(name)).collect();
    let mut spec = TableSpec::new(habits.written(table))
        .column(habits.written("id"), "INTEGER PRIMARY KEY")
        .column(&names[0], "TEXT NOT NULL")
        .column(&names[1], "TEXT NOT NULL")
        .column(&names[2], "TEXT NOT NULL")
        .column(&names[3], "")
        .column(&names[4], habits.times.declared());
    if chance.percent(40) {
        spec.indexes.push(format!(
            "CREATE INDEX cells ON {} ({}, {})",
            quoted(&spec.name),
            quoted(&names[0]),
            quoted(&names[1])
        ));
    }
    let fields = ["name", "amount", "notes", "category", "cleared"];
    let mut told = Vec::new();
    for (row, fact) in story.facts.iter().enumerate() {
        let set = chance.pick(&fields);
        let (kind, column) = (text(format!("{}s", story.kinds[fact.kind].0)), text(set));
        let value = if set == "amount" {
            Value::Integer(chance.between(1, 9_000))
        } else {
            text(format!("{} {row}", chance.word()))
        };
        let whole = [(names[2].as_str(), &column), (names[3].as_str(), &value)];
        let set_alone = Data::Members(vec![(set.to_owned(), said(&value))]);
        let mut data = members(&whole);
        data.extend([set_alone, Data::Stored(stored(&value))]);
        told.push(Told {
            streams: vec![Some(said(&ids[fact.stream]))],
            version: None,
            types: vec![Some(set.to_owned()), None],
            times: vec![Some(fact.at)],
            data,
        });
        let time = habits.times.make(fact.at, row);
        spec.rows.push(vec![Value::Integer(row as i64 + 1), kind, ids[fact.stream].clone(), column, value, time]);
    }
    database(format!("cells, {:?} {:?}", habits.ids, habits.times), vec![spec], told)
}

/// A type and an id of the thing, who, what, and what changed.
pub fn audit(chance: &mut Chance, habits: &mut Habits) -> Database {
    let story = story(chance, habits);
    habits.ids = chance.pick(&[Ids::Number, Ids::Number, Ids::Uuid, Ids::Hex]);
    habits.types = chance.pick(&[Types::Crud, Types::Crud, Types::Dotted, Types::Bare, Types::Phrase]);
    let ids = habits.ids.make(chance, story.streams, &story.kinds);
    let (table, kind, id, action, who, data, time) = chance.pick(&[
        ("versions", "item_type", "item_id", "event", "whodunnit", "object_changes", "created_at"),
        ("audit_log", "entity_type", "entity_id", "action", "user_id", "details", "created_at"),
        ("activity_log", "subject_type", "subject_id", "description", "causer_id", "properties", "created_at"),
        ("audits", "auditable_type", "auditable_id", "action", "user_id", "audited_changes", "created_at"),
        ("audit_trail", "target_type", "target_id", "event_type", "performed_by", "changes", "performed_at"),
        ("change_log", "object_class", "object_key", "operation", "author", "diff", "changed_at"),
        ("log_entries", "model", "object_pk", "action", "actor", "changes", "timestamp"),
    ]);
    let names: Vec<String> = [kind, id, action, who, data, time].iter().map(|name| habits.written(name)).collect();
    let mut spec = TableSpec::new(habits.written(table))
        .column(habits.written("id"), "INTEGER PRIMARY KEY")
        .column(&names[0], "VARCHAR")
        .column(&names[1], habits.ids.declared())
        .column(&names[2], "VARCHAR")
        .column(&names[3], "VARCHAR")
        .column(&names[4], "TEXT")
        .column(&names[5], habits.times.declared());
    if chance.percent(60) {
        spec.indexes.push(format!(
            "CREATE INDEX of_thing ON {} ({}, {})",
            quoted(&spec.name),
            quoted(&names[0]),
            quoted(&names[1])
        ));
    }
    let yaml = chance.percent(25);
    let mut told = Vec::new();
    for (row, fact) in story.facts.iter().enumerate() {
        let event_type = habits.type_of(&story, fact, row);
        let changes: Map<String, Json> =
            fact.data.iter().map(|(key, value)| (key.clone(), json!([null, value]))).collect();
        let data = if yaml { Payloads::Yaml.make(chance, &changes) } else { text(Json::Object(changes).to_string()) };
        told.push(Told {
            streams: vec![Some(said(&ids[fact.stream]))],
            version: None,
            types: vec![Some(said(&event_type))],
            times: vec![Some(fact.at)],
            data: vec![Data::Stored(stored(&data))],
        });
        let (kind, time) = (text(story.kinds[fact.kind].0.clone()), habits.times.make(fact.at, row));
        spec.rows.push(vec![
            Value::Integer(row as i64 + 1),
            kind,
            ids[fact.stream].clone(),
            event_type,
            text(fact.actor),
            data,
            time,
        ]);
    }
    database(format!("audit, {:?} {:?} {:?}", habits.ids, habits.types, habits.times), vec![spec], told)
}

/// The whole event in one document.
pub fn whole(chance: &mut Chance, habits: &mut Habits) -> Database {
    let story = story(chance, habits);
    if matches!(habits.types, Types::Code | Types::Letter) {
        habits.types = Types::Dotted;
    }
    habits.ids = chance.pick(&[Ids::Uuid, Ids::Prefixed, Ids::Hex, Ids::Slug]);
    habits.times = chance.pick(&[Times::IsoMillis, Times::IsoMicros, Times::Millis, Times::Seconds, Times::Offsets]);
    let ids = habits.ids.make(chance, story.streams, &story.kinds);
    let (type_key, subject_key, time_key, data_key) = chance.pick(&[
        ("type", "subject", "time", "data"),
        ("event_type", "aggregate_id", "occurred_at", "payload"),
        ("name", "entityId", "timestamp", "body"),
        ("kind", "account", "at", "fields"),
        ("eventName", "streamId", "createdAt", "props"),
    ]);
    let column = chance.pick(&["event", "value", "data", "doc", "json", "record", "body"]);
    let blob = chance.percent(30);
    let timed = chance.percent(40);
    let mut spec = TableSpec::new(habits.name(chance, habits.tongue.tables))
        .column(habits.name(chance, habits.tongue.numbers), "INTEGER PRIMARY KEY")
        .column(column, if blob { "BLOB" } else { "TEXT" });
    if timed {
        spec = spec.column("stored_at", "TEXT");
    }
    let mut told = Vec::new();
    for (row, fact) in story.facts.iter().enumerate() {
        let event_type = habits.type_of(&story, fact, row);
        let time = match habits.times.make(fact.at, row) {
            Value::Integer(number) => json!(number),
            other => json!(said(&other)),
        };
        let subject = said(&ids[fact.stream]);
        let document = json!({"id": chance.uuid().to_string(), type_key: said(&event_type), subject_key: subject, time_key: time, data_key: fact.data});
        let document = if blob { Value::Blob(document.to_string().into_bytes()) } else { text(document.to_string()) };
        told.push(Told {
            streams: vec![Some(subject)],
            version: None,
            types: vec![Some(said(&event_type))],
            times: vec![Some(fact.at)],
            data: vec![Data::Stored(stored(&document))],
        });
        let mut cells = vec![Value::Integer(row as i64 + 1), document];
        cells.extend(timed.then(|| Times::Sqlite.make(fact.at, row)));
        spec.rows.push(cells);
    }
    database(
        format!("whole, {type_key} {subject_key} {time_key} {:?} {:?}", habits.ids, habits.times),
        vec![spec],
        told,
    )
}

/// A tagged document that has the id of its subject inside: `{"Update": {"uuid": …}}`.
pub fn inside(chance: &mut Chance, habits: &mut Habits) -> Database {
    let story = story(chance, habits);
    habits.ids = chance.pick(&[Ids::Uuid, Ids::Uuid, Ids::Hex]);
    let ids = habits.ids.make(chance, story.streams, &story.kinds);
    let key = chance.pick(&["uuid", "id", "task_id", "entity"]);
    let timed = chance.percent(50);
    let mut spec = TableSpec::new(chance.pick(&["operations", "ops", "oplog", "mutations"]))
        .column("id", "INTEGER PRIMARY KEY AUTOINCREMENT")
        .column(chance.pick(&["data", "op", "value"]), "TEXT");
    if timed {
        spec = spec.column("at", habits.times.declared());
    }
    let mut told = Vec::new();
    for (row, fact) in story.facts.iter().enumerate() {
        let tag = if fact.version == 0 { "Create" } else { ["Update", "Delete", "Link"][fact.what % 5 % 3] };
        let mut body = fact.data.clone();
        body.shift_insert(0, key.to_owned(), json!(said(&ids[fact.stream])));
        let document = text(json!({tag: body}).to_string());
        told.push(Told {
            streams: vec![Some(said(&ids[fact.stream]))],
            version: None,
            types: vec![Some(tag.to_owned())],
            times: vec![timed.then_some(fact.at)],
            data: vec![Data::Stored(stored(&document))],
        });
        let mut cells = vec![Value::Integer(row as i64 + 1), document];
        cells.extend(timed.then(|| habits.times.make(fact.at, row)));
        spec.rows.push(cells);
    }
    database(format!("inside, {key} timed {timed} {:?}", habits.ids), vec![spec], told)
}

/// What waits to be sent: nothing else holds the events.
pub fn outbox(chance: &mut Chance, habits: &mut Habits) -> Database {
    let story = story(chance, habits);
    habits.types = chance.pick(&[Types::Dotted, Types::Pascal, Types::Snake]);
    habits.payloads = Payloads::Json;
    let rows = usual(chance, habits, &story, 1);
    let (table, time, topic, key, payload, headers, done) = chance.pick(&[
        ("outbox", "occurred_at", "topic", "key", "payload", "headers", "processed_at"),
        ("outbox_messages", "created_at", "event_type", "aggregate_id", "payload", "headers", "published_at"),
        ("outbox_events", "occurred_on", "type", "partition_key", "data", "metadata", "sent_at"),
        ("message_outbox", "enqueued_at", "subject_name", "entity_id", "body", "properties", "dispatched_at"),
    ]);
    let mut spec = TableSpec::new(table)
        .column("id", "INTEGER PRIMARY KEY")
        .column(time, habits.times.declared())
        .column(topic, "TEXT")
        .column(key, habits.ids.declared())
        .column(payload, "TEXT")
        .column(headers, "TEXT")
        .column(done, habits.times.declared());
    let sent = rows.len() * 8 / 10;
    let mut told = Vec::new();
    for (n, row) in rows.into_iter().enumerate() {
        let processed = if n < sent { row.time.clone() } else { Value::Null };
        spec.rows.push(vec![
            Value::Integer(n as i64 + 1),
            row.time,
            row.event_type,
            row.stream,
            row.data,
            row.metadata,
            processed,
        ]);
        told.push(Told { version: None, ..row.told });
    }
    database(format!("outbox, {table} {:?} {:?}", habits.ids, habits.times), vec![spec], told)
}

/// Signed events of a protocol: a key, a number for the kind, content, tags.
pub fn signed(chance: &mut Chance, habits: &mut Habits) -> Database {
    let story = story(chance, habits);
    habits.ids = Ids::Key;
    let ids = habits.ids.make(chance, story.streams, &story.kinds);
    let bytes = chance.percent(30);
    let (table, who, kind, time, content) = chance.pick(&[
        ("event", "pubkey", "kind", "created_at", "content"),
        ("notes", "author", "msg_kind", "ts", "body"),
        ("frames", "sender_key", "opcode", "received_at", "content"),
    ]);
    let key = |value: &Value| match (value, bytes) {
        (Value::Text(hex), true) => Value::Blob(
            hex.as_bytes()
                .chunks(2)
                .map(|it| u8::from_str_radix(std::str::from_utf8(it).unwrap(), 16).unwrap())
                .collect(),
        ),
        (other, _) => other.clone(),
    };
    let mut spec = TableSpec::new(table)
        .column("id", if bytes { "BLOB PRIMARY KEY" } else { "TEXT PRIMARY KEY" })
        .column(who, if bytes { "BLOB" } else { "TEXT" })
        .column(time, "INTEGER")
        .column(kind, "INTEGER")
        .column("tags", "TEXT")
        .column(content, "TEXT")
        .column("sig", if bytes { "BLOB" } else { "TEXT" });
    if chance.percent(60) {
        spec.indexes.push(format!("CREATE INDEX by_author ON {table} ({who})"));
    }
    let kinds = [0, 1, 3, 7, 30_023];
    let mut told = Vec::new();
    for fact in &story.facts {
        let number = Value::Integer(kinds[fact.what % 5]);
        let author = key(&ids[fact.stream]);
        let (id, sig) = (
            text(format!("{}{}", chance.hex(), chance.hex())),
            text(format!("{}{}{}{}", chance.hex(), chance.hex(), chance.hex(), chance.hex())),
        );
        let body = if fact.what == 0 {
            text(Json::Object(fact.data.clone()).to_string())
        } else {
            text(format!("{} and {}", chance.word(), chance.word()))
        };
        let tags = text(json!([["e", chance.hex()], ["p", chance.word()]]).to_string());
        told.push(Told {
            streams: vec![Some(said(&author))],
            version: None,
            types: vec![Some(said(&number))],
            times: vec![Some(fact.at)],
            data: [vec![Data::Stored(stored(&body))], members(&[(content, &body), ("tags", &tags)])].concat(),
        });
        spec.rows.push(vec![key(&id), author, Times::Seconds.make(fact.at, 0), number, tags, body, key(&sig)]);
    }
    database(format!("signed, {table} bytes {bytes}"), vec![spec], told)
}

/// A tenant, an account or a session that repeats beside a log.
pub fn tenants(chance: &mut Chance, habits: &mut Habits) -> Database {
    let story = story(chance, habits);
    habits.ids = chance.pick(&[Ids::Number, Ids::Uuid, Ids::Slug, Ids::Hex]);
    let rows = usual(chance, habits, &story, 1);
    let (who, what, data, time) = chance.pick(&[
        ("tenant_id", "event", "data", "timestamp"),
        ("account_id", "event_name", "properties", "created_at"),
        ("session_id", "event_type", "payload", "ts"),
        ("device_id", "type", "body", "received_at"),
        ("workspace", "action", "params", "at"),
        ("user_id", "event", "attributes", "occurred_at"),
        ("org_id", "name", "details", "logged_at"),
    ]);
    let mut spec =
        TableSpec::new(chance.pick(&["events", "analytics_events", "event_log", "track", "telemetry", "activity"]))
            .column("id", "INTEGER PRIMARY KEY")
            .column(habits.written(who), habits.ids.declared())
            .column(habits.written(what), habits.types.declared())
            .column(habits.written(data), habits.payloads.declared())
            .column(habits.written(time), habits.times.declared());
    if chance.percent(40) {
        spec.indexes.push(format!("CREATE INDEX of_owner ON {} ({})", quoted(&spec.name), quoted(&spec.columns[1].0)));
    }
    let mut told = Vec::new();
    for (n, row) in rows.into_iter().enumerate() {
        spec.rows.push(vec![Value::Integer(n as i64 + 1), row.stream, row.event_type, row.data, row.time]);
        told.push(Told { version: None, ..row.told });
    }
    database(
        format!("tenant, {who} {:?} {:?} {:?} {:?}", habits.ids, habits.types, habits.times, habits.payloads),
        vec![spec],
        told,
    )
}
