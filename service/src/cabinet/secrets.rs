//! Secrets that browsers, mails and portals are given.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use crmap_domain::ConnectionToken;
use crmap_store::SecretDigest;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::Entropy;

/// 256 random bits in base64url.
const LENGTH: usize = 43;

/// A secret of 256 bits, base64url, and the digest that it is found by (SEC-60, 68).
pub(super) fn new_secret(entropy: &dyn Entropy) -> (SecretString, SecretDigest) {
    let mut bytes = [0_u8; 32];
    entropy.fill(&mut bytes);
    let secret = SecretString::from(URL_SAFE_NO_PAD.encode(bytes));
    let digest = Sha256::digest(secret.expose_secret().as_bytes()).into();
    (secret, digest)
}

/// The digest of a shown secret; nothing for what cannot be one.
pub(super) fn digest_of(shown: &str) -> Option<SecretDigest> {
    (shown.len() == LENGTH).then(|| Sha256::digest(shown.as_bytes()).into())
}

/// A new connection token.
pub(crate) fn new_connection_token(entropy: &dyn Entropy) -> ConnectionToken {
    let mut symbols = [0_u8; ConnectionToken::ENTROPY];
    let mut found = 0;
    while found < symbols.len() {
        let mut bytes = [0_u8; ConnectionToken::ENTROPY];
        entropy.fill(&mut bytes);
        // Below a multiple of 62, so that all characters come equally often.
        for byte in bytes.into_iter().filter(|byte| *byte < 248) {
            if let Some(symbol) = symbols.get_mut(found) {
                *symbol = byte;
                found += 1;
            }
        }
    }
    ConnectionToken::from_symbols(&symbols)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives all bytes in turn.
    struct Turning(std::sync::atomic::AtomicU8);

    impl Entropy for Turning {
        fn fill(&self, bytes: &mut [u8]) {
            for byte in bytes {
                *byte = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            }
        }
    }

    #[test]
    fn sec_60_a_secret_has_256_bits_and_is_known_by_its_digest() {
        let entropy = Turning(0.into());
        let (secret, digest) = new_secret(&entropy);
        let bytes = URL_SAFE_NO_PAD.decode(secret.expose_secret()).unwrap();
        assert_eq!(bytes, (0..32).collect::<Vec<u8>>());
        assert_eq!(digest_of(secret.expose_secret()), Some(digest));
        assert_ne!(new_secret(&entropy).1, digest);
        for odd in ["", "short", &"x".repeat(1_000_000)] {
            assert_eq!(digest_of(odd), None);
        }
    }

    /// Gives bytes that are not taken, and then others.
    struct Choosy(std::sync::atomic::AtomicU8);

    impl Entropy for Choosy {
        fn fill(&self, bytes: &mut [u8]) {
            let turn = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            bytes.fill(247 + turn.min(1));
            if turn == 2 {
                bytes.fill(0);
            }
            bytes[0] = 255;
        }
    }

    #[test]
    fn sec_20_characters_of_connection_tokens_come_equally_often() {
        let token = new_connection_token(&Choosy(0.into()));
        let mut symbols = [247; 30];
        symbols[29] = 0;
        // 255 is never taken, 248 not either: 0 to 247 give each of 62 characters four times.
        assert_eq!(token, ConnectionToken::from_symbols(&symbols));
    }
}
