//! Documents of the cabinet.

use crmap_domain::Lang;
use leptos::prelude::*;

use super::help::write_explanations;
use super::keys::sheet;
use super::{EncodingError, Frame, Head, Life, OF_SHEET, document, island, render, written};
use crate::cabinet::CabinetPage;
use crate::cabinet::data::{CabinetData, Outside, Page, PortalView, Room};
use crate::data::SingleKeys;
use crate::help::{Face, Notion};
use crate::say;

/// A page of the cabinet, with its data in it. Its sheet of keys, which lives by no data, says whether
/// single keys are turned off.
///
/// # Errors
/// When the data cannot be encoded, which no value of its type is known to cause.
pub fn cabinet(
    data: CabinetData,
    keys: SingleKeys,
    frame: Frame<'_>,
) -> Result<String, EncodingError> {
    let island = island(&data)?;
    let head = Head {
        lang: data.lang,
        title: title_of(&data.page, data.lang),
        life: Life::Cabinet(&island),
        theme: data.theme,
    };
    let (lang, notions) = (data.lang, notions_of(&data.page));
    let is_inside = matches!(data.page, Page::Inside(_));
    Ok(written(head, frame, |html| {
        render(html, move || view! { <CabinetPage data/> });
        write_explanations(html, Face::Cabinet, &notions, lang);
        if is_inside {
            html.push_str(sheet(Face::Cabinet, lang, keys));
        }
    }))
}

/// A page of the cabinet that only shows: where something went wrong, no script is to go wrong, too.
#[must_use]
pub fn bare(data: CabinetData, frame: Frame<'_>) -> String {
    let head = Head {
        lang: data.lang,
        title: title_of(&data.page, data.lang),
        life: Life::Shown,
        theme: data.theme,
    };
    document(head, frame, move || view! { <CabinetPage data/> })
}

/// What a page explains where it stands.
fn notions_of(page: &Page) -> Vec<Notion> {
    let Page::Inside(inside) = page else {
        return Vec::new();
    };
    let mut notions = vec![Notion::Token];
    match &inside.room {
        Room::Dashboard(_) => notions.push(Notion::State),
        Room::Compare(_) => notions.push(Notion::Matching),
        Room::Portal(room) => notions.extend_from_slice(match room.view {
            PortalView::Sheet => &OF_SHEET,
            PortalView::History => &[Notion::Version],
            PortalView::Connection => &[Notion::Member, Notion::Keys],
        }),
        Room::Search(_) | Room::Profile(_) | Room::Leave | Room::Trouble(_) => {}
    }
    notions
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
