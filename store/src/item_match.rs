//! What a cabinet's owner says of things of two portals: that they are the same, or that nothing of
//! the other portal belongs to one. It belongs to the account, is kept once for two portals whichever
//! is on the left, and is served and taken only while both are linked to it (SEC-24, 75).

use crmap_domain::MemberId;
use crmap_domain::compare::HandMatch;
use crmap_domain::item::ItemKind;
use sqlx::any::AnyRow;
use sqlx::{Any, Transaction};
use time::OffsetDateTime;
use tracing::instrument;

use crate::columns::Columns;
use crate::moment::to_ms;
use crate::words::bounded;
use crate::{Store, StoreError, Tenant};

/// The most that is kept of two portals: an owner works through as many by hand.
const MOST: i64 = 5_000;
/// The longest key, in bytes: a field's code and a number.
const MAX_KEY: usize = 255;

/// Two portals in the order in which what is said of them is kept.
struct Pair<'a> {
    first: &'a MemberId,
    second: &'a MemberId,
    turned: bool,
}

impl<'a> Pair<'a> {
    fn of(left: &'a MemberId, right: &'a MemberId) -> Self {
        let turned = left > right;
        let (first, second) = if turned { (right, left) } else { (left, right) };
        Self {
            first,
            second,
            turned,
        }
    }

    /// The keys of what was said, in this order.
    fn keys(&self, said: &HandMatch) -> (String, String) {
        let (left, right) = (bounded(&said.left, MAX_KEY), bounded(&said.right, MAX_KEY));
        if self.turned {
            (right, left)
        } else {
            (left, right)
        }
    }
}

/// # What belongs together, said by hand
impl Store {
    /// What the account's owner said of two portals, the last first; nothing where one of them is
    /// not linked to the account, or not any more. `left` and `right` may be the same portal.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.match.list", skip_all)]
    pub async fn item_matches(
        &self,
        tenant: &Tenant,
        left: &MemberId,
        right: &MemberId,
    ) -> Result<Vec<HandMatch>, StoreError> {
        let pair = Pair::of(left, right);
        let rows = sqlx::query(
            "select item_match.item, item_match.left_key, item_match.right_key from item_match \
             join link one on one.account_id = item_match.account_id \
               and one.member_id = item_match.left_member and one.void_since is null \
             join link other on other.account_id = item_match.account_id \
               and other.member_id = item_match.right_member and other.void_since is null \
             where item_match.account_id = $1 and item_match.left_member = $2 \
             and item_match.right_member = $3 \
             order by item_match.made_at desc, item_match.item, item_match.left_key, \
             item_match.right_key",
        )
        .bind(tenant.id())
        .bind(pair.first.as_str())
        .bind(pair.second.as_str())
        .fetch_all(&self.reads)
        .await?;
        rows.iter().map(|row| from_row(row, &pair)).collect()
    }

    /// Keeps what the owner says of things of two portals, in place of whatever was said of either
    /// before, and of what was said longest ago where it is too much. Says whether both portals are
    /// linked to the account.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.match.put", skip_all)]
    pub async fn put_item_match(
        &self,
        tenant: &Tenant,
        left: &MemberId,
        right: &MemberId,
        said: &HandMatch,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let pair = Pair::of(left, right);
        let mut work = self.begin().await?;
        if !self.keep_both_linked(&mut work, tenant, &pair).await? {
            return Ok(false);
        }
        forget(&mut work, tenant, &pair, said).await?;
        make_room(&mut work, tenant, &pair).await?;
        let (first, second) = pair.keys(said);
        sqlx::query(
            "insert into item_match (account_id, left_member, right_member, item, left_key, \
             right_key, made_at) values ($1, $2, $3, $4, $5, $6, $7) \
             on conflict (account_id, left_member, right_member, item, left_key, right_key) \
             do update set made_at = excluded.made_at",
        )
        .bind(tenant.id())
        .bind(pair.first.as_str())
        .bind(pair.second.as_str())
        .bind(said.kind.code())
        .bind(first)
        .bind(second)
        .bind(to_ms(now))
        .execute(&mut *work)
        .await?;
        work.commit().await?;
        Ok(true)
    }

    /// Forgets what was said of either of two things; one key may be empty. Says whether both
    /// portals are linked to the account.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.match.forget", skip_all)]
    pub async fn forget_item_match(
        &self,
        tenant: &Tenant,
        left: &MemberId,
        right: &MemberId,
        said: &HandMatch,
    ) -> Result<bool, StoreError> {
        let pair = Pair::of(left, right);
        let mut work = self.begin().await?;
        if !self.keep_both_linked(&mut work, tenant, &pair).await? {
            return Ok(false);
        }
        forget(&mut work, tenant, &pair, said).await?;
        work.commit().await?;
        Ok(true)
    }

    /// Keeps two portals, the account and so its links as they are until the transaction ends, in
    /// the order in which all do; says whether the account has both links.
    async fn keep_both_linked(
        &self,
        work: &mut Transaction<'static, Any>,
        tenant: &Tenant,
        pair: &Pair<'_>,
    ) -> Result<bool, StoreError> {
        let sql = "select member_id from portal where member_id in ($1, $2) \
                   order by member_id {for_share}";
        sqlx::query(self.dialect.sql(sql))
            .bind(pair.first.as_str())
            .bind(pair.second.as_str())
            .fetch_all(&mut **work)
            .await?;
        if !self.keep_account(work, tenant.id()).await? {
            return Ok(false);
        }
        let linked: i64 = sqlx::query_scalar(
            "select count(*) from link where account_id = $1 and member_id in ($2, $3) \
             and void_since is null",
        )
        .bind(tenant.id())
        .bind(pair.first.as_str())
        .bind(pair.second.as_str())
        .fetch_one(&mut **work)
        .await?;
        let needed = if pair.first == pair.second { 1 } else { 2 };
        Ok(linked == needed)
    }
}

/// Forgets what was said longest ago, where no more is kept.
async fn make_room(
    work: &mut Transaction<'static, Any>,
    tenant: &Tenant,
    pair: &Pair<'_>,
) -> Result<(), StoreError> {
    sqlx::query(
        "delete from item_match where account_id = $1 and left_member = $2 \
         and right_member = $3 and made_at <= (select made_at from item_match \
         where account_id = $1 and left_member = $2 and right_member = $3 \
         order by made_at desc limit 1 offset $4)",
    )
    .bind(tenant.id())
    .bind(pair.first.as_str())
    .bind(pair.second.as_str())
    .bind(MOST - 1)
    .execute(&mut **work)
    .await?;
    Ok(())
}

/// Forgets all that was said of either of two things.
async fn forget(
    work: &mut Transaction<'static, Any>,
    tenant: &Tenant,
    pair: &Pair<'_>,
    said: &HandMatch,
) -> Result<(), StoreError> {
    let (first, second) = pair.keys(said);
    sqlx::query(
        "delete from item_match where account_id = $1 and left_member = $2 \
         and right_member = $3 and item = $4 \
         and ((left_key = $5 and left_key <> '') or (right_key = $6 and right_key <> ''))",
    )
    .bind(tenant.id())
    .bind(pair.first.as_str())
    .bind(pair.second.as_str())
    .bind(said.kind.code())
    .bind(first)
    .bind(second)
    .execute(&mut **work)
    .await?;
    Ok(())
}

fn from_row(row: &AnyRow, pair: &Pair<'_>) -> Result<HandMatch, StoreError> {
    let columns = Columns::new(row, "item_match", pair.first.as_str());
    let (first, second) = (columns.text("left_key")?, columns.text("right_key")?);
    let (left, right) = if pair.turned {
        (second, first)
    } else {
        (first, second)
    };
    let kind = ItemKind::from_code(&columns.text("item")?);
    Ok(HandMatch {
        kind: kind.ok_or_else(|| columns.corrupt("item"))?,
        left,
        right,
    })
}
