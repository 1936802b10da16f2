//! What is counted, and how it is told: in the text form of Prometheus.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::http::StatusCode;

use super::problem::Problem;
use crate::store::Answered;

/// Something that only grows.
#[derive(Debug, Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub(super) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Something that goes up and down.
#[derive(Debug, Default)]
pub(super) struct Gauge(AtomicI64);

impl Gauge {
    pub(super) fn add(&self, more: i64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    pub(super) fn set(&self, value: i64) {
        self.0.store(value, Ordering::Relaxed);
    }

    /// Goes up to a value; it stays where it is higher already.
    pub(super) fn reach(&self, value: i64) {
        self.0.fetch_max(value, Ordering::Relaxed);
    }

    pub(super) fn get(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Where the parts of a histogram end, in microseconds.
const ENDS: [u64; 12] = [500, 1_000, 2_000, 3_000, 5_000, 10_000, 20_000, 30_000, 50_000, 100_000, 500_000, 2_000_000];

/// How long something took.
#[derive(Debug, Default)]
pub(super) struct Durations {
    parts: [AtomicU64; ENDS.len()],
    count: AtomicU64,
    micros: AtomicU64,
}

impl Durations {
    pub(super) fn took(&self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        for (end, part) in ENDS.iter().zip(&self.parts) {
            if micros <= *end {
                part.fetch_add(1, Ordering::Relaxed);
            }
        }
        self.count.fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }
}

/// The statuses that are counted apart, by their first digit.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// What the service has done so far.
#[derive(Debug)]
pub(super) struct Metrics {
    started: Instant,
    answers: [Counter; CLASSES.len()],
    pub(super) requests: Durations,
    pub(super) commits: Counter,
    pub(super) failed_commits: Counter,
    pub(super) commit_time: Durations,
    pub(super) appended: Counter,
    pub(super) repeated: Counter,
    pub(super) conflicts: Counter,
    pub(super) connections: Gauge,
    pub(super) readers: Gauge,
    pub(super) sent: Counter,
    pub(super) lagged: Counter,
    /// The position of the last event that was seen in the log.
    pub(super) position: Gauge,
    pub(super) publishing: Publishing,
}

/// How publishing stands.
#[derive(Debug, Default)]
pub(super) struct Publishing {
    pub(super) wanted: AtomicBool,
    pub(super) connected: AtomicBool,
    pub(super) published: Counter,
    pub(super) failures: Counter,
    pub(super) position: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            answers: Default::default(),
            requests: Durations::default(),
            commits: Counter::default(),
            failed_commits: Counter::default(),
            commit_time: Durations::default(),
            appended: Counter::default(),
            repeated: Counter::default(),
            conflicts: Counter::default(),
            connections: Gauge::default(),
            readers: Gauge::default(),
            sent: Counter::default(),
            lagged: Counter::default(),
            position: Gauge::default(),
            publishing: Publishing::default(),
        }
    }
}

impl Metrics {
    /// Notes what was committed together.
    pub(super) fn committed(&self, outcomes: &[Result<Answered, Problem>], took: Duration) {
        self.commits.add(1);
        self.commit_time.took(took);
        for outcome in outcomes {
            // Whoever is answered finds the event counted, though the tail may not have come to it.
            if let Some(last) = outcome.as_ref().ok().and_then(|outcome| outcome.events.last()) {
                self.position.reach(last.position);
            }
            match outcome {
                Ok(outcome) if outcome.repeated => self.repeated.add(outcome.events.len() as u64),
                Ok(outcome) => self.appended.add(outcome.events.len() as u64),
                Err(problem) if problem.status() == StatusCode::CONFLICT => self.conflicts.add(1),
                Err(_) => {}
            }
        }
    }

    /// Notes an answer.
    pub(super) fn answered(&self, status: StatusCode, took: Duration) {
        let class = usize::from(status.as_u16() / 100).saturating_sub(1);
        if let Some(counter) = self.answers.get(class) {
            counter.add(1);
        }
        self.requests.took(took);
    }

    /// All of it, in Prometheus' text form.
    pub(super) fn text(&self) -> String {
        let mut page = Page::default();
        page.gauge("up_seconds", "How long the service has been running.", self.started.elapsed().as_secs());
        page.head("http_responses_total", "counter", "Answers by the class of their status.");
        for (class, counter) in CLASSES.iter().zip(&self.answers) {
            page.sample("http_responses_total", &format!("{{class=\"{class}\"}}"), counter.get());
        }
        page.durations("http_request_seconds", "How long requests took, without streams.", &self.requests);
        page.counter("commits_total", "Transactions that were committed for appends.", self.commits.get());
        page.counter("commit_failures_total", "Transactions that failed as a whole.", self.failed_commits.get());
        page.durations("commit_seconds", "How long transactions took, with their commit.", &self.commit_time);
        page.counter("events_appended_total", "Events that were appended.", self.appended.get());
        page.counter("events_repeated_total", "Events that were stored before.", self.repeated.get());
        page.counter("conflicts_total", "Appends refused for what the stream was at.", self.conflicts.get());
        page.gauge("connections", "Connections that are open.", self.connections.get());
        page.gauge("stream_readers", "Readers that follow the log.", self.readers.get());
        page.counter("stream_events_total", "Events that were given to readers.", self.sent.get());
        page.counter("stream_lagged_total", "Times that a reader fell behind.", self.lagged.get());
        page.gauge("last_position", "The position of the last event.", self.position.get());
        if self.publishing.wanted.load(Ordering::Relaxed) {
            self.publishing(&mut page);
        }
        page.text
    }

    fn publishing(&self, page: &mut Page) {
        let Publishing { connected, published, failures, position, .. } = &self.publishing;
        let connected = u64::from(connected.load(Ordering::Relaxed));
        page.gauge("redis_connected", "Whether Redis is reached.", connected);
        page.counter("redis_published_total", "Events that were published.", published.get());
        page.counter("redis_failures_total", "Times that Redis was not reached or refused.", failures.get());
        page.gauge("redis_position", "The position of the last event that was published.", position.get());
        let behind = self.position.get().saturating_sub(position.get()).max(0);
        page.gauge("redis_lag", "How many positions publishing is behind the last event.", behind);
    }
}

/// The text as far as it is written.
#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a string does not fail.
        let _ = writeln!(self.text, "# HELP eventscope_{name} {help}\n# TYPE eventscope_{name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &str, value: impl std::fmt::Display) {
        let _ = writeln!(self.text, "eventscope_{name}{labels} {value}");
    }

    fn counter(&mut self, name: &str, help: &str, value: u64) {
        self.head(name, "counter", help);
        self.sample(name, "", value);
    }

    fn gauge(&mut self, name: &str, help: &str, value: impl std::fmt::Display) {
        self.head(name, "gauge", help);
        self.sample(name, "", value);
    }

    fn durations(&mut self, name: &str, help: &str, durations: &Durations) {
        self.head(name, "histogram", help);
        let bucket = format!("{name}_bucket");
        for (end, part) in ENDS.iter().zip(&durations.parts) {
            self.sample(&bucket, &format!("{{le=\"{}\"}}", seconds(*end)), part.load(Ordering::Relaxed));
        }
        let count = durations.count.load(Ordering::Relaxed);
        self.sample(&bucket, "{le=\"+Inf\"}", count);
        self.sample(&format!("{name}_sum"), "", seconds(durations.micros.load(Ordering::Relaxed)));
        self.sample(&format!("{name}_count"), "", count);
    }
}

fn seconds(micros: u64) -> String {
    let text = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn histograms_are_cumulative_and_in_seconds() {
        let metrics = Metrics::default();
        metrics.requests.took(Duration::from_micros(800));
        metrics.requests.took(Duration::from_millis(15));
        let text = metrics.text();
        for line in [
            "eventscope_http_request_seconds_bucket{le=\"0.0005\"} 0",
            "eventscope_http_request_seconds_bucket{le=\"0.001\"} 1",
            "eventscope_http_request_seconds_bucket{le=\"0.02\"} 2",
            "eventscope_http_request_seconds_bucket{le=\"2\"} 2",
            "eventscope_http_request_seconds_bucket{le=\"+Inf\"} 2",
            "eventscope_http_request_seconds_sum 0.0158",
            "eventscope_http_request_seconds_count 2",
        ] {
            assert!(text.lines().any(|shown| shown == line), "{line}\n{text}");
        }
        assert!(!text.contains("redis"), "where nothing is published nothing is said of it");
    }
}
