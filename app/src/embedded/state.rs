//! What the page inside a portal knows.

use crmap_domain::Lang;
use crmap_domain::words::Advice;
use leptos::prelude::*;

use crate::browser::frame::Frame;
use crate::data::{Content, EmbeddedData, PortalOnPage};
use crate::error::AppError;
use crate::say;
use crate::sheet::{Sheet, SheetData};

/// The state of the page; every component reaches it by `Embedded::get`.
#[derive(Clone, Copy)]
pub(super) struct Embedded {
    pub(super) lang: Lang,
    pub(super) portal: StoredValue<PortalOnPage>,
    pub(super) frame: StoredValue<Option<Frame>, LocalStorage>,
}

impl Embedded {
    /// Makes the state of a page, with the sheet's, and gives both to everything below.
    #[must_use]
    pub(super) fn provide(data: EmbeddedData) -> Self {
        let (mut specification, mut trouble, mut waiting) = (None, None, false);
        match data.content {
            Content::Read(read) => specification = Some(read),
            Content::Failed(why) => trouble = Some(why.advice(data.lang)),
            Content::Pending => waiting = true,
        }
        let _ = Sheet::provide(SheetData {
            lang: data.lang,
            place: data.place,
            specification,
            marks: data.marks,
            trouble,
            waiting,
        });
        let state = Self {
            lang: data.lang,
            portal: StoredValue::new(data.portal),
            frame: StoredValue::new_local(None),
        };
        provide_context(state);
        state
    }

    /// The state of the page around the calling component.
    pub(super) fn get() -> Self {
        expect_context()
    }
}

/// What to tell of an error.
pub(super) fn advice(error: &AppError, lang: Lang) -> Advice {
    match error {
        AppError::Portal(trouble) => trouble.advice(lang),
        AppError::SessionOver => Advice {
            what: say!(lang, session_over).to_owned(),
            cure: say!(lang, session_over_cure).to_owned(),
        },
        AppError::Connection => Advice {
            what: say!(lang, unreachable_server).to_owned(),
            cure: say!(lang, unreachable_server_cure).to_owned(),
        },
        AppError::Internal => crmap_domain::Trouble::Internal.advice(lang),
    }
}
