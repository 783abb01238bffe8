//! A file or a schema of its own for each test.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::str::FromStr;
use std::sync::Arc;

use crmap_store::{Entropy, KeyRing, Store, StoreError, StoreSettings};
use rand::RngExt;
use secrecy::{ExposeSecret, SecretString};
use sqlx::any::AnyConnectOptions;
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe, ConnectOptions, Connection, Executor};
use tempfile::TempDir;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// The system's randomness.
pub struct Random;

impl Entropy for Random {
    fn fill(&self, bytes: &mut [u8]) {
        rand::rng().fill(bytes);
    }
}

/// A database that nobody else uses, and a folder for files.
pub struct Base {
    pub kind: Kind,
    url: SecretString,
    folder: TempDir,
    keys: KeyRing,
}

impl Base {
    pub async fn new(kind: Kind) -> Self {
        sqlx::any::install_default_drivers();
        let folder = tempfile::tempdir().unwrap();
        let url = match kind {
            Kind::Sqlite => format!("sqlite://{}", folder.path().join("test.db").display()),
            Kind::Postgres => new_schema().await,
        };
        Self {
            kind,
            url: url.into(),
            folder,
            keys: KeyRing::generate([7; 32]),
        }
    }

    pub fn settings(&self) -> StoreSettings {
        StoreSettings {
            url: self.url.clone(),
            keys: self.keys.clone(),
            entropy: Arc::new(Random),
            spill_dir: Some(self.spill_dir()),
            connections: 8,
        }
    }

    pub fn url(&self) -> &SecretString {
        &self.url
    }

    pub fn keys(&self) -> &KeyRing {
        &self.keys
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn spill_dir(&self) -> PathBuf {
        self.folder.path().join("spill")
    }

    /// The files of the local journal.
    pub fn pair_files(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.spill_dir()).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        paths
            .filter(|path| path.extension().is_some_and(|ending| ending == "pair"))
            .collect()
    }

    pub async fn open(&self) -> Store {
        Store::open(self.settings()).await.unwrap()
    }

    pub async fn open_with(&self, keys: &KeyRing) -> Result<Store, StoreError> {
        Store::open(StoreSettings {
            keys: keys.clone(),
            ..self.settings()
        })
        .await
    }

    /// What somebody could do to the database behind the store's back.
    pub async fn raw(&self) -> AnyPool {
        AnyPool::connect_with(options(self.url.expose_secret()))
            .await
            .unwrap()
    }

    /// Ends all connections to the database, as a server does that is started anew.
    pub async fn break_connections(&self) {
        let name = name_in(self.url.expose_secret()).to_owned();
        let pool = self.raw().await;
        sqlx::query(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity \
             where application_name = $1 and pid <> pg_backend_pid()",
        )
        .bind(name)
        .execute(&pool)
        .await
        .unwrap();
        pool.close().await;
    }

    pub async fn execute(&self, sql: &str) {
        let pool = self.raw().await;
        pool.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
        pool.close().await;
    }

    /// How many rows of a table there are; a condition may follow its name.
    pub async fn count(&self, rows: &str) -> i64 {
        self.number(&format!("select count(*) from {rows}")).await
    }

    /// How many bytes the readings take on the disk, whatever waits to be cleaned up included.
    pub async fn size(&self) -> i64 {
        match self.kind {
            Kind::Sqlite => {
                self.execute("pragma wal_checkpoint(truncate)").await;
                let pages = self.number("select page_count from pragma_page_count()");
                pages.await * 4_096
            }
            Kind::Postgres => {
                self.number(
                    "select pg_total_relation_size('version') \
                     + pg_total_relation_size('snapshot') + pg_total_relation_size('change')",
                )
                .await
            }
        }
    }

    async fn number(&self, sql: &str) -> i64 {
        let pool = self.raw().await;
        let number = sqlx::query_scalar(AssertSqlSafe(sql.to_owned()));
        let number = number.fetch_one(&pool).await.unwrap();
        pool.close().await;
        number
    }
}

/// The name that connections of a base give, which is also its schema's.
fn name_in(url: &str) -> &str {
    url.rsplit('=').next().unwrap_or_default()
}

fn options(url: &str) -> AnyConnectOptions {
    AnyConnectOptions::from_str(url)
        .unwrap()
        .disable_statement_logging()
}

/// In the cluster that all tests share.
async fn new_schema() -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/test-postgres");
    let asked = Command::new(script).output().unwrap();
    let said = String::from_utf8_lossy(&asked.stderr);
    assert!(asked.status.success(), "no PostgreSQL: {said}");
    let socket = String::from_utf8(asked.stdout).unwrap();
    let host = socket.trim().replace('/', "%2F");
    let server = format!("postgres://postgres@{host}/postgres");
    let name = format!("t{:016x}", rand::rng().random::<u64>());
    let mut connection = AnyConnection::connect_with(&options(&server))
        .await
        .unwrap();
    let create = AssertSqlSafe(format!("create schema {name}"));
    connection.execute(create).await.unwrap();
    connection.close().await.unwrap();
    format!("{server}?options[search_path]={name}&application_name={name}")
}
