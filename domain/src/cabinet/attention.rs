//! Which portals of a cabinet need their owner's attention, and why.

use std::time::Duration;

use time::OffsetDateTime;

use super::PortalCard;
use crate::PortalState;

/// After how long a reading is old where portals are not read by themselves more seldom.
const OLD: Duration = Duration::from_secs(3 * 24 * 60 * 60);
/// How many readings by themselves may be missed before that is worth a word.
const MISSED: u32 = 3;

/// Why a portal needs attention. What can be said of it stands on its card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attention {
    /// It stands badly: nothing can be read of it until somebody does something.
    Standing(PortalState),
    /// The last reading failed.
    Failed,
    /// It was not read for long, or never since it was linked.
    Old,
    /// Something in it changed since its owner last looked.
    Changed,
}

impl Attention {
    /// How much it matters; what weighs less comes first.
    #[must_use]
    pub const fn weight(self) -> u8 {
        match self {
            Self::Standing(PortalState::Revoked | PortalState::Uninstalled) => 0,
            Self::Standing(PortalState::NeedsPayment) => 1,
            Self::Standing(_) => 2,
            Self::Failed => 3,
            Self::Old => 4,
            Self::Changed => 5,
        }
    }
}

/// The weightiest reason why a portal needs attention at `now`; nothing where all is well. A reading
/// is old `stale_after` the moment that it was taken. Whole seconds are compared: the clock that a
/// browser is handed tells no more, and it has to come to the same answer.
#[must_use]
pub fn attention(
    card: &PortalCard,
    now: OffsetDateTime,
    stale_after: Duration,
) -> Option<Attention> {
    if card.standing.state != PortalState::Ok {
        return Some(Attention::Standing(card.standing.state));
    }
    if card.failure.is_some() {
        return Some(Attention::Failed);
    }
    let read_at = card.read_at.unwrap_or(card.linked_at);
    let age = now.unix_timestamp() - read_at.unix_timestamp();
    if age > i64::try_from(stale_after.as_secs()).unwrap_or(i64::MAX) {
        return Some(Attention::Old);
    }
    (card.changes > 0).then_some(Attention::Changed)
}

/// After how long a reading is old where portals are read by themselves every `interval`: after three
/// days, or later where three readings take longer.
#[must_use]
pub fn stale_after(interval: Duration) -> Duration {
    OLD.max(interval.saturating_mul(MISSED))
}

#[cfg(test)]
mod tests {
    use time::Duration as Span;

    use super::*;
    use crate::cabinet::{Description, Level, ReadFailure};
    use crate::{MemberId, Standing, Trouble};

    const NOW: OffsetDateTime = time::macros::datetime!(2026-11-25 12:00 UTC);

    fn fine() -> PortalCard {
        PortalCard {
            member_id: MemberId::parse(&"a".repeat(32)).unwrap(),
            address: "alfa.bitrix24.ru".to_owned(),
            description: Description::default(),
            level: Level::Read,
            linked_at: NOW - Span::days(90),
            standing: Standing {
                state: PortalState::Ok,
                since: NOW - Span::days(90),
                reason: String::new(),
            },
            read_at: Some(NOW - Span::hours(2)),
            totals: None,
            favourite: false,
            opened_at: None,
            changes: 0,
            failure: None,
        }
    }

    fn of(card: &PortalCard) -> Option<Attention> {
        attention(card, NOW, OLD)
    }

    fn failed() -> Option<ReadFailure> {
        Some(ReadFailure {
            at: NOW,
            trouble: Trouble::PortalFailed,
        })
    }

    #[test]
    fn a_portal_that_is_fine_needs_none() {
        assert_eq!(of(&fine()), None);
        let just_linked = PortalCard {
            read_at: None,
            linked_at: NOW - Span::days(3),
            ..fine()
        };
        assert_eq!(of(&just_linked), None);
    }

    #[test]
    fn the_weightiest_reason_is_told() {
        let mut card = fine();
        card.changes = 4;
        assert_eq!(of(&card), Some(Attention::Changed));
        card.read_at = Some(NOW - Span::days(3) - Span::seconds(1));
        assert_eq!(of(&card), Some(Attention::Old));
        card.failure = failed();
        assert_eq!(of(&card), Some(Attention::Failed));
        for state in PortalState::ALL.into_iter().skip(1) {
            card.standing.state = state;
            assert_eq!(of(&card), Some(Attention::Standing(state)));
        }
    }

    #[test]
    fn reasons_are_ordered_by_what_they_keep_from_being_read() {
        use PortalState::{Moved, NeedsPayment, Restricted, Revoked, Uninstalled, Unreachable};
        let weights = [
            Attention::Standing(Revoked),
            Attention::Standing(NeedsPayment),
            Attention::Standing(Unreachable),
            Attention::Failed,
            Attention::Old,
            Attention::Changed,
        ]
        .map(Attention::weight);
        assert!(weights.is_sorted_by(|one, other| one < other));
        let alike = |one, other| {
            Attention::weight(Attention::Standing(one))
                == Attention::weight(Attention::Standing(other))
        };
        assert!(alike(Revoked, Uninstalled) && alike(Unreachable, Moved));
        assert!(alike(Unreachable, Restricted));
    }

    #[test]
    fn both_sides_come_to_the_same_answer_though_one_knows_parts_of_seconds() {
        for part in [0, 400, 999] {
            let mut card = fine();
            card.read_at = Some(NOW - Span::days(3) + Span::milliseconds(part));
            assert_eq!(of(&card), None, "{part}");
            card.read_at = Some(NOW - Span::days(3) - Span::milliseconds(1_000 - part));
            assert_eq!(of(&card), Some(Attention::Old), "{part}");
        }
    }

    #[test]
    fn a_reading_is_old_after_three_days_or_three_missed_ones() {
        let hours = |hours: u64| Duration::from_secs(hours * 60 * 60);
        assert_eq!(stale_after(hours(6)), hours(72));
        assert_eq!(stale_after(hours(48)), hours(144));
        assert_eq!(stale_after(Duration::MAX), Duration::MAX);
    }
}
