//! What operators are told and given fits the program: the settings of docs/OPERATION.md, and the
//! unit, the image and the examples of packaging/ (SEC-83).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use crmap_server::cli;

use crate::support::folder;

/// The file of settings, which is told of above the table.
const FILE: &str = "CRMAP_CONFIG";

/// Names that begin like settings and belong to scripts and examples.
const OF_SCRIPTS: [&str; 9] = [
    "CRMAP_CHROMIUM",
    FILE,
    "CRMAP_EMBEDDED_SITE",
    "CRMAP_HOST",
    "CRMAP_IMAGE",
    "CRMAP_PROGRAM",
    "CRMAP_STORIES_SHIFT",
    "CRMAP_TEST",
    "CRMAP_UPSTREAMS",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
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
fn named_in(text: &str) -> BTreeSet<&str> {
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
        // `crmap VERB` stands for any.
        let words = command
            .split(' ')
            .take_while(|word| !word.starts_with(['[', '>', '#', '|']));
        Some(words.collect::<Vec<_>>())
    });
    commands
        .filter(|words| {
            words
                .first()
                .is_some_and(|word| word.chars().all(|sign| sign.is_ascii_lowercase()))
        })
        .collect()
}

#[test]
fn every_command_that_is_named_to_operators_is_there() {
    let mut named = 0;
    for file in ["README.md", "docs/OPERATION.md", "docs/SECURITY.md"] {
        let text = read(file);
        for words in commands_in(&text) {
            let mut command = cli::command();
            for word in &words {
                if let Some(flag) = word.strip_prefix("--") {
                    let mut flags = command.get_arguments().filter_map(clap::Arg::get_long);
                    assert!(flags.any(|known| known == flag), "{file}: {words:?}");
                } else if command.has_subcommands() {
                    let found = command.find_subcommand(word).cloned();
                    assert!(*word == "help" || found.is_some(), "{file}: {words:?}");
                    command = found.unwrap_or(command);
                }
            }
            named += 1;
        }
    }
    assert!(named > 20, "{named}");
}

/// What must stand in the unit, besides what systemd itself judges below.
const UNIT: [&str; 14] = [
    "User=crmap",
    "NoNewPrivileges=yes",
    "CapabilityBoundingSet=",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "MemoryDenyWriteExecute=yes",
    "SystemCallFilter=@system-service",
    "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
    "StateDirectoryMode=0700",
    "UMask=0077",
    "LimitCORE=0",
    "Restart=on-failure",
];

#[test]
fn sec_83_the_unit_has_no_rights_and_gets_secrets_in_files_alone() {
    let unit = read("packaging/crmap.service");
    let lines: Vec<_> = unit.lines().collect();
    for wanted in UNIT {
        assert!(lines.contains(&wanted), "{wanted} is missing");
    }
    for secret in ["CRMAP_SECRET_KEYS", "CRMAP_BITRIX_CLIENT_SECRET"] {
        assert!(unit.contains(&format!("Environment={secret}_FILE=%d/")));
    }
    for file in [
        "crmap.service",
        "crmap.env",
        "compose.yaml",
        "Containerfile",
    ] {
        let text = read(&format!("packaging/{file}"));
        for secret in [
            "CRMAP_SECRET_KEYS",
            "CRMAP_BITRIX_CLIENT_SECRET",
            "CRMAP_DATABASE_URL",
            "CRMAP_SMTP_URL",
        ] {
            assert!(!named_in(&text).contains(secret), "{file} sets {secret}");
        }
    }
}

/// As systemd judges it: 10 is the worst.
#[test]
fn sec_83_systemd_finds_little_exposed() {
    let judged = Command::new("systemd-analyze")
        .args(["security", "--offline=true", "--threshold=20"])
        .arg(root().join("packaging/crmap.service"))
        .output();
    // Where there is no systemd, the list above has to do.
    let Ok(judged) = judged else { return };
    let said = String::from_utf8_lossy(&judged.stdout).into_owned();
    let overall = said.lines().find(|line| line.contains("Overall exposure"));
    assert!(judged.status.success(), "{overall:?}");
}

/// A word of the unit that systemd does not know would be passed over in silence.
#[test]
fn sec_83_systemd_knows_every_word_of_the_unit() {
    let here = folder("operation-unit").join("crmap.service");
    let unit = read("packaging/crmap.service").replace("/usr/bin/crmap", "/bin/true");
    std::fs::write(&here, unit).unwrap();
    let judged = Command::new("systemd-analyze")
        .arg("verify")
        .arg(&here)
        .output();
    let Ok(judged) = judged else { return };
    let said = String::from_utf8_lossy(&judged.stderr).into_owned();
    let of_ours: Vec<_> = said.lines().filter(|line| line.contains("crmap")).collect();
    assert!(of_ours.is_empty(), "{of_ours:?}");
}

#[test]
fn sec_83_the_image_runs_as_nobody_and_asks_itself_how_it_is() {
    let image = read("packaging/Containerfile");
    let lines: Vec<_> = image.lines().collect();
    // What comes before belongs to the stage that builds.
    let last = lines.iter().rposition(|line| line.starts_with("FROM "));
    let stage = &lines[last.unwrap()..];
    assert!(stage.contains(&"USER 65532:65532"), "another user");
    assert!(
        !stage.iter().any(|line| line.starts_with("RUN ")),
        "a shell"
    );
    assert!(
        !stage.iter().any(|line| line.starts_with("ADD ")),
        "a download"
    );
    let health = stage.iter().find(|line| line.starts_with("HEALTHCHECK "));
    assert!(
        health
            .unwrap()
            .ends_with(r#"CMD ["/usr/bin/crmap", "health"]"#)
    );
    assert!(stage.contains(&r#"ENTRYPOINT ["/usr/bin/crmap"]"#));

    let compose = read("packaging/compose.yaml");
    for wanted in [
        "  read_only: true",
        "  cap_drop: [ALL]",
        r#"  security_opt: ["no-new-privileges:true"]"#,
        "  stop_grace_period: 60s",
    ] {
        assert!(compose.lines().any(|line| line == wanted), "{wanted}");
    }
}

/// A proxy that repeats what CRMAP says already, or forbids frames, breaks the application.
#[test]
fn sec_47_the_examples_of_proxies_add_no_header() {
    for (file, forbidden) in [
        (
            "nginx.conf",
            &["add_header", "more_set_headers", "gzip on"][..],
        ),
        ("Caddyfile", &["\theader +", "\theader X-", "\tencode"]),
    ] {
        let text = read(&format!("packaging/{file}"));
        let orders = text
            .lines()
            .filter(|line| !line.trim_start().starts_with('#'));
        for line in orders {
            for word in forbidden {
                assert!(!line.contains(word), "{file}: {line}");
            }
        }
    }
}
