//! The findings of a question as the lines of a list: what was there, what is there from then on, and since when.

use crate::session::{Findings, Found, Hit, Moment, Truth, ValueStep};

/// The lines of an answer; nothing is copied.
pub struct Lines<'f> {
    findings: &'f Findings,
    /// Which of the findings are lines; all of them where there is none.
    chosen: Option<Vec<usize>>,
}

/// One line.
#[derive(Clone, Copy, Debug)]
pub enum Line<'f> {
    /// A value that the place had from then on.
    Value(&'f ValueStep),
    /// A version at which a watch is met.
    Hit(&'f Hit),
}

impl<'f> Lines<'f> {
    /// The values, or where this one of the conditions was met.
    pub fn of(findings: &'f Findings, condition: usize) -> Self {
        let chosen = match &findings.found {
            Found::Values(_) => None,
            Found::Hits(hits) => {
                let met = hits.iter().enumerate().filter(|(_, hit)| hit.condition == condition);
                Some(met.map(|(index, _)| index).collect())
            }
        };
        Self { findings, chosen }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.chosen.as_ref().map_or(self.findings.found.len(), Vec::len)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One of them, the oldest first.
    pub fn get(&self, index: usize) -> Option<Line<'f>> {
        match &self.findings.found {
            Found::Values(values) => values.get(index).map(Line::Value),
            Found::Hits(hits) => {
                let chosen = self.chosen.as_ref()?;
                chosen.get(index).and_then(|index| hits.get(*index)).map(Line::Hit)
            }
        }
    }

    /// The values, where it is those.
    pub fn values(&self) -> &'f [ValueStep] {
        self.findings.values()
    }

    /// The last line up to a version.
    pub fn until(&self, version: crate::event::Version) -> Option<usize> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.get(middle).is_some_and(|line| line.moment().version <= version) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low.checked_sub(1)
    }
}

impl<'f> Line<'f> {
    /// The event.
    pub const fn moment(self) -> &'f Moment {
        match self {
            Self::Value(step) => &step.moment,
            Self::Hit(hit) => &hit.moment,
        }
    }

    /// What the event made of it, in few words: `3`, `true  3 → -1`.
    pub fn text(self) -> String {
        let hit = match self {
            Self::Value(step) => return step.text.clone().unwrap_or_else(|| "removed".to_owned()),
            Self::Hit(hit) => hit,
        };
        let truth = match &hit.truth {
            Truth::True => "true",
            Truth::False => "false",
            Truth::Failed(_) => "fails",
        };
        match (&hit.before, &hit.after) {
            (None, None) => truth.to_owned(),
            (before, after) => {
                let side = |side: &Option<String>| side.as_deref().unwrap_or("nothing").to_owned();
                format!("{truth}  {} → {}", side(before), side(after))
            }
        }
    }

    /// Why it fails, where it does.
    pub fn failure(self) -> Option<&'f str> {
        match self {
            Self::Hit(Hit { truth: Truth::Failed(message), .. }) => Some(message),
            _ => None,
        }
    }

    /// Whether it is the end of something: a value that was removed, a watch that is met no longer.
    pub const fn is_end(self) -> bool {
        match self {
            Self::Value(step) => step.text.is_none(),
            Self::Hit(hit) => !matches!(hit.truth, Truth::True),
        }
    }
}
