//! Cabinets, and portals that are linked to them.

use std::sync::Arc;

use crmap_domain::cabinet::Level;
use crmap_domain::change::{changes, known_after};
use crmap_domain::{
    Fields, Funnel, Lang, PortalInfo, PortalUser, Reading, Section, Source, Specification, Viewer,
};
use crmap_store::{
    CabinetId, Comparison, Grant, InstallFacts, Keeping, Leaving, Linking, NewReading, Renewal,
    Store, Tenant,
};

use super::cabinets::{email, entered, token};
use super::given::{at, member, opened};

/// Somebody's cabinet.
pub struct Cabinet {
    pub id: CabinetId,
    pub tenant: Tenant,
    pub email: String,
}

/// The cabinet of person `number`, logged in.
pub async fn cabinet(store: &Store, number: u8) -> Cabinet {
    let tenant = entered(store, number).await;
    let found = store.cabinet_of_token(&token(number)).await.unwrap();
    Cabinet {
        id: found.unwrap().id,
        tenant,
        email: email(number.into()).as_str().to_owned(),
    }
}

/// Deletes a cabinet whose password was never changed.
pub async fn delete_cabinet(store: &Store, cabinet: &Cabinet) {
    let seen = store.password(&cabinet.tenant).await.unwrap().unwrap();
    let deleted = store.delete_account(&cabinet.tenant, seen.version).await;
    assert!(deleted.unwrap());
}

/// Portal `number`, installed once more.
pub async fn installed(store: &Store, number: u32) {
    opened(store, number).await;
    let facts = InstallFacts {
        version: Some(3),
        plan: Some("ru_basic".to_owned()),
        scopes: vec!["crm".to_owned()],
        now: at(1),
    };
    assert!(store.finish_install(&member(number), &facts).await.unwrap());
}

/// What an administrator of the first installation of portal `number` grants.
pub fn grant(number: u32, level: Level, seconds: i64) -> Grant {
    Grant {
        member_id: member(number),
        installs: 1,
        level,
        user_id: 7,
        now: at(seconds),
        first_reading_at: at(seconds),
    }
}

/// Links portal `number` for reading.
pub async fn link(store: &Store, cabinet: &Cabinet, number: u32, seconds: i64) {
    let grant = grant(number, Level::Read, seconds);
    let linking = store.link(&cabinet.id, &grant, None).await.unwrap();
    assert_eq!(linking, Linking::Made);
}

/// Keeps a reading of the first installation of portal `number`.
pub async fn put(store: &Store, number: u32, read: &Arc<Specification>) {
    assert_eq!(keep(store, number, 1, read, 5).await, Keeping::Kept);
}

/// Keeps a reading of portal `number` as its use case does.
pub async fn keep(
    store: &Store,
    number: u32,
    installs: u32,
    read: &Arc<Specification>,
    seconds: i64,
) -> Keeping {
    let (portal, reading) = (
        member(number),
        NewReading::of(read, at(seconds)).await.unwrap(),
    );
    loop {
        let renewed = store.renew_snapshot(&portal, installs, &reading).await;
        let with = match renewed.unwrap() {
            Renewal::Done(kept) => return kept,
            Renewal::Differs(with) => with,
        };
        let base = match with {
            Some(current) => store.base(&portal, current).await.ok().flatten(),
            None => None,
        };
        if let Some((current, base)) = with.zip(base.as_ref())
            && store.adopt(&portal, current, base, &reading).await.unwrap()
        {
            continue;
        }
        let compared = base.map(|base| {
            let (was, known) = (&base.specification, base.known.as_ref());
            (changes(was, known, read), known_after(was, known, read))
        });
        let (changes, known) = compared.unwrap_or_default();
        let comparison = Comparison {
            with,
            changes,
            known: known.map(Arc::new),
        };
        let kept = store.put_snapshot(&portal, installs, &reading, &comparison);
        match kept.await.unwrap() {
            Keeping::Overtaken => {}
            kept => return kept,
        }
    }
}

pub fn left(clean: bool, seconds: i64) -> Leaving {
    Leaving {
        clean,
        lost: false,
        installs: None,
        at: at(seconds),
        now: at(seconds),
    }
}

/// A reading with `funnels` funnels and one person.
pub fn reading(funnels: i64) -> Arc<Specification> {
    let nothing = || Section::Rows(Vec::new());
    let funnel = |id| Funnel {
        id,
        name: format!("Продажи {id}"),
        sort: id * 10,
        is_default: id == 0,
    };
    Arc::new(Specification {
        portal: PortalInfo {
            address: "p1.bitrix24.ru".to_owned(),
            member_id: Some(member(1)),
            plan: Some("ru_basic".to_owned()),
        },
        reading: Reading {
            at: at(0),
            source: Source::Application,
            viewer: Viewer {
                id: 7,
                name: "Анна Титова".to_owned(),
                administrator: true,
            },
            lang: Lang::Ru,
        },
        funnels: Section::Rows((0..funnels).map(funnel).collect()),
        stages: Section::Rows(Vec::new()),
        fields: Fields {
            deal: nothing(),
            contact: nothing(),
            company: nothing(),
            lead: None,
        },
        users: Section::Rows(vec![PortalUser {
            id: 7,
            name: "Анна Титова".to_owned(),
            position: "Директор".to_owned(),
            departments: vec!["Продажи".to_owned()],
            active: true,
        }]),
    })
}

/// The same, begun at that moment.
pub fn begun(read: &Specification, seconds: i64) -> Arc<Specification> {
    let mut read = read.clone();
    read.reading.at = at(seconds);
    Arc::new(read)
}

/// Whether portal `number` is there and linked to any cabinet.
pub async fn is_linked(store: &Store, number: u32) -> bool {
    let found = store.portal_and_whether_linked(&member(number)).await;
    found.unwrap().is_some_and(|(_, is_linked)| is_linked)
}
