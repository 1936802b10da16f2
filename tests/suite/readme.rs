//! Holds the manual against the program: its table of keys is the table of commands.

use eventscope::model::Command;

const KEYS: &str = include_str!("../../assets/manual/keys.md");

/// The rows of the table of keys, as the table of commands has them.
fn rows() -> String {
    Command::table().iter().filter(|entry| !entry.keys.is_empty()).fold(String::new(), |rows, entry| {
        let keys: Vec<_> =
            entry.keys.iter().map(|chord| format!("`{}`", chord.text().replace("Cmd", "Ctrl"))).collect();
        rows + &format!("| {} | {} | {} |\n", keys.join(" "), entry.title, entry.help)
    })
}

#[test]
fn the_table_of_keys_is_the_table_of_commands() {
    let table = format!("| keys | command | what it does |\n| --- | --- | --- |\n{}", rows());
    assert!(KEYS.contains(&table), "the manual's table of keys should be:\n\n{table}");
}
