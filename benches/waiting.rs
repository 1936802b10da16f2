//! What a person waits for on a large store, and what it costs meanwhile: from asking an open session to having it.
//!
//! `cargo bench --bench waiting`, or `EVENTS=10000000 cargo bench --bench waiting`, or with `DATABASE=FILE` an event store
//! of Eventscope's; with `PART=reading` or `PART=following` half of it. What is appended goes to a copy beside the file,
//! which is removed at the end; `BURST=60` is for how many seconds another process appends 5,000 events a second.
//! Processor and memory are those of this process, as Linux counts them; without a window, which `tests/window/measure` has.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod large_store;

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use eventscope::event::{ExpectedVersion, NewEvent, StreamName};
use eventscope::filter::Filter;
use eventscope::model::{Column, Sort};
use eventscope::session::{JobView, OpenRequest, Query, Session};
use eventscope::store::EventStore;
use serde_json::json;

/// The environment's variable by which the writing process knows its store.
const WRITER: &str = "EVENTSCOPE_BENCH_WRITER";
/// A burst: so many events at once, so often.
const BATCH: u64 = 50;
const PACE: Duration = Duration::from_millis(10);
/// How many rows a window shows.
const IN_VIEW: u64 = 40;

fn main() {
    if let Some(path) = std::env::var_os(WRITER) {
        write(Path::new(&path));
        return;
    }
    let (file, events) = large_store::database();
    println!("{events} events");
    println!("{:44} {:>12} {:>12}   target", "what is waited for", "median", "most");
    let wanted = std::env::var("PART").unwrap_or_default();
    if wanted != "following" {
        reading(&file);
    }
    if wanted != "reading" {
        following(&file);
    }
}

/// What is read of a store at rest.
fn reading(file: &Path) {
    let mut session = opening(file);
    jumps(&mut session);
    filters(&mut session);
    stopping(&mut session);
    println!("{:44} {:>12}   250 MB", "memory, after all this", format!("{:.0} MB", memory()));
}

/// A session, and what wakes its window.
struct Opened {
    session: Session,
    woken: Receiver<()>,
}

impl Opened {
    fn new(path: PathBuf) -> Self {
        let (wake, woken) = sync_channel(1);
        let wake = Arc::new(move || {
            let _ = wake.try_send(());
        });
        Self { session: Session::open(OpenRequest { path, ..OpenRequest::default() }, wake), woken }
    }

    /// Takes in what comes until `done`; answers how long that took.
    fn until(&mut self, what: &str, mut done: impl FnMut(&Session) -> bool) -> Duration {
        let begin = Instant::now();
        loop {
            self.session.poll();
            if done(&self.session) {
                return begin.elapsed();
            }
            assert!(begin.elapsed() < Duration::from_mins(3), "never: {what}");
            // Some things, such as the end of a job, wake nobody at once.
            let _ = self.woken.recv_timeout(Duration::from_millis(5));
        }
    }

    /// Until the rows from one on are read.
    fn rows(&mut self, first: u64) -> Duration {
        self.until("rows", |session| {
            let rows = session.rows();
            let last = (first + IN_VIEW).min(rows.len().value);
            session.want_rows(first..last);
            !rows.is_stale() && last > 0 && rows.get(first).is_some() && rows.get(last - 1).is_some()
        })
    }

    fn ask(&mut self, filter: &str) {
        let sort = Sort { column: Column::Position, descending: false };
        self.session.set_query(Query { filter: Filter::parse(filter).unwrap(), sort });
    }

    /// Until nothing is read any more.
    fn rest(&mut self) -> Duration {
        let (begin, mut quiet, mut before) = (Instant::now(), Instant::now(), processor());
        while quiet.elapsed() < Duration::from_secs(1) {
            self.session.poll();
            let _ = self.woken.recv_timeout(Duration::from_millis(50));
            let now = processor();
            if now > before + 0.02 || !self.session.jobs().is_empty() {
                (quiet, before) = (Instant::now(), now);
            }
        }
        begin.elapsed().saturating_sub(quiet.elapsed())
    }
}

fn opening(file: &Path) -> Opened {
    let mut opened = Opened::new(file.to_owned());
    let first = opened.rows(0);
    show("first rows, without a window", &mut [first], "400 ms, with one");
    let worked = processor();
    let end = opened.until("the end", |session| session.rows().len().complete);
    show("then every row counted", &mut [end], "");
    let last = opened.session.rows().len().value - IN_VIEW;
    show("a jump to the end while all else is counted", &mut [opened.rows(last)], "50 ms");
    let rest = opened.rest();
    show("work in the background after the first rows", &mut [rest], "");
    println!("{:44} {:>12}   3 s", "  of the processor", format!("{:.2} s", processor() - worked));
    println!("{:44} {:>12}", "  memory then", format!("{:.0} MB", memory()));
    let (before, begin) = (processor(), Instant::now());
    while begin.elapsed() < Duration::from_secs(5) {
        opened.session.poll();
        let _ = opened.woken.recv_timeout(Duration::from_secs(1));
    }
    println!("{:44} {:>12}   0 %", "idle", format!("{:.1} %", (processor() - before) / 5.0 * 100.0));
    opened
}

fn jumps(opened: &mut Opened) {
    let rows = opened.session.rows().len().value - IN_VIEW;
    // Steps of the golden section: nowhere near each other.
    let mut times: Vec<_> = (1..=200_u64).map(|step| opened.rows((step * 618_033_989) % rows)).collect();
    show("200 jumps to anywhere", &mut times, "50 ms");
}

fn filters(opened: &mut Opened) {
    println!("{:44} {:>12} {:>12}   first 100 ms (50 ms by an index)", "filters", "first rows", "whole");
    for text in [
        "type:order.placed",
        "stream:ledger/led-1",
        "after:2025-06-01 before:2025-06-02",
        "\"A-555\"",
        "data.amount>9990",
        "data.customer.tier=gold",
        "data.lines[].sku:A-5*",
        "/A-55\\d5/",
        "type:order.* (data.total>9000 or has:data.error)",
    ] {
        opened.ask(text);
        let begin = Instant::now();
        let mut first = None;
        let whole = opened.until(text, |session| {
            let rows = session.rows();
            session.want_rows(0..IN_VIEW);
            if first.is_none() && !rows.is_stale() && rows.get(0).is_some() {
                first = Some(begin.elapsed());
            }
            !rows.is_stale() && rows.len().complete && (first.is_some() || rows.len().value == 0)
        });
        let found = opened.session.rows().len().value;
        let first = first.map_or_else(|| "none".to_owned(), millis);
        println!("{:44} {first:>12} {:>12}   {found} found", format!("  {text}"), millis(whole));
    }
}

fn stopping(opened: &mut Opened) {
    let filtering = |session: &Session| session.jobs().into_iter().find(|job| job.title == "Filtering events");
    let mut times = Vec::new();
    for number in 0..10 {
        opened.ask(&format!("data.amount>{}", 9_990 + number));
        let mut job: Option<JobView> = None;
        opened.until("a filter at work", |session| {
            job = filtering(session);
            job.is_some() || session.rows().len().complete && !session.rows().is_stale()
        });
        if let Some(job) = job {
            opened.session.stop(job.id);
            times.push(opened.until("the end of it", |session| filtering(session).is_none()));
        }
    }
    show("stop", &mut times, "50 ms");
    opened.ask("");
}

/// What another process appends.
fn following(file: &Path) {
    let copy = file.with_extension("copy");
    std::fs::copy(file, &copy).unwrap();
    let seconds = std::env::var("BURST").ok().and_then(|text| text.parse().ok()).unwrap_or(10);
    let mut writer = Writer::start(&copy);
    let mut opened = Opened::new(copy.clone());
    opened.rows(0);
    opened.rest();
    let mut times = Vec::new();
    for number in 0..20_u64 {
        std::thread::sleep(Duration::from_millis(150 + number * 37 % 200));
        let rows = opened.session.rows().len().value;
        writer.append(1);
        times.push(opened.until("the new row", |session| {
            session.want_rows(rows..rows + 1);
            session.rows().len().value > rows && session.rows().get(rows).is_some()
        }));
    }
    show("an event that another process appends", &mut times, "300 ms");
    let (before, begin, rows) = (processor(), Instant::now(), opened.session.rows().len().value);
    let (all, log) = (seconds * 5_000, copy.with_extension("copy-wal"));
    writer.append(all);
    let mut longest = 0;
    opened.until("the burst", |session| {
        longest = longest.max(log.metadata().map_or(0, |log| log.len()));
        let now = session.rows().len().value;
        session.want_rows(now.saturating_sub(IN_VIEW)..now);
        now == rows + all
    });
    let took = begin.elapsed().as_secs_f64();
    println!("{seconds} s of 5,000 events a second from another process, all there after {took:.1} s:");
    println!("{:44} {:>12}   7 %", "  processor", format!("{:.1} %", (processor() - before) / took * 100.0));
    println!("{:44} {:>12}   157 MB", "  memory", format!("{:.0} MB", memory()));
    #[expect(clippy::cast_precision_loss, reason = "megabytes")]
    let longest = longest as f64 / 1e6;
    let longest = format!("{longest:.1} MB");
    println!("{:44} {longest:>12}   4.6 MB; the store's is taken over at 16.4", "  the writer's log at its longest");
    drop((opened, writer));
    for end in ["copy", "copy-wal", "copy-shm"] {
        drop(std::fs::remove_file(file.with_extension(end)));
    }
}

/// The other process: this program once more.
struct Writer {
    child: Child,
}

impl Writer {
    fn start(path: &Path) -> Self {
        let program = std::env::current_exe().unwrap();
        let mut child =
            Command::new(program).env(WRITER, path).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut ready).unwrap();
        Self { child }
    }

    /// Has so many events appended: one at once, or many at their pace.
    fn append(&mut self, events: u64) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{events}").unwrap();
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        drop(self.child.wait());
    }
}

fn write(path: &Path) {
    let mut store = EventStore::open(path).unwrap();
    println!("ready");
    for line in std::io::stdin().lines() {
        let events: u64 = line.unwrap().parse().unwrap();
        let begin = Instant::now();
        for number in 0..events.div_ceil(BATCH) {
            let count = BATCH.min(events - number * BATCH);
            let batch: Vec<_> = (0..count).map(|event| NewEvent::new("it.counted", json!({"number": event}))).collect();
            let stream = StreamName::new("it", format!("s{}", number % 20));
            store.append(&stream, ExpectedVersion::Any, &batch).unwrap();
            let next = begin + PACE * u32::try_from(number + 1).unwrap();
            std::thread::sleep(next.saturating_duration_since(Instant::now()));
        }
    }
}

fn show(what: &str, times: &mut [Duration], target: &str) {
    times.sort_unstable();
    let Some(most) = times.last() else { return println!("{what:44} {:>12}", "not seen") };
    println!("{what:44} {:>12} {:>12}   {target}", millis(times[times.len() / 2]), millis(*most));
}

fn millis(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

/// How many seconds of the processor this process has used.
fn processor() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
    fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Its resident memory in megabytes.
fn memory() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|number| number.parse::<f64>().ok()).unwrap_or_default() / 1024.0
}
