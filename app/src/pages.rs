//! Pages that need no life in the browser: for people who came from outside a portal, and for
//! openings that were not let in.

use crmap_domain::Lang;
use crmap_domain::words::Advice;
use leptos::prelude::*;

use crate::say;
use crate::ui::{Brand, Icon};

/// What a portal posted, to be posted again by «try again». Held in the page that answered the very
/// same post, which no cache may keep.
#[derive(Debug, Clone)]
pub struct Resubmission {
    /// The address that was posted to.
    pub action: String,
    /// The fields of the form.
    pub fields: Vec<(String, String)>,
}

/// For somebody who did not come from a portal.
#[component]
pub fn OutsidePage() -> impl IntoView {
    view! {
        <main class="plain plain--both">
            <Brand/>
            {Lang::ALL.map(|lang| view! {
                <section class="plain__part" lang=lang.code()>
                    <h1 class="plain__title">{say!(lang, outside_title)}</h1>
                    <p>{say!(lang, outside_text)}</p>
                    <p>{say!(lang, outside_cabinet)}</p>
                </section>
            }).collect_view()}
        </main>
    }
}

/// For an opening whose form cannot be understood; its language cannot either.
#[component]
pub fn BadOpeningPage() -> impl IntoView {
    view! {
        <main class="plain plain--both">
            <Brand/>
            {Lang::ALL.map(|lang| view! {
                <section class="plain__part" lang=lang.code()>
                    <h1 class="plain__title">{say!(lang, bad_opening_title)}</h1>
                    <p>{say!(lang, bad_opening_text)}</p>
                    <p>
                        <a
                            href=format!("/legal/support?lang={}", lang.code())
                            target="_blank"
                            rel="noopener"
                        >
                            {say!(lang, bad_opening_again)}
                        </a>
                    </p>
                </section>
            }).collect_view()}
        </main>
    }
}

/// For an opening that was not let in.
#[component]
pub fn ProblemPage(
    /// The language of the portal's reader.
    lang: Lang,
    /// What to tell of it.
    advice: Advice,
    /// The way to try again, where that may help.
    resubmission: Option<Resubmission>,
) -> impl IntoView {
    view! {
        <main class="plain">
            <section class="plain__part" role="alert">
                {Icon::Alert.draw()}
                <h1 class="plain__title">{advice.what}</h1>
                <p>{advice.cure}</p>
                {resubmission.map(|resubmission| view! {
                    <form method="post" action=resubmission.action>
                        {resubmission.fields.into_iter().map(|(name, value)| view! {
                            <input type="hidden" name=name value=value/>
                        }).collect_view()}
                        <button type="submit" class="button button--primary">{say!(lang, retry)}</button>
                    </form>
                })}
            </section>
        </main>
    }
}
