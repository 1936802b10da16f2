//! The manual: a page for each subject, in Markdown, as it stands in `assets/manual`; the same in the window and on the
//! command line.

use std::sync::OnceLock;

use super::command::{Command, Entry};

/// A page of the manual.
#[derive(Debug)]
pub struct Page {
    /// What it is called on the command line, and its file.
    pub name: &'static str,
    /// Its text, in Markdown.
    pub text: &'static str,
    sections: OnceLock<Vec<Section>>,
}

/// What stands beneath a heading.
#[derive(Debug, PartialEq, Eq)]
pub struct Section {
    /// The heading.
    pub title: &'static str,
    /// How deep it lies: 1 for the page itself.
    pub level: usize,
    /// What stands beneath it, up to the next heading.
    pub text: &'static str,
}

impl Section {
    /// What a link calls it: the letters and digits of its heading, with a hyphen for each space, as where the files are
    /// shown as they are.
    fn anchor(&self) -> String {
        let kept = self.title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.collect::<String>().to_lowercase().replace(' ', "-")
    }
}

macro_rules! pages {
    ($($name:literal),* $(,)?) => {
        [$(Page {
            name: $name,
            text: include_str!(concat!("../../assets/manual/", $name, ".md")),
            sections: OnceLock::new(),
        }),*]
    };
}

static PAGES: [Page; 14] = pages![
    "tour",
    "installing",
    "opening",
    "filtering",
    "history",
    "understanding",
    "exporting",
    "reducers",
    "application-code",
    "writing-profiles",
    "stores",
    "command-line",
    "keys",
    "figures",
];

impl Page {
    /// Every page, in the order in which one reads them.
    #[must_use]
    pub fn all() -> &'static [Self] {
        &PAGES
    }

    /// The page of this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<&'static Self> {
        PAGES.iter().find(|page| page.name == name)
    }

    /// The page and the part of it that a link on another page leads to, such as `opening.md#the-other-tables`.
    #[must_use]
    pub fn linked(target: &str) -> Option<(&'static Self, usize)> {
        let (file, part) = target.split_once('#').unwrap_or((target, ""));
        let page = Self::by_name(file.strip_suffix(".md")?)?;
        let at = page.sections().iter().position(|section| section.anchor() == part);
        at.or(part.is_empty().then_some(0)).map(|at| (page, at))
    }

    /// Its heading.
    #[must_use]
    pub fn title(&'static self) -> &'static str {
        self.sections().first().map_or(self.name, |section| section.title)
    }

    /// Its parts, in their order; the first one is beneath the heading of the page.
    #[must_use]
    pub fn sections(&'static self) -> &'static [Section] {
        self.sections.get_or_init(|| sections(self.text))
    }

    /// The parts that hold every word of a text, by their numbers; all of them for no word.
    #[must_use]
    pub fn found(&'static self, words: &str) -> Vec<usize> {
        let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
        let has = |section: &Section| {
            let text = format!("{} {}", section.title, section.text).to_lowercase();
            words.iter().all(|word| text.contains(word.as_str()))
        };
        let numbered = self.sections().iter().enumerate();
        numbered.filter(|(_, section)| has(section)).map(|(number, _)| number).collect()
    }
}

/// The command that emphasised words name: its title, alone or behind the menu that it is in, as in
/// `Ask > Stored snapshots…`.
#[must_use]
pub fn named_command(words: &str) -> Option<Command> {
    named_entry(words).and_then(|entry| entry.name.command())
}

/// The line of the table of commands that emphasised words name.
#[must_use]
pub fn named_entry(words: &str) -> Option<&'static Entry> {
    let (menu, title) = match words.split_once(" > ") {
        Some((menu, title)) => (Some(menu), title),
        None => (None, words),
    };
    let bare = |title: &str| title.trim_end_matches('…').to_owned();
    let is_in = |entry: &Entry| menu.is_none_or(|menu| entry.menu.is_some_and(|(known, _)| known.title() == menu));
    Command::table().iter().find(|entry| bare(entry.title) == bare(title) && is_in(entry))
}

fn sections(text: &'static str) -> Vec<Section> {
    let mut found: Vec<(usize, &'static str, usize, usize)> = Vec::new();
    let (mut at, mut fenced) = (0, false);
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        fenced ^= line.starts_with("```");
        let level = line.bytes().take_while(|byte| *byte == b'#').count();
        if !fenced && level > 0 {
            if let Some(before) = found.last_mut() {
                before.3 = at;
            }
            found.push((level, line.trim_start_matches('#').trim(), end, text.len()));
        }
        at = end;
    }
    let section = |(level, title, begin, end)| Section { title, level, text: text.get(begin..end).unwrap_or_default() };
    found.into_iter().map(section).collect()
}

#[cfg(test)]
mod tests {
    use super::super::command::Name;
    use super::*;

    #[test]
    fn a_page_falls_into_its_parts() {
        let text = "# One\na\n\n## Two `x`\n```\n# no heading\n```\n## Three\n";
        let found: Vec<_> = sections(text).iter().map(|part| (part.level, part.title, part.text)).collect();
        let wanted = [(1, "One", "a\n\n"), (2, "Two `x`", "```\n# no heading\n```\n"), (2, "Three", "")];
        assert_eq!(found, wanted);
    }

    #[test]
    fn what_is_looked_for_is_found_in_its_part() {
        let page = Page::by_name("filtering").unwrap();
        assert_eq!(page.found("").len(), page.sections().len());
        assert_eq!(page.found("CORRELATION chip"), [0]);
        assert!(page.found("no such word").is_empty());
    }

    #[test]
    fn a_link_leads_to_a_page_and_a_part_of_it() {
        let page = Page::by_name("opening").unwrap();
        let found = |target| Page::linked(target).map(|(page, at)| (page.name, page.sections()[at].title));
        assert_eq!(found("opening.md"), Some(("opening", page.title())));
        assert_eq!(found("opening.md#the-other-tables"), Some(("opening", "The other tables")));
        assert_eq!(found("opening.md#nowhere"), None);
        assert_eq!(found("nothing.md"), None);
        assert_eq!(found("../profiles"), None);
    }

    #[test]
    fn emphasised_words_name_commands() {
        assert_eq!(named_command("Audit"), Name::ShowAudit.command());
        assert_eq!(named_command("Ask > Audit…"), Name::ShowAudit.command());
        assert!(named_command("File > Audit…").is_none());
        assert!(named_command("no longer").is_none());
    }
}
