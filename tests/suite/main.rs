//! What Eventscope can do, tested on real databases: one file a capability.
//!
//! One binary, because linking the window's libraries once is quicker than once a file. A file that is
//! forgotten here fails [`no_test_file_is_forgotten`].

// A test fails by panicking, and counts no further than 2^31.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::cast_possible_wrap)]

mod adapters;
mod circles;
mod cli;
mod demo;
mod fixtures;
mod folders;
mod following;
mod inference;
mod insight;
mod keyboard;
mod large;
mod layers;
mod libraries;
mod maintenance;
mod mapping;
mod opening;
mod own_states;
mod panels;
mod payloads;
mod profiles;
mod readme;
mod reducer_command;
mod rows;
mod session;
mod store;
mod store_aggregates;
mod store_archive;
mod store_commands;
mod store_crashes;
mod store_encoding;
mod store_exchange;
mod store_following;
mod store_model;
mod store_processes;
mod store_reading;
mod store_validation;
mod store_verifying;
mod store_weather;
mod story;
mod table_panels;
mod tables;
mod transfer;
mod truth;
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
