//! How often something may be tried (SEC-65). Counted in the database, for all processes together.

use std::net::IpAddr;
use std::time::Duration;

use crmap_domain::cabinet::Denial;
use crmap_store::{Quota, SecretDigest, Taken};
use sha2::{Digest, Sha256};

use super::denial_of;
use crate::{Services, figures};

/// A limit of one kind of tries.
#[derive(Clone, Copy)]
pub(crate) struct Limit {
    kind: &'static str,
    quota: Quota,
}

const fn limit(kind: &'static str, burst: u32, seconds: u64) -> Limit {
    let per = Duration::from_secs(seconds);
    Limit {
        kind,
        quota: Quota { burst, per },
    }
}

const MINUTE: u64 = 60;

/// Log-ins from one address: 5 at once and one more in 12 seconds, 20 and one more in 3 minutes.
pub(super) const LOG_IN_FROM: &[Limit] = &[
    limit("log_in_from", 5, 12),
    limit("log_in_from_hour", 20, 3 * MINUTE),
];

/// Log-ins to one account by strangers: never more than 120 in a day, whatever their number.
pub(super) const LOG_IN_TO: &[Limit] = &[
    limit("log_in_to", 5, 10),
    limit("log_in_to_day", 60, 24 * MINUTE),
];

/// Log-ins to an account from one browser that was logged in to it before: strangers take none of
/// these away.
pub(super) const LOG_IN_KNOWN: &[Limit] = &[
    limit("log_in_known", 5, 10),
    limit("log_in_known_day", 60, 24 * MINUTE),
];

/// Passwords that somebody who is logged in is asked for once more.
pub(super) const CONFIRM: &[Limit] = &[
    limit("confirm", 5, 10),
    limit("confirm_day", 60, 24 * MINUTE),
];

/// Registrations from one address.
pub(super) const REGISTER_FROM: &[Limit] = &[limit("register_from", 5, 12 * MINUTE)];

/// Passwords that are judged for one network, which is done at each pause in typing.
pub(super) const JUDGE_FROM: &[Limit] = &[limit("judge_from", 60, 1)];

/// Mails to the owner of an address that somebody else registers with.
pub(super) const REGISTER_TO: &[Limit] = &[limit("register_to", 3, 20 * MINUTE)];

/// Mails with codes, to one address and for one who asks.
pub(super) const RESET_TO: &[Limit] = &[limit("reset_to", 3, 20 * MINUTE)];
pub(super) const RESET_FROM: &[Limit] = &[limit("reset_from", 10, 6 * MINUTE)];

/// Changes of an account and of what its owner writes, each of which is kept.
pub(super) const CHANGE: &[Limit] = &[limit("change", 30, 30)];

/// Things of two portals that an owner matches by hand, one after another.
pub(crate) const MATCH: &[Limit] = &[limit("match", 200, 2)];

/// Favourites, tags of many portals and kept filters: small things that are done one after another,
/// none of which leaves a trace but itself.
pub(super) const ARRANGE: &[Limit] = &[limit("arrange", 120, 2)];

/// Changes of an account's address, each of which says whether another account has that address.
pub(super) const CHANGE_EMAIL: &[Limit] = &[limit("change_email", 3, 20 * MINUTE)];

/// Connection tokens that are tried in one portal, and from one address (SEC-20). Linking a portal
/// takes two tries.
pub(super) const LINK_PORTAL: &[Limit] = &[limit("link_portal", 10, 6 * MINUTE)];
pub(super) const LINK_FROM: &[Limit] = &[limit("link_from", 20, 3 * MINUTE)];

/// What is written down where nothing else is, so that this cannot be told from the outside.
pub(super) const NOTHING: &[Limit] = &[limit("nothing", 1, 1)];

/// Who asks: an address of the network, of IPv6 the half that one household has.
pub(crate) fn network(ip: IpAddr) -> SecretDigest {
    match ip.to_canonical() {
        IpAddr::V4(ip) => subject("v4", &ip.octets()),
        IpAddr::V6(ip) => subject("v6", &ip.octets()[..8]),
    }
}

/// Whom or what the tries are made upon.
pub(crate) fn subject(kind: &'static str, name: &[u8]) -> SecretDigest {
    Sha256::new()
        .chain_update(kind)
        .chain_update([0])
        .chain_update(name)
        .finalize()
        .into()
}

impl Services {
    /// Counts a try, or says how long to wait.
    pub(crate) async fn allow(
        &self,
        limits: &[Limit],
        subject: &SecretDigest,
    ) -> Result<(), Denial> {
        for Limit { kind, quota } in limits {
            let taken = self.store.take_attempt(kind, subject, *quota).await;
            if let Taken::Wait(wait) = taken.map_err(denial_of)? {
                figures::limit_hit(kind);
                return Err(too_often(wait));
            }
        }
        Ok(())
    }
}

fn too_often(wait: Duration) -> Denial {
    let seconds = wait.as_millis().div_ceil(1000).max(1);
    Denial::TooOften {
        seconds: u32::try_from(seconds).unwrap_or(u32::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_65_no_day_has_more_than_120_tries() {
        let day = 24 * 60 * 60;
        for limits in [LOG_IN_TO, LOG_IN_KNOWN, CONFIRM] {
            let fewest = limits
                .iter()
                .map(|Limit { quota, .. }| u64::from(quota.burst) + day / quota.per.as_secs());
            assert!(fewest.min().unwrap() <= 120);
        }
    }

    #[test]
    fn sec_65_a_household_is_one_however_it_asks() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_eq!(of("192.0.2.1"), of("::ffff:192.0.2.1"));
    }

    #[test]
    fn a_wait_is_told_in_whole_seconds() {
        for (ms, seconds) in [(1, 1), (1000, 1), (1001, 2)] {
            let told = too_often(Duration::from_millis(ms));
            assert_eq!(told, Denial::TooOften { seconds });
        }
    }
}
