//! The component library: what both faces of CRMAP are drawn with. No component here knows a
//! portal; each has its styles in `style/`.

mod brand;
mod button;
mod code;
mod dialog;
mod icon;
mod mark;
mod notice;
mod toast;

pub use brand::Brand;
pub use button::{Button, Look};
pub use code::copyable;
pub use dialog::Dialog;
pub use icon::Icon;
pub use mark::marked;
pub use notice::{Notice, Tone};
pub use toast::{Toast, Toaster, provide_toast, use_toast};
