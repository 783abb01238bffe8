//! Rings of keys, as texts and as files.

use super::*;

const ONE: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
const TWO: &str = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";

fn refusal(text: &str) -> String {
    KeyRing::parse(text).unwrap_err().to_string()
}

#[test]
fn the_first_key_is_the_newest() {
    let ring = KeyRing::parse(&format!("new:{TWO},old:{ONE}")).unwrap();
    assert_eq!(ring.newest(), ("new", &[2; 32]));
    assert_eq!(ring.find("old"), Some(&[1; 32]));
    assert_eq!(ring.find("none"), None);
    let again = KeyRing::parse(&ring.to_text()).unwrap();
    assert_eq!(again.ids().collect::<Vec<_>>(), ["new", "old"]);
}

#[test]
fn sec_30_unusable_rings_are_refused_without_showing_keys() {
    for (text, why) in [
        (String::new(), "there is no key"),
        (" , \n".to_owned(), "there is no key"),
        (format!("a:{ONE},a:{TWO}"), "`a` is used twice"),
        (
            "a:AQEBAQEBAQEBAQEBAQEBAQ==".to_owned(),
            "has 16 bytes instead of 32",
        ),
        (ONE.to_owned(), "entry 1 is not of the form"),
        (
            format!("a:{ONE},{TWO}:b"),
            "the identifier of entry 2 must be",
        ),
        ("a:!!!!".to_owned(), "the key `a` is not base64"),
    ] {
        let said = refusal(&text);
        assert!(said.contains(why), "{said}");
        assert!(!said.contains("AQEB") && !said.contains("AgIC"), "{said}");
    }
}

#[test]
fn sec_34_debug_shows_identifiers_alone() {
    let ring = KeyRing::parse(&format!("new:{TWO},old:{ONE}")).unwrap();
    assert_eq!(format!("{ring:?}"), r#"["new", "old"]"#);
}

#[test]
fn sec_33_a_file_is_made_for_its_owner_and_a_lax_mode_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("made/vault.keys");
    let made = KeyRing::load_or_create(&path, [7; 32]).unwrap();
    assert!(made.created && made.lax_mode.is_none());
    for (path, private) in [(&*path, 0o600), (path.parent().unwrap(), 0o700)] {
        let mode = std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, private, "{}", path.display());
    }

    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
    let loaded = KeyRing::load_or_create(&path, [8; 32]).unwrap();
    assert!(!loaded.created);
    assert_eq!(loaded.lax_mode.as_deref(), Some("0644"));
    assert_eq!(loaded.keys.newest(), made.keys.newest());
}

/// Root's file that a service reads by its group, as systemd's credentials are.
#[test]
fn sec_33_a_file_of_another_user_may_be_read_by_its_group() {
    use std::os::unix::fs::{PermissionsExt, chown};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.keys");
    KeyRing::load_or_create(&path, [7; 32]).unwrap();
    let lax = |mode| {
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        KeyRing::load(&path).unwrap().lax_mode
    };
    assert_eq!(lax(0o640).as_deref(), Some("0640"));
    // Files are given away by root alone.
    if chown(&path, Some(65_534), None).is_err() {
        return;
    }
    assert_eq!(lax(0o440), None);
    assert_eq!(lax(0o640), None);
    assert_eq!(lax(0o660).as_deref(), Some("0660"));
    assert_eq!(lax(0o444).as_deref(), Some("0444"));
}

#[test]
fn a_new_key_comes_first_and_the_old_one_stays() {
    let ring = KeyRing::generate([1; 32]).with_new_key([2; 32]);
    assert_eq!(ring.newest().1, &[2; 32]);
    assert_eq!(ring.ids().count(), 2);
}
