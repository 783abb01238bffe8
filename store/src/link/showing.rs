//! What links show: portals to their cabinets, cabinets to their portals.

use crmap_domain::cabinet::{Description, Level, Mark, PortalCard, ReadFailure};
use crmap_domain::{MemberId, PortalState, Standing, Totals};
use sqlx::any::AnyRow;
use time::OffsetDateTime;
use tracing::instrument;

use crate::columns::Columns;
use crate::portal::scopes_from;
use crate::{AccountRow, Portal, Store, StoreError, Tenant};

/// A portal as a cabinet that it is linked to may know it.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkedPortal {
    /// As on the dashboard.
    pub card: PortalCard,
    /// Whether the link serves nothing, since the portal removed the application.
    pub is_void: bool,
    /// The number of the portal's user who linked it.
    pub linked_by: i64,
    /// The portal's plan.
    pub plan: Option<String>,
    /// The application's version in the portal.
    pub version: Option<i64>,
    /// The scopes that the application was given.
    pub scopes: Vec<String>,
}

/// A cabinet as the administrators of a portal that is linked to it may know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalLink {
    /// Names the link.
    pub id: String,
    /// The cabinet's owner.
    pub owner: AccountRow,
    /// What the link allows.
    pub level: Level,
    /// When it was made.
    pub linked_at: OffsetDateTime,
}

/// The rows of an account's portals, with what their snapshots hold, and what follows `where`.
macro_rules! linked_portals {
    ($rest:literal) => {
        concat!(
            "select link.id, link.member_id, link.level, link.linked_at, link.linked_by, \
             link.label, link.note, link.mark, link.tags, link.void_since, portal.address, portal.state, \
             portal.state_since, portal.reason, portal.plan, portal.version, portal.scopes, \
             snapshot.taken_at, snapshot.totals, link.favourite, link.opened_at, \
             portal.failed_at, portal.failure, \
             (select count(*) from (select 1 from change \
               where change.member_id = link.member_id \
               and change.number > link.seen_version limit 1000) few) as changes from link \
             join portal on portal.member_id = link.member_id \
             left join snapshot on snapshot.member_id = link.member_id \
             where link.account_id = $1 ",
            $rest
        )
    };
}

/// # What links show
impl Store {
    /// The portals of a cabinet, the first linked first, by one question however many there are.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.link.list", skip_all)]
    pub async fn links(&self, tenant: &Tenant) -> Result<Vec<PortalCard>, StoreError> {
        let rows = sqlx::query(linked_portals!("order by link.linked_at, link.member_id"))
            .bind(tenant.id())
            .fetch_all(&self.reads)
            .await?;
        rows.iter()
            .map(|row| Ok(LinkedPortal::from_row(row)?.card))
            .collect()
    }

    /// One portal of a cabinet; nothing where it is not linked to it.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.link.find", skip_all, fields(portal.member_id = %member_id))]
    pub async fn linked(
        &self,
        tenant: &Tenant,
        member_id: &MemberId,
    ) -> Result<Option<LinkedPortal>, StoreError> {
        let row = sqlx::query(linked_portals!("and link.member_id = $2"))
            .bind(tenant.id())
            .bind(member_id.as_str())
            .fetch_optional(&self.reads)
            .await?;
        row.as_ref().map(LinkedPortal::from_row).transpose()
    }

    /// The cabinets that a portal is linked to, the first linked first: for its administrators
    /// alone. Void links are none.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.link.of_portal", skip_all, fields(portal.member_id = %member_id))]
    pub async fn links_of_portal(
        &self,
        member_id: &MemberId,
    ) -> Result<Vec<PortalLink>, StoreError> {
        let rows = sqlx::query(
            "select link.id, link.level, link.linked_at, account.email, account.name, \
             account.lang, account.made_at from link \
             join account on account.id = link.account_id where link.member_id = $1 \
             and link.void_since is null order by link.linked_at, link.id",
        )
        .bind(member_id.as_str())
        .fetch_all(&self.reads)
        .await?;
        rows.iter().map(PortalLink::from_row).collect()
    }

    /// What is known of a portal, and whether it is linked to any cabinet, by a link that is not void.
    ///
    /// # Errors
    /// A [`StoreError`].
    #[instrument(name = "db.link.any", skip_all, fields(portal.member_id = %member_id))]
    pub async fn portal_and_whether_linked(
        &self,
        member_id: &MemberId,
    ) -> Result<Option<(Portal, bool)>, StoreError> {
        let sql = "select {portal}, case when exists (select 1 from link \
                   where link.member_id = portal.member_id and link.void_since is null) \
                   then 1 else 0 end as linked from portal where member_id = $1";
        let row = sqlx::query(self.dialect.sql(sql))
            .bind(member_id.as_str())
            .fetch_optional(&self.reads)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let is_linked = Columns::new(&row, "portal", member_id.as_str()).flag("linked")?;
        Ok(Some((Portal::from_row(&row)?, is_linked)))
    }
}

impl LinkedPortal {
    /// Of a portal whose link is void no more is told than that. What is older than the link bears
    /// the link's moment (SEC-23).
    fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        let columns = link_columns(row)?;
        let is_void = columns.maybe_int("void_since")?.is_some();
        let linked_at = columns.moment("linked_at")?;
        let shown = Self {
            card: PortalCard {
                member_id: columns.member_id("member_id")?,
                address: columns.text("address")?,
                description: description_from(&columns)?,
                level: level_from(&columns)?,
                linked_at,
                standing: standing_from(&columns)?,
                read_at: None,
                totals: None,
                favourite: columns.flag("favourite")?,
                opened_at: columns.maybe_moment("opened_at")?,
                changes: 0,
                failure: None,
            },
            is_void,
            linked_by: columns.int("linked_by")?,
            plan: None,
            version: None,
            scopes: Vec::new(),
        };
        if is_void {
            return Ok(shown);
        }
        Ok(Self {
            card: PortalCard {
                read_at: columns
                    .maybe_moment("taken_at")?
                    .map(|at| at.max(linked_at)),
                totals: totals_from(&columns)?,
                changes: columns.count("changes")?,
                failure: failure_from(&columns, linked_at)?,
                ..shown.card
            },
            plan: columns.maybe_text("plan")?,
            version: columns.maybe_int("version")?,
            scopes: scopes_from(&columns.text("scopes")?),
            ..shown
        })
    }
}

impl PortalLink {
    fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        let columns = link_columns(row)?;
        Ok(Self {
            id: columns.text("id")?,
            owner: AccountRow::from_columns(&columns)?,
            level: level_from(&columns)?,
            linked_at: columns.moment("linked_at")?,
        })
    }
}

fn link_columns(row: &AnyRow) -> Result<Columns<'_>, StoreError> {
    let name: String = sqlx::Row::try_get(row, "id")?;
    Ok(Columns::new(row, "link", name))
}

/// How the portal stands; to a cabinet whose link is void it stays uninstalled, whoever installed it
/// since.
fn standing_from(columns: &Columns<'_>) -> Result<Standing, StoreError> {
    let state = PortalState::from_code(&columns.text("state")?);
    let standing = Standing {
        state: state.ok_or_else(|| columns.corrupt("state"))?,
        since: columns.moment("state_since")?,
        reason: columns.text("reason")?,
    };
    Ok(match columns.maybe_moment("void_since")? {
        Some(since) if standing.state != PortalState::Uninstalled => Standing {
            state: PortalState::Uninstalled,
            since,
            reason: Standing::REINSTALLED.to_owned(),
        },
        _ => standing,
    })
}

fn level_from(columns: &Columns<'_>) -> Result<Level, StoreError> {
    Level::from_code(&columns.text("level")?).ok_or_else(|| columns.corrupt("level"))
}

fn description_from(columns: &Columns<'_>) -> Result<Description, StoreError> {
    let mark = columns.maybe_text("mark")?;
    let mark = mark.map(|code| Mark::from_code(&code).ok_or_else(|| columns.corrupt("mark")));
    Ok(Description {
        label: columns.text("label")?,
        note: columns.text("note")?,
        mark: mark.transpose()?,
        tags: serde_json::from_str(&columns.text("tags")?)
            .map_err(|_error| columns.corrupt("tags"))?,
    })
}

fn failure_from(
    columns: &Columns<'_>,
    linked_at: OffsetDateTime,
) -> Result<Option<ReadFailure>, StoreError> {
    let (at, trouble) = (
        columns.maybe_moment("failed_at")?,
        columns.maybe_text("failure")?,
    );
    at.zip(trouble)
        .map(|(at, trouble)| {
            let trouble = serde_json::from_str(&trouble);
            let trouble = trouble.map_err(|_error| columns.corrupt("failure"))?;
            let at = at.max(linked_at);
            Ok(ReadFailure { at, trouble })
        })
        .transpose()
}

fn totals_from(columns: &Columns<'_>) -> Result<Option<Totals>, StoreError> {
    let totals = columns.maybe_text("totals")?;
    let totals = totals.map(|text| serde_json::from_str(&text));
    totals
        .transpose()
        .map_err(|_error| columns.corrupt("totals"))
}
