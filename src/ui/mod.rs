//! Panels and widgets: they paint and return commands.

pub mod theme;
pub mod widgets;
