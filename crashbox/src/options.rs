//! What the process is told on its command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use crmap_domain::MemberId;
use crmap_service::Point;
use secrecy::SecretString;
use url::Url;

use crate::bugs::Bug;
use crate::points::point_of;

/// One process for crash tests.
#[derive(Debug, Parser)]
pub struct Options {
    /// `sqlite://path/to/file` or `postgres://…`.
    #[arg(long)]
    pub(crate) database_url: SecretString,
    /// The file with the keys that tokens are sealed with.
    #[arg(long)]
    pub(crate) keys: PathBuf,
    /// The folder for pairs on their way into the database.
    #[arg(long)]
    pub(crate) spill_dir: PathBuf,
    /// The authorization server.
    #[arg(long)]
    pub(crate) oauth: Url,
    /// The application's identifier.
    #[arg(long)]
    pub(crate) client_id: String,
    /// The application's secret.
    #[arg(long)]
    pub(crate) client_secret: SecretString,
    /// How long a lease lasts. Processes that are to be killed have short ones, so that nobody has to
    /// wait for long afterwards.
    #[arg(long, value_parser = millis, default_value = "20000")]
    pub(crate) lease: Duration,
    /// How long somebody else's refresh is waited for.
    #[arg(long, value_parser = millis, default_value = "30000")]
    pub(crate) patience: Duration,
    /// How long a token is left alone after an answer without sense.
    #[arg(long, value_parser = millis, default_value = "300")]
    pub(crate) backoff: Duration,
    /// How long the authorization server may take for a refresh, however slow the machine is.
    #[arg(long, value_parser = millis, default_value = "15000")]
    pub(crate) timeout: Duration,
    /// How long the right to read a portal for its cabinets lasts that is not prolonged.
    #[arg(long, value_parser = millis, default_value = "40000")]
    pub(crate) reading_lease: Duration,
    /// How often the worker looks for what is due.
    #[arg(long, value_parser = millis, default_value = "2000")]
    pub(crate) pace: Duration,
    /// By how many seconds this process's clock is ahead; behind when negative (REL-30).
    #[arg(long, default_value_t = 0, allow_hyphen_values = true)]
    pub(crate) clock_ahead: i64,
    /// A file with the certificate of the authority that vouches for the portals, in PEM.
    #[arg(long)]
    pub(crate) authority: Option<PathBuf>,
    /// Portals are given up after a few seconds, so that nobody has to wait for the slowest.
    #[arg(long)]
    pub(crate) hasty: bool,
    /// The point of the refresh protocol at which to stop for ever.
    #[arg(long, value_parser = point_of)]
    pub(crate) stop_at: Option<Point>,
    /// The fault to have.
    #[arg(long)]
    pub(crate) bug: Option<Bug>,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Ask a portal how it stands, many times at once.
    Check {
        /// The portal.
        #[arg(long, value_parser = MemberId::parse)]
        member: MemberId,
        /// How many times at once.
        #[arg(long, default_value_t = 1)]
        tasks: usize,
        /// Do so for each line that comes in, instead of once.
        #[arg(long)]
        waits: bool,
    },
    /// Do the worker's rounds until nothing is in doubt.
    Work {
        /// The portal whose tokens are looked at.
        #[arg(long, value_parser = MemberId::parse)]
        member: MemberId,
        /// When to give up.
        #[arg(long, default_value_t = 20)]
        seconds: u64,
    },
    /// Do the worker's work, readings and all, until there is nothing more to hear. Each line that
    /// comes in is an opening: the form's query and its body, with a tab between.
    Read,
    /// Receive an event.
    Receive(Event),
    /// Open the application; the form's query and body come in as two lines.
    Open,
}

/// An event of a portal.
#[derive(Debug, Args)]
pub struct Event {
    /// The portal.
    #[arg(long, value_parser = MemberId::parse)]
    pub(crate) member: MemberId,
    /// The secret that proves it.
    #[arg(long)]
    pub(crate) token: SecretString,
    /// What has happened.
    #[arg(long)]
    pub(crate) kind: Kind,
    /// Tells one event from another.
    #[arg(long)]
    pub(crate) number: u64,
    /// Stop for ever when it is received.
    #[arg(long)]
    pub(crate) parks: bool,
}

/// What has happened in a portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Custom fields have changed.
    Fields,
    /// The application was removed.
    Left,
}

fn millis(text: &str) -> Result<Duration, std::num::ParseIntError> {
    text.parse().map(Duration::from_millis)
}
