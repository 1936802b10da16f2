//! The manual, held against the program: its commands, links, filters, profiles and examples are those that there are.

use std::path::Path;
use std::process::{Command, Output};

use eventscope::filter::Filter;
use eventscope::model::Menu;
use eventscope::model::manual::{Page, named_entry};
use eventscope::profile::Profile;
use eventscope::replay::Reducers;

fn eventscope(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_eventscope")).args(args).output().unwrap()
}

fn said(args: &[&str]) -> String {
    let output = eventscope(args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The blocks of a page in a language.
fn blocks(page: &'static Page, language: &str) -> Vec<&'static str> {
    let fence = format!("```{language}\n");
    page.text.split(fence.as_str()).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

/// A page without its blocks of code.
fn prose(page: &'static Page) -> String {
    page.text.split("```").step_by(2).collect()
}

/// What stands between two marks, on one line.
fn between(text: &str, mark: char) -> Vec<String> {
    text.lines().flat_map(|line| line.split(mark).skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()).collect()
}

#[test]
fn the_commands_that_it_names_are_in_their_menus() {
    let mut named = 0;
    for page in Page::all() {
        let text = prose(page);
        // Emphasis is one star on each side, and stands outside of code.
        let plain: String = text.split('`').step_by(2).collect::<String>().replace("**", "");
        for words in plain.split_whitespace().collect::<Vec<_>>().join(" ").split('*').skip(1).step_by(2) {
            let in_menu =
                words.split_once(" > ").is_some_and(|(menu, _)| Menu::ALL.iter().any(|any| any.title() == menu));
            if in_menu || words.ends_with('…') {
                let elsewhere = OF_WINDOWS.contains(&words) || OF_SERVERS.contains(&words);
                assert!(named_entry(words).is_some() || elsewhere, "{}: {words}", page.name);
                named += 1;
            }
        }
    }
    assert!(named > 15, "{named}");
}

/// The commands for a server, in builds that have none.
#[cfg(not(feature = "postgres"))]
const OF_SERVERS: &[&str] = &[
    "File > Open a server…",
    "Store > More of this server…",
    "Store > Forget this slice",
    "Store > Append to a copy…",
];
#[cfg(feature = "postgres")]
const OF_SERVERS: &[&str] = &[];

/// What windows and the menus of values offer, which are no commands of the table.
const OF_WINDOWS: [&str; 6] =
    ["Export…", "Import…", "Export as CSV…", "Save as SVG…", "Correct value…", "Something is missing…"];

#[test]
fn its_links_lead_somewhere() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/manual");
    for page in Page::all() {
        for target in page.text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            let is_there = target.starts_with("https://")
                || Page::linked(target).is_some()
                || (target.starts_with("../") && folder.join(target).exists());
            assert!(is_there, "{}: {target}", page.name);
        }
        assert!(folder.join(format!("{}.md", page.name)).exists());
    }
    let readme = include_str!("../../README.md");
    for page in Page::all() {
        assert!(readme.contains(&format!("assets/manual/{}.md", page.name)), "the README leads to {}", page.name);
    }
    let lines = readme.lines().count();
    assert!(lines < 200, "the README has {lines} lines");
}

#[test]
fn its_filters_are_filters() {
    let page = Page::by_name("filtering").unwrap();
    let rows: Vec<&str> = page.text.lines().filter(|line| line.starts_with("| `")).collect();
    assert!(rows.len() > 10);
    for filter in rows.iter().flat_map(|row| between(row.split(" | ").next().unwrap(), '`')) {
        let filter = filter.replace('…', "x");
        Filter::parse(&filter).unwrap_or_else(|error| panic!("{filter}: {error}"));
    }
}

#[test]
fn its_profiles_and_rules_are_read() {
    let profiles: Vec<_> = blocks(Page::by_name("writing-profiles").unwrap(), "toml")
        .into_iter()
        .filter(|text| text.contains("[events]"))
        .collect();
    assert_eq!(profiles.len(), 1);
    for text in profiles {
        Profile::parse(text).unwrap();
    }
    let rules = blocks(Page::by_name("reducers").unwrap(), "toml");
    assert_eq!(rules.len(), 1);
    for text in rules {
        Reducers::parse(text, "the manual").unwrap();
    }
}

#[test]
fn its_examples_run() {
    let bin = Path::new(env!("CARGO_BIN_EXE_eventscope")).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let mut run = 0;
    for page in Page::all() {
        let examples = blocks(page, "sh");
        if examples.is_empty() {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        eventscope::demo::create(&folder.path().join("shop.db")).unwrap();
        for example in examples {
            let output = Command::new("sh")
                .args(["-ec", example])
                .current_dir(folder.path())
                .env("PATH", &path)
                .env("XDG_DATA_HOME", folder.path())
                .output()
                .unwrap();
            assert!(
                output.status.success(),
                "{}: {example}\n{}{}",
                page.name,
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            );
            run += 1;
        }
    }
    assert!(run >= 5, "{run}");
}

#[test]
fn every_verb_is_in_it_and_has_its_help() {
    let help = said(&["--help"]);
    let verbs = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let verbs: Vec<&str> = verbs
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .map(|line| line.split_whitespace().next().unwrap())
        .collect();
    assert!(verbs.len() > 20, "{verbs:?}");
    let page = Page::by_name("command-line").unwrap();
    for verb in verbs {
        assert!(page.text.contains(&format!("\neventscope {verb}")), "{verb}");
        assert_eq!(said(&["help", verb]), said(&[verb, "--help"]), "{verb}");
    }
}

#[test]
fn the_command_line_shows_its_pages_and_finds_words_in_them() {
    let list = said(&["help"]);
    assert!(Page::all().iter().all(|page| list.contains(page.name) && list.contains(page.title())), "{list}");
    assert_eq!(said(&["help", "filtering"]), Page::by_name("filtering").unwrap().text);
    assert!(said(&["help", "pseudonyms"]).contains("exporting: "));
    let nothing = eventscope(&["help", "nosuchword"]);
    assert_eq!(nothing.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&nothing.stderr).contains("nosuchword"));
}
