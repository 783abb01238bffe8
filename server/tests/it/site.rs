//! A built site without files, for tests that start the binary.

use std::path::{Path, PathBuf};

/// What `assets.json` says of a site.
pub const MANIFEST: &str = r#"{
  "js": "/pkg/crmap-1.js", "wasm": "/pkg/crmap-2.wasm", "css": "/pkg/crmap-3.css",
  "cabinet_js": "/pkg/cabinet-4.js", "cabinet_wasm": "/pkg/cabinet-5.wasm",
  "cabinet_css": "/pkg/cabinet-6.css"
}"#;

/// Puts a site into the folder; gives its place.
pub fn build(folder: &Path) -> PathBuf {
    let site = folder.join("site");
    std::fs::create_dir_all(&site).unwrap();
    std::fs::write(site.join("assets.json"), MANIFEST).unwrap();
    site
}
