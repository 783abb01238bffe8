//! `POST /portals/export`: a file of many portals, which are read from the database one at a time
//! while it is on its way.

use std::io;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use crmap_domain::cabinet::{Denial, PortalCard};
use crmap_domain::{Lang, MemberId, PortalState};
use crmap_export::{Content, ExportError, Gone, Many, OfMany, Portal, name_of_many};
use crmap_service::{Entered, Services};
use tokio::sync::mpsc;

use super::files::file;
use super::pipe::{Pipe, written_by};
use super::rooms::inside;
use super::{Browser, not_let_in};
use crate::router::App;
use crate::taking::PostedRaw;

/// What a page asks for.
struct Asked {
    form: OfMany,
    /// Which portals; all, where none is named.
    portals: Vec<MemberId>,
}

impl Asked {
    /// The fields `format`, once, and `portal`, as often as there are portals. What cannot be the ID
    /// of a portal is the ID of none.
    fn parse(form: &[u8]) -> Option<Self> {
        let (mut named, mut portals, mut are_named) = (None, Vec::new(), false);
        for (name, value) in url::form_urlencoded::parse(form) {
            match &*name {
                "format" => named = OfMany::of(&value),
                "portal" => {
                    are_named = true;
                    portals.extend(MemberId::parse(&value));
                }
                _ => {}
            }
        }
        if are_named && portals.is_empty() {
            return None;
        }
        Some(Self {
            form: named?,
            portals,
        })
    }
}

/// The file of many portals.
pub(crate) async fn export(
    State(app): State<App>,
    browser: Browser,
    PostedRaw(form): PostedRaw,
) -> Response {
    let entered = match browser.enter(&app).await {
        Ok(entered) => entered,
        Err(denial) => return not_let_in(&app, &browser, &denial),
    };
    let begun = async {
        let asked = Asked::parse(&form).ok_or(Denial::NotFound)?;
        let services = &app.services;
        let begun = services.begin_export(&entered, &asked.portals, asked.form.name());
        Ok::<_, Denial>((asked.form, begun.await?))
    };
    let (form, (portals, turn)) = match begun.await {
        Ok(begun) => begun,
        Err(denial) => return inside(&app, &browser, &entered, Err(denial)).await,
    };
    let lang = browser.lang_for(&entered);
    let name = name_of_many(form, app.services.now());
    let count = portals.len();
    let from = fed(app.services, entered, portals);
    let body = written_by(None, move |pipe| {
        let _until_it_is_written = turn;
        write(form, lang, count, from, pipe)
    });
    file(&name, form.media_type(), body)
}

/// The portals with what there is of them, one at a time: the next is asked for when the last but one
/// is written. Each is asked for with the account's own scope at that moment (SEC-24, 77).
fn fed(
    services: Arc<Services>,
    entered: Entered,
    portals: Vec<PortalCard>,
) -> mpsc::Receiver<Portal> {
    let (to, from) = mpsc::channel(1);
    tokio::spawn(async move {
        for card in portals {
            // Nobody waits for it where the browser has gone away.
            let Ok(room) = to.reserve().await else { return };
            let content = content_of(&services, &entered, &card).await;
            room.send(Portal {
                member_id: card.member_id,
                address: card.address,
                label: card.description.label,
                content,
            });
        }
    });
    from
}

async fn content_of(services: &Services, entered: &Entered, card: &PortalCard) -> Content {
    match services.snapshot(entered, &card.member_id).await {
        Ok(Some(specification)) => Content::Read(specification),
        Ok(None) if card.standing.state == PortalState::Uninstalled => {
            Content::Missing(Gone::Removed)
        }
        Ok(None) => Content::Missing(Gone::NeverRead),
        Err(Denial::NotFound) => Content::Missing(Gone::NotLinked),
        Err(_was_logged) => Content::Missing(Gone::Failed),
    }
}

/// Writes as many portals as there were at the beginning; fewer are no file.
fn write(
    form: OfMany,
    lang: Lang,
    count: usize,
    mut from: mpsc::Receiver<Portal>,
    pipe: &mut Pipe,
) -> Result<(), ExportError> {
    let mut many = Many::begin(form, lang, pipe)?;
    for _ in 0..count {
        let portal = from.blocking_recv();
        let portal = portal.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?;
        many.add(&portal)?;
    }
    many.finish()
}

#[cfg(test)]
mod tests {
    use crmap_export::Form;

    use super::*;

    #[test]
    fn portals_are_named_one_by_one_or_not_at_all() {
        let (one, other) = ("0".repeat(32), "a".repeat(32));
        let asked = |form: &str| {
            let asked = Asked::parse(form.as_bytes());
            asked.map(|asked| (asked.form, asked.portals.len()))
        };
        let csv = OfMany::Archive(Form::Csv);
        assert_eq!(asked("format=csv"), Some((csv, 0)));
        let both = format!("portal={one}&format=workbook&portal={other}");
        assert_eq!(asked(&both), Some((OfMany::Workbook, 2)));
        assert_eq!(
            asked(&format!("format=csv&portal={one}&portal=x")),
            Some((csv, 1))
        );
        assert_eq!(
            asked("format=csv&portal=x"),
            None,
            "which is not all of them"
        );
        for form in [
            "",
            "format=pdf",
            "format=",
            "portal=",
            &format!("portal={one}"),
        ] {
            assert_eq!(asked(form), None, "{form}");
        }
    }
}
