//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use crmap_domain::Lang;
use url::Url;

use crate::{serve, spec};

/// CRMAP administers CRM accounts: funnels, stages and custom fields with their internal IDs.
#[derive(Debug, Parser)]
#[command(name = "crmap", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the application inside portals.
    Serve(ServeOptions),
    /// Read one portal through an incoming webhook and print its specification.
    Spec(SpecOptions),
}

/// Options of `crmap serve`; each can also be set by its environment variable.
#[derive(Debug, Args)]
pub struct ServeOptions {
    /// Address to listen on.
    #[arg(long, env = "CRMAP_LISTEN", default_value = "127.0.0.1:3000")]
    pub listen: SocketAddr,
    /// Folder of the built site (made by scripts/build-site).
    #[arg(long, env = "CRMAP_SITE_DIR", default_value = "dist/site")]
    pub site_dir: PathBuf,
    /// Identifier of the application at Bitrix24, its `client_id`.
    #[arg(long, env = "CRMAP_BITRIX_CLIENT_ID")]
    pub bitrix_client_id: String,
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
    /// Form of the log.
    #[arg(long, env = "CRMAP_LOG_FORMAT", value_enum, default_value_t = LogFormat::Human)]
    pub log_format: LogFormat,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
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
    #[arg(long, value_enum, default_value_t = LangArgument::Ru)]
    pub lang: LangArgument,
}

/// A form of the specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Text for people.
    Txt,
    /// JSON for programs; its schema is docs/specification.schema.json.
    Json,
}

/// A language of the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LangArgument {
    /// Russian.
    Ru,
    /// English.
    En,
}

impl From<LangArgument> for Lang {
    fn from(argument: LangArgument) -> Self {
        match argument {
            LangArgument::Ru => Self::Ru,
            LangArgument::En => Self::En,
        }
    }
}

/// Runs the command that the process was started with.
#[must_use]
pub fn run() -> ExitCode {
    let command = Cli::parse().command;
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("crmap: the runtime does not start: {error}")),
    };
    match command {
        Command::Serve(options) => match runtime.block_on(serve::serve(options)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(&format!("crmap: {error:#}")),
        },
        Command::Spec(options) => match runtime.block_on(spec::spec(&options)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(line) => fail(&line),
        },
    }
}

fn fail(line: &str) -> ExitCode {
    eprintln!("{line}");
    ExitCode::FAILURE
}
