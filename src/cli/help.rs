//! `eventscope help`: the pages of the manual, or what a verb takes.

use serde_json::json;

use crate::error::Error;
use crate::model::manual::Page;

use super::output::{Outcome, Output};

/// Lists the pages.
pub(super) fn list(json: bool) -> Outcome {
    let mut output = Output::new(json);
    if json {
        for page in Page::all() {
            output.document(&json!({"topic": page.name, "title": page.title()}))?;
        }
        return output.finish();
    }
    let width = Page::all().iter().map(|page| page.name.len()).max().unwrap_or_default();
    output.line(
        "The manual, page by page; `eventscope help TOPIC` shows one, `eventscope VERB --help` what a verb takes.",
    )?;
    output.line("")?;
    for page in Page::all() {
        output.line(&format!("  {:width$}  {}", page.name, page.title()))?;
    }
    output.finish()
}

/// Prints a page, or what a verb takes, or says where a word stands.
pub(super) fn topic(words: &[String], json: bool) -> Outcome {
    let topic = words.join(" ");
    let mut output = Output::new(json);
    if let Some(page) = Page::by_name(&topic) {
        if json {
            output.document(&json!({"topic": page.name, "title": page.title(), "text": page.text}))?;
        } else {
            output.bytes(page.text.as_bytes())?;
        }
        return output.finish();
    }
    if let Some(help) = super::arguments::help_of(&topic) {
        output.bytes(help.as_bytes())?;
        return output.finish();
    }
    let titles = |page: &'static Page| {
        page.found(&topic).into_iter().filter_map(|at| Some((page, page.sections().get(at)?.title))).collect::<Vec<_>>()
    };
    let found: Vec<(&Page, &str)> = Page::all().iter().flat_map(titles).collect();
    if found.is_empty() {
        return Err(Error::not_found(format!("the manual says nothing of {topic}"))
            .with_hint("`eventscope help` lists its pages, `eventscope --help` the verbs.")
            .into());
    }
    for (page, title) in found {
        if json {
            output.document(&json!({"topic": page.name, "title": page.title(), "section": title}))?;
        } else {
            output.line(&format!("{}: {title}", page.name))?;
        }
    }
    output.finish()
}
