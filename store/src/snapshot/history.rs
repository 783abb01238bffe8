//! What a cabinet may know of a portal's past: the version that was there when it was linked, and
//! what came after it. That version bears the link's moment, not that of the reading which found it:
//! since when others have the portal read is not told (SEC-23).

use crmap_domain::cabinet::{HistoryPlace, VersionMark};
use crmap_domain::change::{Change, ChangeKind, Difference};
use crmap_domain::item::{ItemKind, ItemRef};
use crmap_domain::{MemberId, Specification};
use sqlx::any::AnyRow;
use time::OffsetDateTime;
use tracing::instrument;

use super::{date_to, unpacked};
use crate::columns::Columns;
use crate::moment::to_ms;
use crate::{Store, StoreError, Tenant};

/// Versions that a cabinet may see, by its account `$1` and the portal `$2`; `link`, `snapshot` and
/// `version` can be asked of.
macro_rules! seen_versions {
    ($columns:literal, $rest:literal) => {
        concat!(
            "select ",
            $columns,
            " from link join snapshot on snapshot.member_id = link.member_id \
             join version on version.member_id = link.member_id \
             where link.account_id = $1 and link.member_id = $2 and link.void_since is null \
             and version.number >= coalesce((select max(earlier.number) from version earlier \
               where earlier.member_id = link.member_id \
               and earlier.first_read_at <= link.linked_at), 0) ",
            $rest
        )
    };
}

/// Changes that a cabinet may see: those that came after it was linked.
macro_rules! seen_changes {
    ($rest:literal) => {
        concat!(
            "select change.number, change.place, change.item, change.item_id, change.within, \
             change.label, change.detail from link \
             join version on version.member_id = link.member_id \
             join change on change.member_id = version.member_id \
               and change.number = version.number \
             where link.account_id = $1 and link.member_id = $2 and link.void_since is null \
             and version.first_read_at > link.linked_at ",
            $rest
        )
    };
}

/// Which changes are asked for.
#[derive(Debug, Clone)]
pub struct ChangeQuery<'a> {
    /// Of these kinds.
    pub kinds: &'a [ChangeKind],
    /// Of rows of these kinds.
    pub what: &'a [ItemKind],
    /// Found by readings from this moment on.
    pub from: Option<OffsetDateTime>,
    /// Found by readings before this moment.
    pub until: Option<OffsetDateTime>,
    /// After this place, going back.
    pub after: Option<HistoryPlace>,
    /// How many at the most.
    pub limit: u32,
}

/// A change with its place in the history.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredChange {
    /// Where it stands.
    pub place: HistoryPlace,
    /// What changed.
    pub change: Change,
}

/// # What portals were
impl Store {
    /// The versions of a portal that a cabinet may see, the newest first; none where it is not
    /// linked.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.version.list", skip_all, fields(portal.member_id = %member_id))]
    pub async fn versions(
        &self,
        tenant: &Tenant,
        member_id: &MemberId,
    ) -> Result<Vec<VersionMark>, StoreError> {
        let rows = sqlx::query(seen_versions!(
            "version.number, version.first_read_at, version.viewer_id, version.by_administrator, \
             case when version.number = snapshot.number then snapshot.taken_at \
               else version.last_read_at end as last_read_at, link.linked_at, \
             case when version.first_read_at > link.linked_at then (select count(*) from change \
               where change.member_id = version.member_id and change.number = version.number) \
               else 0 end as changes",
            "order by version.number desc"
        ))
        .bind(tenant.id())
        .bind(member_id.as_str())
        .fetch_all(&self.reads)
        .await?;
        rows.iter().map(|row| mark_from(row, member_id)).collect()
    }

    /// The number of the version that is there now; nothing where the portal is not linked or was not
    /// read yet.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.version.now", skip_all, fields(portal.member_id = %member_id))]
    pub async fn version_now(
        &self,
        tenant: &Tenant,
        member_id: &MemberId,
    ) -> Result<Option<u32>, StoreError> {
        let sql = "select snapshot.number from link \
                   join snapshot on snapshot.member_id = link.member_id \
                   where link.account_id = $1 and link.member_id = $2 and link.void_since is null";
        let row = sqlx::query(sql)
            .bind(tenant.id())
            .bind(member_id.as_str())
            .fetch_optional(&self.reads)
            .await?;
        row.map(|row| Columns::new(&row, "snapshot", member_id.as_str()).count("number"))
            .transpose()
    }

    /// What a version of a portal found; nothing where there is none that the cabinet may see.
    ///
    /// # Errors
    /// A [`StoreError`], [`StoreError::Corrupt`] where it cannot be understood.
    #[instrument(name = "db.version.find", skip_all, fields(portal.member_id = %member_id))]
    pub async fn version(
        &self,
        tenant: &Tenant,
        member_id: &MemberId,
        number: u32,
    ) -> Result<Option<Specification>, StoreError> {
        let row = sqlx::query(seen_versions!(
            "version.content, version.people, version.first_read_at, link.linked_at",
            "and version.number = $3"
        ))
        .bind(tenant.id())
        .bind(member_id.as_str())
        .bind(i64::from(number))
        .fetch_optional(&self.reads)
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let name = format!("{member_id}/{number}");
        let columns = Columns::new(&row, "version", name.as_str());
        let mut specification = unpacked(&columns, &name).await?;
        let linked_at = columns.moment("linked_at")?;
        if columns.moment("first_read_at")? < linked_at {
            date_to(&mut specification, linked_at);
        }
        Ok(Some(specification))
    }

    /// What changed in a portal, the newest first, in the order of each version.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.change.list", skip_all, fields(portal.member_id = %member_id))]
    pub async fn changes(
        &self,
        tenant: &Tenant,
        member_id: &MemberId,
        asked: &ChangeQuery<'_>,
    ) -> Result<Vec<StoredChange>, StoreError> {
        let sql = seen_changes!(
            "and change.kind in ($3, $4, $5, $6) \
             and change.item in ($7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) \
             and version.first_read_at >= $18 and version.first_read_at < $19 \
             and (change.number < $20 or (change.number = $20 and change.place > $21)) \
             order by change.number desc, change.place limit $22"
        );
        let mut query = sqlx::query(sql).bind(tenant.id()).bind(member_id.as_str());
        for kind in ChangeKind::ALL {
            let is_asked = asked.kinds.contains(&kind);
            query = query.bind(if is_asked { kind.code() } else { "" });
        }
        for kind in ItemKind::ALL {
            let is_asked = asked.what.contains(&kind);
            query = query.bind(if is_asked { kind.code() } else { "" });
        }
        let (number, place) = asked.after.map_or((i64::MAX, 0), |after| {
            (i64::from(after.number), i64::from(after.place))
        });
        let rows = query
            .bind(asked.from.map_or(i64::MIN, to_ms))
            .bind(asked.until.map_or(i64::MAX, to_ms))
            .bind(number)
            .bind(place)
            .bind(i64::from(asked.limit))
            .fetch_all(&self.reads)
            .await?;
        rows.iter().map(|row| change_from(row, member_id)).collect()
    }

    /// What became of rows with an ID, the newest first. Capitals do not matter where the ID's own
    /// are all of one kind.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.change.of_item", skip_all, fields(portal.member_id = %member_id))]
    pub async fn changes_of(
        &self,
        tenant: &Tenant,
        member_id: &MemberId,
        id: &str,
        limit: u32,
    ) -> Result<Vec<StoredChange>, StoreError> {
        let sql = seen_changes!(
            "and change.item_id in ($3, $4, $5) \
             order by change.number desc, change.place limit $6"
        );
        let rows = sqlx::query(sql)
            .bind(tenant.id())
            .bind(member_id.as_str())
            .bind(id.replace('\0', ""))
            .bind(id.replace('\0', "").to_ascii_uppercase())
            .bind(id.replace('\0', "").to_ascii_lowercase())
            .bind(i64::from(limit))
            .fetch_all(&self.reads)
            .await?;
        rows.iter().map(|row| change_from(row, member_id)).collect()
    }

    /// Notes that a cabinet's owner looked at a portal, and saw what it was up to a version. Says
    /// whether it is linked and has that version; 0 is the one of a portal that was not read yet.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.link.looked_at", skip_all, fields(portal.member_id = %member_id))]
    pub async fn note_looked_at(
        &self,
        tenant: &Tenant,
        member_id: &MemberId,
        version: u32,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update link set opened_at = $3, \
             seen_version = case when seen_version < $4 then $4 else seen_version end \
             where account_id = $1 and member_id = $2 and void_since is null \
             and $4 <= coalesce((select max(number) from version where member_id = $2), 0)",
        )
        .bind(tenant.id())
        .bind(member_id.as_str())
        .bind(to_ms(now))
        .bind(i64::from(version))
        .execute(&self.writes)
        .await?;
        Ok(done.rows_affected() == 1)
    }
}

fn mark_from(row: &AnyRow, member_id: &MemberId) -> Result<VersionMark, StoreError> {
    let columns = Columns::new(row, "version", member_id.as_str());
    let linked_at = columns.moment("linked_at")?;
    Ok(VersionMark {
        number: columns.count("number")?,
        first_read_at: columns.moment("first_read_at")?.max(linked_at),
        last_read_at: columns.moment("last_read_at")?.max(linked_at),
        viewer_id: columns.int("viewer_id")?,
        by_administrator: columns.flag("by_administrator")?,
        changes: columns.count("changes")?,
    })
}

fn change_from(row: &AnyRow, member_id: &MemberId) -> Result<StoredChange, StoreError> {
    let columns = Columns::new(row, "change", member_id.as_str());
    let kind = ItemKind::from_code(&columns.text("item")?);
    let difference: Difference = serde_json::from_str(&columns.text("detail")?)
        .map_err(|_error| columns.corrupt("detail"))?;
    Ok(StoredChange {
        place: HistoryPlace {
            number: columns.count("number")?,
            place: columns.count("place")?,
        },
        change: Change {
            item: ItemRef {
                kind: kind.ok_or_else(|| columns.corrupt("item"))?,
                id: columns.text("item_id")?,
                within: columns.maybe_text("within")?,
                label: columns.text("label")?,
            },
            difference,
        },
    })
}
