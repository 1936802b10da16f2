//! What holds no log: the tables of ordinary applications, alone and beside a log.

use rusqlite::types::Value;
use serde_json::json;

use super::forms::{TIMES, Times};
use super::{Chance, Database, TableSpec, quoted};

/// Applications: each is a few tables, written as a name and its columns. What stands after a column's name says what is
/// in it: `#` a number of the row, `!` an id, `@` an address, `~` words, `^` when the row was made, `%` another time, `$`
/// a price, `=` a small number, `{` a document, `>` a row of another table, `/` a path, `*` bytes, `?a|b` one of these.
const APPLICATIONS: [&[&str]; 44] = [
    &[
        "users: id# email@ name~ password_hash! role?admin|editor|reader created_at^ updated_at%",
        "sessions: token! user_id> ip_address~ expires_at% created_at^",
    ],
    &[
        "customers: id# name~ email@ city~ created_at^",
        "orders: id# customer_id> status?open|paid|shipped total$ created_at^ updated_at%",
        "order_lines: order_id> line_no= sku~ quantity= price$",
    ],
    &[
        "moz_cookies: id# originAttributes~ name~ value! host~ path/ expiry% lastAccessed% creationTime^ isSecure= isHttpOnly=",
    ],
    &["settings: key! value~", "app_state: name! value{ updated_at%"],
    &["bookmarks: id# url/ title~ folder_id> position= date_added^ last_modified%", "folders: id# name~ parent_id>"],
    &["notes: id# title~ body~ notebook_id> pinned= created_at^ updated_at%", "notebooks: id# name~ colour~"],
    &["photos: id# path/ width= height= taken_at% camera~ exif{ rating= favourite=", "albums: id# title~ cover_id>"],
    &["contacts: id# first_name~ last_name~ phone~ email@ birthday% notes~", "groups: id# name~"],
    &["books: id# isbn! title~ author~ publisher~ pages= published_on% shelf~ read_status?unread|reading|read"],
    &["employees: id# name~ department_id> salary$ hired_on% manager_id> email@", "departments: id# name~ budget$"],
    &[
        "products: id# sku! name~ description~ price$ stock= attributes{ updated_at%",
        "categories: id# name~ parent_id> sort_order=",
    ],
    &[
        "recipes: id# title~ instructions~ servings= minutes= source/ created_at^ updated_at%",
        "ingredients: recipe_id> position= name~ amount$ unit~",
    ],
    &[
        "todos: id# title~ done= due_at% priority?low|normal|high list_id> created_at^ completed_at%",
        "lists: id# name~",
    ],
    &[
        "posts: id# slug! title~ body~ author_id> status?draft|published published_at% updated_at%",
        "tags: id# name~",
        "post_tags: post_id> tag_id>",
    ],
    &[
        "jobs: id# queue?mail|default payload{ attempts= status?ready|running|done|failed run_at% locked_by~ created_at^ finished_at%",
    ],
    &["places: id# name~ lat$ lon$ kind?cafe|museum|park tags{", "routes: id# name~ length$ geometry*"],
    &[
        "feeds: id# url/ title~ etag! last_fetched% error_count=",
        "articles: id# feed_id> guid! title~ content~ link/ published_at% is_read= starred=",
    ],
    &["files: id# path/ size= mtime% hash! mime_type?text/plain|image/png parent_id>", "file_tags: file_id> tag~"],
    &[
        "podcasts: id# feed_url/ title~ artwork*",
        "episodes: id# podcast_id> guid! title~ duration= played= position= published_at%",
    ],
    &["devices: id# serial! model~ firmware~ last_seen% status?online|offline config{"],
    &[
        "invoices: id# number! customer~ due_on% total$ paid= status?draft|sent|paid created_at^ updated_at%",
        "invoice_items: invoice_id> position= text~ amount$",
    ],
    &["players: id# nickname~ rating= wins= losses= last_login%", "achievements: id# code! title~ points="],
    &["translations: id# locale?de|en|fr key! value~ updated_at%"],
    &["feature_flags: id# name! enabled= rules{ owner~ updated_at%", "environments: id# name~"],
    &["cache_entries: key! value* expires_at% size= hits=", "meta: key! value~"],
    &[
        "tickets: id# number! subject~ requester@ assignee~ status?open|pending|solved priority?low|high created_at^ updated_at% closed_at%",
    ],
    &[
        "words: id# lemma~ part_of_speech?noun|verb|adjective frequency= definition~",
        "examples: id# word_id> sentence~",
    ],
    &[
        "courses: id# code! title~ credits= teacher~",
        "students: id# name~ email@ enrolled_on% status?active|left",
        "grades: student_id> course_id> grade$ graded_on%",
    ],
    &[
        "tracks: id# title~ artist~ album~ track_no= duration= genre?rock|jazz|pop path/ play_count= last_played%",
        "playlists: id# name~",
        "playlist_items: playlist_id> position= track_id>",
    ],
    &[
        "properties: id# address~ rent$ rooms= owner~ status?vacant|let photo* updated_at%",
        "tenants: id# name~ email@ property_id> moved_in% moved_out%",
    ],
    &["kv: key! value{ version= updated_at%"],
    &[
        "plugins: id# name! version~ enabled= installed_at^ settings{ updated_at%",
        "repositories: id# url/ branch~ last_synced%",
    ],
    &["passwords: id# site/ username~ secret* notes~ created_at^ modified_at%", "vaults: id# name~ icon*"],
    &[
        "conversations: id! title~ created_at^",
        "messages: id# conversation_id> seq= role?user|assistant|system content~ created_at^",
    ],
    &["mailboxes: id# name~", "mails: id# mailbox_id> uid= message_id! subject~ sender@ date^ flags~ size= preview~"],
    &["persons: id# name~ note~", "person_fields: person_id> position= kind?phone|email|fax value~"],
    &["songs: id# album_id> track_no= title~ genre?rock|jazz tags{ added_at^ play_count="],
    &[
        "issues: id# title~ type?bug|feature status?open|closed created_at^ updated_at%",
        "comments: id# issue_id> author~ body~ created_at^",
    ],
    &["appointments: id# calendar_id> uid! title~ category?work|home starts_at% ends_at% attendees{ sequence="],
    &["notifications: id# user_id> type?mail|push|sms data{ read_at% status?sent|failed created_at^"],
    &["pages: id# slug! title~", "blocks: id# page_id> position= type?text|image|quote content{ updated_at%"],
    &["subscriptions: id# customer_id> plan?free|pro|team status?active|ended started_at^ ends_at% price$"],
    &[
        "visits: id# url_id> visit_time^ from_visit= transition= duration=",
        "urls: id# url/ title~ visit_count= last_visit_time%",
    ],
    &[
        "kunden: id# name~ ort~ mail@ angelegt_am^ geaendert_am%",
        "artikel: id# bezeichnung~ preis$ bestand= geaendert_am%",
    ],
];

/// What stands beside logs besides the tables of applications.
const BESIDE: [&str; 8] = [
    "schema_migrations: version! applied_at^",
    "projections: name! position= updated_at%",
    "checkpoints: reader! last_position=",
    "snapshots: id! version= state{ taken_at%",
    "read_model: id! name~ total$ status?open|closed updated_at%",
    "locks: name! owner~ expires_at%",
    "settings: key! value~",
    "users: id# email@ name~ created_at^ updated_at%",
];

/// An application without a log.
pub fn application(chance: &mut Chance) -> Database {
    let mut database = Database { kind: "plain".to_owned(), ..Database::default() };
    for _ in 0..chance.between(1, 3) {
        for table in chance.pick(&APPLICATIONS) {
            add(chance, &mut database, table);
        }
    }
    let names: Vec<&str> = database.tables.iter().map(|table| table.name.as_str()).collect();
    database.kind = format!("plain: {}", names.join(", "));
    database
}

/// Adds tables that are no log to a database that has one.
pub fn beside(chance: &mut Chance, database: &mut Database) {
    for _ in 0..chance.between(0, 2) {
        for table in chance.pick(&APPLICATIONS) {
            add(chance, database, table);
        }
    }
    for _ in 0..chance.between(0, 2) {
        let table = chance.pick(&BESIDE);
        add(chance, database, table);
    }
    // The log is not always the first table, nor in the order of names.
    let at = chance.between(0, database.tables.len() as i64 - 1) as usize;
    database.tables.rotate_left(at);
}

fn add(chance: &mut Chance, database: &mut Database, written: &str) {
    let table = table(chance, written);
    let same = |known: &TableSpec| known.name.to_lowercase() == table.name.to_lowercase();
    if !database.tables.iter().any(same) {
        database.tables.push(table);
    }
}

fn table(chance: &mut Chance, written: &str) -> TableSpec {
    let (name, columns) = written.split_once(": ").unwrap();
    let camel = chance.percent(15);
    let styled = |name: &str| {
        let mut words = name.split('_');
        let first = words.next().unwrap().to_owned();
        if !camel {
            return name.to_owned();
        }
        words.fold(first, |so_far, word| so_far + &word[..1].to_uppercase() + &word[1..])
    };
    let mut spec = TableSpec::new(styled(name));
    let mut cells: Vec<(char, Vec<&str>)> = Vec::new();
    let mut times = chance.pick(&TIMES);
    if times == Times::Rfc2822 || times == Times::Offsets {
        times = Times::Sqlite;
    }
    for column in columns.split(' ') {
        let (name, choices) = column.split_once('?').unwrap_or((column, ""));
        let (name, sigil) = if choices.is_empty() { name.split_at(name.len() - 1) } else { (name, "?") };
        let declared = match sigil {
            "#" => "INTEGER PRIMARY KEY",
            "!" if cells.is_empty() => "TEXT PRIMARY KEY",
            "=" | ">" => "INTEGER",
            "$" => "REAL",
            "*" => "BLOB",
            "^" | "%" => times.declared(),
            _ => "TEXT",
        };
        spec.columns.push((styled(name), declared.to_owned()));
        cells.push((sigil.chars().next().unwrap(), choices.split('|').collect()));
    }
    let rows = chance.pick(&[3, 12, 40, 90, 150]);
    let (mut made, mut seen) =
        (chance.between(1_500_000_000, 1_700_000_000) * 1_000_000, std::collections::HashMap::new());
    for row in 0..rows {
        made += chance.between(1_000_000, 900_000_000_000);
        let of = if row % 3 == 0 { chance.between(1, 9) } else { chance.between(1, 30) };
        let mut line = Vec::new();
        for (place, (sigil, choices)) in cells.iter().enumerate() {
            line.push(match sigil {
                '#' => Value::Integer(row + 1),
                '!' if place == 0 && !chance.percent(40) => {
                    Value::Text(format!("{}.{}.{row}", chance.word(), chance.word()))
                }
                '!' => Value::Text(chance.uuid().to_string()),
                '@' => Value::Text(format!("{}{row}@example.org", chance.word())),
                '~' if chance.percent(4) => Value::Null,
                '~' => Value::Text(format!("{} {}", chance.word(), chance.word())),
                '^' => times.make(made, row as usize),
                '%' if chance.percent(25) => Value::Null,
                '%' => times.make(made + chance.between(0, 40_000_000_000_000), row as usize),
                '$' => Value::Real(chance.between(100, 99_999) as f64 / 100.0),
                // A place within another row counts up for it.
                '=' if place > 0 && cells[place - 1].0 == '>' => {
                    let next = seen.entry(line.last().map(super::forms::said)).or_insert(0);
                    *next += 1;
                    Value::Integer(*next)
                }
                '=' => Value::Integer(chance.between(0, 40)),
                '>' => Value::Integer(of),
                '{' => Value::Text(
                    json!({"theme": chance.word(), "size": chance.between(1, 9), "on": chance.percent(50)}).to_string(),
                ),
                '/' => Value::Text(format!("https://example.org/{}/{row}", chance.word())),
                '*' => Value::Blob((0..chance.between(20, 200)).map(|_| (chance.bits() % 256) as u8).collect()),
                _ => Value::Text(chance.pick(choices).to_owned()),
            });
        }
        spec.rows.push(line);
    }
    for (column, _) in spec.columns.clone().iter().filter(|(name, _)| name.ends_with("_id")) {
        if chance.percent(40) {
            spec.indexes.push(format!(
                "CREATE INDEX {} ON {} ({})",
                quoted(&format!("{} by {column}", spec.name)),
                quoted(&spec.name),
                quoted(column)
            ));
        }
    }
    spec
}
