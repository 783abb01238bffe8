//! Names of files (SEC-56).

use time::OffsetDateTime;

use crate::OfMany;

/// `crmap_portals_<YYYY-MM-DD>.<extension>`: what a file of many portals is called.
#[must_use]
pub fn name_of_many(form: OfMany, at: OffsetDateTime) -> String {
    let (year, month, day) = (at.year(), u8::from(at.month()), at.day());
    format!(
        "crmap_portals_{year:04}-{month:02}-{day:02}.{}",
        form.extension()
    )
}

/// The header `Content-Disposition` of a file (RFC 6266). Whatever the name holds, it is one that
/// every system takes, and needs no second form (RFC 8187): letters, digits, dots, hyphens and
/// underscores of ASCII, at most 120, none of the names that Windows keeps for itself.
#[must_use]
pub fn attachment(name: &str) -> String {
    format!("attachment; filename=\"{}\"", safe(name))
}

/// The longest name, in bytes.
const LONGEST: usize = 120;

fn safe(name: &str) -> String {
    let safe_sign = |c: char| match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' | '_' => c,
        _ => '_',
    };
    let name: String = name.chars().map(safe_sign).collect();
    let name = name.trim_matches('.');
    let stem = name.split('.').next().unwrap_or_default();
    let name = if stem.is_empty() || is_reserved(stem) {
        format!("_{name}")
    } else {
        name.to_owned()
    };
    // The extension stands at the end, and stays.
    name[name.len().saturating_sub(LONGEST)..].to_owned()
}

/// Whether Windows keeps a name for a device, whatever its extension.
fn is_reserved(stem: &str) -> bool {
    let stem = stem.to_ascii_uppercase();
    let numbered = |device: &str| {
        stem.strip_prefix(device)
            .is_some_and(|number| number.len() == 1 && number.bytes().all(|c| c.is_ascii_digit()))
    };
    ["CON", "PRN", "AUX", "NUL"].contains(&stem.as_str()) || numbered("COM") || numbered("LPT")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_56_a_name_is_safe_in_headers_and_in_every_file_system() {
        for (name, wanted) in [
            ("crmap_demo_2026-11-25.txt", "crmap_demo_2026-11-25.txt"),
            ("a\"; filename=\"b.exe", "a___filename__b.exe"),
            ("a\r\nSet-Cookie: b", "a__Set-Cookie__b"),
            ("../../etc/passwd", "_.._etc_passwd"),
            ("..\\a", "_a"),
            ("con.txt", "_con.txt"),
            ("LPT1", "_LPT1"),
            ("COM10.txt", "COM10.txt"),
            ("Отчёт.csv", "_____.csv"),
            (".", "_"),
            ("", "_"),
        ] {
            let header = attachment(name);
            assert_eq!(
                header,
                format!("attachment; filename=\"{wanted}\""),
                "{name:?}"
            );
        }
        let long = attachment(&format!("{}.xlsx", "a".repeat(300)));
        let name = long.strip_prefix("attachment; filename=\"").unwrap();
        let name = name.strip_suffix('"').unwrap();
        assert_eq!(name.len(), LONGEST);
        assert!(name.ends_with("a.xlsx"));
    }
}
