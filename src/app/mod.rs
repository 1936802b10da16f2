//! Wires the session, the model and the panels together in a window.
