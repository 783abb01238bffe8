//! By what things are known: texts made comparable, hashes of contents, and what Bitrix24 made up.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::search::key;

/// A text without what people do not mean by it: capitals, ё, white space at the ends and doubled.
pub(super) fn fold(text: &str) -> String {
    let folded = key(text);
    let mut made = String::with_capacity(folded.len());
    for word in folded.split_whitespace() {
        if !made.is_empty() {
            made.push(' ');
        }
        made.push_str(word);
    }
    made
}

/// The same number for the same content, in every run.
pub(super) fn print(content: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    hasher.finish()
}

/// Whether Bitrix24 made up the code of a field: the moment at which it was made, or the name that
/// PHP makes of one (`UF_CRM_1713790573`, `UF_CRM_5E2B1C9A7F3D1`).
pub(super) fn is_made_up(code: &str) -> bool {
    let Some(name) = code.strip_prefix("UF_CRM_") else {
        return false;
    };
    let last = name.rsplit('_').next().unwrap_or(name);
    let is_moment = last.len() >= 9 && last.bytes().all(|byte| byte.is_ascii_digit());
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte);
    let is_unique = last.len() == 13
        && last.bytes().all(is_hex)
        && last.bytes().any(|byte| byte.is_ascii_digit());
    is_moment || is_unique
}

/// An identifier from outside, unless it is the hash that Bitrix24 gives to whatever has none.
pub(super) fn given_xml_id(xml_id: Option<&str>) -> Option<&str> {
    let made_up = |id: &str| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    xml_id.filter(|id| !id.is_empty() && !made_up(id))
}

/// A type without the number that an application has in its portal: `rest_color` for
/// `rest_5_color`.
pub(super) fn common_type(code: &str) -> (&str, &str) {
    let Some(rest) = code.strip_prefix("rest_") else {
        return ("", code);
    };
    match rest.split_once('_') {
        Some((number, name))
            if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            ("rest_", name)
        }
        _ => ("", code),
    }
}

/// The identifier of a stage without the prefix of its funnel: `WON` for `C7:WON`.
pub(super) fn bare_status(status_id: &str) -> &str {
    match status_id.split_once(':') {
        Some((_, bare)) => bare,
        None => status_id,
    }
}

/// Whether a bare identifier of a stage says anything: Bitrix24 numbers some of them.
pub(super) fn is_telling(bare: &str) -> bool {
    !bare.is_empty() && !bare.bytes().all(|byte| byte.is_ascii_digit())
}

/// How much two sorted lists have in common, from 0 to 1000; nothing to compare is no likeness.
pub(super) fn likeness(left: &[u64], right: &[u64]) -> u32 {
    let total = left.len() + right.len();
    if total == 0 {
        return 0;
    }
    let (mut l, mut r, mut common) = (0, 0, 0);
    while let (Some(a), Some(b)) = (left.get(l), right.get(r)) {
        match a.cmp(b) {
            std::cmp::Ordering::Less => l += 1,
            std::cmp::Ordering::Greater => r += 1,
            std::cmp::Ordering::Equal => {
                common += 1;
                l += 1;
                r += 1;
            }
        }
    }
    u32::try_from(2000 * common / total).unwrap_or(0)
}

/// The pairs of neighbouring letters of a text, sorted: by these alike names are alike.
pub(super) fn letter_pairs(text: &str) -> Vec<u64> {
    let letters: Vec<char> = text.chars().collect();
    let mut pairs: Vec<u64> = letters
        .windows(2)
        .map(|pair| u64::from(u32::from(pair[0])) << 32 | u64::from(u32::from(pair[1])))
        .collect();
    pairs.sort_unstable();
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_bitrix24_makes_up_is_known() {
        for code in [
            "UF_CRM_1713790573",
            "UF_CRM_DEAL_1713790573",
            "UF_CRM_5E2B1C9A7F3D1",
        ] {
            assert!(is_made_up(code), "{code}");
        }
        for code in [
            "UF_CRM_CHANNEL",
            "UF_CRM_2024",
            "UF_CRM_",
            "1713790573",
            "UF_CRM_ABCDEFABCDEFA",
        ] {
            assert!(!is_made_up(code), "{code}");
        }
        assert_eq!(given_xml_id(Some("0123456789abcdef0123456789abcdef")), None);
        assert_eq!(given_xml_id(Some("")), None);
        assert_eq!(given_xml_id(Some("site")), Some("site"));
    }

    #[test]
    fn what_differs_between_portals_is_left_out() {
        assert_eq!(bare_status("C7:WON"), "WON");
        assert_eq!(bare_status("WON"), "WON");
        assert_eq!(common_type("rest_5_color"), common_type("rest_17_color"));
        assert_ne!(common_type("rest_color"), common_type("rest_5_color"));
        assert_eq!(fold("  Счёт\u{a0} на  ОПЛАТУ "), "счет на оплату");
    }

    #[test]
    fn likeness_goes_from_nothing_to_all() {
        assert_eq!(likeness(&[], &[]), 0);
        assert_eq!(likeness(&[1, 2], &[1, 2]), 1000);
        assert_eq!(likeness(&[1, 1, 2], &[1]), 500);
        assert_eq!(likeness(&[1], &[2]), 0);
    }
}
