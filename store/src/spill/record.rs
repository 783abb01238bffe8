//! A pair of tokens as one line: sealed as its row will hold it, with a checksum at the end.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crmap_domain::MemberId;
use sha2::{Digest, Sha256};

use crate::StoreError;
use crate::credential::{ACCESS, ChainName, FreshPair, Lease, REFRESH};
use crate::moment::to_ms;
use crate::vault::Vault;

/// What stands in a file before there is a pair.
pub(super) const INTENT: &str = "intent";
/// More than a pair takes: the authority's tokens have some 70 letters each.
pub(super) const ROOM: usize = 4096;

const FORM: &str = "pair1";

/// A sealed pair and the chain that it belongs to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) name: ChainName,
    /// The generation that the pair replaces.
    pub(super) generation: i64,
    /// The moment of the candidate that was used up.
    pub(super) candidate_at: Option<i64>,
    pub(super) expires_at: i64,
    pub(super) access: Vec<u8>,
    pub(super) refresh: Vec<u8>,
}

/// What a file may hold.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    Intent,
    Pair(Box<Record>),
    /// A line that was being written when the process died.
    Torn,
}

impl Record {
    pub(super) fn sealed(
        vault: &Vault,
        lease: &Lease,
        pair: &FreshPair,
    ) -> Result<Self, StoreError> {
        let name = lease.name();
        let next = lease.generation + 1;
        Ok(Self {
            access: vault.seal(&name.place(ACCESS, next), &pair.access)?,
            refresh: vault.seal(&name.place(REFRESH, next), &pair.refresh)?,
            name,
            generation: lease.generation,
            candidate_at: lease.candidate_at.filter(|_| lease.from_candidate),
            expires_at: to_ms(pair.expires_at),
        })
    }

    /// Whether both values open in the places that they are for.
    pub(super) fn check(&self, vault: &Vault) -> Result<(), StoreError> {
        let next = self.generation + 1;
        vault.open(&self.name.place(ACCESS, next), &self.access)?;
        vault.open(&self.name.place(REFRESH, next), &self.refresh)?;
        Ok(())
    }

    pub(super) fn to_line(&self) -> String {
        let candidate = self
            .candidate_at
            .map_or_else(|| "-".to_owned(), |at| at.to_string());
        let body = format!(
            "{FORM} {} {} {} {} {candidate} {} {} {}",
            self.name.id,
            self.name.member_id,
            self.name.user_id,
            self.generation,
            self.expires_at,
            STANDARD.encode(&self.access),
            STANDARD.encode(&self.refresh),
        );
        let sum = checksum(&body);
        format!("{body} {sum}\n")
    }

    fn parse(line: &str) -> Option<Self> {
        let (body, sum) = line.rsplit_once(' ')?;
        if checksum(body) != sum {
            return None;
        }
        let parts: Vec<&str> = body.split(' ').collect();
        let [
            form,
            id,
            member_id,
            user_id,
            generation,
            candidate,
            expires_at,
            access,
            refresh,
        ] = parts[..]
        else {
            return None;
        };
        Some(Self {
            name: ChainName {
                id: id.to_owned(),
                member_id: MemberId::parse(member_id).ok()?,
                user_id: user_id.parse().ok()?,
            },
            generation: generation.parse().ok()?,
            candidate_at: match candidate {
                "-" => None,
                at => Some(at.parse().ok()?),
            },
            expires_at: expires_at.parse().ok()?,
            access: STANDARD.decode(access).ok()?,
            refresh: STANDARD.decode(refresh).ok()?,
        })
        .filter(|_| form == FORM)
    }
}

impl Content {
    pub(super) fn parse(text: &str) -> Self {
        let line = text.lines().next().unwrap_or_default().trim_end();
        if line == INTENT {
            return Self::Intent;
        }
        Record::parse(line).map_or(Self::Torn, |record| Self::Pair(Box::new(record)))
    }
}

fn checksum(body: &str) -> String {
    let digest = Sha256::digest(body.as_bytes());
    digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        Record {
            name: ChainName {
                id: "6b1f".to_owned(),
                member_id: MemberId::parse(&"a".repeat(32)).unwrap(),
                user_id: 7,
            },
            generation: 3,
            candidate_at: Some(1_700_000_000_000),
            expires_at: 1_700_000_003_600,
            access: vec![1, 2, 3],
            refresh: vec![4, 5],
        }
    }

    #[test]
    fn a_record_reads_back_as_it_was() {
        for candidate_at in [None, Some(5)] {
            let record = Record {
                candidate_at,
                ..record()
            };
            let read = Content::parse(&record.to_line());
            assert_eq!(read, Content::Pair(Box::new(record)));
        }
    }

    #[test]
    fn rel_24_a_line_torn_anywhere_over_the_room_is_no_record() {
        let line = record().to_line();
        let room = format!("{INTENT:ROOM$}\n");
        assert_eq!(Content::parse(&room), Content::Intent);
        for cut in 1..line.len() - 1 {
            let torn = format!("{}{}", &line[..cut], &room[cut..]);
            assert_eq!(Content::parse(&torn), Content::Torn, "cut at {cut}");
        }
        let whole = format!("{line}{}", &room[line.len()..]);
        assert_eq!(Content::parse(&whole), Content::Pair(Box::new(record())));
    }
}
