//! Text that was typed while the keyboard stood in the other language: ghbdtn for привет.

const LATIN: &str = "`qwertyuiop[]asdfghjkl;'zxcvbnm,.~QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>";
const RUSSIAN: &str = "ёйцукенгшщзхъфывапролджэячсмитьбюЁЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ";

/// What the same keys give in the other language; nothing where the text has letters of both, or of
/// neither.
#[must_use]
pub fn other_layout(text: &str) -> Option<String> {
    let has_latin = text.chars().any(|sign| sign.is_ascii_alphabetic());
    let has_russian = text.chars().any(|sign| RUSSIAN.contains(sign));
    let (from, to) = match (has_latin, has_russian) {
        (true, false) => (LATIN, RUSSIAN),
        (false, true) => (RUSSIAN, LATIN),
        _ => return None,
    };
    let key = |sign| {
        let mut keys = from.chars().zip(to.chars());
        keys.find(|(typed, _)| *typed == sign)
            .map_or(sign, |(_, meant)| meant)
    };
    Some(text.chars().map(key).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_keys_are_read_in_the_other_language() {
        for (typed, meant) in [
            ("ghbdtn", "привет"),
            ("Ljujdjh j gjcnfdrt", "Договор о поставке"),
            ("ГА_СКЬ_1713", "UF_CRM_1713"),
            ("С7ЖЦЩТ", "C7:WON"),
            ("`krf", "ёлка"),
        ] {
            assert_eq!(other_layout(typed).as_deref(), Some(meant));
        }
        for neither in ["1713", "", "c7 сделка", "電話"] {
            assert_eq!(other_layout(neither), None);
        }
        assert_eq!(LATIN.chars().count(), RUSSIAN.chars().count());
    }
}
