//! `crmap account`.

use std::io::BufRead as _;
use std::sync::Arc;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use crmap_crm::SystemClock;
use crmap_domain::{Lang, visible};
use crmap_service::{AccountWanted, Operating, PasswordCost};
use crmap_store::ListedAccount;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use url::Url;

use crate::cli::{PUBLIC_URL, SealedDatabaseOptions, language};
use crate::{OsEntropy, database};

/// What an operator can do with accounts. Works beside a running server.
#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Make an account. Prints an address at which its owner sets a password, good once and for a
    /// day, unless a password is given.
    Create(CreateOptions),
    /// Print an address at which the owner of an account sets a new password, good once and for a
    /// day. The old password is good until then.
    Reset(ResetOptions),
    /// List all accounts: address, name, language, linked portals, when it was made and last used.
    List(ListOptions),
}

/// Options of `crmap account create`.
#[derive(Debug, Args)]
pub(crate) struct CreateOptions {
    /// Email address by which the owner logs in.
    email: String,
    /// Name of the owner; without one, what stands before the sign @.
    #[arg(long)]
    name: Option<String>,
    /// Language of mails to the owner.
    #[arg(long, value_parser = language(), default_value = Lang::Ru.code())]
    lang: Lang,
    /// Read the password from the first line of the standard input.
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    place: Place,
}

/// Options of `crmap account reset`.
#[derive(Debug, Args)]
pub(crate) struct ResetOptions {
    /// Email address of the account.
    email: String,
    #[command(flatten)]
    place: Place,
}

/// Options of `crmap account list`.
#[derive(Debug, Args)]
pub(crate) struct ListOptions {
    /// As JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    database: SealedDatabaseOptions,
}

/// Where accounts are and where their owners come to.
#[derive(Debug, Args)]
struct Place {
    #[command(flatten)]
    database: SealedDatabaseOptions,
    /// Where browsers find CRMAP.
    #[arg(long, env = "CRMAP_PUBLIC_URL", default_value = PUBLIC_URL)]
    public_url: Url,
}

impl Place {
    /// The address of what lies at `way` below the site.
    fn address(&self, way: &SecretString) -> String {
        let site = self.public_url.as_str().trim_end_matches('/');
        format!("{site}{}", way.expose_secret())
    }
}

/// Does what was asked of accounts.
pub(crate) async fn run(command: AccountCommand) -> anyhow::Result<()> {
    match command {
        AccountCommand::Create(options) => create(&options).await,
        AccountCommand::Reset(options) => {
            let operating = operating(&options.place.database).await?;
            let way = operating.reset(&options.email).await?;
            hand_over(&options.place.address(&way));
            Ok(())
        }
        AccountCommand::List(options) => {
            let listed = operating(&options.database).await?.list().await?;
            print!(
                "{}",
                if options.json {
                    as_json(&listed)
                } else {
                    as_text(&listed)
                }
            );
            Ok(())
        }
    }
}

async fn operating(options: &SealedDatabaseOptions) -> anyhow::Result<Operating> {
    Ok(Operating::new(
        Arc::new(database::open_beside_server(options).await?),
        Arc::new(SystemClock),
        Arc::new(OsEntropy),
        PasswordCost::default(),
    ))
}

async fn create(options: &CreateOptions) -> anyhow::Result<()> {
    let password = options.password_stdin.then(read_password).transpose()?;
    let wanted = AccountWanted {
        email: &options.email,
        name: options.name.as_deref(),
        lang: options.lang,
        password,
    };
    let operating = operating(&options.place.database).await?;
    match operating.create(&wanted).await? {
        Some(way) => hand_over(&options.place.address(&way)),
        None => eprintln!("crmap: the account is made"),
    }
    Ok(())
}

/// The address alone stands on the standard output.
fn hand_over(address: &str) {
    eprintln!("crmap: hand this to the owner; it is good once, for a day, to whoever has it:");
    println!("{address}");
}

fn read_password() -> anyhow::Result<SecretString> {
    let mut line = zeroize::Zeroizing::new(String::new());
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .context("the password cannot be read from the standard input")?;
    Ok(SecretString::from(line.trim_end_matches(['\r', '\n'])))
}

fn as_text(listed: &[ListedAccount]) -> String {
    let line = |one: &ListedAccount| {
        format!(
            "{}\t{}\t{}\t{}\t{}\t{}\n",
            visible(one.account.email.as_str()),
            visible(one.account.name.as_str()),
            one.account.lang.code(),
            one.portals,
            moment(one.account.made_at),
            one.seen_at.map_or_else(|| "-".to_owned(), moment),
        )
    };
    listed.iter().map(line).collect()
}

fn as_json(listed: &[ListedAccount]) -> String {
    let rows: Vec<_> = listed
        .iter()
        .map(|one| {
            json!({
                "email": one.account.email.as_str(),
                "name": one.account.name.as_str(),
                "lang": one.account.lang.code(),
                "portals": one.portals,
                "made_at": moment(one.account.made_at),
                "seen_at": one.seen_at.map(moment),
            })
        })
        .collect();
    format!("{:#}\n", serde_json::Value::from(rows))
}

/// To the second, as both people and programs read it.
fn moment(at: OffsetDateTime) -> String {
    let at = at.replace_nanosecond(0).unwrap_or(at);
    at.format(&Rfc3339).unwrap_or_default()
}
