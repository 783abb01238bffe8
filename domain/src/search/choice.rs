//! Chooses one of a few things by its name: a page, a portal, something to do. Other than a search for
//! rows it guesses, since what is meant is known to be there: either keyboard layout, and names with
//! letters left out.

use super::fleet::other_layout;
use super::key;

/// The least letters of a word that may leave letters of a name out.
const LEAST_LETTERS: usize = 3;

/// What somebody types to choose by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choice {
    words: Vec<String>,
    /// The same keys in the other layout.
    otherwise: Vec<String>,
}

/// How well a name answers to a [`Choice`], the best one first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answers {
    /// Each word begins a word of the name.
    Beginning,
    /// Each word stands somewhere in it.
    Within,
    /// It does so in the other keyboard layout.
    OtherLayout,
    /// Letters are left out.
    Skipping,
}

impl Choice {
    /// Splits at white space; an empty choice fits every name.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let words = |text: &str| text.split_whitespace().map(key).collect();
        Self {
            words: words(text),
            otherwise: other_layout(text).map_or_else(Vec::new, |text| words(&text)),
        }
    }

    /// Whether nothing was typed.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// How well a name answers, if it does; `name` as [`key`] gives it.
    #[must_use]
    pub fn answer(&self, name: &str) -> Option<Answers> {
        if all(&self.words, |word| begins(name, word)) {
            return Some(Answers::Beginning);
        }
        if all(&self.words, |word| name.contains(word)) {
            return Some(Answers::Within);
        }
        let is_other = !self.otherwise.is_empty();
        if is_other && all(&self.otherwise, |word| name.contains(word)) {
            return Some(Answers::OtherLayout);
        }
        let skips = |words: &[String]| all(words, |word| begins(name, word) || skips(name, word));
        (skips(&self.words) || is_other && skips(&self.otherwise)).then_some(Answers::Skipping)
    }

    /// Whether some word of it stands in the name, in either layout.
    #[must_use]
    pub fn touches(&self, name: &str) -> bool {
        let mut words = self.words.iter().chain(&self.otherwise);
        words.any(|word| name.contains(word.as_str()))
    }
}

fn all(words: &[String], fits: impl Fn(&str) -> bool) -> bool {
    words.iter().all(|word| fits(word))
}

fn words_of(name: &str) -> impl Iterator<Item = &str> {
    name.split(|sign: char| !sign.is_alphanumeric())
}

fn begins(name: &str, word: &str) -> bool {
    name.match_indices(word).any(|(at, _)| {
        let before = name[..at].chars().next_back();
        before.is_none_or(|sign| !sign.is_alphanumeric())
    })
}

/// Whether a word of the name begins with the same letter and has the others behind it in order.
fn skips(name: &str, word: &str) -> bool {
    word.chars().count() >= LEAST_LETTERS
        && words_of(name).any(|whole| {
            whole.chars().next() == word.chars().next() && {
                let mut letters = whole.chars();
                word.chars()
                    .all(|sought| letters.any(|letter| letter == sought))
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(typed: &str, name: &str) -> Option<Answers> {
        Choice::parse(typed).answer(&key(name))
    }

    #[test]
    fn words_are_taken_in_any_order_and_their_beginnings_count_more() {
        let name = "Ромашка, Поля контактов";
        assert_eq!(answer("", name), Some(Answers::Beginning));
        assert_eq!(answer("рома поля", name), Some(Answers::Beginning));
        assert_eq!(answer("КОНТАКТ ром", name), Some(Answers::Beginning));
        assert_eq!(answer("машка", name), Some(Answers::Within));
        assert_eq!(answer("ромашка сделки", name), None);
        assert!(Answers::Beginning < Answers::Within);
        assert!(Answers::OtherLayout < Answers::Skipping);
    }

    #[test]
    fn a_name_is_found_in_the_other_layout_and_with_letters_left_out() {
        assert_eq!(answer("hjvfirf", "Ромашка"), Some(Answers::OtherLayout));
        assert_eq!(answer("сщьзфку", "Compare"), Some(Answers::OtherLayout));
        assert_eq!(answer("рмшк", "ООО «Ромашка»"), Some(Answers::Skipping));
        assert_eq!(answer("hviк", "Ромашка"), None);
        assert_eq!(answer("hvi", "Ромашка"), Some(Answers::Skipping));
        // Two letters would stand in too many names.
        assert_eq!(answer("рк", "Ромашка"), None);
        // In order, and from the first letter on.
        assert_eq!(answer("омк", "Ромашка"), None);
        assert_eq!(answer("ркш", "Ромашка"), None);
    }

    #[test]
    fn a_name_is_touched_by_one_word_of_several() {
        let choice = Choice::parse("hjvfirf gjkz");
        assert!(choice.touches(&key("ООО «Ромашка»")));
        assert!(!choice.touches(&key("Василёк")));
        assert!(!Choice::parse("").touches("ромашка"));
    }
}
