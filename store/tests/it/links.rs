//! Portals and cabinets are linked, and each cabinet sees its own portals alone.

use std::sync::Arc;
use std::time::Duration;

use crmap_domain::cabinet::{DeedKind, Description, Level, Mark};
use crmap_domain::{MemberId, PortalState};
use crmap_store::{ChainStatus, Linking, Store, Tenant};
use tokio::task::JoinSet;

use crate::support::*;

fn description(label: &str) -> Description {
    Description {
        label: label.to_owned(),
        note: "звонить\nпосле обеда".to_owned(),
        mark: Some(Mark::Teal),
        tags: vec!["VIP".to_owned(), "юг".to_owned()],
    }
}

async fn portals_of(store: &Store, tenant: &Tenant) -> Vec<MemberId> {
    let cards = store.links(tenant).await.unwrap();
    cards.into_iter().map(|card| card.member_id).collect()
}

async fn kinds(store: &Store, tenant: &Tenant) -> Vec<DeedKind> {
    let deeds = store.deeds(tenant, 100).await.unwrap();
    deeds.into_iter().map(|deed| deed.kind).collect()
}

async fn mails(store: &Store) -> usize {
    let mut count = 0;
    while store.next_mail("sender", LEASE).await.unwrap().is_some() {
        count += 1;
    }
    count
}

on_both! {
    async fn a_linked_portal_shows_what_is_known_of_it(base) {
        let store = base.open().await;
        installed(&store, 1).await;
        let one = cabinet(&store, 1).await;
        let granted = grant(1, Level::ReadWrite, 9);
        assert_eq!(store.link(&one.id, &granted, None).await.unwrap(), Linking::Made);
        let linked = store.linked(&one.tenant, &member(1)).await.unwrap().unwrap();
        let card = &linked.card;
        assert_eq!((card.level, card.linked_at), (Level::ReadWrite, at(9)));
        assert_eq!(card.address, "p1.bitrix24.ru");
        assert_eq!((card.standing.state, card.standing.since), (PortalState::Ok, at(0)));
        assert_eq!((card.read_at, card.totals), (None, None));
        assert_eq!(card.description, Description::default());
        assert_eq!((linked.linked_by, linked.version), (7, Some(3)));
        assert_eq!(linked.plan.as_deref(), Some("ru_basic"));
        assert_eq!(linked.scopes, ["crm"]);
        assert_eq!(store.links(&one.tenant).await.unwrap(), [linked.card]);
        let holders = store.holders(&one.tenant, &member(1)).await.unwrap();
        assert_eq!(holders.len(), 1);
        assert_eq!((holders[0].user_id, holders[0].administrator), (1, true));
        assert_eq!((holders[0].status, holders[0].last_used_at), (ChainStatus::Active, at(0)));

        let of_portal = store.links_of_portal(&member(1)).await.unwrap();
        assert_eq!(of_portal.len(), 1);
        assert_eq!(of_portal[0].owner.email.as_str(), one.email);
        assert_eq!((of_portal[0].level, of_portal[0].linked_at), (Level::ReadWrite, at(9)));
        assert!(is_linked(&store, 1).await);
        assert!(!is_linked(&store, 2).await);
    }

    async fn what_the_owner_writes_is_kept_whatever_it_is(base) {
        let store = base.open().await;
        installed(&store, 1).await;
        let one = cabinet(&store, 1).await;
        link(&store, &one, 1, 1).await;
        let written = description("Ромашка\0 \"");
        assert!(store.describe(&one.tenant, &member(1), &written).await.unwrap());
        let kept = store.links(&one.tenant).await.unwrap().remove(0).description;
        assert_eq!(kept, description("Ромашка\u{fffd} \""));
        let cleared = Description::default();
        assert!(store.describe(&one.tenant, &member(1), &cleared).await.unwrap());
        assert_eq!(store.links(&one.tenant).await.unwrap().remove(0).description, cleared);
    }

    async fn sec_23_linking_again_changes_what_is_allowed_and_nothing_else(base) {
        let store = base.open().await;
        installed(&store, 1).await;
        let one = cabinet(&store, 1).await;
        link(&store, &one, 1, 1).await;
        store.describe(&one.tenant, &member(1), &description("Ромашка")).await.unwrap();
        assert_eq!(store.level_of_link(&one.id, &member(1)).await.unwrap(), Some(Level::Read));
        assert_eq!(store.level_of_link(&one.id, &member(2)).await.unwrap(), None);
        let before = store.links_of_portal(&member(1)).await.unwrap();
        let again = store.link(&one.id, &grant(1, Level::Read, 5), Some(&secret("mail"))).await;
        assert_eq!(again.unwrap(), Linking::Same);
        assert_eq!(store.links_of_portal(&member(1)).await.unwrap(), before);
        assert_eq!(mails(&store).await, 0, "nothing has happened");

        let more = grant(1, Level::ReadWrite, 6);
        let more = store.link(&one.id, &more, Some(&secret("mail"))).await.unwrap();
        assert_eq!(more, Linking::Changed);
        let linked = store.linked(&one.tenant, &member(1)).await.unwrap().unwrap();
        assert_eq!((linked.card.level, linked.card.linked_at), (Level::ReadWrite, at(1)));
        assert_eq!(linked.card.description, description("Ромашка"));
        let after = store.links_of_portal(&member(1)).await.unwrap();
        assert_eq!(after[0].id, before[0].id);
        assert_eq!(mails(&store).await, 1, "the owner is told");
    }

    async fn sec_23_fifty_requests_at_once_give_one_link_for_each_cabinet(base) {
        let store = Arc::new(base.open().await);
        installed(&store, 1).await;
        let cabinets = [cabinet(&store, 1).await, cabinet(&store, 2).await];
        let mut requests = JoinSet::new();
        for number in 0..50 {
            let (store, id) = (Arc::clone(&store), cabinets[number % 2].id.clone());
            requests.spawn(async move {
                let granted = grant(1, Level::Read, 1);
                store.link(&id, &granted, Some(&secret("mail"))).await.unwrap()
            });
        }
        let answers = requests.join_all().await;
        let made = answers.iter().filter(|answer| **answer == Linking::Made).count();
        let same = answers.iter().filter(|answer| **answer == Linking::Same).count();
        assert_eq!((made, same), (2, 48));
        assert_eq!(store.links_of_portal(&member(1)).await.unwrap().len(), 2);
        assert_eq!(mails(&store).await, 2);
    }

    async fn only_the_installation_in_which_somebody_was_proved_is_linked(base) {
        let store = base.open().await;
        let one = cabinet(&store, 1).await;
        let try_to_link = async |installs| {
            let granted = crmap_store::Grant { installs, ..grant(1, Level::Read, 5) };
            store.link(&one.id, &granted, Some(&secret("mail"))).await.unwrap()
        };
        assert_eq!(try_to_link(1).await, Linking::NoPortal, "nobody knows it");
        opened(&store, 1).await;
        assert_eq!(try_to_link(0).await, Linking::NoPortal, "nobody finished the installation");
        installed(&store, 1).await;
        assert_eq!(try_to_link(2).await, Linking::NoPortal);
        store.uninstall(&member(1), &left(false, 2)).await.unwrap();
        assert_eq!(try_to_link(1).await, Linking::NoPortal, "it left");
        opened(&store, 1).await;
        assert_eq!(try_to_link(1).await, Linking::NoPortal, "it is on its way back");
        installed(&store, 1).await;
        assert_eq!(try_to_link(1).await, Linking::NoPortal, "it is another installation");
        assert_eq!(mails(&store).await, 0);
        assert_eq!(try_to_link(2).await, Linking::Made);

        store.unlink(&one.tenant, &member(1), None, at(6)).await.unwrap();
        delete_cabinet(&store, &one).await;
        assert_eq!(try_to_link(2).await, Linking::NoCabinet);
        assert!(!is_linked(&store, 1).await);
    }

    async fn sec_20_a_token_that_was_replaced_while_somebody_used_it_links_nothing(base) {
        let store = base.open().await;
        let cabinet = cabinet(&store, 1).await;
        installed(&store, 1).await;
        let grant = grant(1, Level::Read, 5);
        assert!(store.renew_connection_token(&cabinet.tenant, &token(9), at(4)).await.unwrap());
        let linking = store.link(&cabinet.id, &grant, None).await.unwrap();
        assert_eq!(linking, Linking::NoCabinet);
        assert_eq!(portals_of(&store, &cabinet.tenant).await, []);
        let found = store.cabinet_of_token(&token(9)).await.unwrap().unwrap();
        let linking = store.link(&found.id, &grant, None).await.unwrap();
        assert_eq!(linking, Linking::Made);
    }

    async fn sec_77_a_cabinet_gets_nothing_of_another_ones_portal(base) {
        let store = base.open().await;
        for number in 1..=2 {
            installed(&store, number).await;
        }
        let (one, two) = (cabinet(&store, 1).await, cabinet(&store, 2).await);
        link(&store, &one, 1, 1).await;
        link(&store, &two, 2, 1).await;
        for number in 1..=2 {
            store.write_journal(&[request(number, 5)]).await.unwrap();
            put(&store, number, &reading(1)).await;
        }
        for (owner, own, foreign) in [(&one, 1, 2), (&two, 2, 1)] {
            let tenant = &owner.tenant;
            assert_eq!(portals_of(&store, tenant).await, [member(own)]);
            // One's own is there, so that nothing is found for want of a row.
            for (number, there) in [(own, true), (foreign, false), (9, false)] {
                let portal = member(number);
                let linked = store.linked(tenant, &portal).await.unwrap();
                assert_eq!(linked.is_some(), there);
                let holders = store.holders(tenant, &portal).await.unwrap();
                assert_eq!(!holders.is_empty(), there);
                let snapshot = store.snapshot(tenant, &portal).await.unwrap();
                assert_eq!(snapshot.is_some(), there);
                let requests = store.journal_of_link(tenant, &portal, None, 9).await.unwrap();
                assert_eq!(requests.rows.len(), usize::from(there));
            }
            let words = description("чужое");
            assert!(!store.describe(tenant, &member(foreign), &words).await.unwrap());
            assert!(!store.unlink(tenant, &member(foreign), None, at(6)).await.unwrap());
            let links = store.links_of_portal(&member(own)).await.unwrap();
            let ended = store.end_link(&member(foreign), &links[0].id, 7, None, at(6)).await;
            assert!(!ended.unwrap(), "another portal's administrator ended it");
        }
        for (owner, own) in [(&one, 1), (&two, 2)] {
            let card = store.links(&owner.tenant).await.unwrap().remove(0);
            assert_eq!((card.member_id, card.description.label.as_str()), (member(own), ""));
        }
    }

    async fn sec_38_a_cabinet_reads_the_requests_since_it_was_linked(base) {
        let store = base.open().await;
        installed(&store, 1).await;
        let (one, two) = (cabinet(&store, 1).await, cabinet(&store, 2).await);
        let rows: Vec<_> = (0..9).map(|second| request(1, second)).collect();
        store.write_journal(&rows).await.unwrap();
        link(&store, &one, 1, 4).await;
        link(&store, &two, 1, 8).await;
        let read = async |tenant: &Tenant| {
            let mut seconds = Vec::new();
            let mut from: Option<crmap_store::JournalCursor> = None;
            loop {
                // As a page gives the place back that it was given.
                let place = from.as_ref().map(|from| {
                    let (at_ms, id) = from.place();
                    crmap_store::JournalCursor::new(at_ms, id)
                });
                let portal = member(1);
                let page = store.journal_of_link(tenant, &portal, place.as_ref(), 2);
                let page = page.await.unwrap();
                seconds.extend(page.rows.iter().map(|row| (row.at - at(0)).whole_seconds()));
                from = page.next;
                if from.is_none() {
                    return seconds;
                }
            }
        };
        assert_eq!(read(&one.tenant).await, [8, 7, 6, 5, 4]);
        assert_eq!(read(&two.tenant).await, [8]);
        assert!(store.unlink(&one.tenant, &member(1), None, at(9)).await.unwrap());
        assert_eq!(read(&one.tenant).await, Vec::<i64>::new());
    }

    async fn sec_24_a_portal_that_left_serves_its_cabinets_nothing_until_it_is_linked_again(base) {
        let store = base.open().await;
        installed(&store, 1).await;
        let (one, two) = (cabinet(&store, 1).await, cabinet(&store, 2).await);
        link(&store, &one, 1, 1).await;
        store.describe(&one.tenant, &member(1), &description("Ромашка")).await.unwrap();
        store.write_journal(&[request(1, 2)]).await.unwrap();
        put(&store, 1, &reading(1)).await;
        let shows_nothing = async |reason: &str| {
            let (tenant, portal) = (&one.tenant, member(1));
            let linked = store.linked(tenant, &portal).await.unwrap().unwrap();
            assert!(linked.is_void);
            assert_eq!(linked.card.standing.state, PortalState::Uninstalled);
            assert_eq!(linked.card.standing.reason, reason);
            assert_eq!((linked.card.read_at, linked.card.totals), (None, None));
            assert_eq!((linked.plan, linked.version, linked.scopes.len()), (None, None, 0));
            assert_eq!(linked.card.description, description("Ромашка"));
            assert_eq!(store.snapshot(tenant, &portal).await.unwrap(), None);
            assert_eq!(store.holders(tenant, &portal).await.unwrap(), []);
            let requests = store.journal_of_link(tenant, &portal, None, 9).await.unwrap();
            assert!(requests.rows.is_empty());
            let links = store.links_of_portal(&portal).await.unwrap();
            assert!(links.iter().all(|link| link.owner.email.as_str() != one.email));
            assert_eq!(store.level_of_link(&one.id, &portal).await.unwrap(), None);
        };
        let link_id = store.links_of_portal(&member(1)).await.unwrap().remove(0).id;
        store.uninstall(&member(1), &left(false, 3)).await.unwrap();
        shows_nothing("").await;
        assert!(!is_linked(&store, 1).await);
        // Somebody else installs it, and another cabinet is linked to it and left again.
        installed(&store, 1).await;
        shows_nothing("reinstalled").await;
        assert!(!store.end_link(&member(1), &link_id, 7, None, at(4)).await.unwrap());
        let anew = |seconds| crmap_store::Grant { installs: 2, ..grant(1, Level::Read, seconds) };
        assert_eq!(store.link(&two.id, &anew(4), None).await.unwrap(), Linking::Made);
        store.write_journal(&[request(1, 5)]).await.unwrap();
        let kept = keep(&store, 1, 2, &reading(2), 6).await;
        assert_eq!(kept, crmap_store::Keeping::Kept);
        shows_nothing("reinstalled").await;
        assert!(store.unlink(&two.tenant, &member(1), None, at(7)).await.unwrap());
        // What was read for the other one went with its link.
        assert_eq!(store.link(&one.id, &anew(8), None).await.unwrap(), Linking::Made);
        let linked = store.linked(&one.tenant, &member(1)).await.unwrap().unwrap();
        assert_eq!((linked.is_void, linked.card.linked_at), (false, at(8)));
        assert_eq!(linked.card.standing.state, PortalState::Ok);
        assert_eq!(linked.card.description, description("Ромашка"));
        assert_eq!(store.snapshot(&one.tenant, &member(1)).await.unwrap(), None);
        let requests = store.journal_of_link(&one.tenant, &member(1), None, 9).await.unwrap();
        assert!(requests.rows.is_empty(), "those from before are another one's");
        assert_eq!(store.verify().await.unwrap(), []);
    }

    async fn both_sides_end_a_link_and_the_owner_is_told_of_what_others_do(base) {
        let store = base.open().await;
        installed(&store, 1).await;
        let one = cabinet(&store, 1).await;
        link(&store, &one, 1, 1).await;
        let letter = secret("mail");
        assert!(store.unlink(&one.tenant, &member(1), Some(&letter), at(2)).await.unwrap());
        assert!(!store.unlink(&one.tenant, &member(1), Some(&letter), at(2)).await.unwrap());
        assert_eq!(mails(&store).await, 1);
        assert!(portals_of(&store, &one.tenant).await.is_empty());
        link(&store, &one, 1, 3).await;
        let links = store.links_of_portal(&member(1)).await.unwrap();
        let end = async || {
            let letter = secret("mail");
            let ended = store.end_link(&member(1), &links[0].id, 12, Some(&letter), at(4)).await;
            ended.unwrap()
        };
        assert!(end().await);
        assert!(!end().await, "it has ended");
        assert!(portals_of(&store, &one.tenant).await.is_empty());
        assert_eq!(mails(&store).await, 1);

        let (member_id, address) = (member(1), "p1.bitrix24.ru".to_owned());
        let linked = DeedKind::Linked {
            member_id: member_id.clone(),
            address: address.clone(),
            user_id: 7,
            level: Level::Read,
        };
        let unlinked = |user_id| DeedKind::Unlinked {
            member_id: member_id.clone(),
            address: address.clone(),
            user_id,
        };
        let expected = [unlinked(Some(12)), linked.clone(), unlinked(None), linked];
        assert_eq!(kinds(&store, &one.tenant).await[..4], expected);
        assert_eq!(store.news(&one.tenant).await.unwrap().len(), 3);
    }

    async fn sec_25_a_cabinet_that_goes_takes_nothing_from_the_others(base) {
        let store = base.open().await;
        for number in 1..=2 {
            installed(&store, number).await;
        }
        let (one, two) = (cabinet(&store, 1).await, cabinet(&store, 2).await);
        for owner in [&one, &two] {
            link(&store, owner, 1, 1).await;
        }
        link(&store, &one, 2, 1).await;
        for number in 1..=2 {
            put(&store, number, &reading(3)).await;
        }
        delete_cabinet(&store, &one).await;
        assert_eq!(portals_of(&store, &two.tenant).await, [member(1)]);
        let kept = store.snapshot(&two.tenant, &member(1)).await.unwrap().unwrap();
        assert_eq!(kept.specification, *reading(3));
        // Nobody else had this one.
        link(&store, &two, 2, 6).await;
        assert_eq!(store.snapshot(&two.tenant, &member(2)).await.unwrap(), None);

        assert!(store.unlink(&two.tenant, &member(1), None, at(7)).await.unwrap());
        link(&store, &two, 1, 8).await;
        assert_eq!(store.snapshot(&two.tenant, &member(1)).await.unwrap(), None);
        assert_eq!(store.verify().await.unwrap(), []);
    }
}

/// Nothing is opened or unpacked for it, however many there are.
#[tokio::test]
async fn the_dashboard_of_five_hundred_portals_comes_at_once() {
    let base = Base::new(Kind::Sqlite).await;
    let store = base.open().await;
    installed(&store, 1).await;
    let (one, two) = (cabinet(&store, 1).await, cabinet(&store, 2).await);
    link(&store, &one, 1, 1).await;
    link(&store, &two, 1, 1).await;
    put(&store, 1, &reading(3)).await;
    let columns = "address, base, origin, authority, state, state_since, reason, reason_since, \
                   first_seen_at, last_contact_at, installs, installed_at";
    let numbers = "with recursive n (n) as (select 2 union all select n + 1 from n where n < 500) ";
    base.execute(&format!(
        "insert into portal (member_id, {columns}) {numbers} select printf('%032x', n), \
         'p' || n, null, origin, authority, state, state_since, reason, reason_since, \
         first_seen_at, last_contact_at, installs, installed_at from n join portal;
         insert into link (account_id, member_id, id, level, linked_at, linked_by) \
         select account_id, portal.member_id, 'l' || portal.address, level, linked_at, 7 \
         from portal join link on link.account_id = '{}' where portal.member_id <> link.member_id;
         insert into snapshot (member_id, taken_at, totals, content, people) \
         select portal.member_id, taken_at, totals, content, people from portal join snapshot \
         where portal.member_id <> snapshot.member_id",
        one.tenant.id()
    ))
    .await;
    let started = std::time::Instant::now();
    let cards = store.links(&one.tenant).await.unwrap();
    let took = started.elapsed();
    assert_eq!(cards.len(), 500);
    assert!(cards.iter().all(|card| card.totals.is_some()));
    assert_eq!(store.links(&two.tenant).await.unwrap().len(), 1);
    assert!(took < Duration::from_secs(1), "{took:?}");
}
