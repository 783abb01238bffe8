//! The browser's half of CRMAP inside a portal: its pages of `app`, compiled to WebAssembly. The
//! cabinet has a module of its own, `frontend-cabinet`, so that neither downloads the other.

/// Called by the page once the module is loaded.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn awaken() {
    crmap_app::awaken();
}
