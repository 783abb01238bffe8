//! What the palette of a cabinet offers by itself: portals, their sections, and what can be done.

use std::cmp::Reverse;

use crmap_domain::Lang;
use crmap_domain::cabinet::PortalCard;
use crmap_domain::search::choice::{Answers, Choice};
use crmap_domain::search::key;

use super::Deed;
use crate::cabinet::filter::name_of;
use crate::data::{Tab, Theme, parameter};
use crate::help::Face;
use crate::say;
use crate::sheet::tab_name;
use crate::ui::Offer;

/// How many portals are offered, of those that answer and of those that were looked at last.
const PORTALS: usize = 8;
const RECENT: usize = 5;
/// How many sections of portals are offered.
const SECTIONS: usize = 10;

/// A portal by what it is found.
struct Place {
    id: String,
    name: String,
    address: String,
    key: String,
}

/// A page of a portal: what it is called, what kind of thing it is, and its address behind the portal's.
struct Section {
    name: &'static str,
    kind: &'static str,
    way: String,
    key: String,
}

/// What a cabinet has.
pub(super) struct Atlas {
    lang: Lang,
    theme: Theme,
    /// The portal whose page this is.
    here: Option<String>,
    /// The portals, the last that was looked at first.
    places: Vec<Place>,
    sections: Vec<Section>,
    deeds: Vec<(String, Offer<Deed>)>,
}

impl Atlas {
    /// Of a page with this address and theme. Every page has one, and few are ever looked into.
    pub(super) fn new(lang: Lang, address: &str, theme: Theme) -> Self {
        let here = address.strip_prefix("/portals/").map(|rest| {
            let end = rest.find(['?', '/']).unwrap_or(rest.len());
            rest[..end].to_owned()
        });
        Self {
            lang,
            theme,
            here,
            places: Vec::new(),
            sections: Vec::new(),
            deeds: Vec::new(),
        }
    }

    /// Makes ready what it has without asking anybody.
    pub(super) fn prepare(&mut self) {
        if self.sections.is_empty() {
            self.sections = sections(self.lang);
            let deeds = deeds(self.lang, self.theme).into_iter();
            self.deeds = deeds.map(|deed| (key(&deed.text), deed)).collect();
        }
    }

    /// Takes the portals in.
    pub(super) fn know(&mut self, mut cards: Vec<PortalCard>) {
        cards.sort_by_key(|card| Reverse(card.opened_at));
        self.places = cards.iter().map(place).collect();
    }

    /// The page's own portal.
    pub(super) fn here(&self) -> Option<&str> {
        self.here.as_deref()
    }

    /// What answers to what is typed, the best first; the places to go to most likely, for nothing.
    pub(super) fn offers(&self, typed: &str) -> Vec<Offer<Deed>> {
        let choice = Choice::parse(typed);
        if choice.is_empty() {
            return self.first();
        }
        let mut answers: Vec<(Answers, Offer<Deed>)> = self.portals(&choice);
        answers.extend(self.pages(&choice));
        let deeds = self.deeds.iter();
        answers.extend(deeds.filter_map(|(key, deed)| Some((choice.answer(key)?, deed.clone()))));
        answers.sort_by_key(|(answer, _)| *answer);
        answers.into_iter().map(|(_, offer)| offer).collect()
    }

    fn first(&self) -> Vec<Offer<Deed>> {
        let is_here = |place: &&Place| Some(&place.id) == self.here.as_ref();
        let recent = self.places.iter().filter(|place| !is_here(place));
        let mut offers: Vec<_> = recent
            .take(RECENT)
            .map(|place| self.portal(place))
            .collect();
        if let Some(place) = self.places.iter().find(is_here) {
            let tabs = self.sections.iter().take(Tab::ALL.len());
            offers.extend(tabs.map(|section| page(place, section)));
        }
        offers.extend(self.deeds.iter().map(|(_, deed)| deed.clone()));
        offers
    }

    fn portal(&self, place: &Place) -> Offer<Deed> {
        Offer {
            text: place.name.clone(),
            aside: if place.name == place.address {
                String::new()
            } else {
                place.address.clone()
            },
            kind: say!(self.lang, palette_portal),
            deed: Deed::Go(format!("/portals/{}", place.id)),
        }
    }

    fn portals(&self, choice: &Choice) -> Vec<(Answers, Offer<Deed>)> {
        let answering = self.places.iter().filter_map(|place| {
            let answer = choice.answer(&place.key)?;
            Some((answer, self.portal(place)))
        });
        best(answering.collect(), PORTALS)
    }

    /// Sections of the page's own portal, and of others that what is typed names beside the section.
    fn pages(&self, choice: &Choice) -> Vec<(Answers, Offer<Deed>)> {
        let mut found = Vec::new();
        for place in &self.places {
            let is_here = Some(&place.id) == self.here.as_ref();
            if !is_here && !choice.touches(&place.key) {
                continue;
            }
            for section in &self.sections {
                let alone = choice.answer(&section.key);
                let answer = match (is_here, alone) {
                    (true, Some(alone)) => Some(alone),
                    // The portal itself, or a section of any portal, is not a section of this one.
                    (_, Some(_)) => None,
                    _ if choice.answer(&place.key).is_some() => None,
                    _ => choice.answer(&format!("{}\n{}", place.key, section.key)),
                };
                found.extend(answer.map(|answer| (answer, page(place, section))));
            }
        }
        best(found, SECTIONS)
    }
}

fn best(mut found: Vec<(Answers, Offer<Deed>)>, most: usize) -> Vec<(Answers, Offer<Deed>)> {
    found.sort_by_key(|(answer, _)| *answer);
    found.truncate(most);
    found
}

fn place(card: &PortalCard) -> Place {
    let tags = card.description.tags.join(" ");
    let name = name_of(card).to_owned();
    Place {
        id: card.member_id.to_string(),
        key: key(&[name.as_str(), &card.address, &tags].join("\n")),
        name,
        address: card.address.clone(),
    }
}

fn page(place: &Place, section: &Section) -> Offer<Deed> {
    Offer {
        text: section.name.to_owned(),
        aside: place.name.clone(),
        kind: section.kind,
        deed: Deed::Go(format!("/portals/{}{}", place.id, section.way)),
    }
}

/// The sheet's tabs first, in their order.
fn sections(lang: Lang) -> Vec<Section> {
    let (page, file) = (say!(lang, palette_section), say!(lang, palette_action));
    let tabs = Tab::ALL.map(|tab| {
        let way = format!("?{}={}", parameter::TAB, tab.slug());
        (tab_name(tab, lang), page, way)
    });
    let views = [
        (say!(lang, history_view), page, "?view=history".to_owned()),
        (
            say!(lang, view_connection),
            page,
            "?view=connection".to_owned(),
        ),
    ];
    let files = [
        (say!(lang, save_txt), "txt"),
        (say!(lang, export_json), "json"),
        (say!(lang, export_csv), "csv"),
        (say!(lang, export_xlsx), "xlsx"),
    ];
    let files = files.map(|(name, form)| (name, file, format!("/specification.{form}")));
    let all = tabs.into_iter().chain(views).chain(files);
    all.map(|(name, kind, way)| Section {
        name,
        kind,
        way,
        key: key(name),
    })
    .collect()
}

/// The button that changes to a language.
const fn button_of(lang: Lang) -> &'static str {
    match lang {
        Lang::Ru => "button[name=lang][value=ru]",
        Lang::En => "button[name=lang][value=en]",
    }
}

fn deeds(lang: Lang, theme: Theme) -> Vec<Offer<Deed>> {
    let go = |address: &str| Deed::Go(address.to_owned());
    let mut deeds: Vec<(String, Deed)> = vec![
        (say!(lang, menu_dashboard).to_owned(), go("/dashboard")),
        (say!(lang, compare_title).to_owned(), go("/compare")),
        (say!(lang, menu_profile).to_owned(), go("/profile")),
        (say!(lang, help).to_owned(), go(Face::Cabinet.path())),
    ];
    let pages = deeds.len();
    deeds.extend([
        (say!(lang, palette_refresh).to_owned(), Deed::RefreshAll),
        (
            say!(lang, palette_connect).to_owned(),
            Deed::Press("#token-copy"),
        ),
    ]);
    for other in lang.others() {
        let name = format!(
            "{}: {}",
            say!(lang, choose_lang),
            say!(other, language_name)
        );
        deeds.push((name, Deed::Press(button_of(other))));
    }
    for (choice, word, button) in [
        (
            Theme::Light,
            say!(lang, theme_light),
            "button[name=theme][value=light]",
        ),
        (
            Theme::Dark,
            say!(lang, theme_dark),
            "button[name=theme][value=dark]",
        ),
        (
            Theme::Auto,
            say!(lang, theme_auto),
            "button[name=theme][value=auto]",
        ),
    ] {
        if choice != theme {
            let name = format!("{}: {}", say!(lang, choose_theme), word.to_lowercase());
            deeds.push((name, Deed::Press(button)));
        }
    }
    deeds.extend([
        (say!(lang, keys_title).to_owned(), Deed::Keys),
        (say!(lang, leave).to_owned(), Deed::Press(".top__door")),
    ]);
    let kind = |index| {
        if index < pages {
            say!(lang, palette_section)
        } else {
            say!(lang, palette_action)
        }
    };
    let numbered = deeds.into_iter().enumerate();
    numbered
        .map(|(index, (text, deed))| Offer {
            text,
            aside: String::new(),
            kind: kind(index),
            deed,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crmap_domain::cabinet::{Description, Level};
    use crmap_domain::{MemberId, PortalState, Standing};
    use time::{Duration, OffsetDateTime};

    use super::*;

    fn card(number: u32, label: &str, opened: Option<i64>) -> PortalCard {
        let start = OffsetDateTime::UNIX_EPOCH;
        PortalCard {
            member_id: MemberId::parse(&format!("{number:032x}")).unwrap(),
            address: format!("portal-{number}.bitrix24.ru"),
            description: Description {
                label: label.to_owned(),
                ..Description::default()
            },
            level: Level::Read,
            linked_at: start,
            standing: Standing {
                state: PortalState::Ok,
                since: start,
                reason: String::new(),
            },
            read_at: None,
            totals: None,
            favourite: false,
            opened_at: opened.map(|hours| start + Duration::hours(hours)),
            changes: 0,
            failure: None,
        }
    }

    fn atlas(address: &str) -> Atlas {
        let mut atlas = Atlas::new(Lang::Ru, address, Theme::Auto);
        atlas.prepare();
        atlas.know(vec![
            card(1, "Ромашка", Some(1)),
            card(2, "Василёк", Some(5)),
            card(3, "", None),
        ]);
        atlas
    }

    /// What is offered, as «text (aside)».
    fn offered(atlas: &Atlas, typed: &str) -> Vec<String> {
        let told = |offer: Offer<Deed>| format!("{} ({})", offer.text, offer.aside);
        atlas.offers(typed).into_iter().map(told).collect()
    }

    fn way(offer: &Offer<Deed>) -> &str {
        match &offer.deed {
            Deed::Go(address) => address,
            _ => "",
        }
    }

    #[test]
    fn before_anything_is_typed_the_last_portals_come_first() {
        let anywhere = offered(&atlas("/dashboard"), "");
        assert_eq!(anywhere[0], "Василёк (portal-2.bitrix24.ru)");
        assert_eq!(anywhere[1], "Ромашка (portal-1.bitrix24.ru)");
        assert_eq!(anywhere[2], "portal-3.bitrix24.ru ()");
        assert!(anywhere.contains(&"Выйти ()".to_owned()));
        // The page's own portal is offered by its sections.
        let here = offered(&atlas(&format!("/portals/{:032x}?tab=users", 2)), "");
        assert_eq!(here[0], "Ромашка (portal-1.bitrix24.ru)");
        assert!(here.contains(&"Воронки (Василёк)".to_owned()));
        assert!(!here.contains(&"Василёк (portal-2.bitrix24.ru)".to_owned()));
    }

    #[test]
    fn a_section_of_another_portal_is_named_with_the_portal() {
        let atlas = atlas("/dashboard");
        let found = atlas.offers("ромашка поля конт");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].aside, "Ромашка");
        assert_eq!(
            way(&found[0]),
            format!("/portals/{:032x}?tab=contact-fields", 1)
        );
        let file = atlas.offers("xlsx василек");
        assert_eq!(
            way(&file[0]),
            format!("/portals/{:032x}/specification.xlsx", 2)
        );
        assert_eq!(
            offered(&atlas, "ромашка")[0],
            "Ромашка (portal-1.bitrix24.ru)"
        );
        assert_eq!(offered(&atlas, "поля"), Vec::<String>::new());
    }

    #[test]
    fn on_the_page_of_a_portal_its_sections_need_no_name() {
        let atlas = atlas(&format!("/portals/{:032x}", 1));
        assert_eq!(
            offered(&atlas, "сотр")[0],
            "Сотрудники (Ромашка)".to_owned()
        );
        let both = offered(&atlas, "василек сотр");
        assert_eq!(both, ["Сотрудники (Василёк)"]);
    }

    #[test]
    fn what_the_cabinet_can_do_is_offered_by_its_name() {
        let atlas = atlas("/dashboard");
        for (typed, name) in [
            ("скопировать", "Подключить портал: скопировать токен ()"),
            ("тёмная", "Тема: тёмная ()"),
            ("english", "Язык: English ()"),
            ("сравн", "Сравнение ()"),
            ("dsqnb", "Выйти ()"),
        ] {
            assert_eq!(
                offered(&atlas, typed).first().map(String::as_str),
                Some(name)
            );
        }
        assert!(!offered(&atlas, "тема").contains(&"Тема: как в системе ()".to_owned()));
    }

    #[test]
    fn what_was_looked_at_a_moment_later_comes_first() {
        let mut atlas = atlas("/dashboard");
        let opened = |number, label, ms| PortalCard {
            opened_at: Some(OffsetDateTime::UNIX_EPOCH + Duration::milliseconds(ms)),
            ..card(number, label, None)
        };
        let cards = vec![opened(1, "Ромашка", 1_100), opened(2, "Василёк", 1_900)];
        // As a page is handed them.
        let wire = postcard::to_allocvec(&cards).unwrap();
        atlas.know(postcard::from_bytes(&wire).unwrap());
        let first = offered(&atlas, "");
        assert!(
            first[0].starts_with("Василёк") && first[1].starts_with("Ромашка"),
            "{first:?}"
        );
    }

    #[test]
    fn five_hundred_portals_offer_a_few() {
        let mut atlas = atlas("/dashboard");
        atlas.know(
            (0..500)
                .map(|number| card(number, "Клиент", None))
                .collect(),
        );
        assert_eq!(atlas.offers("клиент").len(), PORTALS);
        assert_eq!(atlas.offers("клиент поля").len(), SECTIONS);
    }
}
