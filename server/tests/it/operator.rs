//! The command line as an operator meets it: databases, keys, and what is refused with a sentence.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use crmap_domain::MemberId;
use crmap_store::{KeyRing, OpeningTokens, SeenPortal, Store, StoreSettings};
use time::macros::datetime;

use crate::house::{ask_schema, new_schema, tamper};
use crate::site;
use crate::support::{exchange, folder};

pub(crate) fn crmap(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crmap"));
    command
        .args(arguments)
        .env_clear()
        .env("CRMAP_BITRIX_CLIENT_ID", "app.sim")
        .env("CRMAP_LISTEN", "127.0.0.1:0")
        .env("CRMAP_SITE_DIR", folder.join("site"))
        .current_dir(folder);
    command
}

pub(crate) fn run(command: &mut Command) -> Output {
    command.output().unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn migrate(folder: &Path, url: &str) -> Output {
    run(crmap(folder, &["migrate"]).env("CRMAP_DATABASE_URL", url))
}

/// A folder with a built site.
pub(crate) fn desk(name: &str) -> std::path::PathBuf {
    let folder = folder(&format!("operator-{name}"));
    site::build(&folder);
    folder
}

/// A server that runs until it is dropped.
pub(crate) struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a server in the folder and waits until it is ready.
pub(crate) fn serving(folder: &Path, command: &mut Command) -> Running {
    let log = folder.join("log");
    let file = std::fs::File::create(&log).unwrap();
    let running = Running(command.stdout(Stdio::null()).stderr(file).spawn().unwrap());
    for _ in 0..400 {
        if std::fs::read_to_string(&log)
            .unwrap()
            .contains("crmap is ready")
        {
            return running;
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    panic!("not ready: {}", std::fs::read_to_string(&log).unwrap());
}

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

async fn fill(url: &str, keys: &str) {
    let store = open(url, keys).await;
    for number in 0..60_u32 {
        let member_id = MemberId::parse(&format!("{number:032x}")).unwrap();
        let now = datetime!(2026-03-01 12:00 UTC);
        let seen = SeenPortal {
            member_id: member_id.clone(),
            address: format!("p{number}.example"),
            base: format!("https://p{number}.example/rest/"),
            origin: format!("https://p{number}.example"),
            authority: String::new(),
            now,
        };
        store.remember_opening(&seen).await.unwrap();
        let tokens = OpeningTokens {
            member_id,
            user_id: 1,
            administrator: Some(true),
            access: format!("access-{number}").into(),
            expires_at: now,
            candidate: Some(format!("refresh-{number}").into()),
            now,
            keep_at_most: 5,
        };
        store.remember_tokens(&tokens).await.unwrap();
    }
    store.close().await;
}

async fn open(url: &str, keys: &str) -> Store {
    let settings = StoreSettings {
        url: url.to_owned().into(),
        keys: KeyRing::parse(keys).unwrap(),
        entropy: std::sync::Arc::new(crmap_server::OsEntropy),
        spill_dir: None,
        connections: 2,
    };
    Store::open(settings).await.unwrap()
}

/// `crmap keys new` → put it in front → rotate → take the old one away.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_32_keys_are_changed_by_hand_and_by_a_running_server() {
    let folder = desk("keys");
    let url = new_schema(&folder);
    let new_key = || {
        text(&run(&mut crmap(&folder, &["keys", "new"])).stdout)
            .trim()
            .to_owned()
    };
    let (old, new, newest) = (new_key(), new_key(), new_key());
    assert!(old != new && KeyRing::parse(&old).is_ok());
    fill(&url, &old).await;

    let with = |keys: &str, arguments: &[&str]| {
        let mut command = crmap(&folder, arguments);
        command
            .env("CRMAP_DATABASE_URL", &url)
            .env("CRMAP_SECRET_KEYS", keys);
        command
    };
    let id = |key: &str| key.split(':').next().unwrap().to_owned();
    let listed = |keys: &str| text(&run(&mut with(keys, &["keys", "list"])).stdout);
    assert_eq!(listed(&old).trim(), format!("{}\t121", id(&old)));
    let both = format!("{new},{old}");
    let rotated = run(&mut with(&both, &["keys", "rotate"]));
    assert!(rotated.status.success(), "{}", text(&rotated.stderr));
    assert_eq!(
        listed(&new).trim(),
        format!("{}\t121", id(&new)),
        "the old key is not needed"
    );
    let refused = run(&mut with(&old, &["keys", "list"]));
    assert_eq!(
        refused.status.code(),
        Some(1),
        "the old key alone opens nothing"
    );

    // A server that is started with a newer key in front does it by itself.
    let server = serving(&folder, &mut with(&format!("{newest},{new}"), &["serve"]));
    let done = format!("{}\t121", id(&newest));
    for _ in 0..60 {
        if listed(&format!("{newest},{new}"))
            .lines()
            .any(|line| line == done)
        {
            break;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    drop(server);
    assert_eq!(listed(&newest).trim(), format!("{}\t121", id(&newest)));
}

#[test]
fn rel_28_verify_says_what_must_not_be_and_nothing_where_all_is_well() {
    let folder = desk("verify");
    let key = text(&run(&mut crmap(&folder, &["keys", "new"])).stdout);
    let url = new_schema(&folder);
    let verify = || {
        let mut command = crmap(&folder, &["verify"]);
        command
            .env("CRMAP_DATABASE_URL", &url)
            .env("CRMAP_SECRET_KEYS", key.trim());
        run(&mut command)
    };
    assert!(migrate(&folder, &url).status.success());
    let well = verify();
    assert!(well.status.success(), "{}", text(&well.stderr));
    assert_eq!(text(&well.stdout), "nothing is wrong\n");

    tamper(
        &folder,
        "insert into audit (id, at, actor, action, detail, account_id) \
         values ('orphan', 0, 'nobody', 'nothing', '{}', 'gone')",
    );
    let wrong = verify();
    assert_eq!(wrong.status.code(), Some(1));
    let told = text(&wrong.stdout);
    assert!(
        told.contains("audit") && told.contains("belongs to no account"),
        "{told}"
    );
    assert!(text(&wrong.stderr).contains("1 of these must not be"));
}

#[test]
fn sec_71_verify_fails_on_a_changed_deed_until_an_operator_takes_it_for_granted() {
    let folder = desk("trail");
    let key = text(&run(&mut crmap(&folder, &["keys", "new"])).stdout);
    let url = new_schema(&folder);
    let verify = |arguments: &[&str]| {
        let mut command = crmap(&folder, arguments);
        command
            .env("CRMAP_DATABASE_URL", &url)
            .env("CRMAP_SECRET_KEYS", key.trim());
        run(&mut command)
    };
    assert!(migrate(&folder, &url).status.success());
    assert!(verify(&["verify"]).status.success());
    tamper(
        &folder,
        "insert into audit (id, at, actor, action, detail) \
         values ('forged', 0, 'account', 'account.logged_in', '{}')",
    );
    let wrong = verify(&["verify"]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(text(&wrong.stdout).starts_with("audit forged: is in no trail"));
    let accepted = verify(&["verify", "--accept-audit"]);
    assert_eq!(
        accepted.status.code(),
        Some(1),
        "what was found is still said"
    );
    let well = verify(&["verify"]);
    assert!(well.status.success(), "{}", text(&well.stdout));
}

/// One answer to `GET path`, with its head.
async fn asked(address: &str, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    let answer = exchange(address.parse().unwrap(), request.as_bytes()).await;
    text(&answer)
}

/// The address that a line of the log names.
fn told_in(folder: &Path, line: &str) -> String {
    let log = std::fs::read_to_string(folder.join("log")).unwrap();
    let line = log.lines().find(|told| told.contains(line)).unwrap();
    let (_, address) = line.split_once("listen=").unwrap();
    address.trim().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_25_figures_are_shown_on_a_listener_of_their_own_without_addresses_of_people() {
    let folder = desk("figures");
    let mut command = crmap(&folder, &["serve"]);
    command.env("CRMAP_METRICS_LISTEN", "127.0.0.1:0");
    let _running = serving(&folder, &mut command);
    let (door, figures) = (told_in(&folder, "is ready"), told_in(&folder, "/metrics"));
    let told = asked(&door, "/portals/secret-of-a-visitor?q=secret").await;
    let id = told
        .lines()
        .find_map(|line| line.strip_prefix("x-request-id: "));
    assert_eq!(id.map(str::len), Some(16), "{told}");
    assert!(asked(&door, "/metrics").await.starts_with("HTTP/1.1 404"));

    let told = asked(&figures, "/metrics").await;
    for figure in [
        "crmap_database_up 1",
        "crmap_waiting{what=\"mails\"} 0",
        "crmap_http_requests_total{route=\"/portals/{id}\",method=\"GET\",status=\"303\"} 1",
        "crmap_http_request_seconds_count{route=\"/portals/{id}\"} 1",
        "crmap_http_requests_in_flight 0",
    ] {
        assert!(told.contains(figure), "{figure} is not in {told}");
    }
    assert!(!told.contains("secret"), "{told}");
}

/// What containers ask, which have no other program.
fn health(folder: &Path, door: &str, arguments: &[&str]) -> Output {
    let mut command = crmap(folder, &[&["health"], arguments].concat());
    run(command.env("CRMAP_LISTEN", door))
}

#[test]
fn rel_25_health_says_how_a_server_does() {
    let folder = desk("health");
    let running = serving(&folder, &mut crmap(&folder, &["serve"]));
    let door = told_in(&folder, "is ready");
    let everywhere = door.replace("127.0.0.1", "0.0.0.0");
    for arguments in [&[][..], &["--ready"]] {
        for door in [&door, &everywhere] {
            let well = health(&folder, door, arguments);
            assert!(well.status.success(), "{}", text(&well.stderr));
            assert_eq!(text(&well.stdout), "ok\n");
        }
    }
    drop(running);
    let gone = health(&folder, &door, &[]);
    assert_eq!(gone.status.code(), Some(1));
    let said = text(&gone.stderr);
    assert!(
        said.contains(&door) && said.contains("does not answer"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_26_a_process_that_is_told_to_stop_is_not_ready_and_ends_in_peace() {
    let folder = desk("leaving");
    let mut command = crmap(&folder, &["serve"]);
    command.env("CRMAP_STOP_DELAY", "1500ms");
    let mut running = serving(&folder, &mut command);
    let door = told_in(&folder, "is ready");
    assert!(asked(&door, "/readyz").await.starts_with("HTTP/1.1 200"));
    let told = Command::new("kill")
        .arg(running.0.id().to_string())
        .status();
    assert!(told.unwrap().success());
    tokio::time::sleep(Duration::from_millis(300)).await;
    let said = asked(&door, "/readyz").await;
    assert!(
        said.starts_with("HTTP/1.1 503") && said.ends_with("about to stop\n"),
        "{said}"
    );
    assert!(asked(&door, "/healthz").await.starts_with("HTTP/1.1 200"));
    assert!(health(&folder, &door, &[]).status.success());
    let not_ready = health(&folder, &door, &["--ready"]);
    assert_eq!(not_ready.status.code(), Some(1));
    assert!(text(&not_ready.stderr).contains("503: about to stop"));
    let ended = running.0.wait().unwrap();
    assert!(ended.success(), "{ended}");
}
