//! The database and the keys of its secrets, as the settings name them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use crmap_crm::Clock as _;
use crmap_store::{Entropy as _, KeyRing, Store, StoreSettings, database_file};
use secrecy::ExposeSecret as _;

use crate::cli::{DatabaseOptions, SealedDatabaseOptions, VerifyOptions};
use crate::runtime::{OsEntropy, SystemClock};

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
    for finding in &findings {
        println!("{finding}");
    }
    if options.accept_audit {
        let deeds = store
            .accept_deeds(findings.len(), SystemClock.now())
            .await?;
        println!("the audit log is taken for granted with its {deeds} deeds");
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
    let default = is_shared(&options.database)?.then(|| PathBuf::from("data/spill"));
    open_with(options, spill_dir.or(default)).await
}

/// Opens the database for a command that asks no authority for tokens, so that it can run beside a
/// server.
pub(crate) async fn open_beside(options: &SealedDatabaseOptions) -> anyhow::Result<Store> {
    open_with(options, None).await
}

/// The keys come first, since nothing may be stored without them (SEC-30).
async fn open_with(
    options: &SealedDatabaseOptions,
    spill_dir: Option<PathBuf>,
) -> anyhow::Result<Store> {
    let file = database_file(options.database.url())?;
    let keys = keys(options, file.as_deref())?;
    let settings = StoreSettings {
        url: options.database.url().clone(),
        keys,
        spill_dir,
        connections: options.connections,
        entropy: Arc::new(OsEntropy),
    };
    Ok(Store::open(settings).await?)
}

/// Whether the database may have several processes.
pub(crate) fn is_shared(options: &DatabaseOptions) -> anyhow::Result<bool> {
    Ok(database_file(options.url())?.is_none())
}

/// The keys that were given; else those in the file `crmap.keys` beside the database `crmap.db`.
fn keys(options: &SealedDatabaseOptions, database: Option<&Path>) -> anyhow::Result<KeyRing> {
    if let Some(text) = &options.secret_keys {
        return KeyRing::parse(text.expose_secret()).context("CRMAP_SECRET_KEYS");
    }
    if let Some(file) = &options.secret_keys_file {
        return load(file, false);
    }
    match database {
        Some(database) => load(&database.with_extension("keys"), true),
        None => bail!(
            "CRMAP_SECRET_KEYS or CRMAP_SECRET_KEYS_FILE is missing: with PostgreSQL the keys that \
             secrets are sealed with must be given (`crmap keys new` makes one)"
        ),
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
