//! How well a password stands up to guessing (SEC-67).

use crmap_domain::cabinet::{PasswordFlaw, Strength, check_length};
use secrecy::{ExposeSecret, SecretString};
use zxcvbn::zxcvbn;

use super::commonplace::{COMMONPLACE, in_latin_layout};

/// What is enough, of 4.
const ENOUGH: u8 = 3;
/// What every guesser tries at this door.
const OURS: [&str; 4] = ["crmap", "bitrix", "bitrix24", "битрикс"];
/// Shorter parts of what is known of the owner say nothing.
const SHORTEST: usize = 3;
/// How many characters are looked at, of the password and of each thing that is known of the owner:
/// the work grows faster than the length, and anybody may have it done.
const MOST: usize = 64;
/// How many readings of how many parts of a password are tried at the most: all parts of the longest
/// one that is looked at, read in sixteen ways, which is what digits alone can stand for.
const MOST_WORK: usize = 16 * MOST * MOST;
/// The signs that zxcvbn reads as letters; it tries all of their combinations. A sign that stands
/// for two letters is read in twice as many ways.
const READ_AS_LETTERS: [&str; 12] = [
    "4@", "8", "({[<", "3", "69", "1!|", "1|7", "0", "$5", "+7", "%", "2",
];
const READ_TWICE: [char; 3] = ['1', '|', '7'];

/// Judges a password, knowing what a guesser would know `about` its owner.
pub(super) fn judge(password: &SecretString, about: &[&str]) -> Strength {
    let password = password.expose_secret();
    let known = known_words(about);
    let known: Vec<&str> = known
        .iter()
        .map(String::as_str)
        .chain(COMMONPLACE.iter().map(String::as_str))
        .collect();
    let score = |text: &str| u8::from(zxcvbn(text, &known).score());
    let looked_at: String = password.chars().take(MOST).collect();
    // `йцукен` is `qwerty` to whoever guesses.
    let latin = in_latin_layout(&looked_at);
    let score = if latin == looked_at {
        score(judged_part(&looked_at))
    } else {
        score(judged_part(&looked_at)).min(score(judged_part(&latin)))
    };
    let weak = (score < ENOUGH).then_some(PasswordFlaw::Weak);
    Strength {
        score,
        flaw: check_length(password).or(weak),
    }
}

/// The beginning of a text that is worth no more than [`MOST_WORK`].
fn judged_part(text: &str) -> &str {
    let ends = text.char_indices().map(|(at, sign)| at + sign.len_utf8());
    let parts = ends.take(MOST).filter_map(|end| text.get(..end));
    let is_bearable = |(length, part): &(usize, &str)| length * length * ways(part) <= MOST_WORK;
    (1..)
        .zip(parts)
        .take_while(is_bearable)
        .last()
        .map_or("", |(_, part)| part)
}

/// In how many ways a text can be read.
fn ways(text: &str) -> usize {
    let ways = READ_AS_LETTERS.iter().map(|signs| {
        let found = signs.chars().filter(|sign| text.contains(*sign)).count();
        found.max(1)
    });
    let twice = READ_TWICE.iter().filter(|sign| text.contains(**sign));
    ways.product::<usize>() << twice.count()
}

/// Names, addresses and the parts that they are made of.
fn known_words(about: &[&str]) -> Vec<String> {
    let mut words: Vec<String> = OURS.map(str::to_owned).into();
    for text in about {
        let text: String = text.to_lowercase().chars().take(MOST).collect();
        let parts = text.split(|sign: char| !sign.is_alphanumeric());
        words.extend(
            parts
                .filter(|part| part.chars().count() >= SHORTEST)
                .map(str::to_owned),
        );
        words.push(text);
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(password: &str) -> Strength {
        let about = ["Иван Сидоров", "ivan.sidorov@romashka-plus.ru"];
        judge(&SecretString::from(password), &about)
    }

    #[test]
    fn sec_67_what_guessers_try_first_is_not_taken() {
        for password in [
            "password1",
            "qwerty123456",
            "йцукен12345",
            "Пароль2024",
            "парольпароль",
            "gfhjkm123",
            "ghbdtn2023",
            "privet123",
            "любовь1990",
            "Наташа1985",
            "фывапролджэ",
            "1234567890",
            "aaaaaaaaaaaa",
            "abcdefgh",
            "ПРИВЕТ123",
            "зфыыцщкв1",
        ] {
            assert_eq!(
                judged(password).flaw,
                Some(PasswordFlaw::Weak),
                "{password}"
            );
        }
    }

    #[test]
    fn sec_67_what_is_known_of_the_owner_and_of_the_door_is_guessed_first() {
        for password in [
            "crmapcrmap",
            "bitrix24crmap",
            "Битрикс24",
            "sidorov2024",
            "ivan.sidorov",
            "Сидоров123",
            "romashka-plus",
            "romashka2024",
            "ivan.sidorov@romashka-plus.ru",
        ] {
            assert_eq!(
                judged(password).flaw,
                Some(PasswordFlaw::Weak),
                "{password}"
            );
        }
        let stranger = judge(&SecretString::from("romashka-plus"), &[]);
        assert!(stranger.score > judged("romashka-plus").score);
    }

    #[test]
    fn sec_67_what_nobody_guesses_is_taken_whatever_it_is_made_of() {
        for password in [
            "correct horse battery staple",
            "синий трактор едет в огород",
            "жфшущвцхъэ",
            "k7#pQ2!vLx",
            "tr0ub4dor-and-a-half",
            "🦀 краб под столом 🦀",
        ] {
            assert_eq!(judged(password).flaw, None, "{password}");
        }
    }

    #[test]
    fn sec_67_lengths_are_told_before_all_else() {
        assert_eq!(judged("").flaw, Some(PasswordFlaw::Short));
        assert_eq!(judged("k7#pQ2!").flaw, Some(PasswordFlaw::Short));
        let long = "k7#pQ2!vLx".repeat(100_000);
        assert_eq!(judged(&long).flaw, Some(PasswordFlaw::Long));
    }

    #[test]
    fn sec_65_no_text_is_read_in_more_ways_than_can_be_borne() {
        let all = "4@8({[<369!1|70$5+%2";
        let hostile = format!("{all}{all}{all}{all}");
        let part = judged_part(&hostile);
        assert!(part.len() * part.len() * ways(part) <= MOST_WORK);
        assert!(part.len() >= 12, "{part}");
        assert!(ways(&hostile) > 500);
        // The same behind a long harmless beginning, and by way of the other layout.
        let late = format!("{}{all}", "ж".repeat(44));
        assert!(judged_part(&late).chars().count() < 64);
        let keys = in_latin_layout(&"хъбюэжё1234567890".repeat(4));
        assert!(judged_part(&keys).len() <= 64);
        for usual in ["0123456789abcdef".repeat(4), "синий трактор ".repeat(9)] {
            assert_eq!(judged_part(&usual).chars().count(), 64, "{usual}");
        }
        assert_eq!(judged_part(""), "");
        assert_eq!(judged(&hostile).flaw, None);
    }

    #[test]
    fn odd_texts_do_not_break_it() {
        for password in [
            "\0\0\0\0\0\0\0\0",
            "e\u{301}e\u{301}e\u{301}",
            "İİİİİİİİ",
            "ﬁﬁﬁﬁﬁﬁﬁﬁ",
            "\u{200d}👩‍👩‍👧‍👦👩‍👩‍👧‍👦",
        ] {
            let about = [password, "İ", "ß@ß.de"];
            assert!(judge(&SecretString::from(password), &about).score <= 4);
        }
    }
}
