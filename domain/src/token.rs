//! The form of a connection token: what a person pastes to link a portal to a cabinet.

use crc::{CRC_32_ISO_HDLC, Crc, NoTable};
use serde::{Deserialize, Serialize};

/// The mark by which people and scanners recognise a token.
const PREFIX: &str = "crmap_";
/// Random characters: 30 of 62 symbols hold 178 bits (SEC-20 asks for 160).
const SECRET: usize = 30;
/// Characters of the checksum: CRC-32 in base 62.
const CHECKSUM: usize = 6;
const SYMBOLS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Without a table: it would be a tenth of what a browser downloads, for thirty bytes now and then.
const CRC: Crc<u32, NoTable> = Crc::<u32, NoTable>::new(&CRC_32_ISO_HDLC);

/// What is wrong with a pasted token, before anybody is asked whether it exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenFlaw {
    /// Nothing was pasted.
    #[error("the token is empty")]
    Empty,
    /// It does not begin as tokens do.
    #[error("the token does not begin with {PREFIX}")]
    Prefix,
    /// It is shorter or longer than tokens are.
    #[error("the token has the wrong length")]
    Length,
    /// It holds a character that tokens never hold.
    #[error("the token holds a foreign character")]
    Characters,
    /// Its checksum does not fit: a typing error.
    #[error("the token's checksum does not fit")]
    Checksum,
}

/// A connection token that is well formed: `crmap_`, 30 random characters, `_`, 6 characters of
/// checksum. Whether it exists is the cabinet's to say.
#[derive(Clone, PartialEq, Eq)]
pub struct ConnectionToken(String);

impl ConnectionToken {
    /// Checks the form of a pasted token; white space around it is forgiven.
    ///
    /// # Errors
    /// The first [`TokenFlaw`] that it meets.
    pub fn parse(pasted: &str) -> Result<Self, TokenFlaw> {
        let token = pasted.trim();
        if token.is_empty() {
            return Err(TokenFlaw::Empty);
        }
        let rest = token.strip_prefix(PREFIX).ok_or(TokenFlaw::Prefix)?;
        if rest
            .bytes()
            .any(|byte| byte != b'_' && !SYMBOLS.contains(&byte))
        {
            return Err(TokenFlaw::Characters);
        }
        if rest.len() != SECRET + 1 + CHECKSUM {
            return Err(TokenFlaw::Length);
        }
        let (secret, checksum) = rest.split_once('_').ok_or(TokenFlaw::Length)?;
        if secret.len() != SECRET || checksum != checksum_of(secret) {
            return Err(TokenFlaw::Checksum);
        }
        Ok(Self(token.to_owned()))
    }

    /// Makes a token of random bytes; each picks one character, so give [`Self::ENTROPY`] bytes
    /// drawn uniformly below 248 (4 × 62), which keeps the characters uniform.
    #[must_use]
    pub fn from_symbols(bytes: &[u8; Self::ENTROPY]) -> Self {
        let secret: String = bytes
            .iter()
            .map(|byte| char::from(SYMBOLS[usize::from(*byte) % 62]))
            .collect();
        let checksum = checksum_of(&secret);
        Self(format!("{PREFIX}{secret}_{checksum}"))
    }

    /// How many bytes [`Self::from_symbols`] takes.
    pub const ENTROPY: usize = SECRET;

    /// The token as a person copies it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for ConnectionToken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ConnectionToken(…)")
    }
}

fn checksum_of(secret: &str) -> String {
    let mut rest = u64::from(CRC.checksum(secret.as_bytes()));
    let mut symbols = [b'0'; CHECKSUM];
    for symbol in symbols.iter_mut().rev() {
        let index = usize::try_from(rest % 62).unwrap_or(0);
        *symbol = SYMBOLS[index];
        rest /= 62;
    }
    symbols.iter().map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> String {
        ConnectionToken::from_symbols(&[7; 30]).expose().to_owned()
    }

    #[test]
    fn a_made_token_is_well_formed_and_forgives_white_space() {
        assert!(ConnectionToken::parse(&sample()).is_ok());
        assert!(ConnectionToken::parse(&format!("  {}\n", sample())).is_ok());
    }

    /// Tokens that were given out must stay good.
    #[test]
    fn the_checksum_is_the_crc_32_of_zip_files() {
        assert_eq!(CRC.checksum(b"123456789"), 0xcbf4_3926);
        assert_eq!(
            sample(),
            format!("crmap_{}_{}", "7".repeat(30), checksum_of(&"7".repeat(30)))
        );
    }

    /// Were one never used, tokens would hold less than is promised.
    #[test]
    fn sec_20_every_symbol_can_be_picked() {
        for (byte, symbol) in (0..=u8::MAX).zip(SYMBOLS.iter().cycle()) {
            let token = ConnectionToken::from_symbols(&[byte; 30]);
            assert_eq!(token.expose().as_bytes()[PREFIX.len()], *symbol, "{byte}");
        }
    }

    #[test]
    fn each_flaw_is_named() {
        let token = sample();
        let check = |text: &str| ConnectionToken::parse(text).err();
        assert_eq!(check("  "), Some(TokenFlaw::Empty));
        assert_eq!(check("hello"), Some(TokenFlaw::Prefix));
        assert_eq!(check(&token[..20]), Some(TokenFlaw::Length));
        assert_eq!(check(&format!("{token}0")), Some(TokenFlaw::Length));
        assert_eq!(check(&token.replace('7', "я")), Some(TokenFlaw::Characters));
        assert_eq!(
            check(&token.replacen('7', "8", 1)),
            Some(TokenFlaw::Checksum)
        );
    }

    #[test]
    fn debug_output_does_not_show_the_secret() {
        let token = ConnectionToken::from_symbols(&[9; 30]);
        assert_eq!(format!("{token:?}"), "ConnectionToken(…)");
    }
}
