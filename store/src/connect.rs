//! From the database's address to connections of which it is known how they behave.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::Migrator;
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe, ConnectOptions, Connection, Executor, Row};

use crate::StoreError;
use crate::dialect::Dialect;

pub(crate) static MIGRATIONS: Migrator = {
    let mut migrations = sqlx::migrate!("./migrations");
    // A release before this one may still run on the structure of the one after (REL-27).
    migrations.ignore_missing = true;
    migrations
};

/// How long a caller waits for a connection; a page that says «try again» is better than a page
/// that does not come. Within two seconds everybody has an answer (REL-23).
const PATIENCE: Duration = Duration::from_millis(1_500);
/// SQLite's one writer has a queue, which moves fast.
const WRITER_PATIENCE: Duration = Duration::from_secs(5);

/// Where the database is.
pub(crate) enum Address {
    File(PathBuf),
    Server(SecretString),
    #[cfg(any(test, feature = "testing"))]
    Memory,
}

/// The file of the database at `url`, as an absolute path; nothing where a server keeps it.
///
/// # Errors
/// [`StoreError::Settings`] for what is no address of a database. The text does not repeat the
/// address, which may hold a password.
pub fn database_file(url: &SecretString) -> Result<Option<PathBuf>, StoreError> {
    Ok(match Address::parse(url)? {
        Address::File(path) => Some(path),
        _ => None,
    })
}

impl Address {
    /// # Errors
    /// [`StoreError::Settings`] for another scheme or an empty path. The text does not repeat the
    /// address, which may hold a password.
    pub(crate) fn parse(url: &SecretString) -> Result<Self, StoreError> {
        let text = url.expose_secret();
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Server(url.clone()));
        }
        let path = text.strip_prefix("sqlite://").unwrap_or_default();
        if path.is_empty() || path.contains(['?', '#', '\0']) || path == ":memory:" {
            return Err(StoreError::Settings(
                "the database's address must be sqlite://path/to/file or postgres://…".to_owned(),
            ));
        }
        Ok(Self::File(std::path::absolute(path)?))
    }

    pub(crate) const fn dialect(&self) -> Dialect {
        match self {
            Self::Server(_) => Dialect::Postgres,
            _ => Dialect::Sqlite,
        }
    }

    /// Whether what is in it is there for its one connection alone.
    pub(crate) const fn is_memory(&self) -> bool {
        match self {
            #[cfg(any(test, feature = "testing"))]
            Self::Memory => true,
            _ => false,
        }
    }

    fn options(&self) -> Result<AnyConnectOptions, StoreError> {
        sqlx::any::install_default_drivers();
        let url = match self {
            Self::File(path) => file_url(path),
            Self::Server(url) => url.expose_secret().to_owned(),
            #[cfg(any(test, feature = "testing"))]
            Self::Memory => "sqlite::memory:".to_owned(),
        };
        let options = AnyConnectOptions::from_str(&url).map_err(|_error| {
            StoreError::Settings("the database's address cannot be understood".to_owned())
        })?;
        Ok(options.disable_statement_logging())
    }
}

/// The file's name may hold signs that mean something in an address.
fn file_url(path: &Path) -> String {
    let mut url = String::from("sqlite:");
    for byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(byte) {
            url.push(char::from(*byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
    url
}

/// Connections for reading and for writing. PostgreSQL has one kind. SQLite has one writer, so that
/// writers queue in order instead of finding the database busy.
pub(crate) struct Pools {
    pub(crate) reads: AnyPool,
    pub(crate) writes: AnyPool,
}

impl Pools {
    pub(crate) async fn connect(address: &Address, connections: u32) -> Result<Self, StoreError> {
        let dialect = address.dialect();
        let options = address.options()?;
        try_out(address, &options).await?;
        let writes = match address {
            Address::Server(_) => pool(dialect, Use::Everything, connections.max(2)),
            Address::File(_) => pool(dialect, Use::Writing, 1),
            #[cfg(any(test, feature = "testing"))]
            Address::Memory => pool(dialect, Use::Memory, 1),
        };
        let writes = writes.connect_with(options.clone()).await?;
        let reads = match address {
            Address::File(_) => readers(address, connections).await?,
            _ => writes.clone(),
        };
        Ok(Self { reads, writes })
    }

    /// More connections to the same database.
    pub(crate) async fn beside(
        address: &Address,
        writes: &AnyPool,
        connections: u32,
    ) -> Result<Self, StoreError> {
        let writes = writes.clone();
        Ok(match address {
            Address::Server(_) => Self::connect(address, connections).await?,
            Address::File(_) => Self {
                reads: readers(address, connections).await?,
                writes,
            },
            #[cfg(any(test, feature = "testing"))]
            Address::Memory => Self {
                reads: writes.clone(),
                writes,
            },
        })
    }
}

async fn readers(address: &Address, connections: u32) -> Result<AnyPool, StoreError> {
    Ok(pool(address.dialect(), Use::Reading, connections.max(1))
        .connect_with(address.options()?)
        .await?)
}

/// What connections are for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Everything,
    Reading,
    Writing,
    #[cfg(any(test, feature = "testing"))]
    Memory,
}

fn pool(dialect: Dialect, purpose: Use, connections: u32) -> AnyPoolOptions {
    let patience = if purpose == Use::Writing {
        WRITER_PATIENCE
    } else {
        PATIENCE
    };
    let options = AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(patience)
        .after_connect(move |connection, _meta| {
            Box::pin(async move { prepare(connection, dialect, purpose).await })
        });
    if dialect == Dialect::Postgres {
        return options;
    }
    // Nothing can happen to a connection within the process while nobody uses it.
    let options = options
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None);
    match purpose {
        // Those that read alone have nothing that a full disk could take back.
        Use::Writing => options.after_release(|connection, _meta| {
            Box::pin(async move { is_at_rest(connection).await })
        }),
        _ => options,
    }
}

/// A full disk has SQLite roll back by itself, of which sqlx does not know: its own rolling back is
/// refused then, and it takes the transaction for a running one for ever after. Such a connection
/// is not kept.
async fn is_at_rest(connection: &mut AnyConnection) -> Result<bool, sqlx::Error> {
    // Waits for a rolling back that is on its way.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

/// A connection of its own, for work that is done once, beside whoever works with the database.
///
/// # Errors
/// A [`StoreError`] where the database is not to be had, or does not answer soon.
pub(crate) async fn connect_to(address: &Address) -> Result<AnyConnection, StoreError> {
    let options = address.options()?;
    let connecting = AnyConnection::connect_with(&options);
    let mut connection = tokio::time::timeout(WRITER_PATIENCE, connecting)
        .await
        .map_err(|late| StoreError::Unavailable(late.into()))??;
    if address.dialect() == Dialect::Sqlite {
        connection.execute("pragma busy_timeout = 5000").await?;
    }
    Ok(connection)
}

/// The same, for looking: it neither makes nor changes anything.
///
/// # Errors
/// As [`connect_to`].
pub(crate) async fn look_at(address: &Address) -> Result<AnyConnection, StoreError> {
    let mut connection = connect_to(address).await?;
    connection.execute(address.dialect().look()).await?;
    Ok(connection)
}

/// A pool would try again and again what does not work at all.
async fn try_out(address: &Address, options: &AnyConnectOptions) -> Result<(), StoreError> {
    let mut connection = AnyConnection::connect_with(options).await?;
    let purpose = match address {
        Address::File(_) => Use::Writing,
        _ => Use::Everything,
    };
    prepare(&mut connection, address.dialect(), purpose).await?;
    connection.close().await?;
    Ok(())
}

async fn prepare(
    connection: &mut AnyConnection,
    dialect: Dialect,
    purpose: Use,
) -> Result<(), sqlx::Error> {
    for statement in dialect.on_connect() {
        connection.execute(*statement).await?;
    }
    if purpose == Use::Reading {
        connection.execute("pragma query_only = on").await?;
    }
    if matches!(purpose, Use::Reading | Use::Writing) {
        assert_pragmas(connection).await?;
    }
    Ok(())
}

/// SQLite keeps silent about settings that it does not take (REL-21).
async fn assert_pragmas(connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
    for (pragma, wanted) in [
        ("journal_mode", "wal"),
        ("synchronous", "2"),
        ("foreign_keys", "1"),
        ("busy_timeout", "5000"),
        ("secure_delete", "1"),
    ] {
        let asked = AssertSqlSafe(format!("pragma {pragma}"));
        let row = sqlx::query(asked).fetch_one(&mut *connection).await?;
        let found = match row.try_get::<String, _>(0) {
            Ok(text) => text,
            Err(_error) => row.try_get::<i64, _>(0)?.to_string(),
        };
        if found != wanted {
            let said = format!("SQLite keeps {pragma} at {found} instead of {wanted}");
            return Err(sqlx::Error::Configuration(said.into()));
        }
    }
    Ok(())
}

/// Brings the structure up to date. PostgreSQL locks while it does, and those who wait for the lock
/// may wait long, which other connections must not. SQLite's file belongs to one process.
pub(crate) async fn migrate(address: &Address, pools: &Pools) -> Result<(), StoreError> {
    if address.dialect() == Dialect::Sqlite {
        return Ok(MIGRATIONS.run(&pools.writes).await?);
    }
    let patient = AnyPoolOptions::new()
        .max_connections(1)
        .connect_with(address.options()?)
        .await?;
    let outcome = MIGRATIONS.run(&patient).await;
    // The lock goes with the connection, whatever came of it.
    patient.close().await;
    Ok(outcome?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_names_of_files_do_not_change_the_address() {
        assert_eq!(
            file_url(Path::new("/var/a b/50%?#.db")),
            "sqlite:/var/a%20b/50%25%3F%23.db"
        );
    }

    #[test]
    fn a_file_is_told_from_a_server() {
        let file = |url: &str| database_file(&SecretString::from(url));
        let path = file("sqlite:///var/lib/crmap/crmap.db").unwrap();
        assert_eq!(path.as_deref(), Some(Path::new("/var/lib/crmap/crmap.db")));
        let relative = file("sqlite://data/crmap.db").unwrap().unwrap();
        assert!(relative.is_absolute() && relative.ends_with("data/crmap.db"));
        for url in ["postgres://a:b@host/name", "postgresql://host/name"] {
            assert_eq!(file(url).unwrap(), None);
        }
        assert!(file("sqlite:data/crmap.db").is_err());
    }

    #[test]
    fn other_addresses_are_refused_without_repeating_them() {
        for url in [
            "mysql://root:hidden@host/db",
            "sqlite://",
            "crmap.db",
            "sqlite://a?mode=ro",
        ] {
            let Err(refused) = Address::parse(&SecretString::from(url)) else {
                panic!("{url} was taken");
            };
            assert!(matches!(refused, StoreError::Settings(_)));
            assert!(!refused.to_string().contains("hidden"));
        }
    }
}
