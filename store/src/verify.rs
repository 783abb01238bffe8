//! Looking for what must not be: run after crashes and before a backup is trusted (REL-28).

use std::fmt;

use crmap_domain::ConnectionToken;
use secrecy::ExposeSecret;
use sqlx::Row;
use sqlx::any::AnyRow;
use tracing::instrument;

use crate::account::AccountRow;
use crate::columns::Columns;
use crate::credential::Chain;
use crate::credential::{CANDIDATE, ChainName, REFRESH};
use crate::dialect::Dialect;
use crate::page_session::PageSession;
use crate::portal::Portal;
use crate::vault::Place;
use crate::{Store, StoreError, audit};

/// Something that must not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The table.
    pub table: &'static str,
    /// What tells the row from others.
    pub row: String,
    /// What is wrong with it.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}: {}", self.table, self.row, self.what)
    }
}

/// What no row may be, told by one statement each that names the rows.
const RULES: [(&str, &str, &str); 16] = [
    (
        "credential",
        "belongs to no portal",
        "select id from credential where member_id not in (select member_id from portal)",
    ),
    (
        "credential",
        "belongs to a portal that left",
        "select id from credential where member_id in \
         (select member_id from portal where uninstalled_at is not null)",
    ),
    (
        "credential",
        "the intent is neither this generation nor the next",
        "select id from credential \
         where intent_generation <> generation and intent_generation <> generation + 1",
    ),
    (
        "credential",
        "a candidate and its moment do not go together",
        "select id from credential where (sealed_candidate is null) <> (candidate_at is null)",
    ),
    (
        "portal",
        "left but has a token for events",
        "select member_id from portal \
         where uninstalled_at is not null and sealed_application_token is not null",
    ),
    (
        "portal",
        "its state and the moment it left do not go together",
        "select member_id from portal \
         where (state = 'uninstalled') <> (uninstalled_at is not null)",
    ),
    (
        "link",
        "belongs to no account",
        "select id from link where account_id not in (select id from account)",
    ),
    (
        "link",
        "belongs to no portal",
        "select id from link where member_id not in (select member_id from portal)",
    ),
    (
        "snapshot",
        "belongs to no portal",
        "select member_id from snapshot where member_id not in (select member_id from portal)",
    ),
    (
        "snapshot",
        "is linked to no cabinet",
        "select member_id from snapshot where member_id not in (select member_id from link)",
    ),
    (
        "snapshot",
        "holds people of a portal that left",
        "select member_id from snapshot where people is not null and member_id in \
         (select member_id from portal where uninstalled_at is not null)",
    ),
    (
        "snapshot",
        "points to no version",
        "select member_id from snapshot where not exists (select 1 from version \
         where version.member_id = snapshot.member_id and version.number = snapshot.number)",
    ),
    (
        "version",
        "is linked to no cabinet",
        "select distinct member_id from version \
         where member_id not in (select member_id from link)",
    ),
    (
        "version",
        "holds people of a portal that left",
        "select distinct member_id from version where people is not null and member_id in \
         (select member_id from portal where uninstalled_at is not null)",
    ),
    (
        "change",
        "tells of people of a portal that left",
        "select distinct member_id from change where item = 'user' and member_id in \
         (select member_id from portal where uninstalled_at is not null)",
    ),
    (
        "visit",
        "belongs to a portal that left",
        "select distinct member_id from visit where member_id in \
         (select member_id from portal where uninstalled_at is not null)",
    ),
];

const PAGE_SESSIONS: &str =
    "select digest, member_id, user_id, ends_at, sealed_session from page_session order by digest";
const ACCOUNTS: &str = "select id, email, email_key, name, lang, made_at, \
    sealed_connection_token, connection_token_version, connection_token_index \
    from account order by id";

/// # Looking for what must not be
impl Store {
    /// Looks at everything: that sealed values open in their places, that rows make sense and
    /// belong together, and that the file is whole.
    ///
    /// # Errors
    /// A [`StoreError`] where it cannot be looked at.
    #[instrument(name = "db.verify", skip_all)]
    pub async fn verify(&self) -> Result<Vec<Finding>, StoreError> {
        let mut findings = Vec::new();
        for (table, what, sql) in RULES.into_iter().chain(audit::RULES) {
            let rows: Vec<String> = sqlx::query_scalar(sql).fetch_all(&self.reads).await?;
            findings.extend(rows.into_iter().map(|row| Finding {
                table,
                row,
                what: what.to_owned(),
            }));
        }
        for row in self
            .all_of("select {chain} from credential order by id")
            .await?
        {
            note(&mut findings, self.check_chain(&row))?;
        }
        for row in self
            .all_of("select {portal} from portal order by member_id")
            .await?
        {
            note(&mut findings, self.check_portal(&row))?;
        }
        for row in self.all_of(ACCOUNTS).await? {
            note(&mut findings, self.check_account(&row).await)?;
        }
        for row in self
            .all_of("select id, sealed_mail from outbox order by id")
            .await?
        {
            note(&mut findings, self.check_mail(&row))?;
        }
        for row in self
            .all_of("select trail from audit_trail order by trail")
            .await?
        {
            let trail: String = row.try_get("trail")?;
            match self.check_trail(&trail).await {
                Ok(found) => findings.extend(found),
                Err(error) => note(&mut findings, Err(error))?,
            }
        }
        for row in self.all_of(PAGE_SESSIONS).await? {
            let session = PageSession::from_row(&row, &self.vault);
            note(&mut findings, session.map(drop))?;
        }
        self.check_readings(&mut findings).await?;
        if self.dialect == Dialect::Sqlite {
            self.check_file(&mut findings).await?;
        }
        Ok(findings)
    }

    async fn check_readings(&self, findings: &mut Vec<Finding>) -> Result<(), StoreError> {
        // One after another: a reading may be large.
        for row in self
            .all_of("select member_id from snapshot order by member_id")
            .await?
        {
            let name: String = row.try_get("member_id")?;
            note(findings, self.check_snapshot(&name).await)?;
            note(findings, self.check_search_index(&name).await)?;
        }
        for row in self
            .all_of("select member_id, number from version order by member_id, number")
            .await?
        {
            let (name, number) = (row.try_get("member_id")?, row.try_get("number")?);
            note(findings, self.check_version(name, number).await)?;
        }
        Ok(())
    }

    async fn all_of(&self, sql: &'static str) -> Result<Vec<AnyRow>, StoreError> {
        Ok(sqlx::query(self.dialect.sql(sql))
            .fetch_all(&self.reads)
            .await?)
    }

    fn check_chain(&self, row: &AnyRow) -> Result<(), StoreError> {
        let chain = Chain::from_row(row, &self.vault)?;
        let name = ChainName::from_row(row)?;
        let columns = Columns::new(row, "credential", name.shown());
        let refresh = name.place(REFRESH, chain.generation);
        self.vault.open_column(&columns, &refresh)?;
        let candidate_at = columns.maybe_int("candidate_at")?.unwrap_or_default();
        self.vault
            .open_column(&columns, &name.place(CANDIDATE, candidate_at))?;
        Ok(())
    }

    fn check_portal(&self, row: &AnyRow) -> Result<(), StoreError> {
        let portal = Portal::from_row(row)?;
        let columns = Columns::new(row, "portal", portal.member_id.as_str());
        let version = columns.int("application_token_version")?;
        let place = Place::of_application_token(&portal.member_id, version);
        self.vault.open_column(&columns, &place)?;
        Ok(())
    }

    /// A connection token must open, and be found by its index: that takes the index key too.
    async fn check_account(&self, row: &AnyRow) -> Result<(), StoreError> {
        let id: String = row.try_get("id")?;
        let columns = Columns::new(row, "account", id.as_str());
        let account = AccountRow::from_columns(&columns)?;
        if account.email.key() != columns.text("email_key")? {
            return Err(columns.corrupt("email_key"));
        }
        let version = columns.int("connection_token_version")?;
        let place = Place::of_connection_token(&id, version);
        let sealed = columns.bytes("sealed_connection_token")?;
        let token = self.vault.open(&place, &sealed)?;
        let token = ConnectionToken::parse(token.expose_secret())
            .map_err(|_flaw| columns.corrupt("sealed_connection_token"))?;
        if self.index_of(&token).await?.as_slice() != columns.bytes("connection_token_index")? {
            return Err(columns.corrupt("connection_token_index"));
        }
        Ok(())
    }

    fn check_mail(&self, row: &AnyRow) -> Result<(), StoreError> {
        let id: String = row.try_get("id")?;
        let columns = Columns::new(row, "outbox", id.as_str());
        self.vault.open_column(&columns, &Place::of_mail(&id))?;
        Ok(())
    }

    async fn check_file(&self, findings: &mut Vec<Finding>) -> Result<(), StoreError> {
        for row in self.all_of("pragma integrity_check").await? {
            let said: String = row.try_get(0)?;
            if said != "ok" {
                findings.push(Finding {
                    table: "database",
                    row: "file".to_owned(),
                    what: said,
                });
            }
        }
        for row in self.all_of("pragma foreign_key_check").await? {
            findings.push(Finding {
                table: "database",
                row: row.try_get("table")?,
                what: "refers to a row that is not there".to_owned(),
            });
        }
        Ok(())
    }
}

/// Damage is a finding; anything else ends the search.
fn note(findings: &mut Vec<Finding>, outcome: Result<(), StoreError>) -> Result<(), StoreError> {
    match outcome {
        Ok(()) => {}
        Err(StoreError::Corrupt { table, row, column }) => findings.push(Finding {
            table,
            row,
            what: format!("{column} is damaged or was tampered with"),
        }),
        Err(StoreError::Keys(said)) => findings.push(Finding {
            table: "keys",
            row: String::new(),
            what: said,
        }),
        Err(error) => return Err(error),
    }
    Ok(())
}
