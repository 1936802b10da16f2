//! The statements that made a table, its indexes and its triggers.

use egui::{Frame, Label, Margin, RichText, ScrollArea, Ui};

use super::super::{controls, theme};
use crate::codec::visible_lines;
use crate::model::Command;
use crate::session::{Loading, Session};

/// Paints the statements.
pub(super) fn show(ui: &mut Ui, session: &Session, table: &str, out: &mut Vec<Command>) {
    let loading = session.definition(table);
    let definition = match (loading.value(), &loading) {
        (Some(definition), _) => definition,
        (None, Loading::Failed(error)) => return controls::inset(ui, |ui| controls::failure(ui, error)),
        (None, _) => return controls::nothing_here(ui, "Reading the definition…"),
    };
    let margin = Margin { left: 12, right: 12, top: 4, bottom: 12 };
    Frame::new().inner_margin(margin).show(ui, |ui| {
        if ui.button("Copy").on_hover_text("Copy all of these statements.").clicked() {
            out.push(Command::CopyText(definition.text()));
        }
        ui.add_space(2.0 * theme::STEP);
        ScrollArea::vertical().id_salt("definition").auto_shrink(false).show(ui, |ui| {
            statements(ui, "", std::slice::from_ref(&definition.table));
            statements(ui, "Indexes", &definition.indexes);
            statements(ui, "Triggers", &definition.triggers);
        });
    });
}

fn statements(ui: &mut Ui, title: &str, statements: &[String]) {
    if statements.iter().all(String::is_empty) {
        if title.is_empty() {
            let text = controls::dim(ui, "SQLite made this table by itself: it has no statement.");
            ui.label(text);
        }
        return;
    }
    if !title.is_empty() {
        ui.add_space(theme::MARGIN);
        ui.label(RichText::new(title).font(theme::section()).color(theme::palette(ui).dim));
        ui.add_space(theme::STEP);
    }
    for statement in statements {
        let text = RichText::new(visible_lines(&format!("{};", without_margin(statement)))).font(theme::mono());
        ui.add(Label::new(text).wrap().selectable(true));
        ui.add_space(theme::STEP);
    }
}

/// A statement without the white space that all of its lines but the first have before them: it comes from the program
/// that the statement stood in.
fn without_margin(statement: &str) -> String {
    let blank = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let rest = || statement.lines().skip(1).filter(|line| !line.trim().is_empty());
    let last = rest().last().map_or(0, blank);
    let margin = rest().map(blank).min().unwrap_or_default().min(last);
    let lines = statement.lines().enumerate().map(|(number, line)| {
        let cut = if number == 0 { 0 } else { margin.min(blank(line)) };
        line.get(cut..).unwrap_or_default()
    });
    lines.collect::<Vec<_>>().join("\n").replace('\t', "    ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_margin_of_a_statement_in_a_program_is_taken_off() {
        assert_eq!(
            without_margin("CREATE TABLE a (\n      b TEXT,\n      c TEXT\n    )"),
            "CREATE TABLE a (\n  b TEXT,\n  c TEXT\n)"
        );
        assert_eq!(without_margin("CREATE TABLE a (b)"), "CREATE TABLE a (b)");
    }
}
