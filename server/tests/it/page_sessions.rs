//! SEC-07, SEC-63: the page inside a portal goes on in whichever process its next question comes to,
//! and what one process ends is over in all. Two processes over one PostgreSQL.

use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use crmap_app::data::Content;
use crmap_app::error::AppError;
use crmap_domain::{PortalState, Trouble};
use portal_sim::UserRole;
use std::time::Duration;

use crate::house::{Base, House};
use crate::support::{Answer, Form, open, read, renew, request, send};

fn is_over(answer: &Answer) -> bool {
    let over = answer.status == StatusCode::UNAUTHORIZED;
    if over {
        assert_eq!(answer.app_error(), AppError::SessionOver);
    }
    over
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_07_a_page_that_was_opened_here_reads_there_as_the_same_user() {
    let house = House::installed("page-there", Base::Postgres).await;
    let there = house.neighbour().await;
    let portal = house.portal();
    for role in [UserRole::Employee, UserRole::Administrator] {
        let bearer = open(&house.router, &Form::of(portal, role)).await.bearer();
        let Content::Read(read_there) = read(&there, &bearer).await.content() else {
            panic!("not read");
        };
        let user = i64::from(portal.world().user_id(role));
        assert_eq!(read_there.reading.viewer.id, user);
        // A renewed one is known everywhere, too.
        let token = portal.access_token(role);
        let renewed = renew(&there, &token, portal.member_id(), &portal.domain()).await;
        let renewed: String = postcard::from_bytes(&renewed.body).unwrap();
        assert!(matches!(
            read(&house.router, &renewed).await.content(),
            Content::Read(_)
        ));
    }
    assert_eq!(house.cloud.violations().len(), 0);
    assert_eq!(house.store.verify().await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_07_a_page_ends_with_its_token_in_all_processes() {
    let house = House::installed("page-ends", Base::Postgres).await;
    let there = house.neighbour().await;
    let form = Form::of(house.portal(), UserRole::Employee);
    let (known, unknown) = (
        open(&house.router, &form).await.bearer(),
        open(&house.router, &form).await.bearer(),
    );
    assert_eq!(read(&there, &known).await.status, StatusCode::OK);
    house.clock.pass(time::Duration::minutes(61));
    for bearer in [&known, &unknown] {
        assert!(is_over(&read(&house.router, bearer).await));
        assert!(is_over(&read(&there, bearer).await));
    }
    // What has ended is cleared away.
    house.services.round(true).await.unwrap();
    let kept = house.dump();
    assert!(!kept.contains(&digest(&known)) && !kept.contains(&digest(&unknown)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_63_a_portal_that_leaves_here_takes_its_pages_there_with_it() {
    let house = House::installed("page-leaves", Base::Postgres).await;
    let there = house.neighbour().await;
    let form = Form::of(house.portal(), UserRole::Employee);
    let (known, unknown) = (
        open(&there, &form).await.bearer(),
        open(&house.router, &form).await.bearer(),
    );
    assert_eq!(read(&there, &known).await.status, StatusCode::OK);
    house.portal().uninstall(false);
    house.events_told().await;
    house.becomes(PortalState::Uninstalled).await;
    house.portal().clear_requests();
    for bearer in [&known, &unknown] {
        assert!(is_over(&read(&there, bearer).await));
    }
    assert_eq!(house.portal().requests().len(), 0);
    assert!(!house.dump().contains(&digest(&known)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_63_a_user_has_twenty_pages_over_all_processes() {
    let house = House::installed("page-twenty", Base::Postgres).await;
    let there = house.neighbour().await;
    let form = Form::of(house.portal(), UserRole::Employee);
    let mut bearers = Vec::new();
    for number in 0..22 {
        let router = if number % 2 == 0 {
            &house.router
        } else {
            &there
        };
        bearers.push(open(router, &form).await.bearer());
        // The oldest is told by the moment at which it began.
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for (number, bearer) in bearers.iter().enumerate() {
        for router in [&house.router, &there] {
            assert_eq!(is_over(&read(router, bearer).await), number < 2, "{number}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_installation_that_begins_here_is_finished_there() {
    let house = House::new("page-installs", Base::Postgres).await;
    let there = house.neighbour().await;
    let portal = house.portal();
    portal.install(portal.world().user_id(UserRole::Administrator));
    let offer = house
        .open_at("/bitrix/install", portal, UserRole::Administrator)
        .await;
    let done = house.consent_before(&there, &offer).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text());
    assert!(done.text().contains("data-finish-install"));
    // The secret of its events came along: the portal's farewell is believed.
    portal.finish_install();
    portal.uninstall(false);
    house.events_told().await;
    house.becomes(PortalState::Uninstalled).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_07_a_page_s_bearer_opens_no_cabinet_and_shows_nowhere() {
    let house = House::installed("page-realm", Base::Postgres).await;
    let form = Form::of(house.portal(), UserRole::Administrator);
    let page = open(&house.router, &form).await;
    let bearer = page.bearer();
    let mut asked = request(axum::http::Method::GET, "/dashboard", "");
    let headers = asked.headers_mut();
    headers.insert("cookie", format!("crmap={bearer}").parse().unwrap());
    headers.insert(AUTHORIZATION, format!("Bearer {bearer}").parse().unwrap());
    let answer = send(&house.router, asked).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    // In the database neither the bearer nor what it stands for can be read.
    let kept = house.dump();
    assert!(kept.contains(&digest(&bearer)) && !kept.contains(&bearer));
    assert!(!kept.contains(form.get("AUTH_ID")) && !kept.contains(form.get("REFRESH_ID")));
}

/// A process alone does not know whether another one has ended a session: nobody is let in, nobody
/// is told that the session is over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_23_while_the_database_does_not_say_a_page_is_told_to_try_again() {
    let house = House::installed("page-away", Base::Postgres).await;
    let form = Form::of(house.portal(), UserRole::Employee);
    let bearer = open(&house.router, &form).await.bearer();
    house.tamper("alter table page_session rename to page_session_away");
    let away = read(&house.router, &bearer).await;
    assert_eq!(away.status, StatusCode::SERVICE_UNAVAILABLE);
    let trouble = AppError::Portal(Trouble::StoreUnavailable);
    assert_eq!(away.app_error(), trouble);
    house.tamper("alter table page_session_away rename to page_session");
    assert_eq!(read(&house.router, &bearer).await.status, StatusCode::OK);
}

/// How a bearer's digest stands in the database.
fn digest(bearer: &str) -> String {
    use sha2::{Digest as _, Sha256};
    let digest = Sha256::digest(bearer.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Two processes that ask for the same session at the same time both have it whole.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_questions_of_a_page_at_once_are_answered_by_all_processes() {
    let house = House::installed("page-many", Base::Postgres).await;
    let there = house.neighbour().await;
    let form = Form::of(house.portal(), UserRole::Employee);
    let bearer = open(&house.router, &form).await.bearer();
    let questions = (0..8).map(|number| {
        let router = if number % 4 == 0 {
            &house.router
        } else {
            &there
        };
        read(router, &bearer)
    });
    for answer in futures::future::join_all(questions).await {
        assert_eq!(answer.status, StatusCode::OK);
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(house.cloud.violations().len(), 0);
}
