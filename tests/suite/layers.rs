//! Holds every source file against the table of layers in `src/lib.rs`: which layers it may name, and which
//! libraries it must not.

use std::fs;
use std::path::{Path, PathBuf};

/// A layer, the layers that it may import, and what it must not mention.
struct Layer {
    name: &'static str,
    may_import: &'static [&'static str],
    never: &'static [&'static str],
}

const GUI: &[&str] = &["egui", "eframe", "rfd"];
const GUI_AND_THREADS: &[&str] = &["egui", "eframe", "rfd", "std::thread"];

const LAYERS: &[Layer] = &[
    Layer { name: "event", may_import: &[], never: &["rusqlite", "std::thread", "egui", "eframe", "rfd"] },
    Layer { name: "error", may_import: &["event"], never: GUI_AND_THREADS },
    Layer { name: "document", may_import: &[], never: &["rusqlite", "std::thread", "egui", "eframe", "rfd"] },
    Layer { name: "store", may_import: &["event", "error", "document"], never: GUI_AND_THREADS },
    Layer { name: "demo", may_import: &["event", "error", "store"], never: GUI_AND_THREADS },
    Layer { name: "codec", may_import: &["event", "error", "document"], never: GUI_AND_THREADS },
    Layer { name: "profile", may_import: &["event", "error", "codec"], never: GUI_AND_THREADS },
    Layer { name: "filter", may_import: &["event", "error", "codec", "profile"], never: GUI_AND_THREADS },
    Layer {
        name: "source",
        may_import: &["event", "error", "store", "codec", "profile", "filter"],
        never: GUI_AND_THREADS,
    },
    Layer {
        name: "server",
        may_import: &["event", "error", "store", "codec", "profile", "filter", "source"],
        never: GUI,
    },
    Layer {
        name: "transfer",
        may_import: &["event", "error", "store", "codec", "profile", "filter", "source"],
        never: GUI_AND_THREADS,
    },
    Layer { name: "replay", may_import: &["event", "error"], never: &["rusqlite", "egui", "eframe", "rfd"] },
    Layer { name: "process", may_import: &["event", "error", "replay"], never: &["rusqlite", "egui", "eframe", "rfd"] },
    Layer {
        name: "learn",
        may_import: &["event", "error", "replay"],
        never: &["rusqlite", "std::thread", "egui", "eframe", "rfd"],
    },
    Layer {
        name: "insight",
        may_import: &["event", "error", "codec", "profile", "filter", "source", "replay", "learn"],
        never: GUI_AND_THREADS,
    },
    Layer {
        name: "session",
        may_import: &[
            "event", "error", "store", "codec", "profile", "filter", "source", "server", "transfer", "replay",
            "process", "insight", "model",
        ],
        never: GUI,
    },
    Layer {
        name: "model",
        may_import: &["event", "error", "filter"],
        never: &["rusqlite", "std::thread", "std::fs", "egui", "eframe", "rfd"],
    },
    Layer {
        name: "ui",
        may_import: &[
            "event", "error", "codec", "profile", "filter", "replay", "process", "insight", "session", "model",
        ],
        never: &["rusqlite", "std::fs", "std::thread", "rfd"],
    },
    Layer {
        name: "app",
        may_import: &[
            "event", "error", "filter", "replay", "profile", "store", "demo", "session", "model", "ui", "cli",
        ],
        never: &["rusqlite"],
    },
    Layer {
        name: "serve",
        may_import: &["event", "error", "store", "codec", "profile", "filter", "source", "replay"],
        never: GUI,
    },
    Layer {
        name: "cli",
        may_import: &[
            "event", "error", "store", "demo", "codec", "profile", "filter", "source", "server", "transfer", "replay",
            "process", "learn", "insight", "serve", "session", "model",
        ],
        never: &["egui", "eframe", "rfd"],
    },
];

/// Layers of which only some files speak to SQLite, and those files; the rest of them stays pure.
const RUSQLITE_ONLY_IN: &[(&str, &[&str])] = &[("filter", &["compile"]), ("codec", &["decode", "encode.rs"])];

#[test]
fn no_layer_reaches_up() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut faults = Vec::new();
    for file in rust_files(&root) {
        let inside = file.strip_prefix(&root).unwrap();
        if is_test_module(inside) {
            continue;
        }
        let first = inside.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
        let name = first.trim_end_matches(".rs");
        if name == "lib" || name == "main" {
            continue;
        }
        let Some(layer) = LAYERS.iter().find(|layer| layer.name == name) else {
            faults.push(format!("{}: `{name}` is not in the table of layers", inside.display()));
            continue;
        };
        for (number, line) in code_lines(&fs::read_to_string(&file).unwrap()) {
            for fault in faults_in(layer, &line, inside) {
                faults.push(format!("{}:{number}: {fault}", inside.display()));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// Whether a file is part of a test module that has a file or a folder of its own. Such tests may use threads.
pub fn is_test_module(file: &Path) -> bool {
    file.components().any(|part| matches!(part.as_os_str().to_str(), Some("tests" | "tests.rs")))
}

/// What a line names that its layer must not.
fn faults_in(layer: &Layer, line: &str, file: &Path) -> Vec<String> {
    let mut faults = Vec::new();
    for (at, _) in line.match_indices("crate::") {
        let named: String =
            line[at + 7..].chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
        let known = LAYERS.iter().any(|other| other.name == named);
        if known && named != layer.name && !layer.may_import.contains(&named.as_str()) {
            faults.push(format!("`{}` reaches up to `{named}`", layer.name));
        }
    }
    for library in layer.never.iter().filter(|library| mentions(line, library)) {
        faults.push(format!("`{}` must not use `{library}`", layer.name));
    }
    for (name, allowed) in RUSQLITE_ONLY_IN.iter().filter(|(name, _)| *name == layer.name) {
        let speaks_sql = file
            .components()
            .any(|part| allowed.iter().any(|file| part.as_os_str().to_string_lossy().starts_with(file)));
        if !speaks_sql && mentions(line, "rusqlite") {
            faults.push(format!("only {allowed:?} of `{name}` may use `rusqlite`"));
        }
    }
    faults
}

/// Whether a line uses a path that starts with `library`.
fn mentions(line: &str, library: &str) -> bool {
    line.match_indices(library).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = &line[at + library.len()..];
        !before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_' || letter == ':')
            && (after.starts_with("::") || after.starts_with(';'))
    })
}

/// The lines of a file that are code of the program: no comments, and nothing from its test module on.
pub fn code_lines(text: &str) -> Vec<(usize, String)> {
    text.lines()
        .enumerate()
        .take_while(|(_, line)| line.trim() != "#[cfg(test)]")
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(index, line)| (index + 1, line.to_owned()))
        .collect()
}

pub fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
