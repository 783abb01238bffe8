//! Settings that are taken from files, and those that are refused with a sentence.

use std::path::Path;

use super::{crmap, desk, run, serving, text};

/// A file of a secret, its owner's alone.
fn secret(folder: &Path, name: &str, text: &str) -> std::path::PathBuf {
    use std::os::unix::fs::PermissionsExt as _;

    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    path
}

#[test]
fn sec_33_secrets_can_come_from_files_instead() {
    let folder = desk("secret-files");
    let database = format!("sqlite://{}/elsewhere/x.db\n", folder.display());
    let database = secret(&folder, "database", &database);
    let done = run(crmap(&folder, &["migrate"]).env("CRMAP_DATABASE_URL_FILE", &database));
    assert!(done.status.success(), "{}", text(&done.stderr));
    assert!(folder.join("elsewhere/x.db").exists() && !folder.join("data").exists());

    let mail = secret(&folder, "mail", "pop://us:pass-word@host");
    let mut command = crmap(&folder, &["serve"]);
    command.env("CRMAP_MAIL_FROM", "crmap@example.ru");
    let refused = run(command.env("CRMAP_SMTP_URL_FILE", &mail));
    let said = text(&refused.stderr);
    assert!(said.contains("CRMAP_SMTP_URL is no address"), "{said}");

    let client = secret(&folder, "client", "the-client-secret");
    std::fs::set_permissions(&client, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let mut command = crmap(&folder, &["serve"]);
    command.env("CRMAP_BITRIX_CLIENT_SECRET_FILE", &client);
    drop(serving(&folder, &mut command));
    let log = std::fs::read_to_string(folder.join("log")).unwrap();
    assert!(!log.contains("no token can be refreshed"), "{log}");
    assert!(
        log.contains("others may read") && log.contains("0644"),
        "{log}"
    );
    assert!(!log.contains("the-client-secret"), "{log}");
}

#[test]
fn sec_33_a_file_without_a_secret_is_refused_and_not_shown() {
    let folder = desk("secret-files-wrong");
    for (name, content) in [
        ("empty", ""),
        ("lines", "pass-word\npass-word"),
        ("none", ""),
    ] {
        let path = secret(&folder, name, content);
        if name == "none" {
            std::fs::remove_file(&path).unwrap();
        }
        for setting in ["DATABASE_URL", "BITRIX_CLIENT_SECRET", "SMTP_URL"] {
            let setting = format!("CRMAP_{setting}_FILE");
            let refused = run(crmap(&folder, &["serve"]).env(&setting, &path));
            let said = text(&refused.stderr);
            assert_eq!(refused.status.code(), Some(2), "{setting}: {said}");
            let flag = setting
                .to_lowercase()
                .replace("crmap_", "--")
                .replace('_', "-");
            assert!(
                said.contains(&flag) && !said.contains("pass-word"),
                "{said}"
            );
        }
    }
    let path = secret(&folder, "both", "sqlite://pass-word");
    let mut command = crmap(&folder, &["migrate"]);
    command.env("CRMAP_DATABASE_URL", "sqlite://x.db");
    let refused = run(command.env("CRMAP_DATABASE_URL_FILE", &path));
    let said = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(said.contains("cannot be used with"), "{said}");
}

#[test]
fn mail_that_is_set_up_by_halves_is_told_in_one_line_without_its_password() {
    let folder = desk("mail");
    let (url, from) = ("CRMAP_SMTP_URL", "CRMAP_MAIL_FROM");
    for (set, named) in [
        (vec![(url, "smtp://us:pass-word@host")], from),
        (vec![(from, "crmap@example.ru")], url),
        (
            vec![(url, "pop://us:pass-word@host"), (from, "crmap@example.ru")],
            url,
        ),
        (
            vec![(url, "smtp://us:pass-word@host"), (from, "nobody")],
            from,
        ),
    ] {
        let mut command = crmap(&folder, &["serve"]);
        let refused = run(command.envs(set.clone()));
        let said = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(1), "{set:?}: {said}");
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
        assert!(
            said.contains(named) && !said.contains("pass-word"),
            "{said}"
        );
    }
}

#[test]
fn sec_66_proxies_are_named_as_addresses_or_networks_and_never_as_everybody() {
    let folder = desk("proxies");
    for (given, taken) in [
        ("10.0.0.1, 192.168.0.0/16,fd00::/8", true),
        ("0.0.0.0/0", false),
        ("10.0.0.1,::/0", false),
        ("proxy.example.ru", false),
    ] {
        let mut command = crmap(&folder, &["serve"]);
        // What is wrong with the mail is found later.
        command
            .env("CRMAP_TRUSTED_PROXIES", given)
            .env("CRMAP_MAIL_FROM", "crmap@example.ru");
        let refused = run(&mut command);
        let said = text(&refused.stderr);
        assert_eq!(
            refused.status.code(),
            Some(if taken { 1 } else { 2 }),
            "{given}: {said}"
        );
        assert_eq!(said.contains("--trusted-proxies"), !taken, "{said}");
    }
}
