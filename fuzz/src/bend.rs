//! Makes new inputs out of known ones.

use rand::RngExt as _;
use rand::rngs::StdRng;

/// What has broken parsers before, whatever they parse.
const WORDS: [&str; 64] = [
    "",
    "\0",
    "%00",
    "%",
    "%%",
    "%f",
    "%ff",
    "%c0%af",
    "%2",
    "+",
    "&",
    "=",
    ";",
    ",",
    ":",
    "::",
    "|",
    "@",
    "\"",
    "'",
    "`",
    "\\",
    "\\\"",
    "\\u0000",
    "\\ud800",
    "\\udc00\\ud800",
    "\\uD83D\\uDE00",
    "\r\n",
    "\n",
    "\t",
    " ",
    "\u{feff}",
    "\u{2028}",
    "\u{202e}",
    "\u{e9}",
    "\u{301}",
    "\u{fffd}",
    "\u{10ffff}",
    "<",
    ">",
    "<!--",
    "</script>",
    "[",
    "]",
    "[]",
    "{",
    "}",
    "{}",
    "[[[[[[[[",
    "null",
    "true",
    "false",
    "0",
    "-1",
    "1e309",
    "-0",
    "0.1",
    "NaN",
    "2147483648",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551616",
    "00",
    "../",
];
/// Bytes that are no text.
const NO_TEXT: [&[u8]; 5] = [
    b"\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xf8\x88\x80\x80\x80",
    b"\xc0\xaf",
];
/// One in so many inputs is nothing but chance.
const RANDOM: u32 = 50;

/// Bends inputs.
pub(crate) struct Bender<'a> {
    /// Words that the parser knows.
    pub(crate) words: &'a [&'static str],
    /// No input gets longer.
    pub(crate) longest: usize,
}

impl Bender<'_> {
    /// A new input.
    pub(crate) fn bend(&self, pool: &[Vec<u8>], dice: &mut StdRng) -> Vec<u8> {
        if pool.is_empty() || dice.random_range(0..RANDOM) == 0 {
            return self.chance(dice);
        }
        let mut input = pool[dice.random_range(0..pool.len())].clone();
        // Most inputs stay near one that is understood; a few go far.
        let times = match dice.random_range(0..10) {
            0..6 => 1,
            6..9 => dice.random_range(2..5),
            _ => dice.random_range(5..20),
        };
        for _ in 0..times {
            self.bend_once(&mut input, pool, dice);
            input.truncate(self.longest);
        }
        input
    }

    fn chance(&self, dice: &mut StdRng) -> Vec<u8> {
        let length = dice.random_range(0..self.longest.min(300) + 1);
        (0..length).map(|_| dice.random()).collect()
    }

    fn bend_once(&self, input: &mut Vec<u8>, pool: &[Vec<u8>], dice: &mut StdRng) {
        let (from, to) = range(input.len(), dice);
        match dice.random_range(0..12) {
            0 => {
                if let Some(byte) = input.get_mut(from) {
                    *byte ^= 1 << dice.random_range(0..8);
                }
            }
            1 => drop(input.drain(from..to)),
            2 => {
                let part = input[from..to].to_vec();
                insert(input, to, &part);
            }
            3 => self.repeat(input, (from, to), dice),
            4 => input.truncate(from),
            5 => replace_number(input, from, self.word(dice).as_bytes()),
            6 => {
                let other = &pool[dice.random_range(0..pool.len())];
                let (first, last) = range(other.len(), dice);
                let part = other[first..last].to_vec();
                input.splice(from..to, part);
            }
            7 => insert(input, from, NO_TEXT[dice.random_range(0..NO_TEXT.len())]),
            8 => drop(input.splice(from..to, self.word(dice).bytes())),
            9 => swap_fields(input, dice),
            10 => insert(input, from, &[dice.random()]),
            _ => insert(input, from, self.word(dice).as_bytes()),
        }
    }

    /// The same part so often that it is too long, too deep or too many.
    fn repeat(&self, input: &mut Vec<u8>, (from, to): (usize, usize), dice: &mut StdRng) {
        let part = match dice.random_range(0..2) {
            0 => input[from..to].to_vec(),
            _ => self.word(dice).as_bytes().to_vec(),
        };
        let most = self.longest.saturating_sub(input.len()) / part.len().max(1);
        let times = dice.random_range(0..most.min(5_000) + 1);
        insert(input, to, &part.repeat(times));
    }

    fn word(&self, dice: &mut StdRng) -> &'static str {
        let own = !self.words.is_empty() && dice.random_range(0..2) == 0;
        if own {
            self.words[dice.random_range(0..self.words.len())]
        } else {
            WORDS[dice.random_range(0..WORDS.len())]
        }
    }
}

/// A part of something of that length, most often a short one.
fn range(length: usize, dice: &mut StdRng) -> (usize, usize) {
    let from = dice.random_range(0..length + 1);
    let most = length - from;
    let most = if dice.random_range(0..4) == 0 {
        most
    } else {
        most.min(16)
    };
    (from, from + dice.random_range(0..most + 1))
}

fn insert(input: &mut Vec<u8>, at: usize, part: &[u8]) {
    input.splice(at..at, part.iter().copied());
}

/// Puts a word in the place of the next number.
fn replace_number(input: &mut Vec<u8>, from: usize, word: &[u8]) {
    let digits = |byte: &u8| byte.is_ascii_digit();
    let Some(first) = input[from..].iter().position(digits) else {
        return;
    };
    let first = from + first;
    let length = input[first..]
        .iter()
        .take_while(|byte| digits(byte))
        .count();
    input.splice(first..first + length, word.iter().copied());
}

/// Two parts between separators change places.
fn swap_fields(input: &mut Vec<u8>, dice: &mut StdRng) {
    let separator = [b'&', b',', b':', b'\n'][dice.random_range(0..4)];
    let mut fields: Vec<&[u8]> = input.split(|byte| *byte == separator).collect();
    let (one, other) = (
        dice.random_range(0..fields.len()),
        dice.random_range(0..fields.len()),
    );
    fields.swap(one, other);
    *input = fields.join(&separator);
}
