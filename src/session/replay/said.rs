//! What the application's reducer said on its standard error: the last lines of it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::process::Said;
use crate::session::Wake;

/// How many lines are kept.
const LINES: usize = 500;

/// The last lines of a process's standard error.
#[derive(Clone, Default)]
pub(in crate::session) struct SaidLines(Arc<Mutex<VecDeque<Arc<str>>>>);

impl SaidLines {
    fn lines(&self) -> MutexGuard<'_, VecDeque<Arc<str>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets what an earlier process said, and hears a new one.
    pub(in crate::session) fn hear(&self, wake: Wake) -> Said {
        self.lines().clear();
        let kept = self.clone();
        Arc::new(move |line| {
            let mut lines = kept.lines();
            if lines.len() >= LINES {
                lines.pop_front();
            }
            lines.push_back(line.into());
            drop(lines);
            wake();
        })
    }

    /// The lines, oldest first.
    pub(in crate::session) fn all(&self) -> Vec<Arc<str>> {
        self.lines().iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_kept_and_a_new_process_begins_anew() {
        let said = SaidLines::default();
        let hear = said.hear(Arc::new(|| ()));
        (0..LINES + 10).for_each(|line| hear(&line.to_string()));
        assert_eq!((said.all().len(), said.all().first().map(ToString::to_string)), (LINES, Some("10".to_owned())));
        said.hear(Arc::new(|| ()));
        assert!(said.all().is_empty());
    }
}
