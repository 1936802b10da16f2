//! A page of the manual as what is painted of it, read from its Markdown.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// What stands on a page, one beneath the other.
#[derive(Debug, PartialEq)]
pub(super) enum Block {
    Heading(Vec<Span>, HeadingLevel),
    Paragraph(Vec<Span>),
    /// An item of a list, so deep, with what stands before it.
    Item {
        depth: usize,
        mark: String,
        spans: Vec<Span>,
    },
    Code(String),
    /// The rows of a table, the first of which is its head.
    Table(Vec<Vec<Vec<Span>>>),
}

/// A piece of a line.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Span {
    pub(super) text: String,
    pub(super) style: Style,
    /// Where it leads.
    pub(super) link: Option<String>,
}

/// How a piece is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Style {
    #[default]
    Plain,
    Code,
    Strong,
    /// Of a command, where it names one.
    Emphasis,
}

/// Reads Markdown.
pub(super) fn blocks(markdown: &str) -> Vec<Block> {
    let mut reading = Reading::default();
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        reading.take(event);
    }
    reading.blocks
}

#[derive(Default)]
struct Reading {
    blocks: Vec<Block>,
    spans: Vec<Span>,
    style: Style,
    link: Option<String>,
    /// The lists that are open: the number of the next item, where they are numbered.
    lists: Vec<Option<u64>>,
    /// What stands before the item that is open.
    mark: Option<String>,
    code: Option<String>,
    rows: Vec<Vec<Vec<Span>>>,
}

impl Reading {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.begin(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => match &mut self.code {
                Some(code) => code.push_str(&text),
                None => self.push(&text, self.style),
            },
            Event::Code(text) => self.push(&text, Style::Code),
            Event::SoftBreak | Event::HardBreak => self.push(" ", self.style),
            _ => {}
        }
    }

    fn push(&mut self, text: &str, style: Style) {
        let link = self.link.clone();
        match self.spans.last_mut().filter(|last| last.style == style && last.link == link) {
            Some(last) => last.text.push_str(text),
            None => self.spans.push(Span { text: text.to_owned(), style, link }),
        }
    }

    fn begin(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Emphasis => self.style = Style::Emphasis,
            Tag::Strong => self.style = Style::Strong,
            Tag::Link { dest_url, .. } => self.link = Some(dest_url.into_string()),
            Tag::List(first) => {
                self.close_item();
                self.lists.push(first);
            }
            Tag::Item => {
                self.mark = Some(match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number += 1;
                        format!("{}.", *number - 1)
                    }
                    _ => "•".to_owned(),
                });
            }
            Tag::CodeBlock(_) => {
                self.close_item();
                self.code = Some(String::new());
            }
            Tag::Table(_) => self.rows.clear(),
            Tag::TableHead | Tag::TableRow => self.rows.push(Vec::new()),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Emphasis | TagEnd::Strong => self.style = Style::Plain,
            TagEnd::Link => self.link = None,
            TagEnd::Heading(level) => {
                let spans = std::mem::take(&mut self.spans);
                self.blocks.push(Block::Heading(spans, level));
            }
            TagEnd::Paragraph if self.mark.is_some() || !self.lists.is_empty() => self.close_item(),
            TagEnd::Paragraph => {
                let spans = std::mem::take(&mut self.spans);
                self.blocks.push(Block::Paragraph(spans));
            }
            TagEnd::Item => {
                self.close_item();
                self.mark = None;
            }
            TagEnd::List(_) => drop(self.lists.pop()),
            TagEnd::CodeBlock => {
                let code = self.code.take().unwrap_or_default();
                self.blocks.push(Block::Code(code.trim_end().to_owned()));
            }
            TagEnd::TableCell => {
                let spans = std::mem::take(&mut self.spans);
                if let Some(row) = self.rows.last_mut() {
                    row.push(spans);
                }
            }
            TagEnd::Table => self.blocks.push(Block::Table(std::mem::take(&mut self.rows))),
            _ => {}
        }
    }

    /// What was read of an item; a further paragraph of it has nothing before it.
    fn close_item(&mut self) {
        if self.spans.is_empty() {
            return;
        }
        let (depth, mark) = (self.lists.len(), self.mark.take().unwrap_or_default());
        self.blocks.push(Block::Item { depth, mark, spans: std::mem::take(&mut self.spans) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Span {
        Span { text: text.to_owned(), ..Span::default() }
    }

    #[test]
    fn a_page_is_read_as_what_is_painted_of_it() {
        let text = "## Two\nSay *Audit* or\n`code`: [a page](keys.md).\n\n1. one\n   - inner\n2. two\n\n```\nx = 1\n```\n\n\
                    | a | b |\n| --- | --- |\n| 1 | **2** |\n";
        let found = blocks(text);
        let emphasis = Span { text: "Audit".into(), style: Style::Emphasis, link: None };
        let code = Span { text: "code".into(), style: Style::Code, link: None };
        let link = Span { text: "a page".into(), link: Some("keys.md".into()), ..Span::default() };
        let strong = Span { text: "2".into(), style: Style::Strong, link: None };
        let item = |depth, mark: &str, text| Block::Item { depth, mark: mark.into(), spans: vec![plain(text)] };
        let wanted = [
            Block::Heading(vec![plain("Two")], HeadingLevel::H2),
            Block::Paragraph(vec![plain("Say "), emphasis, plain(" or "), code, plain(": "), link, plain(".")]),
            item(1, "1.", "one"),
            item(2, "•", "inner"),
            item(1, "2.", "two"),
            Block::Code("x = 1".into()),
            Block::Table(vec![vec![vec![plain("a")], vec![plain("b")]], vec![vec![plain("1")], vec![strong]]]),
        ];
        assert_eq!(found, wanted);
    }
}
