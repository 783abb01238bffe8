//! Repeatable chance for worlds: the same seed gives the same portal on every machine and version.

/// `SplitMix64`: small, and its sequence is fixed for ever.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub(crate) const fn below(&mut self, end: u32) -> u32 {
        (self.next() % end as u64) as u32
    }

    /// A number from `first` to `last`, both included.
    pub(crate) const fn between(&mut self, first: u32, last: u32) -> u32 {
        first + self.below(last - first + 1)
    }

    /// True in one of `times` cases.
    pub(crate) const fn one_in(&mut self, times: u32) -> bool {
        self.below(times) == 0
    }

    pub(crate) const fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len() as u32) as usize]
    }
}

/// 32 hexadecimal digits that look like a checksum and depend on the text alone.
pub(crate) fn digest(text: &str) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    let mut chance = Chance::new(hash);
    format!("{:016x}{:016x}", chance.next(), chance.next())
}
