//! The database and the keys of its secrets, as the settings name them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use crmap_crm::{Clock as _, SystemClock};
use crmap_store::{Entropy as _, Finding, KeyRing, Store, StoreSettings, Structure, database_file};
use secrecy::ExposeSecret as _;

use crate::cli::{DatabaseOptions, SealedDatabaseOptions, VerifyOptions};
use crate::runtime::OsEntropy;

/// Where the local journal of new tokens lies with PostgreSQL unless another folder is named.
pub(crate) const SPILL_DIR: &str = "data/spill";

/// `crmap migrate`.
pub(crate) async fn migrate(options: &DatabaseOptions) -> anyhow::Result<()> {
    Store::migrate(options.url()).await?;
    println!("the database is up to date");
    Ok(())
}

/// `crmap verify`.
pub(crate) async fn verify(options: &VerifyOptions) -> anyhow::Result<()> {
    let store = open_beside(&options.database).await?;
    let findings = store.verify().await?;
    let told = tell(&findings);
    if options.accept_audit {
        let deeds = store
            .accept_deeds(findings.len(), SystemClock.now())
            .await?;
        println!("the audit log is taken for granted with its {deeds} deeds");
    }
    told
}

/// Prints what must not be.
///
/// # Errors
/// When there is anything.
pub(crate) fn tell(findings: &[Finding]) -> anyhow::Result<()> {
    for finding in findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => {
            println!("nothing is wrong");
            Ok(())
        }
        count => bail!("{count} of these must not be"),
    }
}

/// Opens the database for a server, which keeps a local journal of new tokens in `spill_dir`.
pub(crate) async fn open(
    options: &SealedDatabaseOptions,
    spill_dir: Option<PathBuf>,
) -> anyhow::Result<Store> {
    // Beside an SQLite file the store finds a place of its own.
    let default = is_shared(&options.database)?.then(|| PathBuf::from(SPILL_DIR));
    let file = database_file(options.database.url())?;
    // The keys come first, since nothing may be stored without them (SEC-30).
    let keys = keys(options, file.as_deref())?;
    Ok(Store::open(settings(options, keys, spill_dir.or(default))).await?)
}

/// Opens the database, which must be there, for a command that asks no authority for tokens, so that
/// it can run beside a server.
pub(crate) async fn open_beside(options: &SealedDatabaseOptions) -> anyhow::Result<Store> {
    Ok(Store::open(settings_of_existing(options).await?).await?)
}

/// Opens the database, which must be there, for a short piece of work, beside a server of this
/// release even where that holds an SQLite file.
pub(crate) async fn open_beside_server(options: &SealedDatabaseOptions) -> anyhow::Result<Store> {
    Ok(Store::open_beside(settings_of_existing(options).await?).await?)
}

/// A wrong address must not make a database, or keys, that somebody takes for his own.
async fn settings_of_existing(options: &SealedDatabaseOptions) -> anyhow::Result<StoreSettings> {
    // What is wrong with the settings themselves is told first.
    key_source(options, database_file(options.database.url())?.as_deref())?;
    if Store::inspect(options.database.url(), None).await? == Structure::Missing {
        bail!(
            "there is no database of CRMAP at this address, so there is nothing to look at: see \
             CRMAP_DATABASE_URL (`crmap serve` and `crmap migrate` make a new one)"
        );
    }
    let keys = keys_that_are_there(options)?;
    Ok(settings(options, keys, None))
}

fn settings(
    options: &SealedDatabaseOptions,
    keys: KeyRing,
    spill_dir: Option<PathBuf>,
) -> StoreSettings {
    StoreSettings {
        url: options.database.url().clone(),
        keys,
        spill_dir,
        connections: options.connections,
        entropy: Arc::new(OsEntropy),
    }
}

/// Whether the database may have several processes.
pub(crate) fn is_shared(options: &DatabaseOptions) -> anyhow::Result<bool> {
    Ok(database_file(options.url())?.is_none())
}

/// Where the keys are.
pub(crate) enum KeySource {
    /// In the settings themselves.
    Given(KeyRing),
    /// In a file that is named.
    File(PathBuf),
    /// In the file `crmap.keys` beside the database `crmap.db`, which is made where it is missing.
    Beside(PathBuf),
}

/// Where the settings say that the keys are.
///
/// # Errors
/// When the settings do not say it, or give keys that cannot be used.
pub(crate) fn key_source(
    options: &SealedDatabaseOptions,
    database: Option<&Path>,
) -> anyhow::Result<KeySource> {
    if let Some(text) = &options.secret_keys {
        let keys = KeyRing::parse(text.expose_secret()).context("CRMAP_SECRET_KEYS")?;
        return Ok(KeySource::Given(keys));
    }
    if let Some(file) = &options.secret_keys_file {
        return Ok(KeySource::File(file.clone()));
    }
    match database {
        Some(database) => Ok(KeySource::Beside(database.with_extension("keys"))),
        None => bail!(
            "CRMAP_SECRET_KEYS or CRMAP_SECRET_KEYS_FILE is missing: with PostgreSQL the keys that \
             secrets are sealed with must be given (`crmap keys new` makes one)"
        ),
    }
}

fn keys(options: &SealedDatabaseOptions, database: Option<&Path>) -> anyhow::Result<KeyRing> {
    match key_source(options, database)? {
        KeySource::Given(keys) => Ok(keys),
        KeySource::File(file) => load(&file, false),
        KeySource::Beside(file) => load(&file, true),
    }
}

/// The keys that must be there already, since something is sealed with them.
pub(crate) fn keys_that_are_there(options: &SealedDatabaseOptions) -> anyhow::Result<KeyRing> {
    let file = database_file(options.database.url())?;
    match key_source(options, file.as_deref())? {
        KeySource::Given(keys) => Ok(keys),
        KeySource::Beside(file) if !file.exists() => bail!(
            "the keys that everything is sealed with are needed: put their file at {}, or name it \
             by CRMAP_SECRET_KEYS_FILE",
            file.display()
        ),
        KeySource::File(file) | KeySource::Beside(file) => load(&file, false),
    }
}

fn load(file: &Path, create: bool) -> anyhow::Result<KeyRing> {
    let loaded = if create {
        KeyRing::load_or_create(file, random_key())
    } else {
        KeyRing::load(file)
    };
    let loaded = loaded.with_context(|| file.display().to_string())?;
    if loaded.created {
        tracing::info!(file = %file.display(), "made the key that secrets are sealed with; keep a copy of it");
    }
    if let Some(mode) = loaded.lax_mode {
        tracing::warn!(file = %file.display(), mode, "others may read the file of keys: set its mode to 0600");
    }
    Ok(loaded.keys)
}

/// What a new key is made of.
pub(crate) fn random_key() -> [u8; 32] {
    let mut bytes = [0; 32];
    OsEntropy.fill(&mut bytes);
    bytes
}
