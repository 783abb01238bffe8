//! What others did to the account: portals that were linked and unlinked from their side.

use crmap_domain::cabinet::{Deed, DeedKind};
use crmap_domain::moment::to_ms;
use leptos::either::Either;
use leptos::prelude::*;

use super::start::Steps;
use crate::api::cabinet::news_seen;
use crate::browser;
use crate::cabinet::ages::age;
use crate::cabinet::sending::Sending;
use crate::cabinet::shell::ROOM;
use crate::cabinet::words::of_deed;
use crate::say;
use crate::ui::{Button, Icon, Look};
use crate::words::use_lang;

/// How many are shown; the rest stands in the account's log.
const MOST: usize = 3;

/// The news, until their reader says that they were seen.
#[component]
pub(super) fn News(
    news: Vec<Deed>,
    /// Whether the first portal has just been linked, and nobody looked at it yet.
    is_first: bool,
) -> impl IntoView {
    let lang = use_lang();
    let seen = RwSignal::new(news.is_empty());
    let sending = Sending::new(lang, None);
    let until = news.iter().map(|deed| deed.at).max();
    let more = news.len().saturating_sub(MOST);
    let lines: Vec<_> = news
        .into_iter()
        .take(MOST)
        .map(|deed| line(deed, lang))
        .collect();
    let note = move |_| {
        if let Some(until) = until {
            sending.send(news_seen(to_ms(until)), move |()| {
                seen.set(true);
                browser::focus(ROOM);
            });
        }
    };
    view! {
        <section class="notice news-bar" aria-labelledby="news-title" hidden=move || seen.get()>
            {Icon::Chain.draw()}
            <div class="notice__words">
                <h2 class="notice__what" id="news-title">{say!(lang, news_title)}</h2>
                <ul class="news__list">{lines}</ul>
                {(more > 0).then(|| view! {
                    <p class="news__more"><a href="/profile">{say!(lang, news_more, count = more)}</a></p>
                })}
                {is_first.then(|| view! { <Steps done=2/> })}
            </div>
            <Button
                look=Look::Plain
                label=say!(lang, news_seen_button)
                disabled=sending.busy()
                on_press=note
            />
        </section>
    }
}

fn line(deed: Deed, lang: crmap_domain::Lang) -> impl IntoView {
    let words = of_deed(&deed.kind, lang);
    let link = match deed.kind {
        DeedKind::Linked { member_id, .. } => Some(format!("/portals/{member_id}")),
        _ => None,
    };
    let words = match link {
        Some(address) => Either::Left(view! { <a href=address>{words}</a> }),
        None => Either::Right(words),
    };
    view! { <li class="news__line">{words}" "<span class="faint">{age(deed.at, lang)}</span></li> }
}
