//! The built site: scripts, styles and icons with their precompressed forms, in a folder or carried
//! by the program itself.

mod carried;
#[cfg(feature = "embedded-site")]
mod program;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, map_response};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use crmap_app::document::Assets;
use tower_http::services::ServeDir;
use tower_http::services::fs::{Backend, DefaultServeDirFallback};

pub use carried::Carried;

/// What a site says of itself.
const MANIFEST: &str = "assets.json";
/// Where scripts/build-site puts it.
const BUILT: &str = "dist/site";
/// Built files carry a hash of their content in their names.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const FOR_A_DAY: HeaderValue = HeaderValue::from_static("public, max-age=86400");

/// The site's files and the addresses of what pages need from it.
#[derive(Debug, Clone)]
pub struct Site {
    /// Addresses of the built files.
    pub assets: Assets,
    place: Place,
}

#[derive(Debug, Clone)]
enum Place {
    Folder(PathBuf),
    Carried(Carried),
}

impl Site {
    /// The site of `folder`. Where none is named: the one that this program carries, else that of
    /// the folder `site` beside it, else what scripts/build-site made.
    ///
    /// # Errors
    /// When there is none, with what to do about it.
    pub fn find(folder: Option<&Path>) -> anyhow::Result<Self> {
        if let Some(folder) = folder {
            return Self::open(folder);
        }
        if let Some(carried) = of_this_program() {
            return Self::carry(carried);
        }
        Self::open(&beside_this_program().unwrap_or_else(|| PathBuf::from(BUILT)))
    }

    /// Opens the folder that scripts/build-site made.
    ///
    /// # Errors
    /// When there is none, with what to do about it.
    pub fn open(folder: &Path) -> anyhow::Result<Self> {
        let manifest = folder.join(MANIFEST);
        let text = std::fs::read(&manifest).with_context(|| {
            format!(
                "the site is not built ({} is missing): run scripts/build-site",
                manifest.display()
            )
        })?;
        Ok(Self {
            assets: assets(&text, &manifest)?,
            place: Place::Folder(folder.to_owned()),
        })
    }

    /// The site of files that the program carries.
    ///
    /// # Errors
    /// When they are not those of a site.
    pub fn carry(files: Carried) -> anyhow::Result<Self> {
        let text = files.content(MANIFEST).unwrap_or_default();
        Ok(Self {
            assets: assets(text, Path::new(MANIFEST))?,
            place: Place::Carried(files),
        })
    }

    /// Serves the files, in the form that was compressed when they were built where the browser
    /// takes it.
    pub(crate) fn router(&self) -> Router {
        match &self.place {
            Place::Folder(folder) => {
                files(ServeDir::new(folder.join("pkg")), ServeDir::new(folder))
            }
            Place::Carried(carried) => files(
                ServeDir::with_backend("pkg", carried.clone()),
                ServeDir::with_backend("", carried.clone()),
            ),
        }
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
            place: Place::Folder(PathBuf::from("/dev/null")),
        }
    }
}

fn assets(text: &[u8], manifest: &Path) -> anyhow::Result<Assets> {
    serde_json::from_slice(text)
        .with_context(|| format!("{} cannot be understood", manifest.display()))
}

#[cfg(feature = "embedded-site")]
fn of_this_program() -> Option<Carried> {
    Some(program::site())
}

#[cfg(not(feature = "embedded-site"))]
fn of_this_program() -> Option<Carried> {
    None
}

fn beside_this_program() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    let folder = program.parent()?.join("site");
    folder.is_dir().then_some(folder)
}

/// Those whose names carry a hash of their content, and the others.
fn files<B: Backend>(
    hashed: ServeDir<DefaultServeDirFallback, B>,
    plain: ServeDir<DefaultServeDirFallback, B>,
) -> Router {
    let [hashed, plain] =
        [hashed, plain].map(|files| files.precompressed_br().precompressed_gzip());
    let hashed = Router::new()
        .nest_service("/pkg", hashed.not_found_service(get(not_found)))
        .layer(map_response(|response| kept(response, FOR_EVER)));
    let plain = Router::new()
        .fallback_service(plain.not_found_service(get(not_found)))
        .layer(map_response(|response| kept(response, FOR_A_DAY)));
    hashed.merge(plain).layer(from_fn(with_a_name_of_a_file))
}

/// No file has a longer name; to look for one would fail.
const LONGEST_NAME: usize = 255;

async fn with_a_name_of_a_file(request: Request, next: Next) -> Response {
    let mut names = request.uri().path().split('/');
    if names.any(|name| name.len() > LONGEST_NAME) {
        return not_found().await;
    }
    next.run(request).await
}

/// Files may be kept as `caching` says; that one is missing may not.
async fn kept(mut response: Response, caching: HeaderValue) -> Response {
    let status = response.status();
    if status.is_success() || status == StatusCode::NOT_MODIFIED {
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, caching);
    }
    response
}

async fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "404\n").into_response()
}
