//! Randomness as an argument.

/// Gives unpredictable bytes; tests may give predictable ones.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` from a cryptographically secure source.
    fn fill(&self, bytes: &mut [u8]);
}
