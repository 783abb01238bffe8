//! The browser's half of CRMAP's cabinet: its pages of `app`, compiled to WebAssembly. What opens
//! inside a portal has a module of its own, `frontend`, so that neither downloads the other.

/// Called by the page once the module is loaded.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn awaken() {
    crmap_app::awaken_cabinet();
}
