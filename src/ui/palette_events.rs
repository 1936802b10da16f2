//! The events that the palette finds: those that a text names, and the first ones whose data holds it.

use super::numbers::grouped;
use super::scene::Scene;
use crate::filter::Term;
use crate::model::Command;
use crate::session::{Overview, Session, SoughtBy, SoughtEvent};

/// From how many letters on all events may be filtered by a text.
const LETTERS: usize = 3;

/// What was found for a text, with the titles and commands of what is offered.
#[derive(Debug, Default)]
pub struct Events {
    /// The events that the text names.
    pub named: Vec<(String, Command)>,
    /// The events whose data holds it, and the filter for all of them.
    pub holding: Vec<(String, Command)>,
    /// Whether there may come more.
    pub is_looking: bool,
}

impl Events {
    /// Those that are found by now.
    pub fn find(scene: &Scene<'_>, wanted: &str) -> Self {
        let has_events = |session: &&Session| session.overview().is_some_and(Overview::has_events);
        let Some(session) = scene.session.filter(has_events).filter(|_| !wanted.is_empty()) else {
            return Self::default();
        };
        let sought = session.sought(wanted);
        let mut found = Self { is_looking: !sought.is_over, ..Self::default() };
        for event in &sought.events {
            let item = (title(event), Command::SelectEvent(event.event.position));
            match event.by {
                SoughtBy::Position | SoughtBy::Id => found.named.push(item),
                SoughtBy::Text(_) => found.holding.push(item),
            }
        }
        if !found.holding.is_empty() && wanted.chars().count() >= LETTERS {
            let filter = Term::text(wanted).to_string();
            let more = if sought.has_more { "All events" } else { "The events" };
            found.holding.push((format!("{more} whose data holds {wanted}"), Command::SetFilter(filter)));
        }
        found
    }
}

fn title(SoughtEvent { event, by }: &SoughtEvent) -> String {
    let name = format!("Event {} {} {}@{}", grouped(event.position), event.event_type, event.stream, event.version);
    match by {
        SoughtBy::Text(excerpt) if !excerpt.is_empty() => format!("{name}  {excerpt}"),
        _ => name,
    }
}
