use std::path::Path;

use clap::{CommandFactory as _, Parser};

use super::*;
use crate::cli::SealedDatabaseOptions;

/// A small command line with the same kinds of settings.
#[derive(Debug, Parser)]
#[command(name = "small")]
struct Small {
    #[command(subcommand)]
    command: Commands,
}

#[derive(Debug, clap::Subcommand)]
enum Commands {
    Serve(Box<ServeOptions>),
    Keys(SealedDatabaseOptions),
}

fn parse(text: &str) -> Result<ConfigFile, ConfigError> {
    ConfigFile::parse(Path::new("crmap.toml"), text, &settings(&Small::command()))
}

fn refusal(text: &str) -> String {
    match parse(text) {
        Ok(_) => panic!("{text} was taken"),
        Err(error) => error.to_string(),
    }
}

/// Whoever knows a setting by one name knows it by all three.
#[test]
fn flags_variables_and_keys_have_the_same_names() {
    let command = Small::command();
    let serve = command.find_subcommand("serve").unwrap();
    let mut count = 0;
    for argument in serve.get_arguments() {
        let (Some(long), Some(env)) = (argument.get_long(), argument.get_env()) else {
            continue;
        };
        let key = key_of(long);
        assert_eq!(
            env.to_str().unwrap(),
            format!("CRMAP_{}", key.to_uppercase())
        );
        assert!(settings(&command).contains_key(&key), "{key}");
        count += 1;
    }
    assert!(count > 20, "{count}");
}

#[test]
fn values_are_texts_numbers_flags_and_lists_where_there_may_be_several() {
    let file = parse(
        "listen = '127.0.0.1:80'\njournal_days = 3\nallow_loopback_portals = true\n\
         portal_ports = [8443, '9443']\ntrusted_proxies = '10.0.0.1,10.0.0.2'",
    )
    .unwrap_or_else(|error| panic!("{error}"));
    let values = |key: &str| file.values[key].clone();
    assert_eq!(values("listen"), ["127.0.0.1:80"]);
    assert_eq!(values("journal_days"), ["3"]);
    assert_eq!(values("allow_loopback_portals"), ["true"]);
    assert_eq!(values("portal_ports"), ["8443", "9443"]);
    assert_eq!(values("trusted_proxies"), ["10.0.0.1,10.0.0.2"]);
    assert!(!file.holds_secrets);
    assert!(parse("smtp_url = 'smtps://h'").is_ok_and(|file| file.holds_secrets));
    for (text, wanted) in [
        ("listen = ['a', 'b']", "a text, a whole number"),
        ("journal_days = 3.5", "a text, a whole number"),
        ("portal_ports = [[1]]", "a list of these"),
        ("[listen]\na = 1", "a text, a whole number"),
    ] {
        assert!(refusal(text).contains(wanted), "{}", refusal(text));
    }
}

#[test]
fn unknown_keys_name_the_nearest_right_one() {
    for (key, meant) in [
        ("public_ulr", "public_url"),
        ("public-url", "public_url"),
        ("CRMAP_LISTEN", "listen"),
        ("bitrix_client_secrets", "bitrix_client_secret"),
    ] {
        let said = refusal(&format!("\"{key}\" = 'a'"));
        let wanted = format!("there is no setting `{key}`; did you mean `{meant}`?");
        assert!(said.contains(&wanted), "{said}");
    }
    let far = refusal("colour_of_the_sky = 'blue'");
    assert!(
        far.ends_with("there is no setting `colour_of_the_sky`"),
        "{far}"
    );
    // The file does not name itself.
    assert!(refusal("config = 'a'").contains("no setting `config`"));
}

#[test]
fn sec_33_what_is_no_toml_is_told_by_its_line_without_repeating_it() {
    let said = refusal("listen = '127.0.0.1:80'\n\nbitrix_client_secret = hidden-secret\n");
    assert!(said.starts_with("crmap.toml, line 3: "), "{said}");
    assert!(!said.contains("hidden"), "{said}");
}

#[test]
fn a_secret_and_its_file_do_not_both_stand_there() {
    let said = refusal("secret_keys = 'a:b'\nsecret_keys_file = '/c'");
    assert!(
        said.contains("`secret_keys` and `secret_keys_file`"),
        "{said}"
    );
}

fn started(text: &str, arguments: &[&str]) -> Result<Started, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("crmap.toml");
    std::fs::write(&path, text).unwrap();
    let command = Small::command().arg(
        clap::Arg::new(FLAG)
            .long(FLAG)
            .global(true)
            .value_parser(clap::value_parser!(PathBuf)),
    );
    let mut given = vec!["small".into()];
    given.extend(arguments.iter().map(OsString::from));
    given.extend(["--config".into(), path.into()]);
    read(&command, "keys", given)
}

#[test]
fn what_is_required_may_stand_in_the_file_and_flags_go_before_it() {
    let text = "bitrix_client_id = 'local.a'\nlisten = '127.0.0.1:80'\njournal_days = 3";
    let started = started(text, &["serve", "--listen", "127.0.0.1:81"])
        .unwrap_or_else(|error| panic!("{error}"));
    let (_, serve) = started.matches.subcommand().unwrap();
    assert_eq!(
        serve.get_one::<String>("bitrix_client_id").unwrap(),
        "local.a"
    );
    assert_eq!(serve.get_one::<u16>("journal_days"), Some(&3));
    assert_eq!(
        serve.get_raw("listen").unwrap().collect::<Vec<_>>(),
        ["127.0.0.1:81"]
    );
}

#[test]
fn lists_may_be_written_in_one_text() {
    let text =
        "bitrix_client_id = 'a'\ntrusted_proxies = '10.0.0.1,10.0.0.0/8'\nportal_ports = [1, 2]";
    let started = started(text, &["serve"]).unwrap_or_else(|error| panic!("{error}"));
    let (_, serve) = started.matches.subcommand().unwrap();
    let proxies = serve.get_many::<ipnet::IpNet>("trusted_proxies").unwrap();
    assert_eq!(proxies.count(), 2);
    assert_eq!(serve.get_many::<u16>("portal_ports").unwrap().count(), 2);
}

/// Else a secret in the file would go before another file that somebody names on the command line.
#[test]
fn the_other_way_to_give_a_secret_goes_before_the_file() {
    let started = started("secret_keys = 'a:b'", &["keys", "--secret-keys-file", "/c"])
        .unwrap_or_else(|error| panic!("{error}"));
    let (_, keys) = started.matches.subcommand().unwrap();
    assert!(
        keys.get_one::<secrecy::SecretString>("secret_keys")
            .is_none()
    );
}

#[test]
fn a_value_of_the_file_that_cannot_be_understood_is_told_with_the_file() {
    for text in [
        "listen = 'nowhere'",
        "journal_days = 99",
        "log_format = 'xml'",
    ] {
        let Err(error) = started(text, &["serve", "--bitrix-client-id", "a"]) else {
            panic!("{text} was taken");
        };
        let said = error.to_string();
        assert!(said.contains("crmap.toml: invalid value"), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}
