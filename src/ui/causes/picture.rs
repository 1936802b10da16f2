//! Causes as a picture in SVG 1.1 (<https://www.w3.org/TR/SVG11/>): the swimlanes, for a report or a page.

use std::fmt::Write as _;

use egui::Color32;

use super::super::theme::{self, Palette};
use crate::event::Position;
use crate::session::{CauseNode, CauseTree};

/// The width of the picture, that of the names of the lanes, and the height of a lane.
const WIDTH: f32 = 1200.0;
const NAMES: f32 = 260.0;
const LANE: f32 = 26.0;
/// The space around it.
const MARGIN: f32 = 16.0;

/// The picture of a trace, in the colours of a theme.
pub(super) fn svg(tree: &CauseTree, event: Position, by_order: bool, palette: &Palette) -> String {
    #[expect(clippy::cast_precision_loss, reason = "there are ten thousand lanes at most")]
    let height = 2.0 * MARGIN + tree.lanes.len() as f32 * LANE;
    #[expect(clippy::cast_precision_loss, reason = "there are ten thousand lanes at most")]
    let y = |lane: usize| MARGIN + (lane as f32 + 0.5) * LANE;
    let x = |node: &CauseNode| {
        let place = if by_order { node.by_order } else { node.by_time };
        NAMES + place * (WIDTH - NAMES - 2.0 * MARGIN)
    };
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
         viewBox=\"0 0 {WIDTH} {height}\" font-family=\"monospace\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"{}\"/>\n",
        hex(palette.bg)
    );
    // Writing to a text cannot fail.
    for (number, lane) in tree.lanes.iter().enumerate() {
        let (at, right) = (y(number), WIDTH - MARGIN);
        let _ = writeln!(
            out,
            "<line x1=\"{NAMES}\" y1=\"{at}\" x2=\"{right}\" y2=\"{at}\" stroke=\"{}\"/>",
            hex(palette.line)
        );
        let name = escaped(&lane.stream.to_string(), 34);
        let _ = writeln!(out, "<text x=\"{MARGIN}\" y=\"{}\" fill=\"{}\">{name}</text>", at + 4.0, hex(palette.dim));
    }
    for node in &tree.nodes {
        if let Some(cause) = node.cause.and_then(|cause| tree.nodes.get(cause)) {
            let (from, to) = ((x(cause), y(cause.lane)), (x(node), y(node.lane)));
            let _ = writeln!(
                out,
                "<line x1=\"{:.1}\" y1=\"{}\" x2=\"{:.1}\" y2=\"{}\" stroke=\"{}\" stroke-opacity=\"0.5\"/>",
                from.0,
                from.1,
                to.0,
                to.1,
                hex(palette.faint)
            );
        }
    }
    for node in &tree.nodes {
        let color = hex(theme::event_type_color(&node.event_type, palette.dark));
        let ring = if node.position == event {
            format!(" stroke=\"{}\" stroke-width=\"3\"", hex(palette.accent))
        } else {
            String::new()
        };
        let title = escaped(&format!("{} v{}, position {}", node.event_type, node.version, node.position), 200);
        let _ = writeln!(
            out,
            "<circle cx=\"{:.1}\" cy=\"{}\" r=\"4.5\" fill=\"{color}\"{ring}><title>{title}</title></circle>",
            x(node),
            y(node.lane)
        );
    }
    out + "</svg>\n"
}

fn hex(color: Color32) -> String {
    format!("#{:02x}{:02x}{:02x}", color.r(), color.g(), color.b())
}

/// Text that may stand in XML: what is a part of its syntax is written otherwise, and what it cannot hold is left out.
fn escaped(text: &str, most: usize) -> String {
    let mut out = String::new();
    for letter in text.chars().take(most) {
        match letter {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            letter if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::StreamName;
    use crate::session::Lane;

    #[test]
    fn a_picture_is_xml_whatever_streams_are_called() {
        let node = |position, lane, cause| CauseNode {
            position,
            version: position,
            event_type: "a<b".into(),
            timestamp: None,
            lane,
            depth: 0,
            cause,
            mark: None,
            by_time: 0.0,
            by_order: 0.5,
        };
        let lane = |name: &str| Lane { stream: StreamName::new("", name), nodes: vec![] };
        let tree = CauseTree {
            nodes: vec![node(1, 0, None), node(2, 1, Some(0))],
            lanes: vec![lane("a & <b>\u{1}"), lane("ok")],
            ..CauseTree::default()
        };
        let text = svg(&tree, 2, true, &theme::LIGHT);
        let mut reader = quick_xml::Reader::from_str(&text);
        let mut circles = 0;
        loop {
            match reader.read_event().unwrap() {
                quick_xml::events::Event::Eof => break,
                quick_xml::events::Event::Start(start) if start.name().as_ref() == b"circle" => circles += 1,
                _ => {}
            }
        }
        assert_eq!(circles, 2);
        assert!(text.contains("a &amp; &lt;b&gt;"));
    }
}
