//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};
use crmap_domain::Lang;
use ipnet::IpNet;
use secrecy::SecretString;
use url::Url;

use crate::account::{self, AccountCommand};
use crate::backup::{self, BackupOptions, RestoreOptions};
use crate::config::{self, ConfigError, Started};
use crate::secret_file::{self, SecretFile};
use crate::{database, health, keys, serve, span, spec, visitor};

/// Where a server listens unless told.
const LISTEN: &str = "127.0.0.1:3000";

/// Where browsers find CRMAP unless it is told otherwise.
pub(crate) const PUBLIC_URL: &str = "http://127.0.0.1:3000";
/// The command that needs nothing to be set.
const CONFIG: &str = "config";

/// CRMAP administers CRM accounts: funnels, stages and custom fields with their internal IDs.
#[derive(Debug, Parser)]
#[command(name = "crmap", version, about)]
struct Cli {
    /// File of settings in TOML: keys are the flags' names with underscores, like `public_url`. Flags
    /// and environment variables go before it.
    #[arg(long, env = "CRMAP_CONFIG", global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the application inside portals and the cabinet.
    Serve(Box<ServeOptions>),
    /// Print the settings that `crmap serve` would have and where each comes from, secrets as
    /// `(set)`, and check what can be checked without serving. What is printed on standard output can
    /// be kept as a file of settings. Ends with 1 where something must be put right.
    Config(Box<ServeOptions>),
    /// Bring the database up to this version and end.
    Migrate(DatabaseOptions),
    /// Look at everything in the database: that secrets open, that rows make sense and belong
    /// together, that the file is whole. Prints what must not be, a line each, and ends with 1 where
    /// there is anything. With SQLite the server has to be stopped first.
    Verify(VerifyOptions),
    /// Take a backup into a new file while servers go on. It holds everything but the keys, under
    /// seal, and can be brought back into either kind of database.
    Backup(BackupOptions),
    /// Bring a backup back into a database that is new or unused, of either kind; the keys that it
    /// was sealed with are needed. Ends with what `crmap verify` says. Everybody has to log in anew.
    Restore(RestoreOptions),
    /// Look after the accounts of cabinets.
    #[command(subcommand)]
    Account(AccountCommand),
    /// Look after the keys that secrets are sealed with.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Ask a running server on this machine how it is; ends with 1 unless it is well. For health
    /// checks of containers.
    Health(HealthOptions),
    /// Read one portal through an incoming webhook and print its specification.
    Spec(SpecOptions),
}

/// Where the database is.
#[derive(Debug, Clone, Args)]
pub struct DatabaseOptions {
    /// Address of the database: `sqlite://PATH` or `postgres://USER:PASSWORD@HOST/NAME`.
    #[arg(
        long,
        env = "CRMAP_DATABASE_URL",
        default_value = "sqlite://data/crmap.db",
        hide_env_values = true
    )]
    database_url: SecretString,
    /// File with that address; instead of `CRMAP_DATABASE_URL`.
    #[arg(long, env = "CRMAP_DATABASE_URL_FILE", conflicts_with = "database_url", value_parser = secret_file::read)]
    database_url_file: Option<SecretFile>,
}

impl DatabaseOptions {
    /// The address, from wherever it was given.
    #[must_use]
    pub fn url(&self) -> &SecretString {
        secret_file::or(self.database_url_file.as_ref(), &self.database_url)
    }
}

/// Where the database is and what its secrets are sealed with.
#[derive(Debug, Clone, Args)]
pub struct SealedDatabaseOptions {
    /// The database.
    #[command(flatten)]
    pub database: DatabaseOptions,
    /// Keys that secrets are sealed with, newest first: `ID:BASE64[,ID:BASE64…]`. With SQLite they
    /// are made at the first start, in a file beside the database.
    #[arg(long, env = "CRMAP_SECRET_KEYS", hide_env_values = true)]
    pub secret_keys: Option<SecretString>,
    /// File with the keys, one a line, newest first; instead of `CRMAP_SECRET_KEYS`.
    #[arg(long, env = "CRMAP_SECRET_KEYS_FILE", conflicts_with = "secret_keys")]
    pub secret_keys_file: Option<PathBuf>,
    /// How many connections to the database are kept at the most, 2 to 200.
    #[arg(long = "database-connections", alias = "connections", env = "CRMAP_DATABASE_CONNECTIONS", default_value_t = 8, value_parser = clap::value_parser!(u32).range(2..=200))]
    pub connections: u32,
}

/// What `crmap verify` looks at.
#[derive(Debug, Args)]
pub struct VerifyOptions {
    /// The database.
    #[command(flatten)]
    pub database: SealedDatabaseOptions,
    /// Afterwards take the audit log for granted as it is, whatever was found wrong with it, and
    /// write that down in it: once, after an upgrade during which an older release went on working.
    #[arg(long)]
    pub accept_audit: bool,
}

/// What can be done with keys.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Print a new key, to be put before the others in `CRMAP_SECRET_KEYS` or its file.
    New,
    /// Say how many secrets are sealed with which key.
    List(SealedDatabaseOptions),
    /// Seal everything anew with the newest key; can be broken off and started again. With
    /// PostgreSQL, servers go on working. An SQLite file is used by one process, so its server has
    /// to be stopped first; but a running server that has several keys does the same by itself.
    Rotate(SealedDatabaseOptions),
}

/// Options of `crmap serve`; each can also be set by its environment variable.
#[derive(Debug, Args)]
pub struct ServeOptions {
    /// The database.
    #[command(flatten)]
    pub database: SealedDatabaseOptions,
    /// Folder of the local journal of new tokens; beside the database with SQLite, data/spill
    /// otherwise. It must survive a crash of the machine.
    #[arg(long, env = "CRMAP_SPILL_DIR")]
    pub spill_dir: Option<PathBuf>,
    /// Where browsers and portals find CRMAP.
    #[arg(
        long,
        env = "CRMAP_PUBLIC_URL",
        default_value = PUBLIC_URL
    )]
    pub public_url: Url,
    /// Address to listen on.
    #[arg(long, env = "CRMAP_LISTEN", default_value = LISTEN)]
    pub listen: SocketAddr,
    /// Proxies in front of this server that are believed when they say where a request comes from
    /// (`X-Forwarded-For`): addresses or networks, separated by commas.
    #[arg(long, env = "CRMAP_TRUSTED_PROXIES", value_delimiter = ',', value_parser = visitor::network)]
    pub trusted_proxies: Vec<IpNet>,
    /// Folder of the built site (made by scripts/build-site). Unless it is named, the site that the
    /// program carries, else the folder `site` beside the program, else dist/site.
    #[arg(long, env = "CRMAP_SITE_DIR")]
    pub site_dir: Option<PathBuf>,
    /// Identifier of the application at Bitrix24, its `client_id`.
    #[arg(long, env = "CRMAP_BITRIX_CLIENT_ID")]
    pub bitrix_client_id: String,
    /// Secret of the application at Bitrix24, its `client_secret`; without it tokens cannot be
    /// refreshed.
    #[arg(long, env = "CRMAP_BITRIX_CLIENT_SECRET", hide_env_values = true)]
    bitrix_client_secret: Option<SecretString>,
    /// File with that secret; instead of `CRMAP_BITRIX_CLIENT_SECRET`.
    #[arg(long, env = "CRMAP_BITRIX_CLIENT_SECRET_FILE", conflicts_with = "bitrix_client_secret", value_parser = secret_file::read)]
    bitrix_client_secret_file: Option<SecretFile>,
    /// Authorization servers that openings are proved at, separated by commas; no others are asked.
    #[arg(
        long,
        env = "CRMAP_BITRIX_OAUTH_SERVERS",
        value_delimiter = ',',
        default_values = crmap_bitrix::OFFICIAL_OAUTH_SERVERS
    )]
    pub bitrix_oauth_servers: Vec<Url>,
    /// Accept portals over plain http on loopback addresses: for development and tests alone.
    #[arg(long, env = "CRMAP_ALLOW_LOOPBACK_PORTALS", default_value_t = false, action = clap::ArgAction::Set, default_missing_value = "true", num_args = 0..=1)]
    pub allow_loopback_portals: bool,
    /// Ports besides 443 at which portals may be called, separated by commas: for Bitrix24 on
    /// premise.
    #[arg(long, env = "CRMAP_PORTAL_PORTS", value_delimiter = ',')]
    pub portal_ports: Vec<u16>,
    /// For how many days requests to portals and their answers are kept, 3 to 14.
    #[arg(long, env = "CRMAP_JOURNAL_DAYS", default_value_t = 7, value_parser = clap::value_parser!(u16).range(3..=14))]
    pub journal_days: u16,
    /// How often each linked portal is read by itself, from 15m to 30d: a number with s, m, h or d.
    /// The moments are spread by a tenth. What somebody asks for is read at once, a portal that
    /// says that something changed a minute later.
    #[arg(long, env = "CRMAP_SYNC_INTERVAL", default_value = "24h", value_parser = span::sync_interval)]
    pub sync_interval: Duration,
    /// Name of whoever runs this CRMAP, as the legal pages give it.
    #[arg(long, env = "CRMAP_OPERATOR_NAME", default_value = "CRMAP")]
    pub operator_name: String,
    /// Email address of whoever runs this CRMAP, for questions and requests.
    #[arg(
        long,
        env = "CRMAP_OPERATOR_EMAIL",
        default_value = "support@crmap.pro"
    )]
    pub operator_email: String,
    /// Mail.
    #[command(flatten)]
    pub mail: MailOptions,
    /// Address that figures are shown at for Prometheus, at `/metrics`: not to be reached from the
    /// internet. Without it nothing is counted.
    #[arg(long, env = "CRMAP_METRICS_LISTEN")]
    pub metrics_listen: Option<SocketAddr>,
    /// For how long visitors are still let in after the process was told to stop, so that a proxy
    /// in front that asks `/readyz` notices in time: like `5s`, `10s` at the most.
    #[arg(long, env = "CRMAP_STOP_DELAY", default_value = "0s", value_parser = span::stop_delay)]
    pub stop_delay: Duration,
    /// Form of the log.
    #[arg(long, env = "CRMAP_LOG_FORMAT", value_enum, default_value_t = LogFormat::Human)]
    pub log_format: LogFormat,
}

/// How mail is sent.
#[derive(Debug, Args)]
pub struct MailOptions {
    /// Server that mail is sent by: `smtps://USER:PASSWORD@HOST`, or `smtp://…?tls=required` where it
    /// is encrypted by STARTTLS. Without it no mail is sent.
    #[arg(long, env = "CRMAP_SMTP_URL", hide_env_values = true)]
    smtp_url: Option<SecretString>,
    /// File with that address; instead of `CRMAP_SMTP_URL`.
    #[arg(long, env = "CRMAP_SMTP_URL_FILE", conflicts_with = "smtp_url", value_parser = secret_file::read)]
    smtp_url_file: Option<SecretFile>,
    /// Mailbox that mail comes from, like `CRMAP <crmap@example.ru>`; required to send any.
    #[arg(long, env = "CRMAP_MAIL_FROM")]
    pub mail_from: Option<String>,
}

impl MailOptions {
    /// The address of the server that mail is sent by, from wherever it was given.
    #[must_use]
    pub fn url(&self) -> Option<&SecretString> {
        secret_file::or_none(self.smtp_url_file.as_ref(), self.smtp_url.as_ref())
    }
}

impl ServeOptions {
    /// The application's `client_secret`, from wherever it was given.
    #[must_use]
    pub fn client_secret(&self) -> Option<&SecretString> {
        secret_file::or_none(
            self.bitrix_client_secret_file.as_ref(),
            self.bitrix_client_secret.as_ref(),
        )
    }

    /// The files that secrets were read from, but for the keys'.
    pub fn secret_files(&self) -> impl Iterator<Item = &SecretFile> {
        let files = [
            &self.database.database.database_url_file,
            &self.bitrix_client_secret_file,
            &self.mail.smtp_url_file,
        ];
        files.into_iter().flatten()
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

/// Options of `crmap health`.
#[derive(Debug, Args)]
pub struct HealthOptions {
    /// Address that the server listens on.
    #[arg(long, env = "CRMAP_LISTEN", default_value = LISTEN)]
    pub listen: SocketAddr,
    /// Ask whether it should be sent visitors, rather than whether it is alive.
    #[arg(long)]
    pub ready: bool,
}

/// Options of `crmap spec`.
#[derive(Debug, Args)]
pub struct SpecOptions {
    /// Address of the incoming webhook, like `https://HOST/rest/USER/CODE/`
    pub webhook_url: String,
    /// What to print.
    #[arg(long, value_enum, default_value_t = Format::Txt)]
    pub format: Format,
    /// Language of the labels, of the text and of messages.
    #[arg(long, value_parser = language(), default_value = Lang::Ru.code())]
    pub lang: Lang,
}

/// A form of the specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Text for people.
    Txt,
    /// JSON for programs; its schema is docs/specification.schema.json.
    Json,
}

/// Reads a language by its code.
pub(crate) fn language() -> impl TypedValueParser<Value = Lang> {
    PossibleValuesParser::new(Lang::ALL.map(Lang::code))
        .map(|code| Lang::from_code(&code).unwrap_or_default())
}

/// The whole command line as clap knows it, for those who describe it.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command()
}

/// Runs the command that the process was started with.
#[must_use]
pub fn run() -> ExitCode {
    let command = Cli::command();
    let started = match config::read(&command, CONFIG, std::env::args_os()) {
        Ok(started) => started,
        Err(ConfigError::Usage(error)) => error.exit(),
        Err(error) => return fail(&format!("crmap: {error}")),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("crmap: the runtime does not start: {error}")),
    };
    if started.matches.subcommand_name() == Some(CONFIG) {
        return ended(runtime.block_on(config::show(&command, &started)));
    }
    match Cli::from_arg_matches(&started.matches) {
        Ok(cli) => runtime.block_on(carry_out(cli.command, &started)),
        Err(error) => error.format(&mut Cli::command()).exit(),
    }
}

async fn carry_out(command: Command, started: &Started) -> ExitCode {
    match command {
        Command::Serve(options) => ended(serve::serve(*options, started.file.as_ref()).await),
        // Needs no settings to be complete, and was seen to before.
        Command::Config(_) => ExitCode::SUCCESS,
        Command::Migrate(options) => ended(database::migrate(&options).await),
        Command::Verify(options) => ended(database::verify(&options).await),
        Command::Backup(options) => ended(backup::back_up(&options).await),
        Command::Restore(options) => ended(backup::restore(&options).await),
        Command::Account(command) => ended(account::run(command).await),
        Command::Keys(command) => ended(keys::run(command).await),
        Command::Health(options) => ended(health::health(&options).await),
        Command::Spec(options) => match spec::spec(&options).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(line) => fail(&line),
        },
    }
}

fn ended(result: anyhow::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&format!("crmap: {error:#}")),
    }
}

fn fail(line: &str) -> ExitCode {
    eprintln!("{line}");
    ExitCode::FAILURE
}
