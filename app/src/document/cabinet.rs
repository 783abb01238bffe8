//! Documents of the cabinet.

use crmap_domain::Lang;
use leptos::prelude::*;

use super::{EncodingError, Frame, Head, Life, document, island};
use crate::cabinet::CabinetPage;
use crate::cabinet::data::{CabinetData, Outside, Page, Room};
use crate::say;

/// A page of the cabinet, with its data in it.
///
/// # Errors
/// When the data cannot be encoded, which no value of its type is known to cause.
pub fn cabinet(data: CabinetData, frame: Frame<'_>) -> Result<String, EncodingError> {
    let island = island(&data)?;
    let head = Head {
        lang: data.lang,
        title: title_of(&data.page, data.lang),
        life: Life::Cabinet(&island),
        theme: data.theme,
    };
    Ok(document(head, frame, move || view! { <CabinetPage data/> }))
}

fn title_of(page: &Page, lang: Lang) -> &'static str {
    match page {
        Page::Outside(Outside::Login(_)) => say!(lang, title_login),
        Page::Outside(Outside::Register(_)) => say!(lang, title_register),
        Page::Outside(Outside::Password(_) | Outside::NewPassword(_)) => {
            say!(lang, title_password)
        }
        Page::Outside(Outside::Trouble(_)) => say!(lang, product),
        Page::Inside(inside) => match inside.room {
            Room::Dashboard(_) => say!(lang, title_dashboard),
            Room::Portal(_) => say!(lang, title_portal),
            Room::Compare(_) => say!(lang, title_compare),
            Room::Profile(_) => say!(lang, title_profile),
            Room::Search(_) => say!(lang, find_title),
            Room::Leave => say!(lang, title_leave),
            Room::Trouble(_) => say!(lang, product),
        },
    }
}
