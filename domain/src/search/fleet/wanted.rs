//! What is looked for in many portals, made ready to be compared with half a million rows.

use std::ops::Range;

use memchr::memmem::Finder;

use super::alphabet::{is_gap, shrink, shrink_with_origins, starts_word};
use crate::search::merge;

/// The most signs of a query that are read.
pub const LONGEST: usize = 200;
/// The fewest letters of a typed word that may be one letter off: a word of five may have lost one.
const FORGIVEN: usize = 4;

/// How closely words are to fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// To the letter, case and ё aside, anywhere in a text.
    Exact,
    /// One letter of a longer word may be wrong, missing, too many, or have changed places with the
    /// next; such a word stands at the beginning of one of the text.
    Typo,
}

/// Words that are all looked for, in any order.
pub struct Wanted {
    pub(super) words: Vec<Word>,
    /// All words as one text.
    pub(super) whole: String,
    /// The number of the word that narrows the most: the longest.
    pub(super) main: usize,
    /// Whether it is one digit, which is looked for as a whole ID or label alone.
    pub(super) is_digit: bool,
}

/// One word.
pub(super) struct Word {
    pub(super) text: String,
    pub(super) finder: Finder<'static>,
    /// Its halves, where it may have a typo: of a word with one wrong letter, one half is right.
    pub(super) halves: Option<Halves>,
}

pub(super) struct Halves {
    pub(super) first: Finder<'static>,
    pub(super) second: Finder<'static>,
    /// The word with the last letter of the first half and the first one of the second exchanged,
    /// which is in neither half.
    pub(super) swapped: Option<Finder<'static>>,
    /// How long the first half is.
    pub(super) cut: usize,
}

/// How a word stands in a text; the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stand {
    /// At the beginning of a word.
    Start,
    /// Within one.
    Inside,
    /// With a letter that is wrong.
    Typo,
}

impl Wanted {
    /// Reads what was typed. Nothing where that is too little to look for: a word has two signs, or
    /// it is one digit.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let read: String = text.chars().take(LONGEST).collect();
        let words: Vec<Word> = read
            .split(is_gap)
            .map(shrink)
            .filter(|word| !word.is_empty())
            .map(Word::new)
            .collect();
        let longest = words.iter().enumerate();
        let (main, word) =
            longest.max_by_key(|(place, word)| (word.text.len(), std::cmp::Reverse(*place)))?;
        let is_digit = words.len() == 1 && word.text.len() == 1;
        if is_digit && !word.text.as_bytes()[0].is_ascii_digit()
            || word.text.chars().count() < 2 && !is_digit
        {
            return None;
        }
        let texts: Vec<_> = words.iter().map(|word| word.text.as_str()).collect();
        Some(Self {
            whole: texts.join(" "),
            main,
            is_digit,
            words,
        })
    }

    /// Whether a typo could be forgiven at all.
    #[must_use]
    pub fn may_have_typo(&self) -> bool {
        self.main().halves.is_some()
    }

    pub(super) fn main(&self) -> &Word {
        &self.words[self.main]
    }

    /// The parts of a text that the words cover, as byte ranges of the text itself: in order, apart
    /// from each other, on boundaries of signs.
    #[must_use]
    pub fn marks(&self, text: &str, fit: Fit) -> Vec<Range<usize>> {
        let (shrunk, origins) = shrink_with_origins(text);
        let mut ranges = Vec::new();
        for word in &self.words {
            for (start, length) in word.places(&shrunk, fit) {
                if length > 0 {
                    ranges.push(origins[start].start..origins[start + length - 1].end);
                }
            }
        }
        merge(ranges)
    }
}

impl Word {
    fn new(text: String) -> Self {
        Self {
            finder: Finder::new(text.as_bytes()).into_owned(),
            halves: Halves::of(&text),
            text,
        }
    }

    /// How the word stands in a text, if it does.
    pub(super) fn stands(&self, text: &str, fit: Fit) -> Option<Stand> {
        let mut places = self.finder.find_iter(text.as_bytes()).peekable();
        if places.peek().is_some() {
            let at_start = places.any(|at| starts_word(text, at));
            return Some(if at_start {
                Stand::Start
            } else {
                Stand::Inside
            });
        }
        let has_typo = fit == Fit::Typo && self.nearly(text).next().is_some();
        has_typo.then_some(Stand::Typo)
    }

    /// Where the word stands and how long it is there; nearly so only where it is nowhere exactly.
    fn places(&self, text: &str, fit: Fit) -> Vec<(usize, usize)> {
        let places = self.finder.find_iter(text.as_bytes());
        let places: Vec<_> = places.map(|at| (at, self.text.len())).collect();
        if places.is_empty() && fit == Fit::Typo {
            return self.nearly(text).collect();
        }
        places
    }

    /// Where the word begins with at most one letter off, and how long it is there.
    fn nearly<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (usize, usize)> + 'a {
        let is_forgiven = self.halves.is_some();
        text.char_indices()
            .filter(move |(at, _)| is_forgiven && starts_word(text, *at))
            .filter_map(|(at, _)| Some((at, self.nearly_at(text, at)?)))
    }

    /// How long the word is at this place, where it is there with at most one letter off.
    pub(super) fn nearly_at(&self, text: &str, at: usize) -> Option<usize> {
        within_one(self.text.as_bytes(), text.as_bytes().get(at..)?)
    }
}

impl Halves {
    fn of(word: &str) -> Option<Self> {
        let letters = word.chars().count();
        if letters < FORGIVEN {
            return None;
        }
        let (cut, after) = word.char_indices().nth(letters / 2)?;
        let (first, second) = word.split_at(cut);
        let before = first.chars().next_back()?;
        let mut swapped = first.strip_suffix(before)?.to_owned();
        swapped.push(after);
        swapped.push(before);
        swapped.push_str(&second[after.len_utf8()..]);
        let finder = |text: &str| Finder::new(text.as_bytes()).into_owned();
        Some(Self {
            first: finder(first),
            second: finder(second),
            swapped: (after != before).then(|| finder(&swapped)),
            cut,
        })
    }
}

/// How many bytes of `text` the word takes from its first on, with at most one letter wrong, missing,
/// too many or exchanged with the next.
fn within_one(word: &[u8], text: &[u8]) -> Option<usize> {
    let same = word
        .iter()
        .zip(text)
        .take_while(|(one, other)| one == other);
    let same = same.count();
    let (word, text) = (&word[same..], &text[same..]);
    let Some((_, rest)) = word.split_first() else {
        return Some(same);
    };
    // Letters of one text alone.
    let after = text
        .split_first()
        .filter(|(byte, _)| !matches!(byte, b'\t' | b'\n'));
    if after.is_some_and(|(_, after)| after.starts_with(rest)) {
        return Some(same + word.len());
    }
    if after.is_some_and(|(_, after)| after.starts_with(word)) {
        return Some(same + word.len() + 1);
    }
    if text.starts_with(rest) {
        return Some(same + rest.len());
    }
    let is_swapped = word.len() >= 2
        && text.len() >= 2
        && (word[0], word[1]) == (text[1], text[0])
        && text[2..].starts_with(&word[2..]);
    is_swapped.then_some(same + word.len())
}
