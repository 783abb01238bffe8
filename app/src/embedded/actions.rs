//! What the page does that only a portal's page can: meeting the portal around it, and asking it for
//! a fresh token when the session has ended.

use std::rc::Rc;
use std::sync::Arc;

use crmap_domain::{Specification, Trouble};
use leptos::prelude::*;

use super::state::{Embedded, advice};
use crate::api::{read_specification, renew_session, set_bearer};
use crate::browser;
use crate::browser::frame::Frame;
use crate::data::{Content, Marks, WHOLE_PAGE};
use crate::error::AppError;
use crate::sheet::{Reader, Sheet};

/// The least height of the frame, so that a dialog fits into a page of few rows.
const LEAST_HEIGHT: f64 = 640.0;

impl Embedded {
    /// Once hydrated: meets the portal around the page, keeps the frame as high as the content and
    /// the address at the sheet's place.
    pub(super) fn come_alive(self) {
        let origin = self.portal.with_value(|portal| portal.origin.clone());
        let frame = Frame::meet(&origin);
        if let Some(frame) = frame.clone() {
            browser::on_resize(WHOLE_PAGE, move |height| {
                frame.set_height(height.max(LEAST_HEIGHT));
            });
        }
        self.frame.set_value(frame);
        let sheet = Sheet::get();
        if let Some(place) = browser::recall() {
            sheet.look_for(place.query);
            sheet.go(place.tab, place.funnel);
        }
        Effect::new(move |_| browser::remember(&sheet.place()));
        sheet.come_alive(self.reader());
    }

    fn reader(self) -> Reader {
        Rc::new(move || {
            Box::pin(async move {
                let read = self.read_to_the_end().await;
                read.map_err(|error| advice(&error, self.lang))
            })
        })
    }

    async fn read_to_the_end(self) -> Result<(Arc<Specification>, Option<Marks>), AppError> {
        let mut renewed = false;
        loop {
            match read_specification().await {
                Ok((Content::Read(read), marks)) => return Ok((read, marks)),
                Ok((Content::Failed(Trouble::Expired), _)) | Err(AppError::SessionOver)
                    if !renewed =>
                {
                    renewed = true;
                    self.renew().await?;
                }
                Ok((Content::Failed(trouble), _)) => return Err(AppError::Portal(trouble)),
                Ok((Content::Pending, _)) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Asks the portal for a fresh token of the same user and the server for a new session.
    pub(super) async fn renew(self) -> Result<(), AppError> {
        let frame = self
            .frame
            .with_value(Clone::clone)
            .ok_or(AppError::SessionOver)?;
        let fresh = frame.refresh_token().await.ok_or(AppError::SessionOver)?;
        let (member_id, address) = self
            .portal
            .with_value(|portal| (portal.member_id.clone(), portal.address.clone()));
        let bearer = renew_session(fresh, member_id, address, self.lang).await?;
        set_bearer(&bearer);
        Ok(())
    }
}
