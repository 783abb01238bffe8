//! What the pages of the installation show.

use crmap_domain::Lang;
use crmap_domain::words::Advice;
use crmap_service::{InstallStep, SetUpStep, StepOutcome};
use leptos::either::{Either, EitherOf4};
use leptos::prelude::*;

use super::{INSTALL_COMPLETE, InstallOffer};
use crate::data::WHOLE_PAGE;
use crate::document::legal::Legal;
use crate::say;
use crate::ui::{Brand, Icon, Notice, Tone};

/// What is about to happen, what it means, and the button.
#[component]
pub(super) fn OfferPage(offer: InstallOffer) -> impl IntoView {
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
        say!(lang, install_keeps_snapshot),
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

fn items<const N: usize>(words: [&'static str; N]) -> impl IntoView {
    words.map(|words| view! { <li>{words}</li> }).collect_view()
}

/// The steps with their marks, each with words for its state; without outcomes, what they mean.
#[component]
fn Steps(lang: Lang, steps: Vec<(InstallStep, StepOutcome)>) -> impl IntoView {
    let outcome_of = |wanted| {
        let taken = steps.iter().find(|(step, _)| *step == wanted);
        taken.map(|(_, outcome)| outcome.clone())
    };
    let rows = InstallStep::ALL.map(|wanted| step(lang, wanted, outcome_of(wanted)));
    view! { <ol class="steps">{rows.collect_view()}</ol> }
}

fn name(step: InstallStep, lang: Lang) -> &'static str {
    match step {
        InstallStep::Portal => say!(lang, install_step_portal),
        InstallStep::Binding(SetUpStep::Leaving) => say!(lang, install_step_leaving),
        InstallStep::Binding(SetUpStep::Changes) => say!(lang, install_step_changes),
        InstallStep::Binding(SetUpStep::FunnelsButton) => say!(lang, install_step_button),
    }
}

fn meaning(step: InstallStep, lang: Lang) -> &'static str {
    match step {
        InstallStep::Portal => say!(lang, install_step_portal_text),
        InstallStep::Binding(SetUpStep::Leaving) => say!(lang, install_step_leaving_text),
        InstallStep::Binding(SetUpStep::Changes) => say!(lang, install_step_changes_text),
        InstallStep::Binding(SetUpStep::FunnelsButton) => say!(lang, install_step_button_text),
    }
}

fn step(lang: Lang, step: InstallStep, outcome: Option<StepOutcome>) -> impl IntoView {
    let (class, state, icon) = match &outcome {
        None => ("step", None, None),
        Some(StepOutcome::AlreadyThere | StepOutcome::Done) => {
            let state = say!(lang, install_done);
            ("step step--done", Some(state), Some(Icon::Check))
        }
        Some(StepOutcome::NotGranted) => {
            let state = say!(lang, install_not_granted);
            ("step step--not-granted", Some(state), Some(Icon::Lock))
        }
        Some(StepOutcome::Failed(_)) => {
            let state = say!(lang, install_failed);
            ("step step--failed", Some(state), Some(Icon::Alert))
        }
    };
    let words = match outcome {
        None => EitherOf4::A(view! { <p class="step__text">{meaning(step, lang)}</p> }),
        Some(StepOutcome::AlreadyThere | StepOutcome::Done) => EitherOf4::B(()),
        Some(StepOutcome::NotGranted) => EitherOf4::C(view! {
            <p class="step__text">{say!(lang, install_not_granted_text)}</p>
        }),
        Some(StepOutcome::Failed(trouble)) => {
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
                    {name(step, lang)}
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

/// The steps that are done; the browser tells the portal so. If nothing comes of it, the page says
/// what to do.
#[component]
pub(super) fn DonePage(
    lang: Lang,
    origin: String,
    steps: Vec<(InstallStep, StepOutcome)>,
) -> impl IntoView {
    view! {
        <main class="install install--narrow" id=WHOLE_PAGE data-finish-install=origin>
            <header class="install__head"><Brand/></header>
            <div role="status">
                <h1 class="install__title">{say!(lang, install_finished)}</h1>
            </div>
            <Steps lang steps/>
            <p class="install__late">{say!(lang, install_late)}</p>
        </main>
    }
}

/// Who can install, and words to ask them with.
#[component]
pub(super) fn OnlyAdminsPage(lang: Lang, portal: String, origin: String) -> impl IntoView {
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

/// For an opening before the end of the installation: whom to ask for it.
#[component]
pub(super) fn NotFinishedPage(lang: Lang, origin: String) -> impl IntoView {
    view! {
        <main class="install install--narrow" id=WHOLE_PAGE data-portal-origin=origin>
            <header class="install__head"><Brand/></header>
            <h1 class="install__title">{say!(lang, not_finished_title)}</h1>
            <p>{say!(lang, not_finished_text)}</p>
            <LegalLinks lang/>
        </main>
    }
}
