//! Why a portal needs attention, in words.

use crmap_domain::cabinet::{Attention, PortalCard};
use crmap_domain::{Lang, PortalState};
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
}

impl Reason {
    pub(super) fn of(card: &PortalCard, attention: Attention, lang: Lang) -> Self {
        match attention {
            Attention::Standing(state) => {
                let advice = card.standing.advice(lang);
                Self {
                    shade: shade_of(state),
                    word: state.name(lang).to_owned(),
                    since: Some(card.standing.since),
                    what: advice.what,
                    cure: advice.cure,
                }
            }
            Attention::Failed => Self::of_failure(card, lang),
            Attention::Old => Self {
                shade: Shade::Warning,
                word: say!(lang, fleet_old).to_owned(),
                since: card.read_at,
                what: say!(lang, fleet_old_what).to_owned(),
                cure: say!(lang, fleet_old_cure).to_owned(),
            },
            Attention::Changed => Self {
                shade: Shade::Plain,
                word: say!(lang, fleet_changes, count = card.changes),
                since: None,
                what: say!(lang, fleet_changed_what).to_owned(),
                cure: say!(lang, fleet_changed_cure).to_owned(),
            },
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
        }
    }

    /// The reason as a portal's row tells it.
    pub(super) fn lines(self, lang: Lang) -> impl IntoView + use<> {
        view! {
            <Badge shade=self.shade word=self.word/>
            {self.since.map(|since| view! { <span class="standing__since">{age(since, lang)}</span> })}
            <p class="standing__what">{self.what}</p>
            <p class="standing__cure">{self.cure}</p>
        }
    }
}

/// How bad a state is.
pub(in crate::cabinet) const fn shade_of(state: PortalState) -> Shade {
    match state {
        PortalState::Ok => Shade::Good,
        PortalState::NeedsPayment | PortalState::Restricted | PortalState::Moved => Shade::Warning,
        PortalState::Revoked | PortalState::Unreachable | PortalState::Uninstalled => Shade::Bad,
    }
}
