//! Envelopes that open in their place alone.

use super::*;

struct Counting(std::sync::atomic::AtomicU64);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        let next = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        for (byte, count) in bytes.iter_mut().zip(next.to_le_bytes()) {
            *byte = count;
        }
    }
}

fn vault(keys: KeyRing) -> Vault {
    Vault::new(keys, Arc::new(Counting(0.into())))
}

fn place() -> Place<'static> {
    Place {
        table: "credential",
        row: "r1",
        member_id: "m1",
        user_id: 5,
        column: "sealed_access",
        generation: 3,
    }
}

#[test]
fn sec_31_a_value_opens_in_its_own_place_alone() {
    let vault = vault(KeyRing::generate([1; 32]));
    let secret = SecretString::from("a token");
    let sealed = vault.seal(&place(), &secret).unwrap();
    let opened = vault.open(&place(), &sealed).unwrap();
    assert_eq!(opened.expose_secret(), "a token");
    let elsewhere = [
        Place {
            table: "portal",
            ..place()
        },
        Place {
            row: "r2",
            ..place()
        },
        Place {
            member_id: "m2",
            ..place()
        },
        Place {
            user_id: 6,
            ..place()
        },
        Place {
            column: "sealed_refresh",
            ..place()
        },
        Place {
            generation: 2,
            ..place()
        },
        // The same letters, otherwise divided.
        Place {
            row: "r1m",
            member_id: "1",
            ..place()
        },
    ];
    for other in elsewhere {
        let refused = vault.open(&other, &sealed);
        assert!(
            matches!(refused, Err(StoreError::Corrupt { .. })),
            "{other:?}"
        );
    }
}

#[test]
fn sec_30_every_cut_and_every_flipped_bit_is_refused() {
    let vault = vault(KeyRing::generate([1; 32]));
    let sealed = vault
        .seal(&place(), &SecretString::from("a token"))
        .unwrap();
    for length in 0..sealed.len() {
        assert!(vault.open(&place(), &sealed[..length]).is_err());
    }
    for position in 0..sealed.len() * 8 {
        let mut flipped = sealed.clone();
        flipped[position / 8] ^= 1 << (position % 8);
        assert!(vault.open(&place(), &flipped).is_err(), "bit {position}");
    }
}

#[test]
fn sec_30_a_missing_key_is_told_from_a_damaged_value() {
    let sealed = vault(KeyRing::generate([1; 32]))
        .seal(&place(), &SecretString::from("a token"))
        .unwrap();
    let refused = vault(KeyRing::generate([2; 32])).open(&place(), &sealed);
    assert!(matches!(refused, Err(StoreError::Keys(_))), "{refused:?}");
}
