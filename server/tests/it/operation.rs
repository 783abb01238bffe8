//! What operators are told fits the program: the settings and commands of docs/OPERATION.md.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crmap_server::cli;

/// The file of settings, which is told of above the table.
const FILE: &str = "CRMAP_CONFIG";

/// Names that begin like settings and belong to scripts and examples.
const OF_SCRIPTS: [&str; 11] = [
    "CRMAP_CHROMIUM",
    FILE,
    "CRMAP_EMBEDDED_SITE",
    "CRMAP_HOST",
    "CRMAP_IMAGE",
    "CRMAP_PROGRAM",
    "CRMAP_ROLLING",
    "CRMAP_ROLLING_BINARY",
    "CRMAP_STORIES_SHIFT",
    "CRMAP_TEST",
    "CRMAP_UPSTREAMS",
];

/// The folder of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A file of the repository.
pub fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// Every setting that the command line knows, with what it is unless told.
fn settings() -> BTreeMap<String, Option<String>> {
    let mut found = BTreeMap::new();
    let mut open = vec![cli::command()];
    while let Some(command) = open.pop() {
        for argument in command.get_arguments() {
            let Some(name) = argument.get_env() else {
                continue;
            };
            let values = argument.get_default_values();
            let values = values.iter().map(|value| value.to_str().unwrap());
            let values: Vec<_> = values.collect();
            let default = (!values.is_empty()).then(|| values.join(","));
            found.insert(name.to_str().unwrap().to_owned(), default);
        }
        open.extend(command.get_subcommands().cloned());
    }
    found.remove(FILE);
    assert!(found.len() > 20, "{found:?}");
    found
}

/// The table of settings, as name and default.
fn documented() -> BTreeMap<String, String> {
    let text = read("docs/OPERATION.md");
    let rows = text.lines().filter_map(|line| {
        let cells: Vec<_> = line.strip_prefix("| `CRMAP_")?.split(" | ").collect();
        let name = format!("CRMAP_{}", cells[0].trim_end_matches('`'));
        Some((name, cells[1].to_owned()))
    });
    rows.collect()
}

#[test]
fn the_table_of_settings_is_that_of_the_command_line() {
    let (settings, documented) = (settings(), documented());
    let known: BTreeSet<_> = settings.keys().collect();
    let told: BTreeSet<_> = documented.keys().collect();
    assert_eq!(known, told, "docs/OPERATION.md has another list");
    for (name, default) in settings {
        let cell = &documented[&name];
        match default {
            Some(default) => assert_eq!(cell, &format!("`{default}`"), "{name}"),
            None => assert!(cell.starts_with("none"), "{name}: {cell}"),
        }
    }
}

/// All that looks like a setting in a text.
pub fn named_in(text: &str) -> BTreeSet<&str> {
    let words = text.split(|sign: char| !(sign.is_ascii_alphanumeric() || sign == '_'));
    let named = words.filter(|word| word.starts_with("CRMAP_"));
    named.filter(|word| !word.ends_with('_')).collect()
}

#[test]
fn every_setting_that_is_named_to_operators_is_there() {
    let settings = settings();
    let files = ["README.md", "docs/OPERATION.md", "docs/DEVELOPMENT.md"].map(PathBuf::from);
    let packaging = root().join("packaging").read_dir().unwrap();
    let packaging = packaging.map(|entry| entry.unwrap().path());
    // Secrets may lie beside, in a folder.
    let packaging = packaging.filter(|path| path.is_file());
    for file in files.into_iter().chain(packaging) {
        let text = std::fs::read_to_string(root().join(&file)).unwrap();
        for name in named_in(&text) {
            let known = settings.contains_key(name) || OF_SCRIPTS.contains(&name);
            assert!(known, "{} names {name}", file.display());
        }
    }
}

/// The commands of CRMAP that a text has as code, without what runs them.
fn commands_in(text: &str) -> Vec<Vec<&str>> {
    let spans = text
        .lines()
        .flat_map(|line| line.split('`').skip(1).step_by(2));
    let lines = text.split("```").skip(1).step_by(2).flat_map(str::lines);
    let code = spans.chain(lines).map(str::trim);
    let commands = code.filter_map(|code| {
        let command = code
            .strip_prefix("crmap ")
            .or(code.strip_prefix("crmap-do "))?;
        let words = command
            .split(' ')
            .take_while(|word| !word.starts_with(['[', '>', '#', '|']));
        Some(words.collect::<Vec<_>>())
    });
    // `crmap VERB` and `crmap …` stand for any.
    let named =
        |word: &&str| word.starts_with(|sign: char| sign.is_ascii_lowercase() || sign == '-');
    commands
        .filter(|words| words.first().is_some_and(named))
        .collect()
}

/// Whether the program has such a command with such flags.
fn is_there(words: &[&str]) -> bool {
    let mut command = cli::command();
    command.build();
    words.iter().all(|word| {
        if let Some(flag) = word.strip_prefix("--") {
            let mut flags = command.get_arguments().filter_map(clap::Arg::get_long);
            return flags.any(|known| known == flag);
        }
        if command.has_subcommands() {
            // `new|list` are two.
            let found = word.split('|').map(|one| command.find_subcommand(one));
            let Some(found) = found.collect::<Option<Vec<_>>>() else {
                return false;
            };
            command = found[0].clone();
        }
        true
    })
}

#[test]
fn every_command_that_is_named_to_operators_is_there() {
    let mut named = 0;
    for file in [
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "README.md",
        "docs/ARCHITECTURE.md",
        "docs/DEVELOPMENT.md",
        "docs/OPERATION.md",
        "docs/SECURITY.md",
    ] {
        let text = read(file);
        for words in commands_in(&text) {
            assert!(is_there(&words), "{file}: {words:?}");
            named += 1;
        }
    }
    assert!(named > 20, "{named}");
    let invented = commands_in(
        "`crmap mend-it`, `crmap verify --mend-it`, `crmap keys new|old`, `crmap VERB`",
    );
    let words: [&[&str]; 3] = [&["mend-it"], &["verify", "--mend-it"], &["keys", "new|old"]];
    assert_eq!(invented, words);
    assert!(!invented.iter().any(|words| is_there(words)));
}

/// The lines of a text's blocks of code.
fn code_in(text: &str) -> impl Iterator<Item = &str> {
    text.split("```").skip(1).step_by(2).flat_map(str::lines)
}

/// Where a line for cron or systemd names its command, if it is one.
fn command_of(line: &str) -> Option<&str> {
    if let Some((order, command)) = line.split_once('=')
        && order.starts_with("Exec")
    {
        // Nothing takes away what was there before.
        return Some(command.trim_start_matches(['-', '+', '!', ':', '@']))
            .filter(|it| !it.is_empty());
    }
    let words: Vec<_> = line.split_whitespace().collect();
    let of_cron = |word: &&str| {
        word.chars()
            .all(|sign| sign.is_ascii_digit() || "*/,-".contains(sign))
    };
    (words.len() > 6 && words[..5].iter().all(of_cron)).then(|| words[6])
}

/// cron and systemd look for commands in fewer folders than a shell of root does.
#[test]
fn what_cron_and_systemd_are_to_run_is_named_by_its_whole_path() {
    let guide = read("docs/OPERATION.md");
    let mut named: Vec<_> = code_in(&guide).filter_map(command_of).collect();
    let units =
        ["crmap.service", "crmap-backup.service"].map(|unit| read(&format!("packaging/{unit}")));
    named.extend(
        units
            .iter()
            .flat_map(|unit| unit.lines())
            .filter_map(command_of),
    );
    assert!(named.len() >= 3, "{named:?}");
    for command in named {
        assert!(command.starts_with('/'), "{command}");
    }
}

#[test]
fn catches_a_line_of_cron_whose_command_is_looked_for() {
    let line = "17 3 * * * root crmap-do backup /var/lib/crmap/crmap.backup";
    assert_eq!(command_of(line), Some("crmap-do"));
    assert_eq!(command_of("ExecStart=crmap serve"), Some("crmap serve"));
    assert_eq!(command_of("ExecStart="), None);
}
