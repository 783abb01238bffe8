//! Settings as they are in effect, in the form of the file, without secrets.

use std::io::Write as _;

use anyhow::bail;
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};

use super::check::{Grade, Told};
use super::file::ConfigFile;
use super::{FLAG, key_of};

/// Where the comments begin, unless a value is longer.
const COLUMN: usize = 48;

/// Prints the settings of a command, each with where it comes from.
pub(super) fn settings(command: &Command, matches: &ArgMatches, file: Option<&ConfigFile>) {
    let mut text = String::new();
    for argument in command.get_arguments() {
        let (Some(long), Some(env)) = (argument.get_long(), argument.get_env()) else {
            continue;
        };
        if long == FLAG {
            continue;
        }
        let key = key_of(long);
        let source = matches.value_source(argument.get_id().as_str());
        let from = match source {
            Some(ValueSource::CommandLine) => format!("--{long}"),
            Some(ValueSource::EnvVariable) => env.to_string_lossy().into_owned(),
            Some(_) => match file.filter(|file| file.values.contains_key(&key)) {
                Some(file) => file.path.display().to_string(),
                None => "default".to_owned(),
            },
            None => String::new(),
        };
        let value = match source {
            None => format!("# {key} is not set"),
            Some(_) if argument.is_hide_env_values_set() && from != "default" => {
                format!("# {key} = (set)")
            }
            // Read from a file, it would be a secret.
            Some(_) if argument.is_hide_env_values_set() => {
                format!("# {key} = {}", shown(argument, matches))
            }
            Some(_) => format!("{key} = {}", shown(argument, matches)),
        };
        text.push_str(&match from.as_str() {
            "" => format!("{value}\n"),
            from => format!("{value:COLUMN$}  # {from}\n"),
        });
    }
    print(&text);
}

/// Values as the file has them.
fn shown(argument: &Arg, matches: &ArgMatches) -> String {
    let values: Vec<String> = matches
        .get_raw(argument.get_id().as_str())
        .into_iter()
        .flatten()
        .map(|value| quoted(&value.to_string_lossy()))
        .collect();
    match values.as_slice() {
        [value] => value.clone(),
        values => format!("[{}]", values.join(", ")),
    }
}

/// Numbers and flags go bare where they are read back as what they were.
fn quoted(value: &str) -> String {
    let is_number = value
        .parse::<i64>()
        .is_ok_and(|number| number.to_string() == value);
    if is_number || matches!(value, "true" | "false") {
        value.to_owned()
    } else {
        toml::Value::from(value).to_string()
    }
}

/// Prints what was found out, on the standard error, so that the settings can be kept as a file.
///
/// # Errors
/// When something is wrong.
pub(super) fn told(all: &[Told]) -> anyhow::Result<()> {
    for told in all {
        let grade = match told.grade {
            Grade::Good => "good ",
            Grade::Mind => "mind ",
            Grade::Wrong => "wrong",
        };
        eprintln!("{grade}  {}: {}", told.about, told.said);
    }
    match all.iter().filter(|told| told.grade == Grade::Wrong).count() {
        0 => Ok(()),
        1 => bail!("one thing must be put right before CRMAP can serve"),
        count => bail!("{count} things must be put right before CRMAP can serve"),
    }
}

fn print(text: &str) {
    // The reader may have seen enough (`| head`).
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}
