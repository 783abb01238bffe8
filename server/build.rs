//! For the feature `embedded-site`: names the folder of the built site, and has the program built
//! anew when it changes.

use std::path::PathBuf;

/// Names another folder than dist/site.
const FOLDER: &str = "CRMAP_EMBEDDED_SITE";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={FOLDER}");
    if std::env::var_os("CARGO_FEATURE_EMBEDDED_SITE").is_none() {
        return Ok(());
    }
    let folder = match std::env::var_os(FOLDER) {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../dist/site"),
    };
    if !folder.join("assets.json").is_file() {
        let folder = folder.display();
        return Err(format!("there is no built site in {folder}: run scripts/build-site").into());
    }
    println!("cargo::rerun-if-changed={}", folder.display());
    println!("cargo::rustc-env={FOLDER}={}", folder.display());
    Ok(())
}
