//! The JSON specification and its published schema.

use std::path::Path;

use crmap_domain::json::{self, InvalidSpecification, from_json, to_json};
use crmap_domain::{Refusal, Section};
use proptest::prelude::*;
use serde_json::{Value, json};
use time::macros::datetime;

use crate::arbitrary::{config, specification};
use crate::sample;

fn published() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/specification.schema.json");
    let current = format!(
        "{}\n",
        serde_json::to_string_pretty(&json::schema()).unwrap()
    );
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(&path, &current).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        published == current,
        "docs/specification.schema.json is not up to date: run \
         UPDATE_SCHEMA=1 cargo test -p crmap-domain, and raise the version of the format if a \
         reader of the old one would misunderstand"
    );
    serde_json::from_str(&published).unwrap()
}

fn validator() -> jsonschema::Validator {
    jsonschema::options()
        .should_validate_formats(true)
        .build(&published())
        .unwrap()
}

fn document() -> Value {
    serde_json::from_str(&to_json(&sample::specification())).unwrap()
}

#[test]
fn a_document_names_its_format_first() {
    let json = to_json(&sample::specification());
    assert!(json.starts_with("{\n  \"format\": \"crmap.specification\",\n  \"version\": 1,\n"));
    assert_eq!(from_json(&json).unwrap(), sample::specification());
}

#[test]
fn the_published_schema_tells_documents_from_others() {
    let validator = validator();
    assert!(validator.is_valid(&document()));
    let mut refused = sample::specification();
    refused.users = Section::Refused(Refusal::Other {
        code: "X".to_owned(),
        message: String::new(),
    });
    refused.fields.lead = Some(Section::Refused(Refusal::MissingScope("crm".to_owned())));
    assert!(validator.is_valid(&serde_json::from_str(&to_json(&refused)).unwrap()));
    let check = |pointer: &str, value: Value| {
        let mut document = document();
        *document.pointer_mut(pointer).unwrap() = value;
        assert!(!validator.is_valid(&document), "{pointer}");
    };
    check("/format", json!("other"));
    check("/version", json!(2));
    check("/reading/at", json!("yesterday"));
    check("/portal/member_id", json!("123"));
    check("/stages/rows/0/color", json!("red;}"));
    check("/stages/rows/0/meaning", json!("unknown"));
    check("/users", json!([]));
    check("/fields/deal/rows/0/items/0/id", json!("3157"));
}

#[test]
fn documents_of_another_format_or_version_are_refused_by_name() {
    let refuse = |pointer: &str, value: Value| {
        let mut document = document();
        *document.pointer_mut(pointer).unwrap() = value;
        from_json(&document.to_string()).unwrap_err()
    };
    assert_eq!(
        refuse("/format", json!("other")).to_string(),
        r#"the format is "other", not "crmap.specification""#
    );
    assert_eq!(
        refuse("/version", json!(2)).to_string(),
        "version 2 of the format is not known, only 1"
    );
    assert!(matches!(
        refuse("/stages", json!(1)),
        InvalidSpecification::Malformed(_)
    ));
    assert!(matches!(
        from_json("{}"),
        Err(InvalidSpecification::Format(_))
    ));
    assert!(matches!(
        from_json("not json"),
        Err(InvalidSpecification::Malformed(_))
    ));
}

#[test]
fn a_moment_that_rfc_3339_cannot_write_is_written_as_near_as_it_can() {
    let mut specification = sample::specification();
    specification.reading.at = datetime!(2026-11-24 08:31:07 +03:00:59);
    let back = from_json(&to_json(&specification)).unwrap();
    assert_eq!(back.reading.at, specification.reading.at);
    specification.reading.at = datetime!(-0044-03-15 12:00 UTC);
    assert!(from_json(&to_json(&specification)).is_ok());
}

#[test]
fn descriptions_are_for_readers_without_the_code() {
    let schema = json::schema().to_string();
    assert!(!schema.contains("bitrix24.md") && !schema.contains("\\n"));
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn sec_55_documents_read_back_and_hide_nothing(specification in specification()) {
        let json = to_json(&specification);
        prop_assert_eq!(from_json(&json).unwrap(), specification);
        prop_assert!(json.chars().all(|c| c == '\n' || !c.is_control()));
        let hidden = ['\u{202e}', '\u{2066}', '\u{200d}', '\u{feff}', '\u{2028}'];
        prop_assert!(!json.contains(hidden));
    }
}

#[test]
fn any_specification_fits_the_schema() {
    let validator = validator();
    let cases = ProptestConfig {
        cases: 64,
        ..config()
    };
    proptest!(cases, |(specification in specification())| {
        let document: Value = serde_json::from_str(&to_json(&specification)).unwrap();
        prop_assert!(validator.is_valid(&document));
    });
}
