//! Which databases a command makes, takes or refuses.

use std::path::Path;

use super::{crmap, desk, run, serving, text};
use crate::house::{ask_schema, new_schema};

#[test]
fn rel_22_a_second_process_over_the_same_file_is_refused_with_a_sentence() {
    let folder = desk("second");
    let _first = serving(&folder, &mut crmap(&folder, &["serve"]));
    assert!(folder.join("data/crmap.db").exists() && folder.join("data/crmap.keys").exists());
    for arguments in [&["serve"][..], &["migrate"], &["keys", "list"]] {
        let second = run(&mut crmap(&folder, arguments));
        let said = text(&second.stderr);
        assert_eq!(second.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(
            said.contains("crmap.db") && said.contains("another process"),
            "{said}"
        );
    }
}

/// Whichever command makes the folder first.
#[test]
fn sec_33_the_folder_of_database_and_keys_is_its_owner_s_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for arguments in [&["serve"][..], &["migrate"]] {
        let folder = desk("private");
        let mut command = crmap(&folder, arguments);
        if arguments == ["serve"] {
            drop(serving(&folder, &mut command));
        } else {
            let done = run(&mut command);
            assert!(
                done.status.success(),
                "{arguments:?}: {}",
                text(&done.stderr)
            );
        }
        let data = folder.join("data");
        assert_eq!(mode(&data), 0o700, "{arguments:?}");
        for file in std::fs::read_dir(&data).unwrap().flatten() {
            assert_eq!(mode(&file.path()) & 0o077, 0, "{arguments:?}: {file:?}");
        }
    }
}

#[test]
fn sec_30_without_keys_nothing_starts_over_postgres() {
    let folder = desk("no-keys");
    let url = new_schema(&folder);
    let refused = run(crmap(&folder, &["serve"]).env("CRMAP_DATABASE_URL", &url));
    assert_eq!(refused.status.code(), Some(1));
    let said = text(&refused.stderr);
    assert!(said.contains("CRMAP_SECRET_KEYS"), "{said}");
    for wrong in ["", "short:QUJD", "a:!!", "nonsense"] {
        let mut command = crmap(&folder, &["serve"]);
        command
            .env("CRMAP_DATABASE_URL", &url)
            .env("CRMAP_SECRET_KEYS", wrong);
        let refused = run(&mut command);
        assert_eq!(refused.status.code(), Some(1), "{wrong:?}");
        let said = text(&refused.stderr);
        assert!(
            wrong.len() < 4 || !said.contains(wrong),
            "the key is shown: {said}"
        );
    }
}

/// A wrong address would be called a sound database, and its new keys be taken for the old ones.
#[test]
fn only_what_is_to_make_a_database_makes_one() {
    let folder = desk("nothing-there");
    let postgres = new_schema(&folder);
    let key = text(&run(&mut crmap(&folder, &["keys", "new"])).stdout);
    let nowhere = format!("sqlite://{}/nowhere/crmap.db", folder.display());
    let empty = folder.join("empty.db");
    std::fs::write(&empty, "").unwrap();
    let empty = format!("sqlite://{}", empty.display());
    let commands = [
        &["verify"][..],
        &["account", "list"],
        &["account", "create", "anna@example.ru"],
        &["keys", "list"],
        &["keys", "rotate"],
        &["backup", "taken"],
    ];
    for (url, keys) in [
        (&postgres, Some(key.trim())),
        (&nowhere, None),
        (&empty, None),
    ] {
        for arguments in commands {
            let mut command = crmap(&folder, arguments);
            command.env("CRMAP_DATABASE_URL", url);
            command.envs(keys.map(|keys| ("CRMAP_SECRET_KEYS", keys)));
            let refused = run(&mut command);
            let said = text(&refused.stderr);
            assert_eq!(refused.status.code(), Some(1), "{arguments:?}: {said}");
            assert!(
                said.contains("there is no database"),
                "{arguments:?}: {said}"
            );
        }
    }
    for made in ["nowhere", "empty.keys", "taken", "taken.part"] {
        assert!(!folder.join(made).exists(), "{made}");
    }
    let tables = "select count(*) from information_schema.tables \
                  where table_schema = current_schema()";
    assert_eq!(ask_schema(&folder, tables).trim(), "0");

    // A structure alone has no keys, and none are made for it.
    let migrated =
        |arguments: &[&str]| run(crmap(&folder, arguments).env("CRMAP_DATABASE_URL", &empty));
    assert!(migrated(&["migrate"]).status.success());
    let refused = migrated(&["verify"]);
    assert!(text(&refused.stderr).contains("empty.keys"));
    assert!(!folder.join("empty.keys").exists());
}

#[test]
fn migrate_brings_both_databases_up_to_date_any_number_of_times() {
    let folder = desk("migrate");
    let postgres = new_schema(&folder);
    let sqlite = format!("sqlite://{}/made/new.db", folder.display());
    for url in [postgres.as_str(), sqlite.as_str()] {
        for _ in 0..2 {
            let done = run(crmap(&folder, &["migrate"]).env("CRMAP_DATABASE_URL", url));
            assert!(done.status.success(), "{}", text(&done.stderr));
        }
    }
    assert!(folder.join("made/new.db").exists());
}

#[test]
fn a_database_that_cannot_be_used_is_told_in_one_line_without_its_password() {
    let folder = desk("unusable");
    for url in [
        "mysql://user:pass-word@host/x",
        "postgres://user:pass-word@127.0.0.1:1/x",
        "sqlite:///proc/x/y.db",
    ] {
        let mut command = crmap(&folder, &["migrate"]);
        let refused = run(command.env("CRMAP_DATABASE_URL", url));
        let said = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(1), "{url}: {said}");
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
        assert!(!said.contains("pass-word"), "{said}");
    }
}
