//! An upcaster as a filter of jq.

use super::paths::PathStep;
use super::rule::{member, path, tolerant};
use super::shape::Kind;
use super::upcaster_steps::{At, Step, Upcaster};

/// The filter, a line for each step with what it does.
pub(super) fn write(upcaster: &Upcaster) -> String {
    let lines = upcaster.steps.iter().map(line);
    let head = format!("# {}\n.", comment(&upcaster.told()));
    std::iter::once(head).chain(lines).collect::<Vec<_>>().join("\n")
}

/// A text that ends with its line.
fn comment(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

fn line(step: &Step) -> String {
    match step {
        Step::Add { at, kinds, value } => {
            let names: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
            let place = place(at);
            let set = if kinds.contains(&Kind::Boolean) {
                // What is false is there.
                on_each(at, &|here| format!("if {here}? == null then {here} = {value} else . end"))
            } else {
                format!("{place} //= {value}")
            };
            format!("| {set}  # added: {}, always there", names.join(" or "))
        }
        Step::Rename { from, to } if !from.is_single() => {
            let (old, new) = (member(&from.name), member(&to.name));
            let set = format!("if {old} != null then {new} = {old} else . end | del({old})");
            format!("| (.{} | objects) |= ({set})  # renamed, it seems", items(&from.around))
        }
        Step::Rename { from, to } => {
            let (old, new) = (path(&from.steps()), path(&to.steps()));
            format!("| if {old}? != null then {new} = {old} | del({old}) else . end  # renamed, it seems")
        }
        Step::Remove { at } => format!("| del({})  # removed: nothing in the newer version has it", place(at)),
        Step::ToText { at } => format!("| ({} | numbers) |= tostring  # a number is a text now", place(at)),
        Step::ToNumber { at } => format!("| ({} | strings) |= tonumber  # a text is a number now", place(at)),
        Step::Unclear { at, before, after } => {
            let names = |kinds: &[Kind]| kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(" or ");
            format!("# {}: {} before, {} now", comment(&path(&at.steps())), names(before), names(after))
        }
        Step::Sometimes { at } => format!("# {}: sometimes there now", comment(&path(&at.steps()))),
    }
}

/// A member wherever it is: within lists of the objects that are in them.
fn place(at: &At) -> String {
    if at.is_single() {
        path(&at.steps())
    } else {
        format!("(.{} | objects | {})", items(&at.around), member(&at.name))
    }
}

/// A filter with the member at a place, on the objects that it is in.
fn on_each(at: &At, set: &dyn Fn(&str) -> String) -> String {
    if at.is_single() {
        return set(&path(&at.steps()));
    }
    format!("(.{} | objects) |= ({})", items(&at.around), set(&member(&at.name)))
}

/// The way to the items of lists, behind a `.`.
fn items(around: &[PathStep]) -> String {
    let text = tolerant(around);
    text.strip_prefix('.').map(str::to_owned).unwrap_or(text)
}
