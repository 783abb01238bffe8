//! What keeps an installation alive for years: accounts that an operator looks after.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::house::new_schema;
use crate::operator::{crmap, desk, run, serving, text};

fn key(folder: &Path) -> String {
    let key = text(&run(&mut crmap(folder, &["keys", "new"])).stdout);
    key.trim().to_owned()
}

fn over(folder: &Path, url: &str, keys: &str, arguments: &[&str]) -> Command {
    let mut command = crmap(folder, arguments);
    command
        .env("CRMAP_DATABASE_URL", url)
        .env("CRMAP_SECRET_KEYS", keys);
    command
}

fn succeeded(output: &Output) -> (String, String) {
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{out}{err}");
    (out, err)
}

/// Each over a server that runs, which holds the file where the database is SQLite.
#[test]
fn accounts_are_made_reset_and_listed_beside_a_running_server() {
    let folder = desk("accounts");
    let keys = key(&folder);
    let sqlite = format!("sqlite://{}/accounts.db", folder.display());
    for url in [new_schema(&folder), sqlite] {
        let server = serving(&folder, &mut over(&folder, &url, &keys, &["serve"]));
        let crmap = |arguments: &[&str]| {
            let mut command = over(&folder, &url, &keys, arguments);
            command.env("CRMAP_PUBLIC_URL", "https://crmap.example.ru/");
            command
        };
        let made = run(&mut crmap(&[
            "account",
            "create",
            "Anna@example.ru",
            "--lang",
            "en",
        ]));
        let (address, said) = succeeded(&made);
        let code = address
            .trim()
            .strip_prefix("https://crmap.example.ru/password/new#");
        assert_eq!(code.map(str::len), Some(43), "{address}");
        assert!(said.contains("hand this to the owner"), "{said}");
        let (again, _) = succeeded(&run(&mut crmap(&["account", "reset", "anna@example.ru"])));
        assert_ne!(address, again);

        let with_password = |email: &str, password: &str| {
            let mut command = crmap(&["account", "create", email, "--password-stdin"]);
            command.args(["--name", "Борис"]).stdin(Stdio::piped());
            let mut child = command
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let mut input = child.stdin.take().unwrap();
            writeln!(input, "{password}").unwrap();
            drop(input);
            child.wait_with_output().unwrap()
        };
        let weak = with_password("boris@example.ru", "qwerty123");
        assert_eq!(weak.status.code(), Some(1));
        assert!(
            text(&weak.stderr).contains("would be guessed"),
            "{}",
            text(&weak.stderr)
        );
        let password = "verblyud-i-skripka-77";
        let (nothing, said) = succeeded(&with_password("boris@example.ru", password));
        assert!(nothing.is_empty() && !said.contains(password), "{said}");

        let (listed, _) = succeeded(&run(&mut crmap(&["account", "list", "--json"])));
        let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
        let rows = listed.as_array().unwrap();
        assert_eq!(rows.len(), 2, "{listed}");
        assert_eq!(
            (&rows[0]["email"], &rows[0]["lang"]),
            (&"Anna@example.ru".into(), &"en".into())
        );
        assert_eq!(
            (&rows[1]["name"], &rows[1]["portals"]),
            (&"Борис".into(), &0.into())
        );
        for (arguments, said) in [
            (
                ["account", "create", "anna@example.ru"],
                "there is an account with this address",
            ),
            (
                ["account", "reset", "nobody@example.ru"],
                "there is no account",
            ),
            (
                ["account", "create", "nobody"],
                "cannot be an e-mail address",
            ),
        ] {
            let refused = run(&mut crmap(&arguments));
            assert_eq!(refused.status.code(), Some(1), "{arguments:?}");
            assert!(
                text(&refused.stderr).contains(said),
                "{}",
                text(&refused.stderr)
            );
        }
        drop(server);
        let (told, _) = succeeded(&run(&mut crmap(&["verify"])));
        assert_eq!(told, "nothing is wrong\n");
    }
}
