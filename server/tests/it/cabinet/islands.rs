//! SEC-53: what each page of the cabinet hands to its scripts, by the names of the values. A value
//! that is not in these lists needs a reason to be there, and a line here.

use std::collections::BTreeSet;

use crmap_app::api::fleet::SaveFilter;
use crmap_app::cabinet::filter::Filter;
use crmap_domain::cabinet::SavedFilter;
use serde_json::Value;

use super::browser::Browser;
use super::reset::house_with_mail;
use super::town::Town;
use super::{OTHER, PASSWORD};
use crate::house::Base;
use crate::support::Answer;

/// What every page has.
const LOOKS: [&str; 4] = ["lang", "theme", "address", "now"];
const CARD: &str = "member_id address description.label description.note description.mark \
     description.tags[] level linked_at standing.state standing.since standing.reason read_at \
     totals.funnels totals.stages totals.users favourite opened_at changes failure";

/// The names of all values, lists as `[]`. What was read of a portal, and what came of a
/// comparison, is one value here: all of it is shown.
fn names(value: &Value, at: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members)
            if !at.ends_with("specification") && !at.ends_with("outcome.Compared") =>
        {
            for (name, member) in members {
                let place = if at.is_empty() {
                    name.clone()
                } else {
                    format!("{at}.{name}")
                };
                names(member, &place, found);
            }
        }
        Value::Array(items) => {
            for item in items {
                names(item, &format!("{at}[]"), found);
            }
        }
        _ => {
            found.insert(at.to_owned());
        }
    }
}

#[track_caller]
fn assert_names(page: &str, answer: &Answer, room: &str, wanted: &[&str]) {
    let data = serde_json::to_value(answer.cabinet()).unwrap();
    let mut found = BTreeSet::new();
    names(&data, "", &mut found);
    let mut allowed: BTreeSet<String> = LOOKS.map(str::to_owned).into();
    if room.starts_with("Inside") {
        allowed.insert("page.Inside.token".to_owned());
    }
    for names in wanted {
        let (place, names) = names.split_once(": ").unwrap_or(("", names));
        for name in names.split_whitespace() {
            let place = [room, place].map(|part| format!(".{part}")).concat();
            let place = place.trim_end_matches('.');
            allowed.insert(format!("page{place}.{name}"));
        }
    }
    let more: Vec<_> = found.difference(&allowed).collect();
    assert!(more.is_empty(), "{page} holds {more:?}");
    let less: Vec<_> = allowed.difference(&found).collect();
    assert!(less.is_empty(), "{page} lacks {less:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_53_pages_before_the_door_hold_what_they_show() {
    let (house, _sink) = house_with_mail("islands-outside", Base::Sqlite).await;
    let browser = Browser::new(&house.router);
    for (page, room, wanted) in [
        ("/login?done=left", "Outside.Login", "email denial done"),
        ("/register", "Outside.Register", "name email denial"),
        (
            "/password",
            "Outside.Password",
            "email denial asked write_to",
        ),
        ("/password/new", "Outside.NewPassword", "denial"),
    ] {
        assert_names(page, &browser.get(page).await, room, &[wanted]);
        let page = page.split('?').next().unwrap();
        let fields = [
            ("name", "x"),
            ("email", "x"),
            ("password", OTHER),
            ("code", PASSWORD),
        ];
        let denied = browser.submit(page, &fields).await;
        assert_names(page, &denied, room, &[wanted]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_53_rooms_hold_what_they_show() {
    let town = Town::build("islands", Base::Sqlite).await;
    dashboard_holds(&town).await;
    portal_holds(&town).await;
    history_holds(&town).await;
    search_holds(&town).await;
    let sides = format!("/compare?left={0}@1&right={0}", town.member_id(1));
    assert_names(
        "a comparison",
        &town.anna.get(&sides).await,
        "Inside.room.Compare",
        &[
            "portals[]: id name",
            "asked: left.member_id left.version right.member_id right.version show open",
            "outcome: Compared",
        ],
    );
    let account = "account: name email lang made_at";
    let devices = "devices[]: id agent ip made_at seen_at current";
    let log = format!("log[]: at kind kind.logged_in.ip {LINKED}");
    assert_names(
        "the profile",
        &town.anna.get("/profile").await,
        "Inside.room.Profile",
        &[account, devices, &log, "portals sends_mail"],
    );
    assert_names(
        "leaving",
        &town.anna.get("/logout").await,
        "Inside",
        &["room"],
    );
    let missing = town.anna.get("/portals/nothing").await;
    assert_names("nothing", &missing, "Inside", &["room.Trouble"]);
}

const LINKED: &str =
    "kind.linked.member_id kind.linked.address kind.linked.user_id kind.linked.level";
const CONNECTION: &str = "details: linked_by plan version scopes[] rights[].user_id \
     rights[].administrator rights[].usable rights[].last_used_at";
const PLACE: &str = "place: tab query funnel unfold";

/// A portal's card, with the totals of its fields.
fn with_fields(place: &str) -> String {
    let fields = [
        "deal_fields",
        "contact_fields",
        "company_fields",
        "lead_fields",
    ]
    .map(|entity| format!("totals.{entity}.fields totals.{entity}.items"))
    .join(" ");
    format!("{place}: {CARD} {fields}")
}

async fn dashboard_holds(town: &Town) {
    let save = SaveFilter {
        name: "VIP".to_owned(),
        filter: Filter::default(),
    };
    town.anna.call(&save).await.given::<SavedFilter>();
    let news = format!("news[]: at {LINKED}");
    let filter = "filter: query state tag attention favourite sort";
    let saved = "filters[]: id name query";
    assert_names(
        "the dashboard",
        &town.anna.get("/dashboard").await,
        "Inside.room.Dashboard",
        &[
            &with_fields("portals[]"),
            &news,
            filter,
            saved,
            "whole run stale_after",
        ],
    );
}

async fn portal_holds(town: &Town) {
    let page = town.pages_of(1).remove(0);
    let details = with_fields("details.card");
    let shown = "specification view version old history";
    for page in [page.clone(), format!("{page}?view=connection")] {
        assert_names(
            &page,
            &town.anna.get(&page).await,
            "Inside.room.Portal",
            &[&details, CONNECTION, PLACE, shown],
        );
    }
}

async fn history_holds(town: &Town) {
    let page = town.pages_of(1).remove(0);
    let filter = "history.filter: text from to";
    let first = "history.page.first: number first_read_at last_read_at viewer_id by_administrator \
         changes";
    let asked = "history: page.next asked.id asked.on[] looked_up";
    assert_names(
        "the history",
        &town.anna.get(&format!("{page}?view=history")).await,
        "Inside.room.Portal",
        &[
            &with_fields("details.card"),
            CONNECTION,
            PLACE,
            "specification view version old",
            filter,
            first,
            asked,
        ],
    );
}

async fn search_holds(town: &Town) {
    let search = "query read_as nearly only.member_id only.name portals unread total found_in";
    let group = "groups[]: member_id address label mark state total";
    let hit = "groups[].hits[]: item.kind.Field item.id item.within item.label number parent \
         label_marks[][] id_marks[][]";
    let marked = "%D0%9E%D1%82%D0%BB%D0%B8%D1%87%D0%B8%D0%B5%20UF_CRM";
    let portal = town.member_id(1);
    assert_names(
        "a search",
        &town
            .anna
            .get(&format!("/search?q={marked}&portal={portal}"))
            .await,
        "Inside.room.Search",
        &[search, group, hit],
    );
}
