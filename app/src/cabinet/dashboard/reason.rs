//! Why a portal needs attention, in words.

use crmap_domain::cabinet::{Attention, PortalCard};
use crmap_domain::{Lang, PortalState, Standing};
use leptos::either::Either;
use leptos::prelude::*;
use time::OffsetDateTime;

use crate::cabinet::ages::age;
use crate::say;
use crate::ui::{Badge, Shade};

/// What is told of a portal that needs attention.
pub(super) struct Reason {
    pub(super) shade: Shade,
    pub(super) word: String,
    /// Since when.
    pub(super) since: Option<OffsetDateTime>,
    pub(super) what: String,
    pub(super) cure: String,
    /// What the portal itself called it, where it did.
    code: Option<String>,
}

impl Reason {
    pub(super) fn of(card: &PortalCard, attention: Attention, lang: Lang) -> Self {
        match attention {
            Attention::Standing(state) => Self::of_standing(&card.standing, state, lang),
            Attention::Failed => Self::of_failure(card, lang),
            Attention::Old => Self {
                shade: Shade::Warning,
                word: say!(lang, fleet_old).to_owned(),
                since: card.read_at,
                what: say!(lang, fleet_old_what).to_owned(),
                cure: say!(lang, fleet_old_cure).to_owned(),
                code: None,
            },
            Attention::Changed => Self {
                shade: Shade::Plain,
                word: say!(lang, fleet_changes, count = card.changes),
                since: None,
                what: say!(lang, fleet_changed_what).to_owned(),
                cure: say!(lang, fleet_changed_cure).to_owned(),
                code: None,
            },
        }
    }

    fn of_standing(standing: &Standing, state: PortalState, lang: Lang) -> Self {
        let advice = standing.advice(lang);
        let code = &standing.reason;
        let has_code = !code.is_empty() && code != Standing::REINSTALLED;
        Self {
            shade: shade_of(state),
            word: state.name(lang).to_owned(),
            since: Some(standing.since),
            what: advice.what,
            cure: advice.cure,
            code: has_code.then(|| code.clone()),
        }
    }

    fn of_failure(card: &PortalCard, lang: Lang) -> Self {
        let advice = card
            .failure
            .as_ref()
            .map(|failure| failure.trouble.advice(lang));
        let (what, cure) =
            advice.map_or_else(Default::default, |advice| (advice.what, advice.cure));
        Self {
            shade: Shade::Warning,
            word: say!(lang, fleet_failed).to_owned(),
            since: card.failure.as_ref().map(|failure| failure.at),
            what,
            cure,
            code: None,
        }
    }

    /// What a portal's row tells: the word, and the rest for whoever asks. One listener serves all rows
    /// (`Rows`); before that the browser unfolds them by itself.
    pub(super) fn folded(self, id: String, is_open: bool, lang: Lang) -> impl IntoView + use<> {
        let Told { word, text } = self.told(lang);
        view! {
            <details class="why" open=is_open>
                <summary class="why__word" data-why=id>{word}</summary>
                {text}
            </details>
        }
    }

    fn told(self, lang: Lang) -> Told<impl IntoView + use<>, impl IntoView + use<>> {
        let since = self
            .since
            .map(|since| view! { <span class="standing__since">{age(since, lang)}</span> });
        let code = self
            .code
            .map(|code| view! { " "<code class="standing__code">{code}</code> });
        Told {
            word: view! {
                <Badge shade=self.shade word=self.word/>
                {since}
            },
            text: view! {
                <p class="standing__what">{self.what}{code}</p>
                <p class="standing__cure">{self.cure}</p>
            },
        }
    }
}

/// The two parts of a reason as a page shows them.
struct Told<W, T> {
    word: W,
    text: T,
}

/// How a portal stands, since when, and what to do about it.
pub(in crate::cabinet) fn standing(card: &PortalCard, lang: Lang) -> impl IntoView + use<> {
    let state = card.standing.state;
    if state == PortalState::Ok {
        return Either::Left(view! { <Badge shade=shade_of(state) word=state.name(lang)/> });
    }
    let Told { word, text } = Reason::of_standing(&card.standing, state, lang).told(lang);
    Either::Right(view! {
        {word}
        {text}
    })
}

/// How bad a state is.
pub(in crate::cabinet) const fn shade_of(state: PortalState) -> Shade {
    match state {
        PortalState::Ok => Shade::Good,
        PortalState::NeedsPayment | PortalState::Restricted | PortalState::Moved => Shade::Warning,
        PortalState::Revoked | PortalState::Unreachable | PortalState::Uninstalled => Shade::Bad,
    }
}
