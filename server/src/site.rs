//! The built site: scripts, styles and icons with their precompressed forms.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use crmap_app::document::Assets;
use tower_http::services::ServeDir;

/// The site's folder and the addresses of what pages need from it.
#[derive(Debug, Clone)]
pub struct Site {
    /// Addresses of the built files.
    pub assets: Assets,
    folder: PathBuf,
}

impl Site {
    /// Opens the folder that scripts/build-site made.
    ///
    /// # Errors
    /// When there is none, with what to do about it.
    pub fn open(folder: &Path) -> anyhow::Result<Self> {
        let manifest = folder.join("assets.json");
        let text = std::fs::read_to_string(&manifest).with_context(|| {
            format!(
                "the site is not built ({} is missing): run scripts/build-site",
                manifest.display()
            )
        })?;
        let assets = serde_json::from_str(&text)
            .with_context(|| format!("{} cannot be understood", manifest.display()))?;
        Ok(Self {
            assets,
            folder: folder.to_owned(),
        })
    }

    /// Serves the files, in the form that was compressed when they were built where the browser
    /// takes it.
    pub(crate) fn files(&self) -> ServeDir {
        ServeDir::new(&self.folder)
            .precompressed_br()
            .precompressed_gzip()
    }

    /// Serves the files whose names carry a hash of their content.
    pub(crate) fn hashed_files(&self) -> ServeDir {
        ServeDir::new(self.folder.join("pkg"))
            .precompressed_br()
            .precompressed_gzip()
    }

    /// A site without files, for tests and benchmarks of pages.
    #[must_use]
    pub fn without_files() -> Self {
        let address = |name: &str| format!("/pkg/{name}");
        let assets = Assets {
            js: address("crmap.js"),
            wasm: address("crmap.wasm"),
            cabinet_js: address("cabinet.js"),
            cabinet_wasm: address("cabinet.wasm"),
            css: address("crmap.css"),
            cabinet_css: address("cabinet.css"),
        };
        Self {
            assets,
            // Nothing lies below a file; an empty path would be the folder that the process is in.
            folder: PathBuf::from("/dev/null"),
        }
    }
}
