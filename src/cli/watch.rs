//! `eventscope watch`: every version at which a condition on the state starts or stops being true.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::error::Error;
use crate::event::StreamName;
use crate::replay::Predicate;
use crate::replay::probe::{Flip, Truth, Watches};

use super::arguments::Watch;
use super::folding::{Folder, short};
use super::output::{Align, List, Outcome, Output};
use super::progress::Progress;

/// Lists the flips of a condition in one stream, or in all of them.
pub(super) fn run(arguments: &Watch) -> Outcome {
    let (stream, condition) = match (arguments.words.as_slice(), arguments.all) {
        ([condition], true) => (None, condition),
        ([stream, condition], false) => (Some(stream), condition),
        (_, true) => return Err(wrong("with --all there is no stream beside the condition").into()),
        (_, false) => return Err(wrong("a stream and a condition are expected").into()),
    };
    let predicate = Arc::new(Predicate::compile(condition)?);
    let named: Vec<&str> = stream.map(String::as_str).into_iter().collect();
    let folder = Folder::open(&arguments.database, &arguments.folding, &named)?;
    let mut output = Output::new(arguments.database.json);
    let mut list = List::new(&mut output, &HEADINGS);
    let mut progress = Progress::new();
    let watch = |stream: &StreamName, to, progress: &mut Progress, list: &mut List<'_>| {
        list.folded_by(folder.label(stream));
        let mut watches = Watches::new([predicate.clone()]);
        folder.ask((stream, to), &mut watches, progress, |_, flips| {
            flips.iter().try_for_each(|flip| put(list, stream, flip))?;
            list.flush()
        })
    };
    if let Some(text) = stream {
        let (stream, to) = folder.stream_at(text)?;
        watch(&stream, to, &mut progress, &mut list)?.require(&stream, to)?;
    } else {
        let mut count = 0;
        folder.each_stream(|stream| {
            watch(stream, None, &mut progress, &mut list)?;
            count += 1;
            progress.tell(count, "streams");
            Ok(())
        })?;
    }
    list.flush()
}

fn wrong(message: &str) -> Error {
    let hint = "Write `eventscope watch FILE STREAM EXPR`, or `eventscope watch FILE --all EXPR`.";
    Error::bad_input(message).with_hint(hint)
}

const HEADINGS: [(&str, Align); 6] = [
    ("STREAM", Align::Left),
    ("VERSION", Align::Right),
    ("POSITION", Align::Right),
    ("TYPE", Align::Left),
    ("TRUTH", Align::Left),
    ("VALUE", Align::Left),
];

fn put(list: &mut List<'_>, stream: &StreamName, flip: &Flip) -> Outcome {
    let (moment, stream) = (&flip.moment, stream.to_string());
    let (truth, failure) = match &flip.truth {
        Truth::True => (Some(true), None),
        Truth::False => (Some(false), None),
        Truth::Failed(message) => (None, Some(message)),
    };
    let document = || {
        let mut document = json!({
            "stream": stream,
            "version": moment.version,
            "position": moment.position,
            "event_type": moment.event_type,
            "truth": truth,
            "value": flip.value,
        });
        if let (Some(message), Some(members)) = (failure, document.as_object_mut()) {
            members.insert("error".to_owned(), Value::from(&**message));
        }
        document
    };
    list.put(document, || {
        vec![
            stream.clone(),
            moment.version.to_string(),
            moment.position.to_string(),
            moment.event_type.clone(),
            truth.map_or_else(|| "failed".to_owned(), |truth| truth.to_string()),
            failure.map_or_else(|| short(Some(&flip.value)), ToString::to_string),
        ]
    })
}
