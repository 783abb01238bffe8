//! `crmap backup` and `crmap restore`.

use std::path::PathBuf;

use clap::Args;
use crmap_crm::{Clock as _, SystemClock};
use crmap_store::{AuditRow, Store};
use serde_json::json;

use crate::cli::{DatabaseOptions, SealedDatabaseOptions};
use crate::database;

/// Options of `crmap backup`.
#[derive(Debug, Args)]
pub(crate) struct BackupOptions {
    /// File to be made; none is written over.
    file: PathBuf,
    #[command(flatten)]
    database: DatabaseOptions,
}

/// Options of `crmap restore`.
#[derive(Debug, Args)]
pub(crate) struct RestoreOptions {
    /// File that `crmap backup` made, over SQLite or PostgreSQL.
    file: PathBuf,
    #[command(flatten)]
    database: SealedDatabaseOptions,
    /// Folder in which a backup is made ready for PostgreSQL where its own cannot be written:
    /// data/spill unless it is named.
    #[arg(long, env = "CRMAP_SPILL_DIR")]
    spill_dir: Option<PathBuf>,
}

/// `crmap backup`.
pub(crate) async fn back_up(options: &BackupOptions) -> anyhow::Result<()> {
    let held = Store::back_up(options.database.url(), &options.file).await?;
    println!(
        "{}: portals: {}, accounts: {}, chains of tokens: {}",
        options.file.display(),
        held.portals,
        held.accounts,
        held.chains
    );
    eprintln!(
        "crmap: the keys that it is sealed with are not in it: keep a copy of them elsewhere"
    );
    Ok(())
}

/// `crmap restore`.
pub(crate) async fn restore(options: &RestoreOptions) -> anyhow::Result<()> {
    let keys = database::keys_that_are_there(&options.database)?;
    let now = SystemClock.now();
    let url = options.database.database.url();
    let spare = options.spill_dir.clone();
    let spare = spare.unwrap_or_else(|| PathBuf::from(database::SPILL_DIR));
    let held = Store::restore(url, &options.file, &keys, Some(&spare), now).await?;
    let store = database::open_beside(&options.database).await?;
    store
        .audit(&AuditRow {
            at: now,
            member_id: None,
            actor: "operator".to_owned(),
            action: "database.restored".to_owned(),
            detail: json!({ "portals": held.portals, "accounts": held.accounts }),
        })
        .await?;
    println!(
        "restored portals: {}, accounts: {}, chains of tokens: {}; a server proves the chains, \
         one a second, before it calls a portal by them",
        held.portals, held.accounts, held.chains
    );
    database::tell(&store.verify().await?)
}
