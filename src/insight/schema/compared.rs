//! What differs between two schema versions of an event type.

use super::TypeSchema;
use super::shape::{Kind, Shape};

/// A path at which two schemas differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The path, as [`Path`](super::Path) writes it.
    pub path: String,
    /// What stands there in the one: its kinds and its presence, from 0 to 1. `None` where nothing does.
    pub before: Option<(Vec<Kind>, f64)>,
    /// What stands there in the other.
    pub after: Option<(Vec<Kind>, f64)>,
}

/// Where two schemas differ: paths that only one has, those with other kinds of values, and those that are always there
/// in the one and not in the other.
#[must_use]
pub fn compare(before: &TypeSchema, after: &TypeSchema) -> Vec<Difference> {
    let said = |schema: &TypeSchema| -> Vec<(String, (Vec<Kind>, f64))> {
        let paths = schema.paths();
        paths.iter().map(|path| (path.to_string(), (kinds(path.shape), path.presence))).collect()
    };
    let (before, after) = (said(before), said(after));
    let find = |paths: &[(String, (Vec<Kind>, f64))], wanted: &str| {
        paths.iter().find(|(path, _)| path == wanted).map(|(_, said)| said.clone())
    };
    let only_after = after.iter().filter(|(path, _)| find(&before, path).is_none());
    let paths = before.iter().chain(only_after).map(|(path, _)| path);
    paths
        .map(|path| Difference { path: path.clone(), before: find(&before, path), after: find(&after, path) })
        .filter(|difference| match (&difference.before, &difference.after) {
            (Some((kinds, presence)), Some((others, other))) => {
                kinds != others || (*presence >= 1.0) != (*other >= 1.0)
            }
            _ => true,
        })
        .collect()
}

fn kinds(shape: &Shape) -> Vec<Kind> {
    shape.kinds().map(|(kind, _)| kind).collect()
}
