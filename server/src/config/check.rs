//! What can be said of settings without serving.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crmap_store::{KeyRing, Store, Structure, database_file};
use url::{Host, Url};

use super::file::ConfigFile;
use crate::cli::{SealedDatabaseOptions, ServeOptions};
use crate::database::{self, KeySource};
use crate::{Site, mail};

/// How good something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grade {
    /// As it should be.
    Good,
    /// It works, but somebody should know.
    Mind,
    /// With it nothing can be served, or not in safety.
    Wrong,
}

/// Something that was found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) grade: Grade,
    /// What it is about.
    pub(crate) about: &'static str,
    /// What there is to say of it, and to do.
    pub(crate) said: String,
}

fn good(about: &'static str, said: impl Into<String>) -> Told {
    told(Grade::Good, about, said)
}

fn mind(about: &'static str, said: impl Into<String>) -> Told {
    told(Grade::Mind, about, said)
}

fn wrong(about: &'static str, said: impl Into<String>) -> Told {
    told(Grade::Wrong, about, said)
}

fn told(grade: Grade, about: &'static str, said: impl Into<String>) -> Told {
    let said = said.into();
    Told { grade, about, said }
}

/// Settings that must be given and were not.
pub(super) fn missing(keys: &[String]) -> Vec<Told> {
    let say = |key: &String| {
        let (env, flag) = (key.to_uppercase(), key.replace('_', "-"));
        format!("{key} is missing: give it in the file, as CRMAP_{env} or as --{flag}")
    };
    keys.iter().map(|key| wrong("settings", say(key))).collect()
}

/// Checks settings, in the order in which a start would meet them. `secret_files` are those that
/// secrets are read from.
pub(super) async fn settings(
    options: &ServeOptions,
    file: Option<&ConfigFile>,
    secret_files: &[PathBuf],
) -> Vec<Told> {
    let mut all = cautions(options, file);
    all.extend(secret_files.iter().map(|path| secret_file(path)));
    all.extend(database(&options.database).await);
    if let Some(folder) = &options.spill_dir {
        all.push(folder_of_tokens(folder));
    }
    all.push(match Site::find(options.site_dir.as_deref()) {
        Ok(_) => good("site", "its files are there"),
        Err(error) => wrong("site", format!("{error:#}")),
    });
    all.push(public_url(&options.public_url));
    all.extend(listeners(options).await);
    all.push(mail(options).await);
    all
}

/// What a server says of its settings at its start: they work, but somebody should know.
pub(crate) fn cautions(options: &ServeOptions, file: Option<&ConfigFile>) -> Vec<Told> {
    let mut all = Vec::new();
    if let Some(lax) = file.filter(|file| file.holds_secrets).and_then(lax_file) {
        all.push(lax);
    }
    if options.allow_loopback_portals {
        let said = "portals on this machine itself are let in, without encryption";
        all.push(mind("portals", said));
    }
    if options.client_secret().is_none() {
        let said = "without CRMAP_BITRIX_CLIENT_SECRET no token can be refreshed";
        all.push(mind("portals", said));
    }
    if options.mail.url().is_none() {
        all.push(mind("mail", "without CRMAP_SMTP_URL no mail is sent"));
    }
    if options.public_url.scheme() != "https" {
        all.push(mind(
            "address",
            "CRMAP_PUBLIC_URL is not https: passwords and cookies go unencrypted, which is for \
             development alone",
        ));
    } else if options.trusted_proxies.is_empty() {
        all.push(mind(
            "address",
            "without CRMAP_TRUSTED_PROXIES all visitors seem to come from the proxy that speaks \
             https, and share its limits",
        ));
    }
    all
}

fn lax_file(file: &ConfigFile) -> Option<Told> {
    let mode = mode_for_others(&file.path)?;
    let path = file.path.display();
    Some(mind(
        "settings",
        format!("others may read {path}, which holds secrets (mode {mode}): set it to 0600"),
    ))
}

/// The mode of a file of secrets that lets in more people than it has to (SEC-33).
fn mode_for_others(path: &Path) -> Option<String> {
    let file = std::fs::File::open(path).ok()?;
    crmap_store::lax_mode(&file).ok().flatten()
}

fn secret_file(path: &Path) -> Told {
    let name = path.display();
    if let Err(error) = std::fs::File::open(path) {
        return wrong("secrets", format!("{name} cannot be read: {error}"));
    }
    match mode_for_others(path) {
        None => good("secrets", format!("{name} is read by nobody else")),
        Some(mode) if !mode.ends_with('0') => wrong(
            "secrets",
            format!("everybody may read {name} (mode {mode}): set it to 0600"),
        ),
        Some(mode) => mind(
            "secrets",
            format!("its group may read {name} (mode {mode}); 0600 is better"),
        ),
    }
}

async fn database(options: &SealedDatabaseOptions) -> Vec<Told> {
    let file = match database_file(options.database.url()) {
        Ok(file) => file,
        Err(error) => return vec![wrong("database", error.to_string())],
    };
    let mut all = Vec::new();
    let keys = match keys(options, file.as_deref(), &mut all) {
        Ok(keys) => keys,
        Err(error) => {
            all.push(wrong("keys", format!("{error:#}")));
            None
        }
    };
    let kind = file.map_or_else(
        || "PostgreSQL".to_owned(),
        |path| format!("SQLite, {}", path.display()),
    );
    let url = options.database.url();
    all.push(match Store::inspect(url, keys.as_ref()).await {
        Ok(Structure::Missing) => good("database", format!("{kind}: will be made at the start")),
        Ok(Structure::Behind(count)) => good(
            "database",
            format!("{kind}: {count} steps behind this release, taken at the start"),
        ),
        Ok(Structure::Current) => good("database", format!("{kind}: reachable and up to date")),
        Ok(Structure::Ahead) => mind(
            "database",
            format!("{kind}: a newer release of CRMAP worked with it before"),
        ),
        Err(error) => {
            let error = anyhow::Error::from(error);
            wrong("database", format!("{kind}: {error:#}"))
        }
    });
    all
}

/// The keys, unless they are still to be made.
fn keys(
    options: &SealedDatabaseOptions,
    database: Option<&Path>,
    all: &mut Vec<Told>,
) -> anyhow::Result<Option<KeyRing>> {
    let path = match database::key_source(options, database)? {
        KeySource::Given(keys) => return Ok(Some(keys)),
        KeySource::Beside(path) if !path.exists() => {
            let is_new = !database.is_some_and(Path::exists);
            let path = path.display();
            all.push(if is_new {
                good("keys", format!("{path} will be made at the start"))
            } else {
                wrong(
                    "keys",
                    format!("the database is there, but not its keys: {path} is missing"),
                )
            });
            return Ok(None);
        }
        // Named files were looked at with the others that hold secrets.
        KeySource::File(path) => path,
        KeySource::Beside(path) => {
            all.push(secret_file(&path));
            path
        }
    };
    Ok(Some(KeyRing::load(&path)?.keys))
}

fn folder_of_tokens(folder: &Path) -> Told {
    let shown = folder.display();
    if folder.is_dir() {
        return match mode_for_others(folder) {
            Some(mode) => mind(
                "tokens",
                format!("others may look into {shown} (mode {mode}): set it to 0700"),
            ),
            None => good("tokens", format!("nobody else looks into {shown}")),
        };
    }
    match folder.exists() {
        true => wrong("tokens", format!("{shown} is not a folder")),
        false => good("tokens", format!("{shown} will be made at the start")),
    }
}

/// Doors, links in mails and origins are told by it, so it must be an origin.
fn public_url(url: &Url) -> Told {
    let bare = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    match url.scheme() {
        _ if !bare => wrong(
            "address",
            "CRMAP_PUBLIC_URL must be like https://crmap.example.ru, with nothing behind the host",
        ),
        "https" => good("address", format!("portals and browsers come to {url}")),
        "http" if is_loopback => good("address", format!("{url} is on this machine alone")),
        "http" => wrong(
            "address",
            "CRMAP_PUBLIC_URL must be https: Bitrix24 opens nothing else, and passwords go there",
        ),
        _ => wrong("address", "CRMAP_PUBLIC_URL must be https"),
    }
}

async fn listeners(options: &ServeOptions) -> Vec<Told> {
    let mut all = vec![listener("CRMAP_LISTEN", options.listen).await];
    if let Some(listen) = options.metrics_listen {
        all.push(if listen == options.listen && listen.port() != 0 {
            wrong(
                "listener",
                "CRMAP_METRICS_LISTEN must not be CRMAP_LISTEN: figures are not for the internet",
            )
        } else {
            listener("CRMAP_METRICS_LISTEN", listen).await
        });
    }
    all
}

async fn listener(name: &str, address: SocketAddr) -> Told {
    match tokio::net::TcpListener::bind(address).await {
        Ok(_) => good("listener", format!("{address} is free ({name})")),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => mind(
            "listener",
            format!(
                "somebody listens on {address} already ({name}): a CRMAP that runs, it is to be hoped"
            ),
        ),
        Err(error) => wrong(
            "listener",
            format!("{address} cannot be listened on: {error}; change {name}"),
        ),
    }
}

async fn mail(options: &ServeOptions) -> Told {
    match mail::greet(&options.mail, &options.public_url).await {
        Ok(true) => good("mail", "the server that sends it lets CRMAP in"),
        Ok(false) => good("mail", "none is sent"),
        Err(error) => wrong("mail", format!("{error:#}")),
    }
}
