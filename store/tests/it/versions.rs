//! What a portal was: a version for each time that something changed, nothing for readings that find
//! nothing new, and for each cabinet from its own link on.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crmap_domain::cabinet::{HistoryPlace, Level, VersionMark};
use crmap_domain::change::{ChangeKind, Difference};
use crmap_domain::item::ItemKind;
use crmap_domain::{Lang, Refusal, Section, Specification};
use crmap_store::{ChangeQuery, Keeping, NewReading, Renewal, Sighting, Store, Tenant};
use sqlx::migrate::Migrator;
use tokio::task::JoinSet;

use crate::support::*;

const EVERYTHING: ChangeQuery<'static> = ChangeQuery {
    kinds: &ChangeKind::ALL,
    what: &ItemKind::ALL,
    from: None,
    until: None,
    after: None,
    limit: 100,
};

async fn linked_portal(store: &Store) -> Cabinet {
    installed(store, 1).await;
    let one = cabinet(store, 1).await;
    link(store, &one, 1, 1).await;
    one
}

async fn marks(store: &Store, tenant: &Tenant) -> Vec<VersionMark> {
    store.versions(tenant, &member(1)).await.unwrap()
}

async fn told(store: &Store, tenant: &Tenant, asked: &ChangeQuery<'_>) -> Vec<String> {
    let found = store.changes(tenant, &member(1), asked).await.unwrap();
    let told = found
        .iter()
        .map(|one| format!("{} {}", one.place.number, one.change.sentence(Lang::Ru)));
    told.collect()
}

fn dismissed(of: &Specification) -> Arc<Specification> {
    let mut of = of.clone();
    if let Section::Rows(users) = &mut of.users {
        users[0].active = false;
    }
    Arc::new(of)
}

on_both! {
    async fn only_what_changed_becomes_a_version(base) {
        let store = base.open().await;
        let one = linked_portal(&store).await;
        assert_eq!(keep(&store, 1, 1, &reading(2), 5).await, Keeping::Kept);
        let mut by_another = (*reading(2)).clone();
        by_another.reading.viewer.id = 9;
        by_another.reading.viewer.name = "Пётр".to_owned();
        by_another.reading.at = at(6);
        assert_eq!(keep(&store, 1, 1, &Arc::new(by_another), 6).await, Keeping::Unchanged);
        let snapshot = store.snapshot(&one.tenant, &member(1)).await.unwrap().unwrap();
        assert_eq!((snapshot.taken_at, snapshot.number), (at(6), 1));
        let reading_of = snapshot.specification.reading;
        assert_eq!((reading_of.at, reading_of.viewer.id), (at(6), 9), "the last one is shown");
        assert_eq!(store.lang_of_readings(&member(1)).await.unwrap(), Some(Lang::Ru));

        assert_eq!(keep(&store, 1, 1, &begun(&reading(3), 8), 8).await, Keeping::Kept);
        let dismissed = begun(&dismissed(&reading(3)), 9);
        assert_eq!(keep(&store, 1, 1, &dismissed, 9).await, Keeping::Kept);
        let marks = marks(&store, &one.tenant).await;
        let spans: Vec<_> = marks
            .iter()
            .map(|mark| (mark.number, mark.first_read_at, mark.last_read_at, mark.changes))
            .collect();
        let expected = [(3, at(9), at(9), 1), (2, at(8), at(8), 1), (1, at(5), at(6), 0)];
        assert_eq!(spans, expected);
        assert!(marks.iter().all(|mark| mark.by_administrator && mark.viewer_id == 7));
        assert_eq!(told(&store, &one.tenant, &EVERYTHING).await, [
            "3 Сотрудник 7 «Анна Титова» изменён: работает: да → нет",
            "2 Добавлена воронка 2 «Продажи 2»",
        ]);
        let first = store.version(&one.tenant, &member(1), 1).await.unwrap().unwrap();
        assert_eq!(first, *reading(2));
        assert_eq!(store.version(&one.tenant, &member(1), 4).await.unwrap(), None);
        assert_eq!(store.verify().await.unwrap(), []);
    }

    async fn an_unchanged_reading_costs_less_than_a_kilobyte(base) {
        let store = base.open().await;
        linked_portal(&store).await;
        let large = reading(5_000);
        keep(&store, 1, 1, &large, 5).await;
        let before = base.size().await;
        for seconds in 6..106 {
            assert_eq!(keep(&store, 1, 1, &large, seconds).await, Keeping::Unchanged);
        }
        let grown = base.size().await.saturating_sub(before);
        assert!(grown < 100 * 1024, "{grown} bytes for a hundred readings");
    }

    async fn changes_are_asked_for_by_kind_date_and_id(base) {
        let store = base.open().await;
        let one = linked_portal(&store).await;
        let mut renamed = (*reading(4)).clone();
        if let Section::Rows(funnels) = &mut renamed.funnels {
            funnels[0].name = "Опт\0".to_owned();
        }
        for (read, seconds) in [(reading(2), 5), (reading(4), 7), (Arc::new(renamed), 9)] {
            keep(&store, 1, 1, &read, seconds).await;
        }
        let kinds = &[ChangeKind::Renamed];
        let found = told(&store, &one.tenant, &ChangeQuery { kinds, ..EVERYTHING }).await;
        assert_eq!(found, ["3 Воронка 0 переименована: «Продажи 0» → «Опт\\u{0}»"]);
        let what = &[ItemKind::Stage, ItemKind::User];
        let query = ChangeQuery { what, ..EVERYTHING };
        assert_eq!(told(&store, &one.tenant, &query).await.len(), 0);
        let query = ChangeQuery { from: Some(at(7)), until: Some(at(8)), ..EVERYTHING };
        assert_eq!(told(&store, &one.tenant, &query).await.len(), 2);
        let after = Some(HistoryPlace { number: 2, place: 0 });
        let query = ChangeQuery { after, limit: 1, ..EVERYTHING };
        assert_eq!(told(&store, &one.tenant, &query).await, ["2 Добавлена воронка 3 «Продажи 3»"]);
        let story = store.changes_of(&one.tenant, &member(1), "3", 10).await.unwrap();
        assert_eq!(story.len(), 1);
        assert_eq!(story[0].change.difference, Difference::Added);
        assert_eq!(store.changes_of(&one.tenant, &member(1), "C\0", 10).await.unwrap(), []);
    }

    async fn sec_77_a_cabinet_sees_no_more_than_since_its_own_link(base) {
        let store = base.open().await;
        let one = linked_portal(&store).await;
        for (funnels, seconds) in [(1, 5), (2, 7)] {
            keep(&store, 1, 1, &reading(funnels), seconds).await;
        }
        let late = cabinet(&store, 2).await;
        link(&store, &late, 1, 8).await;
        let stranger = cabinet(&store, 3).await;
        keep(&store, 1, 1, &reading(3), 9).await;
        let numbers = async |tenant: &Tenant| {
            let marks = marks(&store, tenant).await;
            marks.iter().map(|mark| (mark.number, mark.changes)).collect::<Vec<_>>()
        };
        assert_eq!(numbers(&one.tenant).await, [(3, 1), (2, 1), (1, 0)]);
        assert_eq!(numbers(&late.tenant).await, [(3, 1), (2, 0)]);
        assert_eq!(numbers(&stranger.tenant).await, []);
        assert_eq!(told(&store, &late.tenant, &EVERYTHING).await.len(), 1);
        assert_eq!(told(&store, &stranger.tenant, &EVERYTHING).await.len(), 0);
        for (owner, sees) in [(&one, [true, true]), (&late, [false, true]), (&stranger, [false; 2])] {
            for (number, is_seen) in (1..).zip(sees) {
                let found = store.version(&owner.tenant, &member(1), number).await.unwrap();
                assert_eq!(found.is_some(), is_seen);
            }
        }
        let story = async |tenant| store.changes_of(tenant, &member(1), "1", 9).await.unwrap().len();
        assert_eq!((story(&one.tenant).await, story(&late.tenant).await), (1, 0));
        // What is new since one last looked.
        let unseen = async |tenant: &Tenant| store.links(tenant).await.unwrap()[0].changes;
        assert_eq!((unseen(&one.tenant).await, unseen(&late.tenant).await), (2, 1));
        assert!(store.note_looked_at(&one.tenant, &member(1), 3, at(10)).await.unwrap());
        assert!(store.note_looked_at(&one.tenant, &member(1), 1, at(11)).await.unwrap());
        assert!(!store.note_looked_at(&one.tenant, &member(1), 4, at(11)).await.unwrap());
        assert!(!store.note_looked_at(&stranger.tenant, &member(1), 1, at(11)).await.unwrap());
        let card = store.links(&one.tenant).await.unwrap().remove(0);
        assert_eq!((card.changes, card.opened_at), (0, Some(at(11))));
        assert_eq!(unseen(&late.tenant).await, 1);
    }

    async fn sec_23_nothing_tells_a_cabinet_since_when_another_has_the_portal_read(base) {
        let store = base.open().await;
        linked_portal(&store).await;
        for (funnels, seconds) in [(1, 5), (2, 7)] {
            keep(&store, 1, 1, &reading(funnels), seconds).await;
        }
        let linked_at = at(100);
        let late = cabinet(&store, 2).await;
        link(&store, &late, 1, 100).await;
        let tenant = &late.tenant;
        let oldest = marks(&store, tenant).await.remove(0);
        assert_eq!((oldest.first_read_at, oldest.last_read_at), (linked_at, linked_at));
        let then = store.version(tenant, &member(1), 2).await.unwrap().unwrap();
        assert_eq!(then.reading.at, linked_at);
        let now = store.snapshot(tenant, &member(1)).await.unwrap().unwrap();
        assert_eq!((now.taken_at, now.specification.reading.at), (linked_at, linked_at));
        let card = store.linked(tenant, &member(1)).await.unwrap().unwrap().card;
        assert_eq!(card.read_at, Some(linked_at));
        assert_eq!(store.links(tenant).await.unwrap()[0].read_at, Some(linked_at));
        assert!(store.make_search_rows(tenant, &member(1)).await.unwrap().is_some());
        assert!(store.search_places(tenant).await.unwrap()[0].stamp.is_some());

        // What comes later comes with its own moments.
        keep(&store, 1, 1, &reading(2), 140).await;
        let oldest = marks(&store, tenant).await.remove(0);
        assert_eq!((oldest.first_read_at, oldest.last_read_at), (linked_at, at(140)));
        keep(&store, 1, 1, &reading(3), 150).await;
        let newest = marks(&store, tenant).await.remove(0);
        assert_eq!((newest.first_read_at, newest.last_read_at), (at(150), at(150)));
        let then = store.version(tenant, &member(1), 3).await.unwrap().unwrap();
        assert_eq!(then.reading.at, reading(3).reading.at);
    }

    async fn sec_24_history_goes_with_the_last_link(base) {
        let store = base.open().await;
        let one = linked_portal(&store).await;
        let other = cabinet(&store, 2).await;
        link(&store, &other, 1, 2).await;
        for (funnels, seconds) in [(1, 5), (2, 7)] {
            keep(&store, 1, 1, &reading(funnels), seconds).await;
        }
        assert!(store.unlink(&one.tenant, &member(1), None, at(8)).await.unwrap());
        assert_eq!(marks(&store, &one.tenant).await, []);
        assert_eq!(marks(&store, &other.tenant).await.len(), 2);
        delete_cabinet(&store, &other).await;
        for table in ["version", "change", "snapshot"] {
            assert_eq!(base.count(table).await, 0, "{table}");
        }
    }

    async fn sec_19_people_of_all_versions_go_with_the_application(base) {
        let store = base.open().await;
        let one = linked_portal(&store).await;
        keep(&store, 1, 1, &reading(1), 5).await;
        keep(&store, 1, 1, &dismissed(&reading(2)), 6).await;
        let mut refused = (*reading(2)).clone();
        refused.users = Section::Refused(Refusal::NoRights);
        keep(&store, 1, 1, &Arc::new(refused), 7).await;
        sighting(&store, 7, b"seen", 6).await;
        assert_eq!(base.count("change where item = 'user'").await, 1);
        store.uninstall(&member(1), &left(false, 8)).await.unwrap();
        assert_eq!(base.count("version where people is not null").await, 0);
        assert_eq!(base.count("change where item = 'user'").await, 0);
        assert_eq!(base.count("snapshot where known is not null").await, 0);
        assert_eq!(base.count("visit").await, 0);
        assert_eq!(marks(&store, &one.tenant).await, [], "the link is void");
        assert_eq!(told(&store, &one.tenant, &EVERYTHING).await.len(), 0);
        assert!(!store.note_looked_at(&one.tenant, &member(1), 1, at(9)).await.unwrap());
        assert_eq!(store.verify().await.unwrap(), []);
        // It comes back, and its people are not told as new ones.
        installed(&store, 1).await;
        let again = crmap_store::Grant { installs: 2, ..grant(1, Level::Read, 10) };
        store.link(&one.id, &again, None).await.unwrap();
        assert_eq!(keep(&store, 1, 2, &reading(2), 11).await, Keeping::Kept);
        assert_eq!(told(&store, &one.tenant, &EVERYTHING).await.len(), 0);
        store.uninstall(&member(1), &left(true, 12)).await.unwrap();
        for table in ["version", "change", "snapshot"] {
            assert_eq!(base.count(table).await, 0, "{table}");
        }
    }

    async fn a_section_that_was_refused_for_a_while_is_compared_with_what_was_known(base) {
        let store = base.open().await;
        let one = linked_portal(&store).await;
        let mut refused = (*reading(3)).clone();
        refused.funnels = Section::Refused(Refusal::NoRights);
        let refused = Arc::new(refused);
        keep(&store, 1, 1, &reading(3), 5).await;
        keep(&store, 1, 1, &refused, 6).await;
        keep(&store, 1, 1, &refused, 7).await;
        assert_eq!(told(&store, &one.tenant, &EVERYTHING).await.len(), 0);
        keep(&store, 1, 1, &reading(4), 8).await;
        let found = told(&store, &one.tenant, &EVERYTHING).await;
        assert_eq!(found, ["3 Добавлена воронка 3 «Продажи 3»"]);
        assert_eq!(base.count("snapshot where known is not null").await, 0);
    }

    async fn readings_that_come_at_once_are_each_compared_with_the_one_before(base) {
        let store = Arc::new(base.open().await);
        let one = linked_portal(&store).await;
        keep(&store, 1, 1, &reading(0), 5).await;
        let mut work = JoinSet::new();
        for funnels in 1..=8 {
            let store = Arc::clone(&store);
            work.spawn(async move { keep(&store, 1, 1, &reading(funnels), 6).await });
        }
        let kept = work.join_all().await;
        assert_eq!(kept, [Keeping::Kept; 8]);
        // What was added and removed on the way adds up.
        let found = store.changes(&one.tenant, &member(1), &EVERYTHING).await.unwrap();
        let sum: i64 = found.iter().map(|one| match one.change.difference {
            Difference::Added => 1,
            Difference::Removed => -1,
            _ => 0,
        }).sum();
        let last = store.snapshot(&one.tenant, &member(1)).await.unwrap().unwrap();
        assert_eq!(sum, last.specification.funnels.rows().len() as i64);
        assert_eq!(marks(&store, &one.tenant).await.len(), 9);
        assert_eq!(store.verify().await.unwrap(), []);
    }

    async fn the_oldest_of_a_thousand_versions_go(base) {
        let store = base.open().await;
        let one = linked_portal(&store).await;
        keep(&store, 1, 1, &reading(1), 5).await;
        base.execute("update version set number = 1003; update snapshot set number = 1003").await;
        base.execute("insert into version (member_id, number, first_read_at, last_read_at, \
                      viewer_id, by_administrator, content) select member_id, 3, 0, 0, 7, 1, content \
                      from version").await;
        base.execute("insert into version (member_id, number, first_read_at, last_read_at, \
                      viewer_id, by_administrator, content) select member_id, 5, 0, 0, 7, 1, content \
                      from version where number = 1003").await;
        keep(&store, 1, 1, &reading(2), 6).await;
        assert_eq!(base.count("version").await, 3);
        assert_eq!(base.count("version where number = 3").await, 0);
        assert_eq!(marks(&store, &one.tenant).await[0].number, 1004);
    }

    async fn what_came_from_the_release_before_takes_the_first_readings_digest(base) {
        let store = base.open().await;
        let one = linked_portal(&store).await;
        keep(&store, 1, 1, &reading(2), 5).await;
        base.execute("update version set digest = null; update snapshot set reading = null").await;
        assert!(store.snapshot(&one.tenant, &member(1)).await.unwrap().is_some());
        let new = NewReading::of(&reading(2), at(6)).await.unwrap();
        let renewed = store.renew_snapshot(&member(1), 1, &new).await.unwrap();
        assert!(matches!(renewed, Renewal::Differs(Some(_))));
        assert_eq!(keep(&store, 1, 1, &reading(2), 6).await, Keeping::Unchanged);
        assert_eq!(base.count("version where digest is null").await, 0);
    }

    async fn rel_27_the_last_readings_of_the_release_before_are_the_first_versions(base) {
        let (content, people) = {
            let other = Base::new(Kind::Sqlite).await;
            let store = other.open().await;
            linked_portal(&store).await;
            keep(&store, 1, 1, &reading(2), 5).await;
            let pool = other.raw().await;
            let sql = "select content, people from version";
            let row: (Vec<u8>, Vec<u8>) = sqlx::query_as(sql).fetch_one(&pool).await.unwrap();
            row
        };
        if base.kind == Kind::Sqlite {
            std::fs::write(base.folder().join("test.db"), "").unwrap();
        }
        let pool = base.raw().await;
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations"));
        let migrations = Migrator::new(folder).await.unwrap();
        migrations.run_to(2, &pool).await.unwrap();
        let portal = "insert into portal (member_id, address, origin, authority, state, \
                      state_since, reason_since, first_seen_at, last_contact_at, installed_at, \
                      installs) values ($1, 'p1.bitrix24.ru', 'https://p1.bitrix24.ru', '', 'ok', \
                      0, 0, 0, 0, 0, 1)";
        let snapshot = "insert into snapshot (member_id, taken_at, totals, content, people) \
                        values ($1, 1, $2, $3, $4)";
        sqlx::query(portal).bind(member(1).as_str()).execute(&pool).await.unwrap();
        sqlx::query(snapshot)
            .bind(member(1).as_str())
            .bind(serde_json::to_string(&reading(2).totals()).unwrap())
            .bind(content)
            .bind(people)
            .execute(&pool)
            .await
            .unwrap();
        pool.close().await;

        let store = base.open().await;
        let one = cabinet(&store, 1).await;
        link(&store, &one, 1, 1).await;
        let kept = store.snapshot(&one.tenant, &member(1)).await.unwrap().unwrap();
        let mut expected = (*reading(2)).clone();
        expected.reading.at = at(1);
        assert_eq!((kept.number, &kept.specification), (1, &expected));
        assert_eq!(base.count("snapshot where people is not null").await, 0);
        assert_eq!(keep(&store, 1, 1, &reading(2), 6).await, Keeping::Unchanged);
        assert_eq!(keep(&store, 1, 1, &reading(3), 7).await, Keeping::Kept);
        assert_eq!(told(&store, &one.tenant, &EVERYTHING).await.len(), 1);
    }

    async fn a_visit_is_compared_with_the_one_before_it(base) {
        let store = base.open().await;
        installed(&store, 1).await;
        assert_eq!(sighting(&store, 7, b"one", 0).await, None);
        assert_eq!(sighting(&store, 7, b"two", 60).await, None, "still the first visit");
        assert_eq!(sighting(&store, 8, b"other", 60).await, None, "somebody else");
        let before = Some((60, b"two".to_vec()));
        assert_eq!(sighting(&store, 7, b"three", 4_000).await, before);
        assert_eq!(sighting(&store, 7, b"four", 5_000).await, before, "the same visit");
        let before = Some((5_000, b"four".to_vec()));
        assert_eq!(sighting(&store, 7, b"five", 9_000).await, before);
        let asked = async |installs, user| {
            let seen = store.seen_before(&member(1), installs, user).await.unwrap();
            seen.map(|before| ((before.at - at(0)).whole_seconds(), before.seen))
        };
        assert_eq!(asked(1, 7).await, before, "nothing need be noted for that");
        assert_eq!((asked(2, 7).await, asked(1, 8).await), (None, None));
        assert_eq!(store.purge_sightings(at(60)).await.unwrap(), 0);
        assert_eq!(store.purge_sightings(at(61)).await.unwrap(), 1);
        store.uninstall(&member(1), &left(false, 9_001)).await.unwrap();
        assert_eq!(base.count("visit").await, 0);
        assert_eq!(sighting(&store, 7, b"six", 9_002).await, None);
        assert_eq!(base.count("visit").await, 0, "it is not installed");
    }
}

/// Somebody sees the first installation of portal 1.
async fn sighting(
    store: &Store,
    user_id: i64,
    seen: &[u8],
    seconds: i64,
) -> Option<(i64, Vec<u8>)> {
    let sighting = Sighting {
        member_id: &member(1),
        installs: 1,
        user_id,
        seen,
        now: at(seconds),
        apart: Duration::from_secs(1_800),
    };
    let before = store.note_sighting(&sighting).await.unwrap();
    before.map(|before| ((before.at - at(0)).whole_seconds(), before.seen))
}
