//! Binding in a simulated portal, and the events that come of it, read as they arrive
//! (bitrix24.md §1.6 to §1.10, §7).

use std::sync::Arc;
use std::time::Duration;

use crmap_bitrix::{Event, EventKind};
use crmap_crm::{CrmConnector, Doors, SetUp, SetUpStep, StepOutcome};
use crmap_domain::{EntityKind, Trouble};
use portal_sim::worlds::Entity;
use portal_sim::{AppRegistration, Cloud, Effect, Fault, Options, Portal, Seed, UserRole};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::stub::{Stub, at_once, http};
use crate::support::{by_token, by_webhook, cloud, connector, settings};
use SetUpStep::{Changes, FunnelsButton, Leaving};
use StepOutcome::{AlreadyThere, Done, Failed, NotGranted};

const FORM: Option<&str> = Some("application/x-www-form-urlencoded");

async fn listener() -> Stub {
    Stub::start(|_| at_once(http(200, "", b""))).await
}

fn doors(stub: &Stub) -> Doors {
    Doors {
        events: format!("{}/b24/event", stub.url()),
        app: format!("{}/b24/app", stub.url()),
    }
}

async fn set_up(portal: &Portal, role: UserRole, doors: &Doors) -> SetUp {
    let account = connector(settings())
        .account(&by_token(portal, role))
        .unwrap();
    account.set_up(doors).await.unwrap()
}

async fn as_administrator(portal: &Portal, doors: &Doors) -> SetUp {
    set_up(portal, UserRole::Administrator, doors).await
}

fn all(outcome: &StepOutcome) -> Vec<(SetUpStep, StepOutcome)> {
    SetUpStep::ALL.map(|step| (step, outcome.clone())).into()
}

/// The events that have arrived so far.
async fn arrived(portal: &Portal, stub: &Stub) -> Vec<Event> {
    portal.events_settled().await;
    stub.requests()
        .iter()
        .map(|request| Event::parse(FORM, request.body.as_bytes()).unwrap())
        .collect()
}

#[tokio::test]
async fn a_fresh_portal_is_bound_once_and_stays_bound() {
    let (cloud, stub) = (cloud(Seed::Empty).await, listener().await);
    let (portal, doors) = (cloud.portal(1), doors(&stub));
    let done = as_administrator(portal, &doors).await;
    assert_eq!(done.steps, all(&Done));
    assert!(done.is_complete() && done.standing.administrator);
    assert_eq!(portal.requests().len(), 2);
    for _ in 0..3 {
        assert_eq!(
            as_administrator(portal, &doors).await.steps,
            all(&AlreadyThere)
        );
    }
    assert_eq!(portal.requests().len(), 5);
}

#[tokio::test]
async fn ten_at_once_bind_everything_once() {
    let (cloud, stub) = (Arc::new(cloud(Seed::Empty).await), listener().await);
    let doors = Arc::new(doors(&stub));
    let tasks = (0..10).map(|_| {
        let (cloud, doors) = (Arc::clone(&cloud), Arc::clone(&doors));
        tokio::spawn(async move { as_administrator(cloud.portal(1), &doors).await })
    });
    for task in tasks.collect::<Vec<_>>() {
        let done = task.await.unwrap();
        assert!(done.is_complete(), "{done:?}");
    }
    let portal = cloud.portal(1);
    portal.uninstall(false);
    assert_eq!(
        arrived(portal, &stub).await.len(),
        1,
        "each event comes once"
    );
}

#[tokio::test]
async fn employees_and_webhooks_bind_nothing() {
    let (cloud, stub) = (cloud(Seed::Empty).await, listener().await);
    let (portal, doors) = (cloud.portal(1), doors(&stub));
    let done = set_up(portal, UserRole::Employee, &doors).await;
    assert!(done.steps.is_empty() && !done.standing.administrator);
    let hook = by_webhook(portal, UserRole::Administrator);
    let account = connector(settings()).account(&hook).unwrap();
    let done = account.set_up(&doors).await.unwrap();
    assert!(!done.is_complete(), "{done:?}");
    portal.uninstall(false);
    assert!(arrived(portal, &stub).await.is_empty());
}

#[tokio::test]
async fn an_application_without_the_scope_has_no_button() {
    let app = AppRegistration {
        scope: "crm,user_brief,department".to_owned(),
        ..AppRegistration::default()
    };
    let options = Options {
        seeds: vec![Seed::Empty],
        app,
        ..Options::default()
    };
    let cloud = Cloud::start(options).await.unwrap();
    let stub = listener().await;
    let done = as_administrator(cloud.portal(1), &doors(&stub)).await;
    assert_eq!(
        done.steps,
        [
            (Leaving, Done),
            (Changes, Done),
            (FunnelsButton, NotGranted)
        ]
    );
    assert!(done.is_complete());
    assert!(!done.standing.scopes.contains(&"placement".to_owned()));
}

#[tokio::test]
async fn one_binding_that_fails_is_one_step_that_fails() {
    let (cloud, stub) = (cloud(Seed::Empty).await, listener().await);
    let (portal, doors) = (cloud.portal(1), doors(&stub));
    portal.set_fault(Fault::inside_batch(
        "placement.bind",
        "ERROR_PLACEMENT_MAX_COUNT",
        "",
    ));
    let done = as_administrator(portal, &doors).await;
    let failed = Failed(Trouble::PortalFailed);
    assert_eq!(
        done.steps,
        [(Leaving, Done), (Changes, Done), (FunnelsButton, failed)]
    );
    portal.clear_faults();
    let done = as_administrator(portal, &doors).await;
    let expected = [
        (Leaving, AlreadyThere),
        (Changes, AlreadyThere),
        (FunnelsButton, Done),
    ];
    assert_eq!(done.steps, expected);
}

#[tokio::test]
async fn rel_40_an_answer_that_is_lost_binds_nothing_twice() {
    for effect in [
        Effect::Reset,
        Effect::TruncatedJson,
        Effect::Html { status: 502 },
    ] {
        let (cloud, stub) = (cloud(Seed::Empty).await, listener().await);
        let (portal, doors) = (cloud.portal(1), doors(&stub));
        let account = connector(settings())
            .account(&by_token(portal, UserRole::Administrator))
            .unwrap();
        // The look is honest, the answer to the binding is not.
        let fault = {
            let effect = effect.clone();
            async move {
                while portal.requests().is_empty() {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                portal.set_fault(Fault::next(1, effect));
            }
        };
        let (done, ()) = tokio::join!(account.set_up(&doors), fault);
        assert_eq!(done.unwrap().steps.len(), 3, "{effect:?}");
        assert!(
            as_administrator(portal, &doors).await.is_complete(),
            "{effect:?}"
        );
        portal.uninstall(false);
        assert_eq!(arrived(portal, &stub).await.len(), 1, "{effect:?}");
    }
}

#[tokio::test]
async fn handlers_of_an_old_address_hear_nothing_any_more() {
    let cloud = cloud(Seed::Empty).await;
    let portal = cloud.portal(1);
    let (old, new) = (listener().await, listener().await);
    as_administrator(portal, &doors(&old)).await;
    assert_eq!(
        as_administrator(portal, &doors(&new)).await.steps,
        all(&Done)
    );
    portal.add_field(Entity::Deal, "string", "Поле", &[]);
    portal.uninstall(true);
    assert_eq!(arrived(portal, &new).await.len(), 2);
    assert!(old.requests().is_empty());
}

#[tokio::test]
async fn the_events_of_a_portal_s_life_are_read_as_they_arrive() {
    let (cloud, stub) = (cloud(Seed::Empty).await, listener().await);
    let portal = cloud.portal(1);
    as_administrator(portal, &doors(&stub)).await;
    let field = portal.add_field(Entity::Deal, "enumeration", "Источник", &["Сайт", "Звонок"]);
    portal.rename_field(field, "Откуда");
    portal.remove_field(field);
    portal.add_field(Entity::Company, "string", "Код", &[]);
    portal.set_subscription(false);
    portal.set_subscription(true);
    portal.fire("ONAPPTEST", &json!({"QUERY": {"a": "б &=?"}}));
    portal.uninstall(true);
    let events = arrived(portal, &stub).await;
    let changed = |entity| EventKind::FieldsChanged { entity };
    let count = |kind: &EventKind| events.iter().filter(|event| event.kind == *kind).count();
    assert!(count(&changed(EntityKind::Deal)) >= 4, "{events:?}");
    assert_eq!(count(&changed(EntityKind::Company)), 1);
    assert_eq!(count(&EventKind::Payment), 2);
    assert_eq!(count(&EventKind::Uninstalled { clean: true }), 1);
    let mut digests: Vec<_> = events.iter().map(Event::digest).collect();
    digests.sort_unstable();
    digests.dedup();
    for event in &events {
        assert_eq!(event.member_id.as_str(), portal.member_id());
        assert!(event.sent_at.is_some());
        match (&event.kind, &event.application_token) {
            (EventKind::Payment, token) => assert!(token.is_none(), "{event:?}"),
            (_, Some(token)) => assert_eq!(token.expose_secret(), portal.application_token()),
            (_, None) => panic!("{event:?}"),
        }
    }
}

#[tokio::test]
async fn f20_doubled_and_forged_events_are_known_by_digest_and_token() {
    let (cloud, stub) = (cloud(Seed::Empty).await, listener().await);
    let portal = cloud.portal(1);
    as_administrator(portal, &doors(&stub)).await;
    portal.add_field(Entity::Lead, "string", "Поле", &[]);
    portal.events_settled().await;
    let first = portal.deliveries()[0].number;
    portal.replay(first);
    portal.forge(
        "ONAPPUNINSTALL",
        &json!({"CLEAN": "1"}),
        Some("not-the-token"),
    );
    let events = arrived(portal, &stub).await;
    assert_eq!(events.len(), 3);
    assert_eq!(events[0].digest(), events[1].digest());
    assert_ne!(events[0].digest(), events[2].digest());
    let token = events[2].application_token.as_ref().unwrap();
    assert_ne!(token.expose_secret(), portal.application_token());
}
