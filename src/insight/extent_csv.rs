//! Statistics as a table for a spreadsheet.

use std::fmt::Write as _;

use super::extent::Amount;
use super::extent_summary::ExtentSummary;
use crate::codec::cells;

/// The columns: what is counted by, which of these it is, how many events, and how many bytes of payload they have.
const HEAD: &str = "by,name,events,bytes\r\n";

impl ExtentSummary {
    /// Everything as CSV (RFC 4180), in which no cell is a formula: a row for each type, stream, actor, day and hour (both
    /// in UTC), for each length of streams and size of events, and for each of the largest events. In the rows
    /// `stream_length`, which say how many streams have up to so many events, and `payload_size`, which say how many events
    /// have up to so many bytes, `name` is the bound, and `events` counts these.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut out = HEAD.to_owned();
        row(&mut out, "total", "", self.total);
        named(&mut out, "type", &self.types);
        named(&mut out, "stream", &self.streams);
        named(&mut out, "actor", &self.actors);
        named(&mut out, "day", &self.days);
        if !self.days.is_empty() {
            let hours: Vec<_> =
                (0..24).zip(self.hours).map(|(hour, amount)| (format!("{hour:02}:00"), amount)).collect();
            named(&mut out, "hour", &hours);
        }
        powers(&mut out, "stream_length", &self.stream_lengths);
        powers(&mut out, "payload_size", &self.sizes);
        for large in &self.largest {
            let name = format!("{} {} {}", large.position, large.event_type, large.stream);
            row(&mut out, "largest", &name, Amount { events: 1, bytes: large.bytes });
        }
        out
    }
}

fn row(out: &mut String, by: &str, name: &str, amount: Amount) {
    // Writing to a text cannot fail.
    let _ = write!(out, "{by},{},{},{}\r\n", cells::csv(name), amount.events, amount.bytes);
}

fn named<K: ToString>(out: &mut String, by: &str, amounts: &[(K, Amount)]) {
    for (name, amount) in amounts {
        row(out, by, &name.to_string(), *amount);
    }
}

fn powers(out: &mut String, by: &str, counts: &[(u32, u64)]) {
    for (power, count) in counts {
        let _ = write!(out, "{by},{},{count},\r\n", 1_u64 << power.min(&63));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_a_table_without_formulas() {
        let amount = Amount { events: 2, bytes: 30 };
        let summary = ExtentSummary {
            total: amount,
            types: vec![("=cmd|x".to_owned(), amount), ("a,b".to_owned(), amount)],
            sizes: vec![(4, 2)],
            ..ExtentSummary::default()
        };
        let csv = summary.csv();
        assert_eq!(
            csv,
            "by,name,events,bytes\r\ntotal,,2,30\r\ntype,'=cmd|x,2,30\r\ntype,\"a,b\",2,30\r\npayload_size,16,2,\r\n"
        );
    }
}
