//! Paths as a person types them.

use std::path::PathBuf;

/// A path as a person types it: `~` is the home folder, and quotation marks around it are a shell's.
pub(super) fn expanded(path: PathBuf) -> PathBuf {
    let Some(text) = path.to_str() else { return path };
    let text = text.trim().trim_matches(['"', '\'']);
    match text.strip_prefix("~/").zip(directories::BaseDirs::new()) {
        Some((rest, folders)) => folders.home_dir().join(rest),
        None => PathBuf::from(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_path_is_understood() {
        assert_eq!(expanded("\"/a b/c.db\"".into()), PathBuf::from("/a b/c.db"));
        assert_eq!(expanded(" /x.db ".into()), PathBuf::from("/x.db"));
        assert!(expanded("~/x.db".into()).is_absolute());
    }
}
