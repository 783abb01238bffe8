//! The little that differs between SQLite and PostgreSQL. Everything else is one text for both.

use sqlx::AssertSqlSafe;

const PORTAL: &str = "member_id, address, base, origin, authority, state, state_since, reason, \
    reason_since, probes, next_probe_at, first_seen_at, last_contact_at, install_began_at, installed_at, \
    installs, uninstalled_at, version, plan, scopes, sealed_application_token, \
    application_token_version, needs_reading_since, hinted_at, restored_at";
const CHAIN: &str = "id, member_id, user_id, administrator, status, generation, \
    intent_generation, sealed_access, expires_at, sealed_refresh, sealed_candidate, candidate_at, \
    lease_owner, lease_until, ambiguous_since, last_used_at, restored_at";
const EVENT: &str = "digest, member_id, name, sent_at, received_at, payload, attempts";

/// For how long SQLite's connections wait for each other.
pub(crate) const BUSY_TIMEOUT: &str = "pragma busy_timeout = 5000";

/// The database's kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// A text of ours with its marks replaced: `{now}` is the database's own clock in unix
    /// milliseconds, by which leases go; `{for_update}` keeps rows until the transaction ends;
    /// `{for_change}` does the same, but lets rows be added that refer to them; `{for_share}` keeps
    /// them from changing, together with others who want just that; `{skip_locked}` is
    /// `{for_update}` without the rows that others keep. SQLite has one writer at a time and needs
    /// none of these. Selected from as well, `{lightly}` has PostgreSQL not wait for the disk at
    /// the end of this statement. `{portal}`, `{chain}`, `{event}` are the columns of those tables
    /// that this release reads: a star would stand for others as soon as a newer one adds some, and
    /// PostgreSQL refuses a prepared statement whose result has changed (REL-27).
    pub(crate) fn sql(self, text: &'static str) -> AssertSqlSafe<String> {
        let (now, for_update, for_change, for_share, skip_locked, lightly) = match self {
            Self::Sqlite => (
                "cast(unixepoch('subsec') * 1000 as integer)",
                "",
                "",
                "",
                "",
                "select 1",
            ),
            Self::Postgres => (
                "cast(extract(epoch from clock_timestamp()) * 1000 as bigint)",
                "for update",
                "for no key update",
                "for share",
                "for update skip locked",
                "select set_config('synchronous_commit', 'off', true)",
            ),
        };
        let meant = |mark: &str| match mark {
            "now" => Some(now),
            "for_update" => Some(for_update),
            "for_change" => Some(for_change),
            "for_share" => Some(for_share),
            "skip_locked" => Some(skip_locked),
            "lightly" => Some(lightly),
            "portal" => Some(PORTAL),
            "chain" => Some(CHAIN),
            "event" => Some(EVENT),
            _ => None,
        };
        AssertSqlSafe(filled(text, meant))
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
                BUSY_TIMEOUT,
                "pragma journal_mode = wal",
                "pragma synchronous = full",
                "pragma foreign_keys = on",
                "pragma secure_delete = on",
            ],
            Self::Postgres => &["select set_config('synchronous_commit', 'on', false) \
                 where current_setting('synchronous_commit') in ('off', 'local')"],
        }
    }

    /// What a connection is told that must not change anything.
    pub(crate) const fn look(self) -> &'static str {
        match self {
            Self::Sqlite => "pragma query_only = on",
            Self::Postgres => "set default_transaction_read_only = on",
        }
    }
}

/// `text` with what each mark in braces means; a mark that means nothing stays.
fn filled(text: &str, meant: impl Fn(&str) -> Option<&'static str>) -> String {
    let mut filled = String::with_capacity(text.len() + PORTAL.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let mark = after.split_once('}');
        if let Some((what, behind)) = mark.and_then(|(mark, behind)| Some((meant(mark)?, behind))) {
            filled.push_str(what);
            rest = behind;
        } else {
            filled.push('{');
            rest = after;
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_filled_and_other_braces_stay() {
        let meant = |mark: &str| (mark == "now").then_some("1");
        for (text, filled_in) in [
            ("select {now}", "select 1"),
            ("{now}{now}{", "11{"),
            ("'{}' {later} '{now'", "'{}' {later} '{now'"),
            ("'{a {now}'", "'{a 1'"),
            ("", ""),
        ] {
            assert_eq!(filled(text, meant), filled_in);
        }
    }
}
