//! Pages of the installation. They are written by the server alone; the browser only keeps the
//! frame as high as they are, says that a form is being sent, and finishes the installation.

use crmap_domain::words::Advice;
use crmap_domain::{Lang, Trouble};
use leptos::either::{Either, EitherOf4};
use leptos::prelude::*;

use super::legal::Legal;
use super::{Frame, Head, Life, document};
use crate::data::WHOLE_PAGE;
use crate::pages::NoticePage;
use crate::say;
use crate::ui::{Brand, Icon, Notice, Tone};

/// Where the form of the offer is posted to.
pub const INSTALL_COMPLETE: &str = "/bitrix/install/complete";

/// What an administrator is offered who opens the installer. Its `Debug` is absent: it holds a secret.
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
    pub steps: Vec<InstallStep>,
}

/// A step of the installation and how it came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstallStep {
    /// Which step.
    pub kind: InstallStepKind,
    /// How it came out.
    pub outcome: InstallOutcome,
}

/// The steps of the installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstallStepKind {
    /// CRMAP keeps the portal and the right to read it.
    Portal,
    /// The portal tells when the application is removed.
    Leaving,
    /// The portal tells when custom fields change, and when its subscription does.
    Changes,
    /// The button on the page of funnels.
    FunnelsButton,
}

/// How a step of the installation came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InstallOutcome {
    /// It is there.
    Done,
    /// The application was not given the right to it; it works without.
    NotGranted,
    /// It did not work.
    Failed(Trouble),
}

impl InstallStepKind {
    /// All steps, in the order in which they are taken.
    pub const ALL: [Self; 4] = [
        Self::Portal,
        Self::Leaving,
        Self::Changes,
        Self::FunnelsButton,
    ];

    fn name(self, lang: Lang) -> &'static str {
        match self {
            Self::Portal => say!(lang, install_step_portal),
            Self::Leaving => say!(lang, install_step_leaving),
            Self::Changes => say!(lang, install_step_changes),
            Self::FunnelsButton => say!(lang, install_step_button),
        }
    }

    fn meaning(self, lang: Lang) -> &'static str {
        match self {
            Self::Portal => say!(lang, install_step_portal_text),
            Self::Leaving => say!(lang, install_step_leaving_text),
            Self::Changes => say!(lang, install_step_changes_text),
            Self::FunnelsButton => say!(lang, install_step_button_text),
        }
    }
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
    };
    document(head, frame, move || view! { <OfferPage offer/> })
}

/// The page after the last step: it says so and finishes the installation by itself, which makes the
/// portal open the application in its place (bitrix24.md §1.5).
#[must_use]
pub fn install_done(lang: Lang, origin: &str, steps: Vec<InstallStep>, frame: Frame<'_>) -> String {
    let head = Head {
        lang,
        title: say!(lang, install_title),
        life: Life::Attended,
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
pub fn not_finished(lang: Lang, frame: Frame<'_>) -> String {
    let advice = Advice {
        what: say!(lang, not_finished_title).to_owned(),
        cure: say!(lang, not_finished_text).to_owned(),
    };
    document(
        Head::of_product(lang, Life::Still),
        frame,
        move || view! { <NoticePage icon=Icon::Clock advice/> },
    )
}

#[component]
fn OfferPage(offer: InstallOffer) -> impl IntoView {
    let InstallOffer {
        lang,
        portal,
        origin,
        user_name,
        bearer,
        steps,
    } = offer;
    let tried = !steps.is_empty();
    let form = view! {
        <OfferForm lang bearer tried origin=origin.clone() user_name=user_name.clone()/>
    };
    view! {
        <main class="install" id=WHOLE_PAGE data-portal-origin=origin>
            <header class="install__head">
                <Brand/>
                <p class="install__facts">
                    <bdi>{say!(lang, install_portal, portal = portal)}</bdi>
                    {(!user_name.is_empty()).then(|| view! {
                        <bdi>{say!(lang, install_by, name = user_name)}</bdi>
                    })}
                </p>
            </header>
            <h1 class="install__title">{say!(lang, install_title)}</h1>
            <p class="install__lead">{say!(lang, install_lead)}</p>
            {tried.then(|| view! {
                <Notice
                    tone=Tone::Trouble
                    icon=Icon::Alert
                    what=say!(lang, install_trouble)
                    cure=say!(lang, install_trouble_text)
                />
            })}
            <div class="install__parts">
                {(!tried).then(|| view! { <Promises lang/> })}
                <section class="install__panel" aria-labelledby="install-steps">
                    <h2 class="install__part" id="install-steps">{say!(lang, install_steps)}</h2>
                    <Steps lang steps/>
                    {form}
                </section>
                {tried.then(|| view! { <Promises lang/> })}
            </div>
            <LegalLinks lang/>
        </main>
    }
}

/// What is posted: the session's secret, and what the answer to it needs to be this page again.
#[component]
fn OfferForm(
    lang: Lang,
    bearer: String,
    tried: bool,
    origin: String,
    user_name: String,
) -> impl IntoView {
    let label = if tried {
        say!(lang, retry)
    } else {
        say!(lang, install_button)
    };
    // A browser that restores forms would restore a button that was disabled while sending.
    view! {
        <form
            method="post"
            action=INSTALL_COMPLETE
            autocomplete="off"
            data-busy=say!(lang, install_busy)
        >
            <input type="hidden" name="bearer" value=bearer/>
            <input type="hidden" name="lang" value=lang.code()/>
            <input type="hidden" name="origin" value=origin/>
            <input type="hidden" name="user_name" value=user_name/>
            <button type="submit" class="button button--primary install__button">{label}</button>
        </form>
    }
}

/// What CRMAP reads and keeps, and how it goes away.
#[component]
fn Promises(lang: Lang) -> impl IntoView {
    let reads = [
        say!(lang, install_reads_funnels),
        say!(lang, install_reads_fields),
        say!(lang, install_reads_people),
    ];
    let keeps = [
        say!(lang, install_keeps_portal),
        say!(lang, install_keeps_keys),
        say!(lang, install_keeps_journal),
    ];
    view! {
        <div class="install__promises">
            <section>
                <h2 class="install__part">{say!(lang, install_reads)}</h2>
                <ul class="install__list">{items(reads)}</ul>
                <p class="install__word">{say!(lang, install_reads_never)}</p>
            </section>
            <section>
                <h2 class="install__part">{say!(lang, install_keeps)}</h2>
                <ul class="install__list">{items(keeps)}</ul>
                <p class="install__word">{say!(lang, install_keeps_where)}</p>
            </section>
            <section>
                <h2 class="install__part">{say!(lang, install_removal)}</h2>
                <p class="install__word">{say!(lang, install_removal_text)}</p>
            </section>
        </div>
    }
}

fn items(words: [&'static str; 3]) -> impl IntoView {
    words.map(|words| view! { <li>{words}</li> }).collect_view()
}

/// The steps with their marks, each with words for its state; without outcomes, what they mean.
#[component]
fn Steps(lang: Lang, steps: Vec<InstallStep>) -> impl IntoView {
    let outcome_of = |kind| {
        let step = steps.iter().find(|step| step.kind == kind);
        step.map(|step| step.outcome.clone())
    };
    let rows = InstallStepKind::ALL.map(|kind| step(lang, kind, outcome_of(kind)));
    view! { <ol class="steps">{rows.collect_view()}</ol> }
}

fn step(lang: Lang, kind: InstallStepKind, outcome: Option<InstallOutcome>) -> impl IntoView {
    let (class, state, icon) = match &outcome {
        None => ("step", None, None),
        Some(InstallOutcome::Done) => {
            let state = say!(lang, install_done);
            ("step step--done", Some(state), Some(Icon::Check))
        }
        Some(InstallOutcome::NotGranted) => {
            let state = say!(lang, install_not_granted);
            ("step step--not-granted", Some(state), Some(Icon::Lock))
        }
        Some(InstallOutcome::Failed(_)) => {
            let state = say!(lang, install_failed);
            ("step step--failed", Some(state), Some(Icon::Alert))
        }
    };
    let words = match outcome {
        None => EitherOf4::A(view! { <p class="step__text">{kind.meaning(lang)}</p> }),
        Some(InstallOutcome::Done) => EitherOf4::B(()),
        Some(InstallOutcome::NotGranted) => EitherOf4::C(view! {
            <p class="step__text">{say!(lang, install_not_granted_text)}</p>
        }),
        Some(InstallOutcome::Failed(trouble)) => {
            let Advice { what, cure } = trouble.advice(lang);
            EitherOf4::D(view! { <p class="step__text">{what}" "{cure}</p> })
        }
    };
    let mark = match icon {
        Some(icon) => Either::Left(icon.draw()),
        None => Either::Right(()),
    };
    view! {
        <li class=class>
            <span class="step__mark">{mark}</span>
            <div class="step__words">
                <p class="step__name">
                    {kind.name(lang)}
                    {state.map(|state| view! { " "<span class="step__state">{state}</span> })}
                </p>
                {words}
            </div>
        </li>
    }
}

/// The links that the rules of the Marketplace ask for; they leave the frame alone.
#[component]
fn LegalLinks(lang: Lang) -> impl IntoView {
    let links = Legal::ALL.map(|page| {
        view! {
            <a href=page.address(lang) target="_blank" rel="noopener">{page.name(lang)}</a>
        }
    });
    view! {
        <nav class="install__legal" aria-label=say!(lang, legal_label)>
            {links.collect_view()}
        </nav>
    }
}

#[component]
fn DonePage(lang: Lang, origin: String, steps: Vec<InstallStep>) -> impl IntoView {
    view! {
        <main class="install install--narrow" id=WHOLE_PAGE data-finish-install=origin>
            <header class="install__head"><Brand/></header>
            <h1 class="install__title" role="status">{say!(lang, install_finished)}</h1>
            <Steps lang steps/>
            <p class="install__late">{say!(lang, install_late)}</p>
        </main>
    }
}

#[component]
fn OnlyAdminsPage(lang: Lang, portal: String, origin: String) -> impl IntoView {
    view! {
        <main class="install install--narrow" id=WHOLE_PAGE data-portal-origin=origin>
            <header class="install__head"><Brand/></header>
            <h1 class="install__title">{say!(lang, install_admins_title)}</h1>
            <p>{say!(lang, install_admins_text, portal = portal)}</p>
            <blockquote class="install__request">{say!(lang, install_admins_request)}</blockquote>
            <LegalLinks lang/>
        </main>
    }
}
