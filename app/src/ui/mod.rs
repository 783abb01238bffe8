//! The component library: what both faces of CRMAP are drawn with. No component here knows a
//! portal; each has its styles in `style/`.

mod badge;
mod brand;
mod button;
mod code;
mod dialog;
mod field;
mod icon;
mod mark;
mod menu;
mod notice;
mod palette;
mod still;
mod table;
mod tabs;
mod toast;
mod what;

pub use badge::{Badge, Shade};
pub use brand::Brand;
pub use button::{Button, Look};
pub use code::{copyable, copyable_at};
pub use dialog::Dialog;
pub use field::{Field, Kind};
pub use icon::Icon;
pub use mark::{marked, marked_at};
pub use menu::Menu;
pub use notice::{Notice, Tone};
pub use palette::{Guide, KEYS, Offer, Palette, palette_button, place_of_palette, show_keys};
pub use still::{Still, still};
pub use table::{Column, table};
pub use tabs::{Tab, step};
pub use toast::{Toast, Toaster, provide_toast, use_toast};
pub use what::what;
