//! Everything that only a browser can do; the one room of the house that speaks to `web_sys`.
//! Nothing here is called while rendering on the server, but for what says so.

mod address;
mod clipboard;
mod clock;
mod download;
mod focus;
mod form;
pub(crate) mod frame;
mod keys;
mod page;

pub(crate) use address::{recall, remember};
pub(crate) use clipboard::{Copied, copy};
pub(crate) use clock::{in_own_time, on_pointing_at_time};
pub(crate) use download::save_text;
pub(crate) use focus::{focus_along, focused_in};
pub(crate) use form::{
    Values, close_menus_as_usual, fill, go, here, name_in_address, parameters_of, reload,
    take_fragment, tick_of, ticked, value_by_id, value_of,
};
#[cfg(feature = "ssr")]
pub(crate) use keys::SILENT;
pub(crate) use keys::{Shortcut, keep_single_keys, on_shortcut};
pub(crate) use page::{
    Point, before_life, click_data, close_dialog, fill_with, focus, focus_first,
    focus_first_tab_sibling, focus_in_row, focus_marked, focus_nth, is_blank, is_hidden, is_plain,
    is_there, on_print, on_resize, point_of, pointer_of, press, print, reveal, show_dialog, sleep,
    step_among,
};
#[cfg(feature = "hydrate")]
pub(crate) use page::{on_submit_say_busy, page_data, take_island};
