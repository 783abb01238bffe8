//! One version, wherever it is said: it stands in `Cargo.toml` alone and is repeated in the changelog.

use std::process::Command;

use crate::operation::{read, root};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The newest version that a changelog tells of, with its day; what is not released yet stands above it.
fn newest_of(changelog: &str) -> Option<(&str, &str)> {
    let mut heads = changelog
        .lines()
        .filter_map(|line| line.strip_prefix("## "));
    heads.find(|head| *head != "Unreleased")?.split_once(" — ")
}

/// Every version of CRMAP that a text names: `crmap-0.1.0`, `CRMAP 0.1.0`, `crmap:0.1.0`.
fn named_in(text: &str) -> Vec<&str> {
    let parts = text
        .match_indices("crmap")
        .chain(text.match_indices("CRMAP"));
    let after =
        parts.filter_map(|(at, name)| text[at + name.len()..].strip_prefix(['-', ' ', ':']));
    let versions = after.map(|rest| {
        let end = rest.find(|sign: char| !(sign.is_ascii_digit() || sign == '.'));
        rest[..end.unwrap_or(rest.len())].trim_end_matches('.')
    });
    versions
        .filter(|version| version.matches('.').count() == 2)
        .collect()
}

#[test]
fn the_program_says_its_version() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_crmap"));
    let told = program.arg("--version").output().unwrap();
    assert_eq!(
        String::from_utf8(told.stdout).unwrap(),
        format!("crmap {VERSION}\n")
    );
}

#[test]
fn the_changelog_begins_with_the_version_of_the_program_and_its_day() {
    let changelog = read("CHANGELOG.md");
    let (version, day) = newest_of(&changelog).unwrap();
    assert_eq!(version, VERSION);
    let parts: Vec<_> = day.split('-').map(str::len).collect();
    assert_eq!(parts, [4, 2, 2], "{day}");
    let digits = |sign: char| sign.is_ascii_digit() || sign == '-';
    assert!(day.chars().all(digits), "{day}");
}

/// A number that stands in two places is wrong in one of them some day.
#[test]
fn no_crate_and_no_package_has_a_version_of_its_own() {
    let manifest = read("Cargo.toml");
    let members = manifest
        .lines()
        .find(|line| line.starts_with("members = "))
        .unwrap();
    let members: Vec<_> = members.split('"').skip(1).step_by(2).collect();
    assert!(members.len() > 10, "{members:?}");
    for member in members {
        let own = read(&format!("{member}/Cargo.toml"));
        let inherits = own.lines().any(|line| line == "version.workspace = true");
        assert!(inherits, "{member} has a version of its own");
    }
    assert!(!read("end2end/package.json").contains("\"version\""));
}

#[test]
fn what_is_written_for_people_names_no_other_version() {
    let folders = ["", "docs", "packaging"].map(|folder| root().join(folder));
    let files = folders
        .into_iter()
        .flat_map(|folder| folder.read_dir().unwrap());
    for file in files
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
    {
        // Pictures name nothing; secrets may lie beside, and are nobody's to read here.
        let Ok(text) = std::fs::read_to_string(&file) else {
            continue;
        };
        for version in named_in(&text) {
            assert_eq!(version, VERSION, "{}", file.display());
        }
    }
}

#[test]
fn catches_a_version_that_was_left_behind() {
    let changelog = "# Changelog\n\n## Unreleased\n\n## 0.0.9 — 2026-01-02\n";
    assert_eq!(newest_of(changelog), Some(("0.0.9", "2026-01-02")));
    assert_eq!(newest_of("## Unreleased\n"), None);
    let text =
        "tar --file=crmap-0.0.9-x86_64.tar.gz; `crmap 0.0.8`; CRMAP 0.0.7. crmap:1.2 crmap-VERSION";
    assert_eq!(named_in(text), ["0.0.9", "0.0.8", "0.0.7"]);
}
