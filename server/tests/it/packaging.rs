//! What operators are given: the units, the image, the tools and the examples of packaging/ (SEC-83).

use std::process::{Command, Output};

use crate::operation::{named_in, read, root};
use crate::support::folder;

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

/// systemd's own judge. Where there is no systemd, the list above has to do; in CI it must be there.
fn systemd_analyze(arguments: &[&str]) -> Option<Output> {
    let asked = Command::new("systemd-analyze").args(arguments).output();
    let in_ci = std::env::var_os("CI").is_some_and(|it| !it.is_empty());
    assert!(
        asked.is_ok() || !in_ci,
        "please install systemd: scripts/setup test"
    );
    asked.ok()
}

/// As systemd judges it: 100 is the worst. docs/OPERATION.md tells the same.
#[test]
fn sec_83_systemd_finds_little_exposed() {
    let guide = read("docs/OPERATION.md");
    let told = guide.lines().find(|line| line.contains("rates it 1.2"));
    assert!(told.is_some(), "the guide tells another figure");
    let unit = root().join("packaging/crmap.service");
    let unit = unit.to_str().unwrap();
    // What stands above the threshold is refused.
    let Some(judged) = systemd_analyze(&["security", "--offline=true", "--threshold=12", unit])
    else {
        return;
    };
    let said = String::from_utf8_lossy(&judged.stdout).into_owned();
    let overall = said.lines().find(|line| line.contains("Overall exposure"));
    assert!(judged.status.success(), "{overall:?}");
}

/// A word of a unit that systemd does not know would be passed over in silence.
#[test]
fn sec_83_systemd_knows_every_word_of_the_units() {
    let folder = folder("operation-units");
    let units = [
        "crmap.service",
        "crmap-backup.service",
        "crmap-backup.timer",
    ]
    .map(|name| {
        let text = read(&format!("packaging/{name}"))
            .replace("/usr/bin/crmap", "/bin/true")
            .replace("/usr/sbin/crmap-backup", "/bin/true");
        let here = folder.join(name);
        std::fs::write(&here, text).unwrap();
        here.to_str().unwrap().to_owned()
    });
    let [service, backup, timer] = &units;
    let Some(judged) = systemd_analyze(&["verify", service, backup, timer]) else {
        return;
    };
    let said = String::from_utf8_lossy(&judged.stderr).into_owned();
    let of_ours: Vec<_> = said.lines().filter(|line| line.contains("crmap")).collect();
    assert!(of_ours.is_empty(), "{of_ours:?}");
    assert!(judged.status.success(), "{said}");
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
        r#"  tmpfs: ["/tmp:mode=1777,noexec,nosuid,nodev,size=64m"]"#,
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

/// Whatever lies in packaging/ is of use to an operator, and is in the archive. The image is built in
/// the repository.
#[test]
fn everything_in_packaging_is_shipped() {
    let script = read("scripts/package");
    for entry in root().join("packaging").read_dir().unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let shipped = script.contains(&format!("packaging/{name}"));
        assert!(
            shipped || ["Containerfile", "secrets", ".env"].contains(&&*name),
            "{name}"
        );
    }
}

/// What operators are told to lay beside the examples.
#[test]
fn sec_36_secrets_beside_the_examples_are_neither_committed_nor_in_an_image() {
    for (file, wanted) in [
        (
            ".gitignore",
            ["/packaging/secrets/", "/packaging/backups/", ".env"],
        ),
        (
            ".dockerignore",
            ["packaging/secrets", "packaging/backups", "**/.env"],
        ),
    ] {
        let text = read(file);
        for wanted in wanted {
            assert!(text.lines().any(|line| line == wanted), "{file}: {wanted}");
        }
    }
}

/// Searches are people's own, and whether a process is ready is a matter of the proxy.
#[test]
fn sec_37_the_examples_of_proxies_log_no_query_and_tell_nobody_who_is_ready() {
    let (nginx, caddy) = (read("packaging/nginx.conf"), read("packaging/Caddyfile"));
    let format = nginx.lines().find(|line| line.starts_with("log_format"));
    let format = format.unwrap();
    for word in [
        "$request ",
        "$request\"",
        "$request_uri",
        "$args",
        "$query_string",
        "referer",
    ] {
        assert!(!format.contains(word), "nginx.conf logs {word}");
    }
    assert!(nginx.contains("location = /readyz {\n        return 404;"));
    assert!(nginx.contains("proxy_next_upstream error;"));
    assert!(caddy.contains("request>uri regexp [?].*$ \"\""));
    assert!(caddy.contains("request>headers delete"));
    assert!(caddy.contains("respond /readyz 404"));
}
