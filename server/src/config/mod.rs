//! Where settings come from: flags before environment variables, these before one file, and that
//! before what CRMAP takes by itself. The command line is clap's, and the values of the file take the
//! place of its defaults, so that every value is understood by the same code wherever it stands.

mod check;
mod file;
mod print;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{ArgMatches, Command};

pub(crate) use check::cautions;
pub(crate) use file::ConfigFile;

use crate::cli::ServeOptions;

/// The flag that names the file.
pub(crate) const FLAG: &str = "config";
/// What ends the name of a setting that says in which file another one stands.
const TWIN: &str = "_file";

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// The command line is wrong, or asks for help.
    #[error("{0}")]
    Usage(#[from] clap::Error),
    /// The file cannot be read.
    #[error("the settings in {} cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not TOML. The line itself is not repeated: a secret may stand in it.
    #[error("{}, line {line}: {said}", path.display())]
    NotToml {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// What the reader of TOML says.
        said: String,
    },
    /// There is no such setting.
    #[error("{}: there is no setting `{key}`{}", path.display(), meant(nearest.as_deref()))]
    Unknown {
        /// The file.
        path: PathBuf,
        /// What stands there.
        key: String,
        /// What may have been meant.
        nearest: Option<String>,
    },
    /// A value is of another kind than the setting has.
    #[error("{}: `{key}` must be {wanted}", path.display())]
    OtherKind {
        /// The file.
        path: PathBuf,
        /// The setting.
        key: String,
        /// The kinds that it may have.
        wanted: &'static str,
    },
    /// A secret stands in the file, and so does the name of another file that it stands in.
    #[error("{}: `{key}` and `{key}_file` say the same: keep one", path.display())]
    Twice {
        /// The file.
        path: PathBuf,
        /// The setting.
        key: String,
    },
    /// A value of the file cannot be understood.
    #[error("{}: {said}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What clap says.
        said: String,
    },
}

fn meant(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |key| format!("; did you mean `{key}`?"))
}

/// A command with all its settings.
pub(crate) struct Started {
    /// The command and what was given.
    pub(crate) matches: ArgMatches,
    /// The file, if one was named.
    pub(crate) file: Option<ConfigFile>,
}

/// A setting: a flag that has an environment variable. All commands know the same file, whether they
/// need what it says or not.
struct Setting {
    /// Whether it may have several values.
    many: bool,
    /// Whether nobody but the operator may see it.
    secret: bool,
}

/// Reads arguments, environment and file for `command`. The flags of its subcommand `free` may all be
/// missing.
///
/// # Errors
/// A [`ConfigError`].
pub(crate) fn read(
    command: &Command,
    free: &str,
    arguments: impl IntoIterator<Item = OsString>,
) -> Result<Started, ConfigError> {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    // What is required may stand in the file, of which nothing is known yet.
    let first = all_optional(command.clone()).try_get_matches_from(&arguments)?;
    let given = innermost(&first);
    let file = match given.get_one::<PathBuf>(FLAG) {
        Some(path) => Some(ConfigFile::read(path, &settings(command))?),
        None => None,
    };
    let Some(file) = file else {
        let command = command.clone().mut_subcommand(free, all_optional);
        let matches = command.try_get_matches_from(&arguments)?;
        return Ok(Started {
            matches,
            file: None,
        });
    };
    let values: BTreeMap<_, _> = file
        .values
        .iter()
        .filter(|(key, _)| !said_otherwise(given, key))
        .collect();
    let command = with_defaults(command.clone().mut_subcommand(free, all_optional), &values);
    // Flags and environment were understood before, so what is wrong now is wrong in the file.
    let matches = command
        .try_get_matches_from(&arguments)
        .map_err(|error| in_file(error, &file))?;
    Ok(Started {
        matches,
        file: Some(file),
    })
}

/// Whether the other way to give the same secret was chosen by flag or environment.
fn said_otherwise(given: &ArgMatches, key: &str) -> bool {
    let twin = key
        .strip_suffix(TWIN)
        .map_or_else(|| format!("{key}{TWIN}"), str::to_owned);
    given
        .ids()
        .any(|id| id.as_str() == twin && was_given(given.value_source(id.as_str())))
}

const fn was_given(source: Option<ValueSource>) -> bool {
    matches!(
        source,
        Some(ValueSource::CommandLine | ValueSource::EnvVariable)
    )
}

fn in_file(error: clap::Error, file: &ConfigFile) -> ConfigError {
    use clap::error::ErrorKind;
    match error.kind() {
        ErrorKind::InvalidValue | ErrorKind::ValueValidation | ErrorKind::TooManyValues => {
            let said = error.render().to_string();
            let said = said.lines().next().unwrap_or_default();
            ConfigError::Unusable {
                path: file.path.clone(),
                said: said.trim_start_matches("error: ").to_owned(),
            }
        }
        _ => ConfigError::Usage(error),
    }
}

/// The subcommand's subcommand's matches, which know all global flags.
fn innermost(matches: &ArgMatches) -> &ArgMatches {
    match matches.subcommand() {
        Some((_, inner)) => innermost(inner),
        None => matches,
    }
}

fn all_optional(command: Command) -> Command {
    command
        .mut_subcommands(all_optional)
        .mut_args(|argument| match argument.get_long() {
            Some(_) => argument.required(false),
            None => argument,
        })
}

/// The command with the file's values in the place of its own defaults.
fn with_defaults(command: Command, values: &BTreeMap<&String, &Vec<String>>) -> Command {
    command
        .mut_subcommands(|inner| with_defaults(inner, values))
        .mut_args(|argument| {
            let key = argument.get_long().map(key_of);
            match key.and_then(|key| values.get(&key)) {
                Some(values) => argument
                    .required(false)
                    .default_values(values.iter().map(String::from)),
                None => argument,
            }
        })
}

/// All settings of all commands by their keys.
fn settings(command: &Command) -> BTreeMap<String, Setting> {
    let mut found = BTreeMap::new();
    for inner in command.get_subcommands() {
        found.extend(settings(inner));
    }
    for argument in command.get_arguments() {
        if let (Some(long), Some(_)) = (argument.get_long(), argument.get_env())
            && long != FLAG
        {
            let setting = Setting {
                many: argument.get_value_delimiter().is_some(),
                secret: argument.is_hide_env_values_set(),
            };
            found.insert(key_of(long), setting);
        }
    }
    found
}

/// What a flag is called in the file.
fn key_of(long: &str) -> String {
    long.replace('-', "_")
}

/// `crmap config`: prints the settings and checks whatever can be checked without serving.
///
/// # Errors
/// When something is wrong, after all of it was told.
pub(crate) async fn show(command: &Command, started: &Started) -> anyhow::Result<()> {
    use clap::FromArgMatches as _;

    let Some((name, matches)) = started.matches.subcommand() else {
        anyhow::bail!("there is no command");
    };
    let Some(command) = command.find_subcommand(name) else {
        anyhow::bail!("there is no command {name}");
    };
    print::settings(command, matches, started.file.as_ref());
    let missing: Vec<_> = command
        .get_arguments()
        .filter(|argument| argument.is_required_set())
        .filter(|argument| matches.value_source(argument.get_id().as_str()).is_none())
        .filter_map(|argument| argument.get_long().map(key_of))
        .collect();
    let mut told = check::missing(&missing);
    if told.is_empty() {
        let options = ServeOptions::from_arg_matches(matches)?;
        let files = secret_files(command, matches);
        told = check::settings(&options, started.file.as_ref(), &files).await;
    }
    print::told(&told)
}

/// Files that secrets are read from: those of settings whose twin is a secret.
fn secret_files(command: &Command, matches: &ArgMatches) -> Vec<PathBuf> {
    let known = settings(command);
    let is_secret = |key: &str| known.get(key).is_some_and(|setting| setting.secret);
    command
        .get_arguments()
        .filter(|argument| {
            let key = argument.get_long().map(key_of);
            key.is_some_and(|key| key.strip_suffix(TWIN).is_some_and(is_secret))
        })
        .filter_map(|argument| matches.get_raw(argument.get_id().as_str()))
        .flatten()
        .map(PathBuf::from)
        .collect()
}

#[cfg(test)]
mod tests;
