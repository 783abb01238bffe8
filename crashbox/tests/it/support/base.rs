//! A file or a schema of its own for each scene.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use crmap_crashbox::OsRandom;
use crmap_store::{KeyRing, Store, StoreSettings};
use secrecy::SecretString;
use sqlx::any::AnyConnectOptions;
use sqlx::{AnyConnection, AssertSqlSafe, ConnectOptions, Connection, Executor};
use tempfile::TempDir;
use tokio::task::AbortHandle;

use super::door::Door;
use super::forks::BIRTHS;
use super::patience::patiently;

/// The shared cluster is stopped when nobody has asked for it for 45 seconds.
const ASK_AGAIN: Duration = Duration::from_secs(15);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// A database that nobody else uses, its keys, and a folder for files.
pub struct Base {
    /// As the test goes to it.
    own_url: String,
    /// As processes go to it.
    url: String,
    folder: TempDir,
    asking: Option<AbortHandle>,
}

impl Base {
    pub async fn new(kind: Kind) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keys = KeyRing::generate([7; 32]).to_text();
        std::fs::write(folder.path().join("keys"), keys.as_bytes()).unwrap();
        let (url, asking) = match kind {
            Kind::Sqlite => {
                let path = folder.path().join("crmap.db");
                (format!("sqlite://{}", path.display()), None)
            }
            Kind::Postgres => (
                new_schema().await,
                Some(tokio::spawn(ask_on()).abort_handle()),
            ),
        };
        Self {
            own_url: url.clone(),
            url,
            folder,
            asking,
        }
    }

    /// Somebody who goes on reading what is there now, as a backup does.
    pub async fn reader(&self) -> AnyConnection {
        let mut connection = AnyConnection::connect(&self.own_url).await.unwrap();
        connection.execute("begin").await.unwrap();
        let portals = "select count(*) from portal";
        connection.fetch_one(portals).await.unwrap();
        connection
    }

    /// One number that the database works out.
    pub async fn count(&self, sql: &str) -> i64 {
        let mut connection = AnyConnection::connect(&self.own_url).await.unwrap();
        let asked = sqlx::query_scalar(AssertSqlSafe(sql.to_owned()));
        let count = asked.fetch_one(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        count
    }

    /// Everything that is in PostgreSQL, a row a line, bytes in hexadecimal digits.
    pub async fn dump(&self) -> Vec<String> {
        let mut connection = AnyConnection::connect(&self.own_url).await.unwrap();
        let tables = "select tablename::text from pg_tables where schemaname = current_schema()";
        let tables: Vec<String> = sqlx::query_scalar(tables)
            .fetch_all(&mut connection)
            .await
            .unwrap();
        let mut lines = Vec::new();
        for table in tables {
            let rows = AssertSqlSafe(format!("select \"{table}\"::text from \"{table}\""));
            let rows = sqlx::query_scalar(rows).fetch_all(&mut connection).await;
            lines.extend::<Vec<String>>(rows.unwrap());
        }
        connection.close().await.unwrap();
        lines
    }

    /// What all processes have written to their logs.
    pub fn logs(&self) -> String {
        let files = std::fs::read_dir(self.folder()).unwrap().flatten();
        let logs = files.filter(|file| file.path().extension().is_some_and(|kind| kind == "log"));
        logs.map(|log| std::fs::read_to_string(log.path()).unwrap())
            .collect()
    }

    /// Where processes find it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// From now on, processes go to it as the test does.
    pub fn without_a_door(&mut self) {
        self.url = self.own_url.clone();
    }

    /// From now on, processes go to PostgreSQL through a door.
    pub fn through_a_door(&mut self) -> Door {
        let (_, rest) = self.own_url.split_once('@').unwrap();
        let (host, _) = rest.split_once("/postgres").unwrap();
        let server = host.replace("%2F", "/");
        let folder = self.folder.path().display().to_string();
        let host_of_workers = folder.replace('/', "%2F");
        self.url = self.own_url.replace(host, &host_of_workers);
        Door::new(self.folder.path(), Path::new(&server))
    }

    pub fn keys(&self) -> PathBuf {
        self.folder.path().join("keys")
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The local journal of the process of that name.
    pub fn spill_dir(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("spill-{name}"))
    }

    /// The database as the test looks at it; with SQLite, no process may be running. It has the
    /// journal of the process `name`, so it does what that process would do at its start.
    pub async fn open(&self, name: &str) -> Store {
        let settings = || StoreSettings {
            url: SecretString::from(self.own_url.as_str()),
            keys: KeyRing::load(&self.keys()).unwrap().keys,
            entropy: Arc::new(OsRandom),
            spill_dir: Some(self.spill_dir(name)),
            connections: 4,
        };
        patiently(|| Store::open(settings())).await
    }
}

impl Drop for Base {
    fn drop(&mut self) {
        if let Some(asking) = &self.asking {
            asking.abort();
        }
    }
}

/// In the cluster that all tests share.
async fn new_schema() -> String {
    sqlx::any::install_default_drivers();
    let socket = tokio::task::spawn_blocking(ask).await.unwrap();
    let host = socket.replace('/', "%2F");
    let server = format!("postgres://postgres@{host}/postgres");
    let name = format!("c{:016x}", rand::random::<u64>());
    let options = AnyConnectOptions::from_str(&server).unwrap();
    let options = options.disable_statement_logging();
    let mut connection = AnyConnection::connect_with(&options).await.unwrap();
    let create = AssertSqlSafe(format!("create schema {name}"));
    connection.execute(create).await.unwrap();
    connection.close().await.unwrap();
    format!("{server}?options[search_path]={name}")
}

async fn ask_on() {
    loop {
        tokio::time::sleep(ASK_AGAIN).await;
        tokio::task::spawn_blocking(ask).await.unwrap();
    }
}

/// The folder of the cluster's socket.
fn ask() -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/test-postgres");
    let births = BIRTHS.blocking_lock();
    let asking = Command::new(script)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(births);
    let asked = asking.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&asked.stderr);
    assert!(asked.status.success(), "no PostgreSQL: {said}");
    String::from_utf8(asked.stdout).unwrap().trim().to_owned()
}
