//! What the ledger of the simulated cloud says of the processes.

use std::collections::BTreeSet;

use crmap_crashbox::Said;
use portal_sim::{Cloud, LedgerEntry, Server, TokenKind};

use super::Violation;

/// An access token that was used and that the database never had.
pub fn unstored(ledger: &[LedgerEntry], stored: &BTreeSet<String>) -> Result<(), Violation> {
    let mut used = ledger
        .iter()
        .filter(|entry| entry.kind == TokenKind::Access);
    match used.find(|entry| !stored.contains(&entry.token)) {
        Some(entry) => Err(Violation::Unstored {
            token: entry.token.clone(),
        }),
        None => Ok(()),
    }
}

/// Whether one task was served: the state is good and the portal itself has answered.
pub fn served(heard: &[Said], ledger: &[LedgerEntry]) -> Result<(), Violation> {
    let last = heard.iter().rev().find_map(|said| match said {
        Said::Outcome { state, reason } => Some((state.clone(), reason.clone())),
        Said::Failed(reason) => Some(("failed".to_owned(), reason.clone())),
        _ => None,
    });
    let (state, reason) = last.unwrap_or_default();
    let answered = ledger.iter().any(|entry| {
        entry.kind == TokenKind::Access
            && entry.presented_to == Server::Portal(1)
            && entry.outcome == "ok"
    });
    if state == "ok" && answered {
        Ok(())
    } else {
        Err(Violation::PortalLost { state, reason })
    }
}

/// Whether a token was presented to anybody.
pub fn presented(ledger: &[LedgerEntry], token: &str) -> bool {
    ledger.iter().any(|entry| entry.token == token)
}

/// The newest access token that the authority gave a user of a portal.
pub fn newest_access(cloud: &Cloud, portal: usize, user: i64) -> String {
    let chains = cloud.chains();
    let chain = chains
        .into_iter()
        .find(|chain| chain.portal == portal && i64::from(chain.user) == user);
    chain.unwrap().access
}
