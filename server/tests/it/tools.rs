//! The scripts that run CRMAP's commands on a host with systemd, over stand-ins for systemd.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use crate::operation::{read, root};
use crate::support::folder;

/// An executable of these lines.
fn script(path: &Path, lines: &str) {
    std::fs::write(path, format!("#!/bin/sh\n{lines}\n")).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Programs by the names of systemd's, that say of the service what an operator could have set, and
/// show what they are told to run: an argument a line.
fn systemd(name: &str, state: &str, stale: &str) -> PathBuf {
    let folder = folder(name);
    script(
        &folder.join("systemctl"),
        &format!(
            r#"[ "$1 $3 $4" = "show --value crmap.service" ] || exit 9
case "$2" in
  --property=LoadState) echo {state} ;;
  --property=NeedDaemonReload) echo {stale} ;;
  --property=Environment) cat <<'END'
CRMAP_SECRET_KEYS_FILE=/run/credentials/crmap.service/secret-keys CRMAP_DATABASE_URL_FILE=/run/credentials/crmap.service/url "CRMAP_OPERATOR_NAME=ООО \"A & B\" \$HOME"
END
    ;;
  --property=EnvironmentFiles)
    echo "/etc/crmap/crmap.env (ignore_errors=no)"
    echo "/etc/crmap/more of it.env (ignore_errors=yes)" ;;
  *) exit 9 ;;
esac"#
        ),
    );
    script(
        &folder.join("busctl"),
        r#"case "$5" in
  LoadCredential) echo 'a(ss) 2 "secret-keys" "/etc/crmap/secrets/secret-keys" "url" "/srv/a b/url"' ;;
  LoadCredentialEncrypted) echo 'a(ss) 0' ;;
  *) exit 9 ;;
esac"#,
    );
    script(&folder.join("systemd-run"), r#"printf '%s\n' "$@""#);
    folder
}

fn crmap_do(systemd: &Path, arguments: &[&str]) -> Output {
    let path = format!("{}:/usr/bin:/bin", systemd.display());
    Command::new(root().join("packaging/crmap-do"))
        .args(arguments)
        .env("PATH", path)
        .output()
        .unwrap()
}

#[test]
fn a_command_gets_what_the_service_gets_with_all_that_was_added_to_it() {
    let done = crmap_do(
        &systemd("tools-do", "loaded", "no"),
        &["account", "create", "a b@example.ru"],
    );
    let said = String::from_utf8(done.stdout).unwrap();
    assert!(done.status.success(), "{said} {:?}", done.stderr);
    let words: Vec<_> = said.lines().collect();
    let unit = words
        .iter()
        .find_map(|word| word.strip_prefix("--unit="))
        .unwrap();
    let keys =
        format!("--setenv=CRMAP_SECRET_KEYS_FILE=/run/credentials/{unit}.service/secret-keys");
    let url = format!("--setenv=CRMAP_DATABASE_URL_FILE=/run/credentials/{unit}.service/url");
    for wanted in [
        keys.as_str(),
        url.as_str(),
        r#"--setenv=CRMAP_OPERATOR_NAME=ООО "A & B" $HOME"#,
        "--property=LoadCredential=secret-keys:/etc/crmap/secrets/secret-keys",
        "--property=LoadCredential=url:/srv/a b/url",
        "--property=User=crmap",
        "--property=UMask=0077",
        "--property=StateDirectoryMode=0700",
    ] {
        assert!(words.contains(&wanted), "{wanted} is missing in {words:#?}");
    }
    let files: Vec<_> = words
        .iter()
        .filter_map(|word| word.strip_prefix("--property=EnvironmentFile="))
        .collect();
    assert_eq!(
        files,
        ["/etc/crmap/crmap.env", "-/etc/crmap/more of it.env"]
    );
    let command = &words[words.len() - 4..];
    assert_eq!(
        command,
        ["/usr/bin/crmap", "account", "create", "a b@example.ru"]
    );
}

#[test]
fn no_command_runs_by_settings_that_the_service_does_not_have() {
    for (state, stale) in [("not-found", "no"), ("loaded", "yes")] {
        let done = crmap_do(&systemd("tools-stale", state, stale), &["verify"]);
        let said = String::from_utf8(done.stderr).unwrap();
        assert!(!done.status.success() && done.stdout.is_empty());
        assert!(said.contains("systemctl daemon-reload"), "{said}");
    }
}

/// Backups of this age, and the script over a command that makes an empty one, or fails.
fn night(name: &str, makes: &str) -> (PathBuf, Output) {
    let folder = folder(name);
    let backups = folder.join("backups");
    std::fs::create_dir(&backups).unwrap();
    for (name, days) in [
        ("crmap-old.backup", 30),
        ("crmap-young.backup", 28),
        ("other", 300),
    ] {
        let file = std::fs::File::create(backups.join(name)).unwrap();
        let age = Duration::from_secs(days * 24 * 3600 + 60);
        let now = file.metadata().unwrap().modified().unwrap();
        file.set_modified(now - age).unwrap();
    }
    let (tool, command) = (folder.join("crmap-backup"), folder.join("crmap-do"));
    script(&command, makes);
    let text =
        read("packaging/crmap-backup").replace("/usr/sbin/crmap-do", command.to_str().unwrap());
    script(&tool, &text);
    let done = Command::new(tool).arg(&backups).arg("29").output().unwrap();
    (backups, done)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = folder.read_dir().unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_night_makes_a_backup_and_takes_away_the_old_ones_alone() {
    let (backups, done) = night("tools-night", r#"[ "$1" = backup ] && : >"$2""#);
    assert!(done.status.success(), "{done:?}");
    let found = names(&backups);
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found[0].starts_with("crmap-20"), "{found:?}");
    assert_eq!(found[1..], ["crmap-young.backup", "other"]);
}

#[test]
fn a_night_without_a_new_backup_takes_none_away() {
    let (backups, done) = night("tools-failed", "exit 1");
    assert!(!done.status.success());
    assert_eq!(
        names(&backups),
        ["crmap-old.backup", "crmap-young.backup", "other"]
    );
}
