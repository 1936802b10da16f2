//! Counts what a store holds with two readers, each on a connection of its own.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread;

use crate::error::Result;
use crate::insight::{Statistics, Uncounted, count_streams};
use crate::source::{Census, ScanRange, Source};

/// How many events a reader looks at, at a time.
const PART: u64 = 100_000;

/// What a store holds, as [`Statistics::of`] counts it: one reader counts the streams while another asks the indexes for
/// types and times, and both share what no index tells.
///
/// # Errors
/// Those of reading; where the system gives no more threads, too.
pub fn count_together(source: &Source) -> Result<Statistics> {
    let other = source.reopen()?;
    other.set_interrupt(source.interrupt())?;
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let (send, receive) = sync_channel::<(Uncounted, Vec<ScanRange>)>(1);
        let next = &next;
        let streams = thread::Builder::new().name("eventscope streams".to_owned()).spawn_scoped(scope, move || {
            let streams = count_streams(&other)?;
            let counted = receive.recv().ok().map(|(uncounted, parts)| shared(&other, uncounted, &parts, next));
            Ok::<_, crate::Error>((streams, counted.transpose()?))
        })?;
        let (mut found, uncounted) = Statistics::by_index(source)?;
        let parts = if uncounted.is_nothing() { Vec::new() } else { source.divide(ScanRange::default(), PART)? };
        let _ = send.send((uncounted, parts.clone()));
        let mine = shared(source, uncounted, &parts, next);
        drop(send);
        let (streams, theirs) = streams.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        let census = mine?.into_iter().chain(theirs.flatten()).reduce(joined);
        if let Some(census) = census {
            found.take(&census, uncounted);
        }
        Ok(Statistics { streams, ..found })
    })
}

/// Looks at one part after the other, of those that nobody has taken; nothing where there is none.
fn shared(source: &Source, uncounted: Uncounted, parts: &[ScanRange], next: &AtomicUsize) -> Result<Option<Census>> {
    let mut counted = None;
    while let Some(part) = parts.get(next.fetch_add(1, Ordering::Relaxed)) {
        let of_part = uncounted.count(source, *part, &mut |_| ControlFlow::Continue(()))?;
        counted = Some(match counted {
            Some(before) => joined(before, of_part),
            None => of_part,
        });
    }
    Ok(counted)
}

fn joined(mut before: Census, other: Census) -> Census {
    before.join(other);
    before
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rusqlite::Connection;

    use super::*;
    use crate::profile::Profile;
    use crate::source::{Choice, OpenOptions};

    #[test]
    fn two_readers_count_what_one_does() {
        for index in ["", "CREATE INDEX types ON log (type); CREATE INDEX streams ON log (stream);"] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("log.db");
            let rows = 2 * PART + 7;
            let sql = format!(
                "CREATE TABLE log (n INTEGER PRIMARY KEY, stream TEXT, type TEXT, at TEXT, data TEXT);
                 WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t WHERE i < {rows})
                 INSERT INTO log SELECT i, 'a-' || (i % 91), 'type ' || (i % 3),
                     strftime('%Y-%m-%dT%H:%M:%SZ', 1700000000 + (i * 7919) % 1000003, 'unixepoch'), NULL FROM t;
                 {index}"
            );
            Connection::open(&path).unwrap().execute_batch(&sql).unwrap();
            let profile = "name = \"log\"\ntitle = \"A log\"\n[detect]\nlog = [\"n\"]\n[events]\nfrom = \"log\"\n\
                position = \"n\"\naggregate_id = \"stream\"\nevent_type = \"type\"\n\
                timestamp = { sql = \"at\", format = \"iso8601\" }\ndata = \"data\"";
            let profile = Some(Choice::Profile(Arc::new(Profile::parse(profile).unwrap())));
            let source = Source::open(&path, &OpenOptions { profile, ..OpenOptions::default() }).unwrap();
            let counted = count_together(&source).unwrap();
            assert_eq!(counted, Statistics::of(&source).unwrap());
            assert_eq!((counted.events, counted.streams, counted.event_types.len()), (rows, 91, 3));
            assert!(counted.first.unwrap().utc < counted.last.unwrap().utc);
        }
    }
}
