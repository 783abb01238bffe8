//! Opening the database, and what all intents share.

use std::path::PathBuf;
use std::sync::Arc;

use secrecy::SecretString;
use sqlx::{Any, AnyPool, Connection as _, Transaction};
use tokio::sync::OnceCell;
use tracing::instrument;

use crate::StoreError;
use crate::audit::TrailKey;
use crate::connect::{Address, Pools, look_at, migrate};
use crate::dialect::Dialect;
use crate::entropy::Entropy;
use crate::files::{self, ProcessLock};
use crate::inspect::{Structure, compare_keys, structure};
use crate::keys::KeyRing;
use crate::own_key::OwnKey;
use crate::presence::Presence;
use crate::readiness::Looking;
use crate::spill::Spill;
use crate::vault::Vault;

/// What opening a database needs.
pub struct StoreSettings {
    /// `sqlite://path/to/file` or `postgres://…`.
    pub url: SecretString,
    /// What tokens are sealed with.
    pub keys: KeyRing,
    /// The source of nonces and names of rows.
    pub entropy: Arc<dyn Entropy>,
    /// The folder for pairs of tokens that the database did not take yet; each process has its own.
    /// Without one, SQLite's lies beside the file, and with PostgreSQL there is none.
    pub spill_dir: Option<PathBuf>,
    /// How many connections there are at the most; with SQLite, for reading.
    pub connections: u32,
}

/// The database. Its functions stand in chapters, one for each room that they are written in.
pub struct Store {
    pub(crate) reads: AnyPool,
    pub(crate) writes: AnyPool,
    pub(crate) dialect: Dialect,
    pub(crate) vault: Vault,
    pub(crate) index_key: Arc<OnceCell<OwnKey>>,
    pub(crate) trail_key: Arc<OnceCell<TrailKey>>,
    pub(crate) looking: Looking,
    address: Arc<Address>,
    spill: Arc<Spill>,
    _lock: Option<Arc<ProcessLock>>,
    presence: Option<Arc<Presence>>,
}

/// # Opening the database
impl Store {
    /// Opens the database, making it where it is missing: takes the process's lock, or says in a
    /// shared database that somebody works with it, connects, brings the structure up to date,
    /// compares the keys with those of the rows, and brings in the pairs of tokens that the last
    /// process could not.
    ///
    /// # Errors
    /// [`StoreError::AlreadyRunning`], [`StoreError::Keys`], [`StoreError::Migration`],
    /// [`StoreError::Settings`], and others where the database is not to be had.
    pub async fn open(settings: StoreSettings) -> Result<Self, StoreError> {
        let address = Address::parse(&settings.url)?;
        let lock = lock(&address)?;
        let vault = Vault::new(settings.keys, settings.entropy);
        let folder = spill_folder(&address, settings.spill_dir);
        let spill = Spill::open(folder, vault.clone())?;
        Self::start(address, settings.connections, vault, spill, lock).await
    }

    /// Opens the database for a short piece of work beside a server, which may hold an SQLite file at
    /// the same time: writers wait for each other a little. Such a file must have this release's
    /// structure then. Pairs of tokens that are not in the database yet are left to servers.
    ///
    /// # Errors
    /// As [`open`](Self::open); [`StoreError::Settings`] where a server of another release holds the
    /// file.
    pub async fn open_beside(settings: StoreSettings) -> Result<Self, StoreError> {
        let address = Address::parse(&settings.url)?;
        let lock = match lock(&address) {
            Err(StoreError::AlreadyRunning { .. }) => {
                let mut connection = look_at(&address).await?;
                let found = structure(&mut connection, address.dialect()).await?;
                connection.close().await?;
                if found != Structure::Current {
                    return Err(StoreError::Settings(
                        "a server of another release works with the database: stop it first, or \
                         use its own release"
                            .to_owned(),
                    ));
                }
                None
            }
            taken => taken?,
        };
        let vault = Vault::new(settings.keys, settings.entropy);
        let spill = Spill::open(None, vault.clone())?;
        Self::start(address, settings.connections, vault, spill, lock).await
    }

    /// A database in memory for fast tests. It has one connection, for reading and writing.
    ///
    /// # Errors
    /// A [`StoreError`] when SQLite does not even do that.
    #[cfg(any(test, feature = "testing"))]
    pub async fn in_memory(keys: KeyRing, entropy: Arc<dyn Entropy>) -> Result<Self, StoreError> {
        let vault = Vault::new(keys, entropy);
        let spill = Spill::open(None, vault.clone())?;
        Self::start(Address::Memory, 1, vault, spill, None).await
    }

    async fn start(
        address: Address,
        connections: u32,
        vault: Vault,
        spill: Spill,
        lock: Option<ProcessLock>,
    ) -> Result<Self, StoreError> {
        let address = Arc::new(address);
        let pools = Pools::connect(&address, connections).await?;
        let presence = Presence::take(&address).await?;
        migrate(&address, &pools).await?;
        let Pools { reads, writes } = pools;
        let store = Self {
            reads,
            writes,
            dialect: address.dialect(),
            vault,
            index_key: Arc::default(),
            trail_key: Arc::default(),
            looking: Looking::default(),
            address,
            spill: Arc::new(spill),
            _lock: lock.map(Arc::new),
            presence: presence.map(Arc::new),
        };
        store.check_keys().await?;
        store.open_trails().await?;
        store.sweep_spill().await?;
        Ok(store)
    }

    /// The same database by connections of its own, for work that must not take those away that
    /// people wait for (REL-20). SQLite's one writer stays the same.
    ///
    /// # Errors
    /// A [`StoreError`] where the database is not to be had.
    pub async fn background(&self, connections: u32) -> Result<Self, StoreError> {
        let Pools { reads, writes } =
            Pools::beside(&self.address, &self.writes, connections).await?;
        Ok(Self {
            reads,
            writes,
            dialect: self.dialect,
            vault: self.vault.clone(),
            index_key: Arc::clone(&self.index_key),
            trail_key: Arc::clone(&self.trail_key),
            looking: Looking::default(),
            address: Arc::clone(&self.address),
            spill: Arc::clone(&self.spill),
            _lock: self._lock.clone(),
            presence: self.presence.clone(),
        })
    }

    /// Brings the structure of the database at `url` up to date, and does nothing else. No keys
    /// are needed.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn migrate(url: &SecretString) -> Result<(), StoreError> {
        let address = Address::parse(url)?;
        let _lock = lock(&address)?;
        let pools = Pools::connect(&address, 1).await?;
        migrate(&address, &pools).await?;
        pools.reads.close().await;
        pools.writes.close().await;
        Ok(())
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// A [`StoreError`] when it does not.
    #[instrument(name = "db.ping", skip_all)]
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("select 1").execute(&self.reads).await?;
        Ok(())
    }

    /// Ends all connections, after those in use are given back, and with the last store of this
    /// database the lock. With SQLite, the writer ends for all of them.
    pub async fn close(self) {
        self.looking.close().await;
        self.reads.close().await;
        self.writes.close().await;
        if let Some(presence) = self.presence.and_then(Arc::into_inner) {
            presence.end().await;
        }
    }

    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    pub(crate) fn is_in_memory(&self) -> bool {
        self.address.is_memory()
    }

    /// Whether other processes may work with the same database at the same time.
    #[must_use]
    pub const fn is_shared(&self) -> bool {
        matches!(self.dialect, Dialect::Postgres)
    }

    /// The journal of pairs that are on their way into the database (REL-24).
    #[must_use]
    pub fn spill(&self) -> &Spill {
        &self.spill
    }

    /// The identifiers of the keys, the newest first.
    pub fn key_ids(&self) -> impl Iterator<Item = &str> {
        self.vault.keys().ids()
    }

    /// A transaction that will write.
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Any>, StoreError> {
        Ok(self.writes.begin_with(self.dialect.begin()).await?)
    }

    /// Refuses a wrong key under a known name, and a ring without a key that rows still need:
    /// both would be found out only when a token is needed (SEC-30).
    async fn check_keys(&self) -> Result<(), StoreError> {
        for id in self.vault.keys().ids() {
            sqlx::query(
                "insert into key_check (key_id, sealed_check) values ($1, $2) \
                 on conflict (key_id) do nothing",
            )
            .bind(id)
            .bind(self.vault.check_value(id)?)
            .execute(&self.writes)
            .await?;
        }
        let mut connection = self.reads.acquire().await?;
        compare_keys(&mut connection, self.dialect, self.vault.keys()).await
    }
}

fn lock(address: &Address) -> Result<Option<ProcessLock>, StoreError> {
    let Address::File(path) = address else {
        return Ok(None);
    };
    files::prepare(path)?;
    Ok(Some(ProcessLock::take(&files::beside(path, ".lock"))?))
}

fn spill_folder(address: &Address, wanted: Option<PathBuf>) -> Option<PathBuf> {
    match address {
        Address::File(path) => wanted.or_else(|| Some(files::beside(path, ".spill"))),
        _ => wanted,
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Store")
            .field("dialect", &self.dialect)
            .field("keys", self.vault.keys())
            .finish_non_exhaustive()
    }
}
