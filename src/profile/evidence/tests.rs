//! Recognition on logs and tables made for it.
use super::*;

#[test]
fn dump() {
    let mut names: Vec<_> = std::fs::read_dir("tests/fixtures").unwrap().map(|e| e.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "db")).collect();
    names.sort();
    for path in names {
        let conn = Connection::open_with_flags(&path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        for infer in [false, true] {
            let found = if infer { super::super::infer(&conn) } else { super::super::detect(&conn) };
            let Ok(Some(found)) = found.map(|f| f.into_iter().next()) else { continue };
            let tables = schema::read(&conn).unwrap();
            let start = std::time::Instant::now();
            let mut p = (*found.profile).clone();
            if !infer { p.snapshots = None; }
            let e = evidence(&conn, &tables, &p).unwrap();
            eprintln!("{} {} {:?}\n  S {:?}\n  others {:?} streams {:?}", path.file_name().unwrap().to_string_lossy(), if infer {"guess"} else {"profile"}, start.elapsed(), e.snapshots.as_ref().map(|s| (&s.from, s.aggregate_type.as_ref().map(|f| &f.sql), &s.aggregate_id.sql, &s.version.sql, &s.state.sql)), e.others, e.streams);
            for m in &e.read_models { eprintln!("  M {} {:?} {} {:?} {} of {}", m.table, m.aggregate_type.as_ref().map(|f| &f.sql), m.aggregate_id.sql, m.version.as_ref().map(|f| &f.sql), m.state.sql, m.of); }
        }
    }
}
