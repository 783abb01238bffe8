//! Making a portal know CRMAP (bitrix24.md §1.9, §7).

use std::sync::Arc;

use crmap_crm::{AccountStanding, CrmConnector, CrmError, Doors, SetUp, SetUpStep, StepOutcome};
use crmap_domain::{EntityKind, Trouble};
use portal_sim::{Effect, Fault, Seed, UserRole};
use serde_json::json;

use crate::portal::{Bound, Manners, Portal};
use crate::support::{by_token, by_webhook, cloud, connector, settings, to_stub};
use SetUpStep::{Changes, FunnelsButton, Leaving};
use StepOutcome::{AlreadyThere, Done, Failed, NotGranted};

const EVENTS: &str = "https://crmap.example/b24/event";
const APP: &str = "https://crmap.example/b24/app";

/// Removal, payment, and four changes of the fields of each entity.
const ALL: usize = 2 + 4 * EntityKind::ALL.len();

fn doors() -> Doors {
    Doors {
        events: EVENTS.to_owned(),
        app: APP.to_owned(),
    }
}

async fn set_up(portal: &Portal) -> Result<SetUp, CrmError> {
    let access = to_stub(&portal.stub.url());
    let account = connector(settings()).account(&access)?;
    account.set_up(&doors()).await
}

async fn steps(portal: &Portal) -> Vec<(SetUpStep, StepOutcome)> {
    set_up(portal).await.unwrap().steps
}

fn all(outcome: &StepOutcome) -> Vec<(SetUpStep, StepOutcome)> {
    SetUpStep::ALL.map(|step| (step, outcome.clone())).into()
}

/// Events, places, calls that bind, batches.
fn seen(portal: &Portal) -> (usize, usize, usize, usize) {
    let state = portal.state.lock().unwrap();
    (
        state.events.len(),
        state.places.len(),
        state.binds,
        state.batches,
    )
}

fn bound(name: &str, handler: &str) -> Bound {
    (name.to_owned(), handler.to_owned())
}

#[tokio::test]
async fn a_fresh_portal_is_looked_at_and_bound_in_two_requests() {
    let portal = Portal::start(Manners::default()).await;
    let done = set_up(&portal).await.unwrap();
    assert_eq!(done.steps, all(&Done));
    assert!(done.is_complete());
    let expected = AccountStanding {
        user_id: 1,
        user_name: "Анна Титова".to_owned(),
        administrator: true,
        installed: Some(true),
        version: Some(4),
        payment_expired: Some(false),
        plan: Some("ru_basic".to_owned()),
        scopes: vec!["crm".to_owned(), "placement".to_owned()],
    };
    assert_eq!(done.standing, expected);
    assert_eq!(seen(&portal), (ALL, 1, ALL + 1, 2));
    let state = portal.state.lock().unwrap();
    assert!(state.events.contains(&bound("ONAPPUNINSTALL", EVENTS)));
    assert_eq!(state.places, [bound("CRM_FUNNELS_TOOLBAR", APP)]);
    let asked = &portal.stub.requests()[1].body;
    for words in [
        "LANG_ALL%5Bru%5D%5BTITLE%5D=CRMAP",
        "LANG_ALL%5Ben%5D%5BDESCRIPTION%5D=",
    ] {
        assert!(asked.contains(words), "{asked}");
    }
}

#[tokio::test]
async fn what_is_there_stays_and_is_not_bound_again() {
    let portal = Portal::start(Manners::default()).await;
    set_up(&portal).await.unwrap();
    for round in 1..=20 {
        assert_eq!(steps(&portal).await, all(&AlreadyThere));
        assert_eq!(seen(&portal), (ALL, 1, ALL + 1, 2 + round));
    }
}

#[tokio::test]
async fn only_what_is_missing_is_bound() {
    let portal = Portal::start(Manners::default()).await;
    set_up(&portal).await.unwrap();
    let lost = "ONCRMDEALUSERFIELDUPDATE";
    portal
        .state
        .lock()
        .unwrap()
        .events
        .retain(|(name, _)| name != lost);
    let expected = [
        (Leaving, AlreadyThere),
        (Changes, Done),
        (FunnelsButton, AlreadyThere),
    ];
    assert_eq!(steps(&portal).await, expected);
    assert_eq!(seen(&portal), (ALL, 1, ALL + 2, 4));
}

#[tokio::test]
async fn many_at_once_end_with_one_binding_of_each() {
    let portal = Arc::new(Portal::start(Manners::default()).await);
    let tasks = (0..10).map(|_| {
        let portal = Arc::clone(&portal);
        tokio::spawn(async move { set_up(&portal).await.unwrap() })
    });
    for task in tasks.collect::<Vec<_>>() {
        let done = task.await.unwrap();
        assert!(done.is_complete(), "{done:?}");
    }
    assert_eq!((seen(&portal).0, seen(&portal).1), (ALL, 1));
}

#[tokio::test]
async fn a_binding_that_somebody_else_has_begun_is_looked_for_again() {
    let started = json!({"error": "ERROR_CORE", "error_description":
        "Unable to set event handler: Process of binding the handler has already started"});
    let manners = Manners {
        refuses: vec![("ONAPPUNINSTALL", started)],
        ..Manners::default()
    };
    let portal = Portal::start(manners).await;
    let begun = Arc::clone(&portal.state);
    let other = tokio::spawn(async move {
        loop {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            let mut state = begun.lock().unwrap();
            if state.binds > 0 {
                state.events.push(bound("ONAPPUNINSTALL", EVENTS));
                return;
            }
        }
    });
    assert_eq!(steps(&portal).await, all(&Done));
    other.await.unwrap();
}

#[tokio::test]
async fn nothing_is_bound_with_the_rights_of_an_employee() {
    let manners = Manners {
        administrator: false,
        ..Manners::default()
    };
    let portal = Portal::start(manners).await;
    let done = set_up(&portal).await.unwrap();
    assert!(!done.standing.administrator && done.steps.is_empty() && !done.is_complete());
    assert_eq!(seen(&portal), (0, 0, 0, 1));
}

#[tokio::test]
async fn without_the_scope_there_is_no_button_and_everything_else() {
    let manners = Manners {
        scopes: vec!["crm"],
        ..Manners::default()
    };
    let portal = Portal::start(manners).await;
    let done = set_up(&portal).await.unwrap();
    let expected = [
        (Leaving, Done),
        (Changes, Done),
        (FunnelsButton, NotGranted),
    ];
    assert_eq!(done.steps, expected);
    assert!(done.is_complete());
    assert_eq!(seen(&portal), (ALL, 0, ALL, 2));
}

/// Errors of binding a place come with HTTP 200 and inside of batches (bitrix24.md §7).
#[tokio::test]
async fn a_place_that_the_portal_does_not_have_is_not_granted() {
    for (error, outcome) in [
        ("ERROR_PLACEMENT_NOT_FOUND", NotGranted),
        ("insufficient_scope", NotGranted),
        ("ERROR_PLACEMENT_MAX_COUNT", Failed(Trouble::PortalFailed)),
        ("ACCESS_DENIED", Failed(Trouble::NoRights)),
    ] {
        let manners = Manners {
            refuses: vec![("CRM_FUNNELS_TOOLBAR", json!({"error": error}))],
            ..Manners::default()
        };
        let portal = Portal::start(manners).await;
        let expected = [(Leaving, Done), (Changes, Done), (FunnelsButton, outcome)];
        assert_eq!(steps(&portal).await, expected, "{error}");
        assert_eq!(seen(&portal).2, ALL + 1, "{error}");
    }
}

#[tokio::test]
async fn a_step_that_fails_alone_fails_alone() {
    let error = json!({"error": "ERROR_EVENT_NOT_FOUND", "error_description": "Event not found"});
    let manners = Manners {
        refuses: vec![("ONCRMLEADUSERFIELDADD", error)],
        ..Manners::default()
    };
    let portal = Portal::start(manners).await;
    let done = set_up(&portal).await.unwrap();
    let failed = Failed(Trouble::PortalFailed);
    let expected = [(Leaving, Done), (Changes, failed), (FunnelsButton, Done)];
    assert_eq!(done.steps, expected);
    assert!(!done.is_complete());
}

#[tokio::test]
async fn rel_40_a_lost_answer_leads_to_a_look_and_to_no_second_binding() {
    let manners = Manners {
        loses: 1,
        ..Manners::default()
    };
    let portal = Portal::start(manners).await;
    assert_eq!(steps(&portal).await, all(&Done));
    assert_eq!(seen(&portal), (ALL, 1, ALL + 1, 3));
}

#[tokio::test]
async fn rel_40_what_was_not_executed_is_bound_after_a_look() {
    let manners = Manners {
        fails: 1,
        ..Manners::default()
    };
    let portal = Portal::start(manners).await;
    assert_eq!(steps(&portal).await, all(&Done));
    assert_eq!(seen(&portal), (ALL, 1, ALL + 1, 3));
    let manners = Manners {
        fails: 100,
        ..Manners::default()
    };
    let portal = Portal::start(manners).await;
    assert_eq!(steps(&portal).await, all(&Failed(Trouble::PortalFailed)));
    let binding = |body: &str| body.contains("event.bind");
    let tries = portal.stub.requests();
    let tries = tries
        .iter()
        .filter(|request| binding(&request.body))
        .count();
    assert_eq!(tries, 3);
}

#[tokio::test]
async fn handlers_of_an_address_that_crmap_had_before_are_taken_away() {
    let portal = Portal::start(Manners::default()).await;
    let old = "https://old.example/b24/event";
    let foreign = bound("ONAPPUNINSTALL", "https://crmap.example/other");
    {
        let mut state = portal.state.lock().unwrap();
        state.events.push(bound("ONAPPUNINSTALL", old));
        state.events.push(bound("ONCRMDEALUSERFIELDADD", old));
        state.events.push(bound("ONCRMDEALADD", old));
        state.events.push(foreign.clone());
        state
            .places
            .push(bound("CRM_FUNNELS_TOOLBAR", "https://old.example/b24/app"));
    }
    assert_eq!(steps(&portal).await, all(&Done));
    let state = portal.state.lock().unwrap();
    assert_eq!((state.events.len(), state.unbinds), (ALL + 2, 3));
    assert!(state.events.contains(&foreign));
    // CRMAP has never bound that one.
    assert!(state.events.contains(&bound("ONCRMDEALADD", old)));
    assert_eq!(state.places, [bound("CRM_FUNNELS_TOOLBAR", APP)]);
}

#[tokio::test]
async fn an_old_handler_stays_as_long_as_the_new_one_is_not_there() {
    let error = json!({"error": "ERROR_WRONG_HANDLER_URL", "error_description": "no"});
    let manners = Manners {
        refuses: vec![("ONAPPUNINSTALL", error)],
        ..Manners::default()
    };
    let portal = Portal::start(manners).await;
    let old = bound("ONAPPUNINSTALL", "https://old.example/b24/event");
    portal.state.lock().unwrap().events.push(old.clone());
    let failed = Failed(Trouble::PortalFailed);
    assert_eq!(steps(&portal).await[0], (Leaving, failed));
    assert!(portal.state.lock().unwrap().events.contains(&old));
}

#[tokio::test]
async fn the_standing_is_asked_for_in_one_request() {
    let cloud = cloud(Seed::Empty).await;
    let portal = cloud.portal(1);
    let connector = connector(settings());
    for (role, administrator) in [(UserRole::Administrator, true), (UserRole::Employee, false)] {
        portal.clear_requests();
        let account = connector.account(&by_token(portal, role)).unwrap();
        let standing = account.standing().await.unwrap();
        assert_eq!(standing.user_id, i64::from(portal.world().user_id(role)));
        assert_eq!(standing.administrator, administrator);
        assert_eq!(
            (standing.installed, standing.version),
            (Some(true), Some(1))
        );
        assert_eq!(standing.plan.as_deref(), Some("ru_basic"));
        assert!(standing.scopes.iter().any(|scope| scope == "crm"));
        assert_eq!(portal.requests().len(), 1);
    }
    let access = by_webhook(portal, UserRole::Administrator);
    let standing = connector
        .account(&access)
        .unwrap()
        .standing()
        .await
        .unwrap();
    assert_eq!((standing.installed, standing.version), (None, None));
}

#[tokio::test]
async fn a_portal_that_does_not_let_the_user_in_has_no_standing() {
    let cloud = cloud(Seed::Empty).await;
    let portal = cloud.portal(1);
    let account = connector(settings())
        .account(&by_token(portal, UserRole::Administrator))
        .unwrap();
    for (effect, expected) in [
        (Effect::expired_token(), Trouble::Expired),
        (Effect::unpaid(), Trouble::NotPaid),
        (Effect::user_access(), Trouble::Restricted),
        (Effect::portal_deleted(), Trouble::Gone),
    ] {
        portal.set_fault(Fault::every(effect.clone()));
        let error = account.standing().await.unwrap_err();
        assert_eq!(error.trouble(), expected, "{effect:?}");
        portal.clear_faults();
    }
}
