//! Panels and widgets: they paint and return commands.
