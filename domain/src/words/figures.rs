//! Numbers and moments as each language writes them. IDs are no numbers: they are written as they
//! are.

use time::{Date, OffsetDateTime};

use super::en;
use crate::Lang;

/// A count with its thousands apart: «12 345» and “12,345”. The Russian space does not break.
#[must_use]
pub fn number(count: u64, lang: Lang) -> String {
    let apart = match lang {
        Lang::Ru => '\u{a0}',
        Lang::En => ',',
    };
    let digits = count.to_string();
    let mut written = String::with_capacity(digits.len() + digits.len() / 2);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            written.push(apart);
        }
        written.push(digit);
    }
    written
}

/// A day: «25.11.2026» and “25 Nov 2026”.
#[must_use]
pub fn day(on: Date, lang: Lang) -> String {
    let (year, month, day) = on.to_calendar_date();
    let mut written = String::with_capacity(16);
    match lang {
        Lang::Ru => {
            two_digits(&mut written, day);
            written.push('.');
            two_digits(&mut written, u8::from(month));
            written.push('.');
        }
        Lang::En => {
            written.push_str(&day.to_string());
            written.push('\u{a0}');
            written.push_str(en::month(month));
            written.push('\u{a0}');
        }
    }
    written.push_str(&year.to_string());
    written
}

/// A moment to the minute, by its own offset: «25.11.2026 15:36» and “25 Nov 2026, 15:36”.
#[must_use]
pub fn moment(at: OffsetDateTime, lang: Lang) -> String {
    let mut written = day(at.date(), lang);
    written.push_str(match lang {
        Lang::Ru => "\u{a0}",
        Lang::En => ",\u{a0}",
    });
    two_digits(&mut written, at.hour());
    written.push(':');
    two_digits(&mut written, at.minute());
    written
}

fn two_digits(written: &mut String, number: u8) {
    if number < 10 {
        written.push('0');
    }
    written.push_str(&number.to_string());
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn thousands_stand_apart_as_each_language_has_it() {
        for (count, ru, en) in [
            (0, "0", "0"),
            (999, "999", "999"),
            (1_000, "1\u{a0}000", "1,000"),
            (12_345, "12\u{a0}345", "12,345"),
            (
                u64::MAX,
                "18\u{a0}446\u{a0}744\u{a0}073\u{a0}709\u{a0}551\u{a0}615",
                "18,446,744,073,709,551,615",
            ),
        ] {
            assert_eq!(number(count, Lang::Ru), ru);
            assert_eq!(number(count, Lang::En), en);
        }
    }

    #[test]
    fn days_and_moments_are_written_as_each_language_has_them() {
        let at = datetime!(2026-05-03 08:04:59 +03:00);
        assert_eq!(day(at.date(), Lang::Ru), "03.05.2026");
        assert_eq!(moment(at, Lang::Ru), "03.05.2026\u{a0}08:04");
        assert_eq!(day(at.date(), Lang::En), "3\u{a0}May\u{a0}2026");
        assert_eq!(moment(at, Lang::En), "3\u{a0}May\u{a0}2026,\u{a0}08:04");
    }
}
