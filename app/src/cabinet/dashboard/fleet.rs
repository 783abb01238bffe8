//! What the dashboard knows, and what is done to it.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use crmap_domain::cabinet::{Attention, Denial, PortalCard, RunProgress, SavedFilter, attention};
use crmap_domain::{Lang, MemberId};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::fleet::{favour_portals, portal_cards};
use crate::browser;
use crate::cabinet::ages::Now;
use crate::cabinet::data::{Cards, Dashboard};
use crate::cabinet::filter::{Filter, name_of};
use crate::cabinet::sending::Sending;
use crate::cabinet::words::sentence;
use crate::error::Denied;
use crate::ui::{Toaster, use_toast};
use crate::words::use_lang;

/// How many rows are drawn at first, and with each «more»: a page of five hundred stays light, and
/// whatever is not drawn is found all the same.
pub(super) const WINDOW: usize = 100;

/// The state of the dashboard; every component reaches it by `Fleet::get`.
#[derive(Clone, Copy)]
pub(super) struct Fleet {
    pub(super) portals: RwSignal<Vec<PortalCard>>,
    pub(super) filter: RwSignal<Filter>,
    /// The portals that were picked, the first picked first; whether they are shown or not.
    pub(super) picked: RwSignal<Vec<MemberId>>,
    /// How many rows are drawn.
    pub(super) window: RwSignal<usize>,
    /// The portals whose reasons are not as they are at first: unfolded or folded.
    pub(super) turned: RwSignal<HashSet<String>>,
    pub(super) filters: RwSignal<Vec<SavedFilter>>,
    pub(super) run: RwSignal<Option<RunProgress>>,
    /// What is done outside dialogs.
    pub(super) sending: Sending,
    /// The numbers of the portals that the filter leaves, in order.
    pub(super) shown: Memo<Vec<usize>>,
    /// The numbers of the portals that need attention, with the reasons, the most pressing first.
    pub(super) needing: Memo<Vec<(usize, Attention)>>,
    pub(super) lang: Lang,
    watch: Watch,
    toast: Toaster,
    /// The stars that are on their way to the server: how they are wanted by now.
    stars: StoredValue<HashMap<String, bool>>,
}

/// By what clock portals need attention.
#[derive(Clone, Copy)]
struct Watch {
    now: Now,
    stale_after: Duration,
}

impl Watch {
    fn attention(self, card: &PortalCard) -> Option<Attention> {
        attention(card, self.now.at(), self.stale_after)
    }
}

impl Fleet {
    /// The state of the dashboard around the calling component.
    pub(super) fn get() -> Self {
        expect_context()
    }

    /// Makes the state and gives it to everything below.
    pub(super) fn provide(dashboard: Dashboard) -> Self {
        let lang = use_lang();
        let watch = Watch {
            now: Now::get(),
            stale_after: Duration::from_secs(dashboard.stale_after.into()),
        };
        let portals = RwSignal::new(dashboard.portals);
        let filter = RwSignal::new(dashboard.filter);
        let shown = Memo::new(move |_| {
            let filter = filter.get();
            portals.with(|portals| filter.pick(portals, |card| watch.attention(card)))
        });
        let needing = Memo::new(move |_| portals.with(|portals| needing(portals, watch)));
        let fleet = Self {
            portals,
            filter,
            picked: RwSignal::new(Vec::new()),
            window: RwSignal::new(if dashboard.whole { usize::MAX } else { WINDOW }),
            turned: RwSignal::new(HashSet::new()),
            filters: RwSignal::new(dashboard.filters),
            run: RwSignal::new(dashboard.run),
            sending: Sending::new(lang, None),
            shown,
            needing,
            lang,
            watch,
            toast: use_toast(),
            stars: StoredValue::new(HashMap::new()),
        };
        provide_context(fleet);
        fleet
    }

    /// Why a portal needs attention.
    pub(super) fn attention(self, card: &PortalCard) -> Option<Attention> {
        self.watch.attention(card)
    }

    /// Narrows or orders the portals otherwise.
    pub(super) fn narrow(self, change: impl FnOnce(&mut Filter)) {
        self.filter.update(change);
        self.window.set(WINDOW);
    }

    /// How many portals are so.
    pub(super) fn count(self, is_so: impl Fn(&PortalCard) -> bool) -> usize {
        self.portals
            .with(|portals| portals.iter().filter(|card| is_so(card)).count())
    }

    /// What portals are called by now, by their numbers in Bitrix24.
    pub(super) fn names_of(self, members: &[MemberId]) -> Vec<String> {
        self.portals.with_untracked(|portals| {
            let name = |id: &MemberId| {
                let card = portals.iter().find(|card| card.member_id == *id);
                card.map_or_else(|| id.to_string(), |card| name_of(card).to_owned())
            };
            members.iter().map(name).collect()
        })
    }

    /// Whether portals are being read.
    pub(super) fn is_reading(self) -> bool {
        self.run
            .with(|run| run.as_ref().is_some_and(|run| run.finished_at.is_none()))
    }

    /// Picks a portal or lets go of it.
    pub(super) fn pick(self, id: &str, is_picked: bool) {
        let Ok(member_id) = MemberId::parse(id) else {
            return;
        };
        self.picked.update(|picked| {
            picked.retain(|known| *known != member_id);
            if is_picked {
                picked.push(member_id);
            }
        });
    }

    /// The portals that the filter leaves.
    pub(super) fn shown_members(self) -> Vec<MemberId> {
        self.portals.with(|portals| {
            let shown = self.shown.get();
            let members = shown.iter().filter_map(|index| portals.get(*index));
            members.map(|card| card.member_id.clone()).collect()
        })
    }

    /// Picks all portals that the filter leaves, or lets go of them.
    pub(super) fn pick_shown(self, are_picked: bool) {
        let shown = self.shown_members();
        let among: HashSet<_> = shown.iter().cloned().collect();
        self.picked.update(|picked| {
            picked.retain(|known| !among.contains(known));
            if are_picked {
                picked.extend(shown);
            }
        });
    }

    /// What was picked, as server functions take it.
    pub(super) fn picked_ids(self) -> Vec<String> {
        self.picked
            .with_untracked(|picked| picked.iter().map(MemberId::to_string).collect())
    }

    /// Keeps a portal among the favourites, or not any more: at once here, and then on the server.
    pub(super) fn turn_star(self, id: String) {
        let mut is_one = false;
        self.portals.update(|portals| {
            let mut portals = portals.iter_mut();
            if let Some(card) = portals.find(|card| card.member_id.as_str() == id) {
                card.favourite = !card.favourite;
                is_one = card.favourite;
            }
        });
        stay_at_star(id.clone());
        let is_on_its_way = self
            .stars
            .try_update_value(|stars| stars.insert(id.clone(), is_one).is_some());
        if is_on_its_way != Some(true) {
            spawn_local(self.keep_star(id, is_one));
        }
    }

    /// Tells the server how a star is wanted, and again where that changed meanwhile: what was wanted
    /// last comes last.
    async fn keep_star(self, id: String, mut told: bool) {
        loop {
            let answer = favour_portals(vec![id.clone()], told).await;
            let wanted = self.stars.with_value(|stars| stars.get(&id).copied());
            match answer {
                Ok(()) if wanted.is_some_and(|wanted| wanted != told) => {
                    told = !told;
                    continue;
                }
                Ok(()) => {}
                Err(Denied(Denial::SignedOut)) => browser::go("/login"),
                Err(Denied(denial)) => {
                    self.put_stars(std::slice::from_ref(&id), !told);
                    self.toast
                        .tell(sentence(&denial, self.lang).sentence(), None);
                }
            }
            self.stars.update_value(|stars| {
                stars.remove(&id);
            });
            return;
        }
    }

    /// Unfolds why a portal needs attention, or folds it.
    pub(super) fn turn_why(self, id: String) {
        self.turned.update(|turned| {
            if !turned.remove(&id) {
                turned.insert(id);
            }
        });
    }

    /// Shows portals as favourites, or not any more.
    pub(super) fn put_stars(self, ids: &[String], favourite: bool) {
        self.portals.update(|portals| {
            for card in portals {
                if ids.iter().any(|id| id == card.member_id.as_str()) {
                    card.favourite = favourite;
                }
            }
        });
    }

    /// Shows the portals as they are by now; what is picked, searched and seen stays.
    pub(super) async fn look_again(self) {
        if let Ok(Cards { now, portals }) = portal_cards().await {
            self.picked.update(|picked| {
                picked.retain(|id| portals.iter().any(|card| card.member_id == *id));
            });
            self.watch.now.set(now.at());
            self.portals.set(portals);
        }
    }

    /// Says something beside the element of this id.
    pub(super) fn tell(self, words: String, beside: &str) {
        self.toast.tell(words, browser::point_of(beside));
    }
}

/// Keeps the focus with a portal whose row moves among the others by its star, and in the list where
/// the row leaves it.
fn stay_at_star(id: String) {
    request_animation_frame(move || {
        if !browser::focus_marked("star", &id) {
            browser::focus("search");
        }
    });
}

fn needing(portals: &[PortalCard], watch: Watch) -> Vec<(usize, Attention)> {
    let mut needing: Vec<_> = portals
        .iter()
        .enumerate()
        .filter_map(|(index, card)| Some((index, watch.attention(card)?)))
        .collect();
    needing.sort_by_cached_key(|(index, attention)| {
        let name = name_of(&portals[*index]).to_lowercase();
        (attention.weight(), name)
    });
    needing
}
