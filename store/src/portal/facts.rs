//! What a portal says of itself between installations.

use crmap_domain::MemberId;
use tracing::instrument;

use super::InstallFacts;
use super::install::MAX_WORDS;
use crate::moment::to_ms;
use crate::words::bounded;
use crate::{Store, StoreError};

/// # What a portal says of itself
impl Store {
    /// Notes the version, plan and scopes of a portal that is installed already; the moment of its
    /// installation stays. Says whether the portal is there.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.portal.note_facts", skip_all, fields(portal.member_id = %member_id))]
    pub async fn note_facts(
        &self,
        member_id: &MemberId,
        facts: &InstallFacts,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update portal set version = coalesce($2, version), plan = coalesce($3, plan), \
             scopes = $4, last_contact_at = $5 \
             where member_id = $1 and uninstalled_at is null",
        )
        .bind(member_id.as_str())
        .bind(facts.version)
        .bind(facts.plan.as_deref().map(|plan| bounded(plan, MAX_WORDS)))
        .bind(bounded(&facts.scopes.join(","), MAX_WORDS))
        .bind(to_ms(facts.now))
        .execute(&self.writes)
        .await?;
        Ok(done.rows_affected() == 1)
    }
}
