//! Settings as an operator gives and sees them: flags, environment, one file, and `crmap config`.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use crate::operator::{crmap, desk, run, serving, text};

fn write(folder: &Path, content: &str) {
    let path = folder.join("crmap.toml");
    std::fs::write(&path, content).unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
}

/// `crmap config` with that file and nothing in the environment.
fn config(folder: &Path, content: &str, flags: &[&str]) -> Output {
    write(folder, content);
    let mut command = crmap(folder, &["config", "--config", "crmap.toml"]);
    run(command.args(flags).env_clear())
}

/// The line of a setting: its value and where it comes from.
fn line_of<'a>(told: &'a str, key: &str) -> Vec<&'a str> {
    let begin = format!("{key} = ");
    let line = told.lines().find_map(|line| line.strip_prefix(&begin));
    let line = line.unwrap_or_else(|| panic!("no {key} in {told}"));
    line.split("  # ").map(str::trim).collect()
}

const GOOD: &str = "bitrix_client_id = 'app.sim'\nbitrix_client_secret = 'hidden-secret'\n\
    site_dir = 'site'\nlisten = '127.0.0.1:0'\noperator_name = 'From the file'\n\
    trusted_proxies = ['127.0.0.1', '10.0.0.0/8']\npublic_url = 'https://crmap.example.ru'\n";

#[test]
fn settings_are_shown_with_where_they_come_from() {
    let folder = desk("settings");
    write(&folder, GOOD);
    let mut command = crmap(&folder, &["config", "--journal-days", "9"]);
    command
        .env("CRMAP_CONFIG", "crmap.toml")
        .env("CRMAP_OPERATOR_NAME", "From the environment");
    let shown = run(&mut command);
    let (told, checked) = (text(&shown.stdout), text(&shown.stderr));
    assert!(shown.status.success(), "{told}{checked}");
    for (key, value, from) in [
        ("journal_days", "9", "--journal-days"),
        (
            "operator_name",
            "\"From the environment\"",
            "CRMAP_OPERATOR_NAME",
        ),
        ("public_url", "\"https://crmap.example.ru\"", "crmap.toml"),
        (
            "trusted_proxies",
            "[\"127.0.0.1\", \"10.0.0.0/8\"]",
            "crmap.toml",
        ),
        ("log_format", "\"human\"", "default"),
        ("# bitrix_client_secret", "(set)", "crmap.toml"),
    ] {
        assert_eq!(line_of(&told, key), [value, from], "{told}");
    }
    assert!(told.contains("# metrics_listen is not set"), "{told}");
    assert!(!checked.contains("wrong"), "{checked}");
    assert!(!folder.join("data").exists(), "looking makes nothing");
}

#[test]
fn what_is_shown_is_a_file_that_says_the_same() {
    let folder = desk("settings-again");
    let first = text(&config(&folder, GOOD, &["--portal-ports", "8443,9443"]).stdout);
    let second = config(&folder, &first, &["--bitrix-client-secret", "again"]);
    let values = |told: &str| {
        let lines = told.lines().filter(|line| !line.starts_with('#'));
        let values = lines.map(|line| line.split("  # ").next().unwrap().trim().to_owned());
        values.collect::<Vec<_>>()
    };
    let second_told = text(&second.stdout);
    assert!(second.status.success(), "{}", text(&second.stderr));
    assert!(values(&first).len() > 12, "{first}");
    assert_eq!(values(&first), values(&second_told));
}

#[test]
fn sec_33_no_secret_is_shown_wherever_it_comes_from() {
    let folder = desk("settings-secret");
    let content = format!(
        "{GOOD}database_url = 'postgres://u:hidden-secret@127.0.0.1:1/x'\n\
         smtp_url = 'smtp://u:hidden-secret@127.0.0.1:1'\nmail_from = 'a@example.ru'\n\
         secret_keys = 'hidden-secret'\n"
    );
    let from_file = config(&folder, &content, &[]);
    assert_eq!(from_file.status.code(), Some(1));
    let mut command = crmap(&folder, &["config"]);
    command
        .env("CRMAP_DATABASE_URL", "sqlite://hidden-secret?x")
        .env("CRMAP_SECRET_KEYS", "a:hidden-secret")
        .env("CRMAP_SMTP_URL", "hidden-secret://a")
        .env("CRMAP_MAIL_FROM", "a@example.ru");
    let from_environment = run(&mut command);
    let help = run(crmap(&folder, &["serve", "--help"]).env("CRMAP_CONFIG", "crmap.toml"));
    let short = run(crmap(&folder, &["serve", "-h"]).env("CRMAP_CONFIG", "crmap.toml"));
    let mut server = crmap(&folder, &["serve"]);
    let served = run(server.env("CRMAP_CONFIG", "crmap.toml"));
    assert_eq!(served.status.code(), Some(1));
    for output in [from_file, from_environment, help, short, served] {
        let told = text(&output.stdout) + &text(&output.stderr);
        assert!(!told.contains("hidden"), "{told}");
    }
}

#[test]
fn what_must_be_put_right_is_told_all_at_once_with_what_to_do() {
    let folder = desk("settings-wrong");
    let content = "bitrix_client_id = 'app.sim'\nsite_dir = 'nowhere'\nmail_from = 'a@example.ru'\n\
        public_url = 'http://crmap.example.ru'\nlisten = '192.0.2.1:1'\n\
        database_url = 'postgres://u@127.0.0.1:1/x'\n";
    let wrong = config(&folder, content, &[]);
    assert_eq!(wrong.status.code(), Some(1));
    let told = text(&wrong.stderr);
    for said in [
        "wrong  site: the site is not built",
        "wrong  mail: CRMAP_MAIL_FROM is set, but CRMAP_SMTP_URL",
        "wrong  address: CRMAP_PUBLIC_URL must be https",
        "wrong  listener: 192.0.2.1:1 cannot be listened on",
        "wrong  keys: CRMAP_SECRET_KEYS or CRMAP_SECRET_KEYS_FILE is missing",
        "wrong  database: PostgreSQL: the database is not available",
        "crmap: 6 things must be put right",
    ] {
        assert!(told.contains(said), "{said} is not in {told}");
    }

    let nothing = config(&folder, "", &[]);
    assert_eq!(nothing.status.code(), Some(1));
    let told = text(&nothing.stderr);
    assert!(
        told.contains(
            "bitrix_client_id is missing: give it in the file, as CRMAP_BITRIX_CLIENT_ID"
        ),
        "{told}"
    );
    for (content, said) in [
        ("public_url = 'https://a.ru/crmap'", "wrong  address"),
        ("public_ulr = 'https://a.ru'", "did you mean `public_url`?"),
        ("listen = 'nowhere'", "crmap.toml: invalid value 'nowhere'"),
    ] {
        let content = format!("bitrix_client_id = 'a'\n{content}");
        let refused = config(&folder, &content, &[]);
        assert_eq!(refused.status.code(), Some(1), "{content}");
        let told = text(&refused.stderr);
        assert!(told.contains(said), "{told}");
    }
}

#[test]
fn sec_33_files_of_secrets_that_others_may_read_are_told() {
    let folder = desk("settings-modes");
    let lax = |name: &str, mode: u32| {
        std::fs::set_permissions(folder.join(name), PermissionsExt::from_mode(mode)).unwrap();
    };
    let key = run(&mut crmap(&folder, &["keys", "new"])).stdout;
    std::fs::write(folder.join("keys"), key).unwrap();
    let content = format!("{GOOD}secret_keys_file = 'keys'\n");
    lax("keys", 0o644);
    let refused = config(&folder, &content, &[]);
    assert_eq!(refused.status.code(), Some(1));
    let told = text(&refused.stderr);
    assert!(
        told.contains("wrong  secrets: everybody may read keys (mode 0644)"),
        "{told}"
    );
    lax("keys", 0o640);
    let minded = config(&folder, &content, &[]);
    assert!(minded.status.success(), "{}", text(&minded.stderr));
    assert!(text(&minded.stderr).contains("mind   secrets: its group"));
    lax("keys", 0o400);
    let taken = config(&folder, &content, &[]);
    assert!(text(&taken.stderr).contains("good   secrets: keys"));

    // The file of settings holds a secret itself; a server says so too.
    lax("crmap.toml", 0o644);
    for arguments in [&["config"][..], &["serve", "--listen", "192.0.2.1:1"]] {
        let mut command = crmap(&folder, arguments);
        let output = run(command.env("CRMAP_CONFIG", "crmap.toml"));
        let told = text(&output.stderr);
        assert!(told.contains("others may read crmap.toml"), "{told}");
    }
}

#[test]
fn settings_are_checked_beside_a_server_and_keys_against_its_database() {
    let folder = desk("settings-beside");
    write(&folder, GOOD);
    let _server = serving(
        &folder,
        crmap(&folder, &["serve", "--config", "crmap.toml"]).env_clear(),
    );
    let beside = config(&folder, GOOD, &[]);
    let told = text(&beside.stderr);
    assert!(beside.status.success(), "{told}");
    assert!(told.contains("reachable and up to date"), "{told}");

    // Another key under the name that the database knows.
    let path = folder.join("data/crmap.keys");
    let key = std::fs::read_to_string(&path).unwrap();
    let (id, _) = key.split_once(':').unwrap();
    std::fs::write(&path, format!("{id}:{}\n", "A".repeat(43) + "=")).unwrap();
    let other = config(&folder, GOOD, &[]);
    let told = text(&other.stderr);
    assert_eq!(other.status.code(), Some(1), "{told}");
    assert!(
        told.contains("is not the one that the database was sealed with"),
        "{told}"
    );
    std::fs::remove_file(&path).unwrap();
    let lost = config(&folder, GOOD, &[]);
    assert!(
        text(&lost.stderr).contains("but not its keys"),
        "{}",
        text(&lost.stderr)
    );
}

#[test]
fn all_commands_read_the_same_file() {
    let folder = desk("settings-shared");
    write(
        &folder,
        &format!("{GOOD}database_url = 'sqlite://other/place.db'\n"),
    );
    let key = text(&run(&mut crmap(&folder, &["keys", "new"])).stdout);
    std::fs::create_dir(folder.join("other")).unwrap();
    std::fs::write(folder.join("other/place.keys"), key).unwrap();
    for arguments in [&["migrate"][..], &["verify"], &["keys", "list"]] {
        let mut command = crmap(&folder, arguments);
        let done = run(command.args(["--config", "crmap.toml"]).env_clear());
        assert!(done.status.success(), "{}", text(&done.stderr));
    }
    assert!(folder.join("other/place.db").exists());
    let missing = run(&mut crmap(
        &folder,
        &["migrate", "--config", "nowhere.toml"],
    ));
    assert_eq!(missing.status.code(), Some(1));
    assert!(text(&missing.stderr).contains("the settings in nowhere.toml cannot be read"));
}
