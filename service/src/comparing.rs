//! Two portals of a cabinet side by side, or one at two moments; and what its owner says by hand of
//! things that belong together. Either side is asked for by the account's own scope (SEC-24, 75, 77).

use std::sync::Arc;

use crmap_domain::Specification;
use crmap_domain::cabinet::Denial;
use crmap_domain::compare::{Comparison, HandMatch, Side, compare};
use crmap_domain::item::ItemKind;

use crate::Services;
use crate::cabinet::{Entered, MATCH, denial_of, of_account};

/// The longest key of a thing, in bytes.
const MAX_KEY: usize = 255;
/// How much may be said at a time: that two things belong together, or of each that nothing belongs
/// to it.
const SAID_AT_ONCE: usize = 2;

/// Two sides, or which of them nobody has read yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SidesCompared {
    /// They were compared.
    Compared(Box<Comparison>),
    /// They could not be: there is no reading of them.
    NotRead {
        /// Whether the left side is missing.
        left: bool,
        /// Whether the right side is missing.
        right: bool,
    },
}

/// # Two portals side by side
impl Services {
    /// Compares two sides, by what the owner said first.
    ///
    /// # Errors
    /// [`Denial::NotFound`] where one of the portals is not the cabinet's,
    /// [`Denial::StoreUnavailable`].
    pub async fn compare(
        &self,
        entered: &Entered,
        left: &Side,
        right: &Side,
    ) -> Result<SidesCompared, Denial> {
        let read = (
            self.side(entered, left).await?,
            self.side(entered, right).await?,
        );
        let (one, other) = match read {
            (Some(one), Some(other)) => (one, other),
            (one, other) => {
                return Ok(SidesCompared::NotRead {
                    left: one.is_none(),
                    right: other.is_none(),
                });
            }
        };
        let said = self.said_by_hand(entered, left, right).await?;
        let _turn = self.flights.unpacking().await;
        let work = tokio::task::spawn_blocking(move || compare(&one, &other, &said));
        let compared = work.await.map_err(|error| {
            tracing::error!(%error, "a comparison broke off");
            Denial::Internal
        })?;
        Ok(SidesCompared::Compared(Box::new(compared)))
    }

    async fn side(
        &self,
        entered: &Entered,
        side: &Side,
    ) -> Result<Option<Arc<Specification>>, Denial> {
        match side.version {
            None => self.snapshot(entered, &side.member_id).await,
            Some(version) => {
                self.specification_of(entered, &side.member_id, version)
                    .await
            }
        }
    }

    async fn said_by_hand(
        &self,
        entered: &Entered,
        left: &Side,
        right: &Side,
    ) -> Result<Vec<HandMatch>, Denial> {
        let said = self
            .store
            .item_matches(entered.tenant(), &left.member_id, &right.member_id)
            .await
            .map_err(denial_of)?;
        Ok(if is_backwards(left, right) {
            said.into_iter().map(turned).collect()
        } else {
            said
        })
    }

    /// Keeps what the owner says of things of two sides: of one pair that they belong together, or of
    /// up to two things that nothing belongs to them.
    ///
    /// # Errors
    /// [`Denial::NotFound`] for portals or things that cannot be, [`Denial::TooOften`],
    /// [`Denial::StoreUnavailable`].
    pub async fn match_by_hand(
        &self,
        entered: &Entered,
        left: &Side,
        right: &Side,
        said: Vec<HandMatch>,
    ) -> Result<(), Denial> {
        if said.is_empty() || said.len() > SAID_AT_ONCE || !said.iter().all(is_sensible) {
            return Err(Denial::NotFound);
        }
        self.allow(MATCH, &of_account(entered)).await?;
        for said in said {
            let said = in_time(left, right, said);
            let (left, right) = (&left.member_id, &right.member_id);
            let now = self.clock.now();
            let kept = self
                .store
                .put_item_match(entered.tenant(), left, right, &said, now)
                .await;
            if !kept.map_err(denial_of)? {
                return Err(Denial::NotFound);
            }
        }
        Ok(())
    }

    /// Forgets what the owner said of two things; the rules decide again.
    ///
    /// # Errors
    /// [`Denial::NotFound`], [`Denial::TooOften`], [`Denial::StoreUnavailable`].
    pub async fn forget_match(
        &self,
        entered: &Entered,
        left: &Side,
        right: &Side,
        said: HandMatch,
    ) -> Result<(), Denial> {
        if !is_sensible(&said) {
            return Err(Denial::NotFound);
        }
        self.allow(MATCH, &of_account(entered)).await?;
        let said = in_time(left, right, said);
        let forgotten = self
            .store
            .forget_item_match(entered.tenant(), &left.member_id, &right.member_id, &said)
            .await;
        if forgotten.map_err(denial_of)? {
            Ok(())
        } else {
            Err(Denial::NotFound)
        }
    }
}

/// Whether what is kept of two sides stands the other way round: of one portal, what is earlier comes
/// first. Of two portals the database sees to that.
fn is_backwards(left: &Side, right: &Side) -> bool {
    // The last reading is the latest of all.
    let place = |side: &Side| side.version.unwrap_or(u32::MAX);
    left.member_id == right.member_id && place(left) > place(right)
}

fn in_time(left: &Side, right: &Side, said: HandMatch) -> HandMatch {
    if is_backwards(left, right) {
        turned(said)
    } else {
        said
    }
}

fn turned(said: HandMatch) -> HandMatch {
    HandMatch {
        kind: said.kind,
        left: said.right,
        right: said.left,
    }
}

/// Whether it can be said of anything.
fn is_sensible(said: &HandMatch) -> bool {
    said.kind != ItemKind::User
        && !(said.left.is_empty() && said.right.is_empty())
        && said.left.len().max(said.right.len()) <= MAX_KEY
}
