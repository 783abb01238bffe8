//! Turns the catalogues of words in `locales/` into Rust, so that a missing key is a compile error.

use std::collections::BTreeSet;
use std::path::PathBuf;

use leptos_i18n_build::options::CodegenOptions;
use leptos_i18n_build::{Config, ParseOptions, TranslationsInfos};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=locales");
    let target = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    let options = ParseOptions::new().interpolate_display(true);
    let config = Config::new("ru")?
        .add_locales(catalogues()?)?
        .parse_options(options);
    let translations = TranslationsInfos::parse(config)?;
    translations.emit_diagnostics();
    translations.rerun_if_locales_changed();
    let attributes = "#![allow(missing_docs, clippy::all, clippy::pedantic, clippy::allow_attributes, clippy::str_to_string, clippy::doc_markdown, clippy::too_many_lines, clippy::expect_used, clippy::unwrap_used, clippy::redundant_clone, unused)]".parse()?;
    let options = CodegenOptions::new()
        .top_level_attributes(Some(attributes))
        .gen_docs(false);
    translations.generate_i18n_module_with_options(target.join("i18n"), options)?;
    Ok(())
}

/// The languages that have a catalogue, in the order of their codes; but for the first of all.
fn catalogues() -> std::io::Result<BTreeSet<String>> {
    let mut codes = BTreeSet::new();
    for entry in std::fs::read_dir("locales")? {
        let path = entry?.path();
        // An editor's own files may lie beside them.
        let catalogue = path.extension().is_some_and(|kind| kind == "json");
        if catalogue && let Some(code) = path.file_stem().and_then(|stem| stem.to_str()) {
            codes.insert(code.to_owned());
        }
    }
    codes.remove("ru");
    Ok(codes)
}
