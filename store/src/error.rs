//! What can go wrong, by what the caller does about it.

use std::path::PathBuf;

/// Why the database did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No connection, a busy database or a failing device: try again later.
    #[error("the database is not available at the moment")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// There is no space left: somebody must make some.
    #[error("the database has no space left")]
    Full(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database may be read but not written.
    #[error("the database cannot be written")]
    ReadOnly(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What was to be written contradicts what is there, or what somebody else writes at the
    /// moment: look again.
    #[error("the database refuses what contradicts it")]
    Conflict(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A stored value cannot be unsealed or understood: it was damaged, moved or replaced (SEC-31).
    #[error("a stored value is damaged or was tampered with: {table}, {row}, {column}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// What tells the row from others.
        row: String,
        /// The column.
        column: String,
    },
    /// The keys do not fit: none, a malformed one, a wrong one, or one is missing (SEC-30).
    #[error("{0}")]
    Keys(String),
    /// Another process works with the same file or folder (REL-22).
    #[error(
        "another process of CRMAP works with {}: stop it first, or use PostgreSQL for several processes",
        path.display()
    )]
    AlreadyRunning {
        /// The file whose lock is held.
        path: PathBuf,
    },
    /// The database's structure could not be brought up to date.
    #[error("the database's structure could not be brought up to date")]
    Migration(#[source] Box<sqlx::migrate::MigrateError>),
    /// The address of the database, or one of its settings, is not one that can be used.
    #[error("{0}")]
    Settings(String),
    /// A fault of this program.
    #[error("the database does not understand what it was asked")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    pub(crate) fn corrupt(
        table: &'static str,
        row: impl Into<String>,
        column: impl Into<String>,
    ) -> Self {
        Self::Corrupt {
            table,
            row: row.into(),
            column: column.into(),
        }
    }

    /// Whether the same may work a little later, unchanged.
    #[must_use]
    pub const fn is_temporary(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Full(_))
    }
}

impl StoreError {
    /// Whether it is another connection that there is none of: who asks may be one of too many.
    #[must_use]
    pub fn is_want_of_connections(&self) -> bool {
        let Self::Unavailable(cause) = self else {
            return false;
        };
        match cause.downcast_ref() {
            Some(sqlx::Error::PoolTimedOut) => true,
            Some(sqlx::Error::Database(answer)) => answer.code().as_deref() == Some(TOO_MANY),
            // Nobody answered for seconds.
            _ => cause.is::<tokio::time::error::Elapsed>(),
        }
    }
}

/// PostgreSQL's code for too many connections.
const TOO_MANY: &str = "53300";

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(answer) => match kind_of(answer.as_ref()) {
                Kind::Unavailable => Self::Unavailable(error.into()),
                Kind::Full => Self::Full(error.into()),
                Kind::ReadOnly => Self::ReadOnly(error.into()),
                Kind::Conflict => Self::Conflict(error.into()),
                Kind::Damaged => Self::corrupt("database", "file", "page"),
                Kind::Other => Self::Internal(error.into()),
            },
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Unavailable(error.into()),
            sqlx::Error::Configuration(said) => Self::Settings(said.to_string()),
            _ => Self::Internal(error.into()),
        }
    }
}

impl From<sqlx::migrate::MigrateError> for StoreError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        match error {
            sqlx::migrate::MigrateError::Execute(error) => Self::from(error),
            other => Self::Migration(Box::new(other)),
        }
    }
}

/// Of files beside the database.
impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                Self::Full(error.into())
            }
            std::io::ErrorKind::ReadOnlyFilesystem | std::io::ErrorKind::PermissionDenied => {
                Self::ReadOnly(error.into())
            }
            _ => Self::Unavailable(error.into()),
        }
    }
}

enum Kind {
    Unavailable,
    Full,
    ReadOnly,
    Conflict,
    Damaged,
    Other,
}

/// Both databases give codes as text: SQLite a number, PostgreSQL five signs.
fn kind_of(answer: &dyn sqlx::error::DatabaseError) -> Kind {
    let code = answer.code().unwrap_or_default();
    match code.parse::<i32>() {
        Ok(number) if code.len() < 5 => kind_of_sqlite(number),
        _ => kind_of_postgres(&code),
    }
}

/// The low byte is the kind of error, see sqlite.org/rescode.html.
const fn kind_of_sqlite(code: i32) -> Kind {
    match code & 0xff {
        // BUSY, LOCKED, IOERR, CANTOPEN, PROTOCOL
        5 | 6 | 10 | 14 | 15 => Kind::Unavailable,
        13 => Kind::Full,
        8 => Kind::ReadOnly,
        19 => Kind::Conflict,
        // CORRUPT, NOTADB
        11 | 26 => Kind::Damaged,
        _ => Kind::Other,
    }
}

/// Classes of the appendix «PostgreSQL Error Codes».
fn kind_of_postgres(code: &str) -> Kind {
    match code {
        "53100" => Kind::Full,
        "25006" => Kind::ReadOnly,
        // serialisation failure, deadlock
        "40001" | "40P01" => Kind::Conflict,
        "XX001" | "XX002" => Kind::Damaged,
        _ => match code.get(..2) {
            // connection, resources, lock not available, operator's intervention, system error
            Some("08" | "53" | "55" | "57" | "58") => Kind::Unavailable,
            Some("23") => Kind::Conflict,
            _ => Kind::Other,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, kind_of_postgres, kind_of_sqlite};

    #[test]
    fn extended_codes_of_sqlite_are_told_by_their_kind() {
        // BUSY_SNAPSHOT, IOERR_FSYNC, READONLY_DBMOVED, CONSTRAINT_UNIQUE
        assert!(matches!(kind_of_sqlite(517), Kind::Unavailable));
        assert!(matches!(kind_of_sqlite(1034), Kind::Unavailable));
        assert!(matches!(kind_of_sqlite(1032), Kind::ReadOnly));
        assert!(matches!(kind_of_sqlite(2067), Kind::Conflict));
        assert!(matches!(kind_of_sqlite(1), Kind::Other));
    }

    #[test]
    fn codes_of_postgres_are_told_by_their_class() {
        assert!(matches!(kind_of_postgres("57P01"), Kind::Unavailable));
        assert!(matches!(kind_of_postgres("53100"), Kind::Full));
        assert!(matches!(kind_of_postgres("53300"), Kind::Unavailable));
        assert!(matches!(kind_of_postgres("23505"), Kind::Conflict));
        assert!(matches!(kind_of_postgres("42601"), Kind::Other));
    }
}
