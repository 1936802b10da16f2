//! Holds the source files against a rule that no table can state: of two files, one lies beneath the other. What both
//! need lies in a third, beneath them.
//!
//! What a folder's `mod.rs` passes on does not count: it is the folder's front page, and knows every file in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::layers::{code_lines, is_test_module, rust_files};

/// A module, as the names that lead to it from the root of the crate.
type Module = Vec<String>;

#[test]
fn no_two_files_import_each_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let imports = imports(&root);
    let circles = circles(&imports);
    assert!(circles.is_empty(), "these files import each other:\n{}", circles.join("\n"));
}

#[test]
fn a_circle_is_found_through_lists_and_plain_paths() {
    let known = [module("a::one"), module("a::two"), module("a::three"), module("b")];
    let named = |from: &str, text: &str| named_modules(&module(from), text, &known);
    assert_eq!(named("a::one", "use super::{two::Thing, three};"), [module("a::three"), module("a::two")].into());
    assert_eq!(named("a::two", "fn f() { crate::a::one::g() }"), [module("a::one")].into());
    assert_eq!(
        named("a::three", "use crate::{\n    a::{one::{self, H}},\n    b,\n};"),
        [module("a::one"), module("b")].into()
    );
    let imports: BTreeMap<Module, BTreeSet<Module>> = [
        (module("one"), [module("two")].into()),
        (module("two"), [module("three")].into()),
        (module("three"), [module("one")].into()),
        (module("four"), [module("one")].into()),
    ]
    .into();
    assert_eq!(circles(&imports), ["one, three, two"]);
}

fn module(path: &str) -> Module {
    path.split("::").map(str::to_owned).collect()
}

/// Which files each file names, front pages of folders left out.
fn imports(root: &Path) -> BTreeMap<Module, BTreeSet<Module>> {
    let files: Vec<PathBuf> = rust_files(root).into_iter().filter(|file| is_plain(root, file)).collect();
    let known: Vec<Module> = files.iter().map(|file| module_of(root, file)).collect();
    let text = |file: &PathBuf| {
        let lines = code_lines(&fs::read_to_string(file).unwrap());
        lines.into_iter().map(|(_, line)| line + "\n").collect::<String>()
    };
    files
        .iter()
        .zip(&known)
        .map(|(file, module)| (module.clone(), named_modules(module, &text(file), &known)))
        .collect()
}

/// Whether a file is neither a front page nor a test.
fn is_plain(root: &Path, file: &Path) -> bool {
    let name = file.file_stem().unwrap().to_string_lossy();
    let is_front_page = matches!(&*name, "mod" | "lib" | "main") || file.with_extension("").is_dir();
    !is_front_page && !is_test_module(file.strip_prefix(root).unwrap())
}

fn module_of(root: &Path, file: &Path) -> Module {
    let inside = file.strip_prefix(root).unwrap().with_extension("");
    inside.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect()
}

/// The modules among `known` that the text of a module names, in `use` lines or in paths.
fn named_modules(from: &Module, text: &str, known: &[Module]) -> BTreeSet<Module> {
    let mut named = BTreeSet::new();
    for (start, _) in text.match_indices("super::").chain(text.match_indices("crate::")) {
        // Within a longer path it was seen with its beginning.
        if text[..start].ends_with("::") || text[..start].ends_with(is_letter) {
            continue;
        }
        for path in paths(&text[start..]) {
            let resolved = resolved(from, &path);
            let longest = known.iter().filter(|known| resolved.starts_with(known)).max_by_key(|known| known.len());
            named.extend(longest.filter(|known| *known != from).cloned());
        }
    }
    named
}

/// The paths that a text begins with: one, or as many as its braces hold.
fn paths(text: &str) -> Vec<Vec<String>> {
    let (mut stack, mut path, mut found) = (Vec::new(), Vec::new(), Vec::new());
    let mut rest = text;
    loop {
        let word: String = rest.chars().take_while(|letter| is_letter(*letter)).collect();
        rest = rest[word.len()..].trim_start();
        if !word.is_empty() {
            path.push(word);
        }
        if let Some(after) = rest.strip_prefix("::") {
            rest = after;
        } else if let Some(after) = rest.strip_prefix('{') {
            stack.push(path.clone());
            rest = after.trim_start();
        } else if let (Some(after), Some(outer)) = (rest.strip_prefix(','), stack.last()) {
            found.push(std::mem::replace(&mut path, outer.clone()));
            rest = after.trim_start();
        } else if let (Some(after), false) = (rest.strip_prefix('}'), stack.is_empty()) {
            found.push(path);
            path = stack.pop().unwrap();
            rest = after.trim_start();
        } else {
            found.push(path);
            return found;
        }
    }
}

fn is_letter(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// A path from the root of the crate.
fn resolved(from: &Module, path: &[String]) -> Module {
    let ups = path.iter().take_while(|word| *word == "super").count();
    let base = if ups == 0 { &[] } else { &from[..from.len().saturating_sub(ups)] };
    let skipped = if ups == 0 { 1 } else { ups };
    base.iter().chain(path.iter().skip(skipped)).cloned().collect()
}

/// The files that lead back to themselves, those of one circle in a line.
fn circles(imports: &BTreeMap<Module, BTreeSet<Module>>) -> Vec<String> {
    let reached = |from: &Module| {
        let (mut seen, mut waiting) = (BTreeSet::new(), vec![from]);
        while let Some(next) = waiting.pop() {
            waiting.extend(imports.get(next).into_iter().flatten().filter(|named| seen.insert((*named).clone())));
        }
        seen
    };
    let all: BTreeMap<&Module, BTreeSet<Module>> = imports.keys().map(|module| (module, reached(module))).collect();
    let together = |module: &Module| {
        let others = all[module].iter().filter(|other| all.get(other).is_some_and(|back| back.contains(module)));
        others.map(|other| other.join("::")).collect::<Vec<_>>().join(", ")
    };
    let circles: BTreeSet<String> = imports.keys().map(together).filter(|names| !names.is_empty()).collect();
    circles.into_iter().collect()
}
