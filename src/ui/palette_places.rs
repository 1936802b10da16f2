//! What the palette finds beside commands: streams, event types and fields of the open database.

use std::sync::Arc;

use super::scene::Scene;
use crate::filter::{Field, Term};
use crate::model::Command;
use crate::session::StreamList;

/// From how many letters on there is something to be found.
const LETTERS: usize = 2;
/// How many streams, types and fields are offered.
const OFFERED: usize = 30;

/// What was found for a text, so that streams are gone through once for it, however many there are.
#[derive(Debug, Default)]
pub struct Places {
    of: Option<(String, Arc<StreamList>)>,
    found: Vec<(String, Command)>,
}

impl Places {
    /// What has the text in its name, whether in capitals or not, with the command that leads there.
    pub fn find(&mut self, scene: &Scene<'_>, wanted: &str) -> &[(String, Command)] {
        let Some(session) = scene.session else { return &[] };
        if wanted.chars().count() < LETTERS {
            return &[];
        }
        let streams = session.streams();
        let known = self.of.as_ref();
        if !known.is_some_and(|(text, of)| text == wanted && Arc::ptr_eq(of, &streams)) {
            self.found = found(scene, wanted, &streams);
            self.of = Some((wanted.to_owned(), streams));
        }
        &self.found
    }
}

fn found(scene: &Scene<'_>, wanted: &str, streams: &StreamList) -> Vec<(String, Command)> {
    let wanted = wanted.to_lowercase();
    let has = |name: &str| name.to_lowercase().contains(&wanted);
    let (session, overview) = (scene.session, scene.session.and_then(|session| session.overview()));
    let types = overview.into_iter().flat_map(|overview| &overview.event_types).map(|(name, _)| &**name);
    let types = types
        .filter(|name| has(name))
        .take(OFFERED)
        .map(|name| (format!("Events of type {name}"), Command::OnlyTerm(Term::field(Field::Type, name).to_string())));
    let seen = session.and_then(|session| session.seen().value().cloned());
    let fields = seen.iter().flat_map(|seen| &seen.paths).filter(|seen| !seen.path.segments.is_empty());
    let fields = fields.map(|seen| (format!("{}{}", seen.root.name(), seen.path), seen));
    let fields = fields.filter(|(name, _)| has(name)).take(OFFERED).map(|(name, seen)| {
        let term = Term::has(seen.root, seen.path.clone()).to_string();
        (format!("Events with {name}"), Command::AddTerm(term))
    });
    let all = streams.groups.iter().flat_map(|group| &group.streams).map(|stream| &stream.name);
    let streams = all.map(|stream| (stream.to_string(), stream)).filter(|(name, _)| has(name)).take(OFFERED);
    let streams = streams.map(|(name, stream)| (format!("Stream {name}"), Command::SelectStream(stream.clone())));
    types.chain(fields).chain(streams).collect()
}
