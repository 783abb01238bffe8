//! Pages of the installation. They are written by the server alone; the browser only keeps the
//! frame as high as they are, says that a form is being sent, and finishes the installation.

mod pages;

use crmap_domain::Lang;
use crmap_service::{InstallStep, StepOutcome};
use leptos::prelude::*;

use super::{Frame, Head, Life, document};
use crate::data::Theme;
use crate::say;
use pages::{DonePage, NotFinishedPage, OfferPage, OnlyAdminsPage};

/// Where the form of the offer is posted to.
pub const INSTALL_COMPLETE: &str = "/bitrix/install/complete";

/// What an administrator is offered who opens the installer. Its `Debug` is absent: it holds a
/// secret.
#[derive(Clone)]
pub struct InstallOffer {
    /// The language of the page.
    pub lang: Lang,
    /// The portal's address.
    pub portal: String,
    /// The portal's proved origin, the only one with which the page exchanges messages (SEC-44).
    pub origin: String,
    /// Who is about to install.
    pub user_name: String,
    /// The secret of the session that the form is sent with.
    pub bearer: String,
    /// How the steps of a try that failed came out; empty before the first try.
    pub steps: Vec<(InstallStep, StepOutcome)>,
}

/// The page that offers the installation: what CRMAP is, what it reads and keeps, and a button; after
/// a try that failed also how its steps came out.
#[must_use]
pub fn install_offer(offer: InstallOffer, frame: Frame<'_>) -> String {
    let lang = offer.lang;
    let head = Head {
        lang,
        title: say!(lang, install_title),
        life: Life::Attended,
        theme: Theme::Auto,
    };
    document(head, frame, move || view! { <OfferPage offer/> })
}

/// The page after the last step: it says so and finishes the installation by itself, which makes the
/// portal open the application in its place (bitrix24.md §1.5).
#[must_use]
pub fn install_done(
    lang: Lang,
    origin: &str,
    steps: Vec<(InstallStep, StepOutcome)>,
    frame: Frame<'_>,
) -> String {
    let head = Head {
        lang,
        title: say!(lang, install_title),
        life: Life::Attended,
        theme: Theme::Auto,
    };
    let origin = origin.to_owned();
    document(head, frame, move || view! { <DonePage lang origin steps/> })
}

/// The page of the installer for somebody who does not administer the portal: who can install, and
/// words to ask them with.
#[must_use]
pub fn install_only_admins(lang: Lang, portal: &str, origin: &str, frame: Frame<'_>) -> String {
    let head = Head {
        lang,
        title: say!(lang, install_title),
        life: Life::Attended,
        theme: Theme::Auto,
    };
    let (portal, origin) = (portal.to_owned(), origin.to_owned());
    document(
        head,
        frame,
        move || view! { <OnlyAdminsPage lang portal origin/> },
    )
}

/// The page of an opening before the installation is finished.
#[must_use]
pub fn not_finished(lang: Lang, origin: &str, frame: Frame<'_>) -> String {
    let origin = origin.to_owned();
    document(
        Head::of_product(lang, Life::Attended),
        frame,
        move || view! { <NotFinishedPage lang origin/> },
    )
}
