//! What Eventscope can do, tested on real databases: one file a capability.
//!
//! One binary, because linking the window's libraries once is quicker than once a file. A file that is
//! forgotten here fails [`no_test_file_is_forgotten`]. What needs more of the crate than the store is left out where
//! its feature is; what starts servers and shells as Unix does, on other systems.

// A test fails by panicking, and counts no further than 2^31.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::cast_possible_wrap)]

#[cfg(feature = "cli")]
mod adapters;
#[cfg(feature = "window")]
mod append_form;
#[cfg(feature = "window")]
mod asking;
#[cfg(feature = "cli")]
mod audit;
#[cfg(feature = "cli")]
mod bombs;
#[cfg(feature = "window")]
mod bookmarks;
#[cfg(feature = "cli")]
mod by_example;
#[cfg(feature = "window")]
mod causes;
#[cfg(feature = "cli")]
#[path = "../chance/mod.rs"]
mod chance;
mod circles;
#[cfg(feature = "cli")]
mod cli;
#[cfg(feature = "window")]
mod comparing;
#[cfg(feature = "cli")]
mod deceiving;
#[cfg(feature = "cli")]
mod demo;
#[cfg(all(feature = "cli", unix))]
mod disks;
#[cfg(feature = "window")]
mod drifting;
#[cfg(feature = "cli")]
mod evidence;
#[cfg(feature = "cli")]
mod export;
#[cfg(feature = "window")]
mod faults;
#[cfg(feature = "window")]
mod filtering;
#[cfg(feature = "cli")]
mod fixtures;
#[cfg(feature = "cli")]
mod folders;
#[cfg(feature = "cli")]
mod following;
#[cfg(feature = "cli")]
mod further;
#[cfg(feature = "cli")]
mod inference;
#[cfg(feature = "cli")]
mod insight;
#[cfg(feature = "window")]
mod invariants;
#[cfg(feature = "window")]
mod keyboard;
#[cfg(feature = "cli")]
mod large;
mod layers;
#[cfg(feature = "cli")]
mod learn;
#[cfg(feature = "cli")]
mod leaving;
#[cfg(feature = "cli")]
mod libraries;
#[cfg(feature = "window")]
mod links;
#[cfg(feature = "cli")]
mod logs;
#[cfg(feature = "window")]
mod maintenance;
#[cfg(feature = "cli")]
mod manual;
#[cfg(feature = "window")]
mod manual_window;
#[cfg(feature = "window")]
mod mapping;
#[cfg(feature = "cli")]
mod mutants;
#[cfg(feature = "cli")]
mod mutated;
#[cfg(feature = "cli")]
mod opening;
#[cfg(feature = "cli")]
mod own_states;
#[cfg(feature = "window")]
mod panels;
#[cfg(feature = "cli")]
mod payloads;
#[cfg(all(feature = "postgres", unix))]
mod postgres;
#[cfg(feature = "cli")]
mod profiles;
#[cfg(feature = "cli")]
mod questions;
#[cfg(feature = "cli")]
mod readme;
#[cfg(feature = "window")]
mod reducer_command;
#[cfg(feature = "cli")]
mod row_changes;
#[cfg(feature = "window")]
mod rows;
#[cfg(feature = "cli")]
mod rules;
#[cfg(feature = "window")]
mod rules_window;
#[cfg(feature = "window")]
mod saving;
#[cfg(feature = "window")]
mod schemas_window;
#[cfg(feature = "serve")]
mod serve;
#[cfg(feature = "serve")]
mod serve_access;
#[cfg(feature = "serve")]
mod serve_crashes;
#[cfg(feature = "serve")]
mod serve_following;
#[cfg(feature = "serve")]
mod serve_keeping;
#[cfg(feature = "serve")]
mod serve_publishing;
#[cfg(all(feature = "serve", unix))]
mod serve_readme;
#[cfg(feature = "serve")]
mod service;
#[cfg(feature = "cli")]
mod session;
#[cfg(feature = "window")]
mod state_pane;
mod store;
mod store_aggregates;
mod store_archive;
#[cfg(feature = "cli")]
mod store_commands;
mod store_crashes;
#[cfg(feature = "cli")]
mod store_encoding;
#[cfg(feature = "cli")]
mod store_exchange;
mod store_following;
mod store_model;
mod store_processes;
mod store_reading;
#[cfg(feature = "cli")]
mod store_validation;
mod store_verifying;
#[cfg(feature = "cli")]
mod store_weather;
#[cfg(feature = "window")]
mod store_windows;
#[cfg(feature = "cli")]
mod stores;
#[cfg(feature = "window")]
mod story;
#[cfg(feature = "cli")]
mod suggesting;
#[cfg(feature = "window")]
mod table_panels;
#[cfg(feature = "cli")]
mod tables;
#[cfg(feature = "window")]
mod tailing;
#[cfg(feature = "window")]
mod timeline;
#[cfg(feature = "cli")]
mod transfer;
#[cfg(feature = "cli")]
mod truth;
#[cfg(feature = "cli")]
mod understanding;
#[cfg(feature = "window")]
mod window;

#[test]
fn no_test_file_is_forgotten() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite");
    let listed = include_str!("main.rs");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        if let Some(stem) = name.strip_suffix(".rs").filter(|stem| *stem != "main") {
            assert!(
                listed.contains(&format!("mod {stem};")),
                "tests/suite/{name} is not listed in tests/suite/main.rs"
            );
        }
    }
}
