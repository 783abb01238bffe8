//! The browser's half of CRMAP: the pages of `app`, compiled to WebAssembly.

/// Called by the page once the module is loaded.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn awaken() {
    crmap_app::awaken();
}
