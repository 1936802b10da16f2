//! The times of many events, in the memory of few: their texts lie behind each other.

use chrono::{DateTime, Utc};

use crate::event::TimestampRef;

/// Times, in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub(super) struct Times {
    texts: String,
    /// Where each text ends.
    ends: Vec<u32>,
    utc: Vec<Option<DateTime<Utc>>>,
}

impl Times {
    pub(super) fn get(&self, at: usize) -> Option<TimestampRef<'_>> {
        let begin = at.checked_sub(1).map_or(Some(&0), |before| self.ends.get(before))?;
        let stored = self.texts.get(*begin as usize..*self.ends.get(at)? as usize)?;
        Some(TimestampRef { stored, utc: *self.utc.get(at)? })
    }

    /// Gives back the memory that was held for more: no more come.
    pub(super) fn shrink(&mut self) {
        self.texts.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.utc.shrink_to_fit();
    }

    /// The place of a time that comes next: that of the last one where it is the same. `None` where there is no room for
    /// its text.
    pub(super) fn place(&mut self, time: TimestampRef<'_>) -> Option<usize> {
        if let Some(last) = self.ends.len().checked_sub(1).filter(|last| self.get(*last) == Some(time)) {
            return Some(last);
        }
        let end = u32::try_from(self.texts.len().checked_add(time.stored.len())?).ok()?;
        self.texts.push_str(time.stored);
        self.ends.push(end);
        self.utc.push(time.utc);
        Some(self.ends.len() - 1)
    }
}
