//! Tokens that an opening brings: the access token was proved, the refresh token was not, so it
//! never replaces one that a refresh gave (SEC-06).

use crmap_domain::MemberId;
use secrecy::SecretString;
use sqlx::any::AnyRow;
use sqlx::{Any, Transaction};
use time::OffsetDateTime;
use tracing::instrument;

use super::{ACCESS, CANDIDATE, ChainName};
use crate::columns::Columns;
use crate::moment::to_ms;
use crate::{Store, StoreError};

/// What an opening brings for its user.
#[derive(Debug, Clone)]
pub struct OpeningTokens {
    /// The portal.
    pub member_id: MemberId,
    /// The user.
    pub user_id: i64,
    /// Whether the user administers the portal; what is known stays where this is not.
    pub administrator: Option<bool>,
    /// The access token, proved.
    pub access: SecretString,
    /// When it runs out.
    pub expires_at: OffsetDateTime,
    /// The refresh token, which nothing proves.
    pub candidate: Option<SecretString>,
    /// When.
    pub now: OffsetDateTime,
    /// How many chains a portal keeps.
    pub keep_at_most: usize,
}

/// # Tokens that an opening brings
impl Store {
    /// Keeps what an opening brought. The access token replaces an older one that runs out
    /// earlier; the refresh token becomes the chain's candidate, and revives a chain that had
    /// nothing left to refresh with. Neither the generation nor a proved refresh token changes.
    /// Beyond `keep_at_most` the least valuable chains go: those that are of no use, then those of
    /// users who do not administer, then the longest unused; never this one.
    ///
    /// Says whether the tokens were kept: not where the portal is unknown or uninstalled.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.credential.remember", skip_all,
        fields(portal.member_id = %tokens.member_id, user.id = tokens.user_id))]
    pub async fn remember_tokens(&self, tokens: &OpeningTokens) -> Result<bool, StoreError> {
        let mut work = self.begin().await?;
        if !self.keep_portal(&mut work, &tokens.member_id).await? {
            return Ok(false);
        }
        let row = sqlx::query(self.dialect.sql(
            "select {chain} from credential where member_id = $1 and user_id = $2 {for_update}",
        ))
        .bind(tokens.member_id.as_str())
        .bind(tokens.user_id)
        .fetch_optional(&mut *work)
        .await?;
        match row {
            Some(row) => self.renew_chain(&mut work, &row, tokens).await?,
            None => self.begin_chain(&mut work, tokens).await?,
        }
        drop_least_valuable(&mut work, tokens).await?;
        work.commit().await?;
        Ok(true)
    }

    /// Keeps a portal from being uninstalled until the transaction ends; says whether it is there.
    async fn keep_portal(
        &self,
        work: &mut Transaction<'static, Any>,
        member_id: &MemberId,
    ) -> Result<bool, StoreError> {
        let sql = "select 1 from portal where member_id = $1 and uninstalled_at is null \
                   {for_update}";
        let found = sqlx::query(self.dialect.sql(sql))
            .bind(member_id.as_str())
            .fetch_optional(&mut **work)
            .await?;
        Ok(found.is_some())
    }

    async fn begin_chain(
        &self,
        work: &mut Transaction<'static, Any>,
        tokens: &OpeningTokens,
    ) -> Result<(), StoreError> {
        let name = ChainName {
            id: self.vault.new_id(),
            member_id: tokens.member_id.clone(),
            user_id: tokens.user_id,
        };
        let access = self.vault.seal(&name.place(ACCESS, 1), &tokens.access)?;
        sqlx::query(
            "insert into credential (id, member_id, user_id, administrator, status, generation, \
             intent_generation, sealed_access, expires_at, sealed_candidate, candidate_at, \
             last_used_at, updated_at) \
             values ($1, $2, $3, $4, 'active', 1, 1, $5, $6, $7, $8, $9, $9)",
        )
        .bind(name.id.as_str())
        .bind(name.member_id.as_str())
        .bind(name.user_id)
        .bind(i64::from(tokens.administrator.unwrap_or(false)))
        .bind(access)
        .bind(to_ms(tokens.expires_at))
        .bind(self.seal_candidate(&name, tokens)?)
        .bind(tokens.candidate.as_ref().map(|_| to_ms(tokens.now)))
        .bind(to_ms(tokens.now))
        .execute(&mut **work)
        .await?;
        Ok(())
    }

    async fn renew_chain(
        &self,
        work: &mut Transaction<'static, Any>,
        row: &AnyRow,
        tokens: &OpeningTokens,
    ) -> Result<(), StoreError> {
        let name = ChainName::from_row(row)?;
        let columns = Columns::new(row, "credential", name.shown());
        let lasts_longer = columns
            .maybe_int("expires_at")?
            .is_none_or(|stored| stored < to_ms(tokens.expires_at));
        if lasts_longer {
            let place = name.place(ACCESS, columns.int("generation")?);
            sqlx::query("update credential set sealed_access = $2, expires_at = $3 where id = $1")
                .bind(name.id.as_str())
                .bind(self.vault.seal(&place, &tokens.access)?)
                .bind(to_ms(tokens.expires_at))
                .execute(&mut **work)
                .await?;
        }
        sqlx::query(
            "update credential set administrator = coalesce($2, administrator), \
             last_used_at = $3, updated_at = $3, restored_at = null where id = $1",
        )
        .bind(name.id.as_str())
        .bind(tokens.administrator.map(i64::from))
        .bind(to_ms(tokens.now))
        .execute(&mut **work)
        .await?;
        self.take_candidate(work, &name, tokens).await
    }

    /// A refresh that is under way meanwhile goes on: it has its own token.
    async fn take_candidate(
        &self,
        work: &mut Transaction<'static, Any>,
        name: &ChainName,
        tokens: &OpeningTokens,
    ) -> Result<(), StoreError> {
        let Some(sealed) = self.seal_candidate(name, tokens)? else {
            return Ok(());
        };
        let sql = "update credential set sealed_candidate = $2, candidate_at = $3, \
                   intent_generation = case when lease_owner is not null and lease_until > {now} \
                     then intent_generation else generation end, \
                   lease_until = case when lease_owner is not null then lease_until end, \
                   ambiguous_since = null, status = 'active' \
                   where id = $1";
        sqlx::query(self.dialect.sql(sql))
            .bind(name.id.as_str())
            .bind(sealed)
            .bind(to_ms(tokens.now))
            .execute(&mut **work)
            .await?;
        Ok(())
    }

    fn seal_candidate(
        &self,
        name: &ChainName,
        tokens: &OpeningTokens,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let place = name.place(CANDIDATE, to_ms(tokens.now));
        tokens
            .candidate
            .as_ref()
            .map(|candidate| self.vault.seal(&place, candidate))
            .transpose()
    }
}

/// PostgreSQL wants no limit where SQLite wants one before an offset; nobody has a million chains.
async fn drop_least_valuable(
    work: &mut Transaction<'static, Any>,
    tokens: &OpeningTokens,
) -> Result<(), StoreError> {
    sqlx::query(
        "delete from credential where id in (\
           select id from credential where member_id = $1 \
           order by case when user_id = $2 then 0 else 1 end, \
             case when status in ('active', 'ambiguous') then 0 else 1 end, \
             administrator desc, last_used_at desc, user_id \
           limit 1000000 offset $3)",
    )
    .bind(tokens.member_id.as_str())
    .bind(tokens.user_id)
    .bind(i64::try_from(tokens.keep_at_most.max(1)).unwrap_or(i64::MAX))
    .execute(&mut **work)
    .await?;
    Ok(())
}
