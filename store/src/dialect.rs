//! The little that differs between SQLite and PostgreSQL. Everything else is one text for both.

use sqlx::AssertSqlSafe;

/// The database's kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// A text of ours with its marks replaced: `{now}` is the database's own clock in unix
    /// milliseconds, by which leases go; `{for_update}` keeps rows until the transaction ends;
    /// `{skip_locked}` the same, leaving out the rows that others keep. SQLite has one writer at a
    /// time and needs neither.
    pub(crate) fn sql(self, text: &'static str) -> AssertSqlSafe<String> {
        let (now, for_update, skip_locked) = match self {
            Self::Sqlite => ("cast(unixepoch('subsec') * 1000 as integer)", "", ""),
            Self::Postgres => (
                "cast(extract(epoch from clock_timestamp()) * 1000 as bigint)",
                "for update",
                "for update skip locked",
            ),
        };
        AssertSqlSafe(
            text.replace("{now}", now)
                .replace("{for_update}", for_update)
                .replace("{skip_locked}", skip_locked),
        )
    }

    /// How a transaction that will write begins. SQLite must take its write lock at once: one that
    /// reads first and writes later is refused when somebody wrote in between.
    pub(crate) const fn begin(self) -> &'static str {
        match self {
            Self::Sqlite => "begin immediate",
            Self::Postgres => "begin",
        }
    }

    /// What each connection is told, statement by statement. A vault must not lose the last commit
    /// on a loss of power, and what is deleted must be gone (REL-21, SEC-19).
    pub(crate) const fn on_connect(self) -> &'static [&'static str] {
        match self {
            Self::Sqlite => &[
                "pragma busy_timeout = 5000",
                "pragma journal_mode = wal",
                "pragma synchronous = full",
                "pragma foreign_keys = on",
                "pragma secure_delete = on",
            ],
            Self::Postgres => &["select set_config('synchronous_commit', 'on', false) \
                 where current_setting('synchronous_commit') in ('off', 'local')"],
        }
    }
}
