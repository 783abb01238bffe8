//! SEC-07 and SEC-43: sessions live as long as their token, an hour at the most, and go on with a
//! fresh token of the same portal alone.

use axum::http::StatusCode;
use crmap_app::data::Content;
use crmap_app::error::AppError;
use crmap_crm::Clock as _;
use crmap_domain::Trouble;
use portal_sim::{Effect, Fault, UserRole};
use time::Duration;

use crate::support::{
    Answer, Form, READ, Stand, call, nothing, open, read, renew, send, without_portals,
};

fn check_over(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.app_error(), AppError::SessionOver);
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn sec_07_a_session_ends_with_its_token() {
    let (router, clock) = without_portals(Duration::minutes(10)).await;
    let bearer = open(&router, &Form::made_up()).await.bearer();
    clock.pass(Duration::minutes(9));
    assert!(matches!(
        read(&router, &bearer).await.content(),
        Content::Read(_)
    ));
    clock.pass(Duration::minutes(1));
    check_over(&read(&router, &bearer).await);
    // It does not come back when the clock does.
    clock.pass(Duration::minutes(-5));
    check_over(&read(&router, &bearer).await);
}

#[tokio::test]
async fn sec_07_a_session_ends_after_an_hour_whatever_its_token_says() {
    let (router, clock) = without_portals(Duration::hours(24)).await;
    let bearer = open(&router, &Form::made_up()).await.bearer();
    clock.pass(Duration::minutes(59));
    assert_eq!(read(&router, &bearer).await.status, StatusCode::OK);
    clock.pass(Duration::minutes(1));
    check_over(&read(&router, &bearer).await);
}

#[tokio::test]
async fn sec_07_a_portals_session_ends_with_the_portals_token() {
    let stand = Stand::start().await;
    let portal = stand.cloud.portal(1);
    let bearer = stand
        .open(&Form::of(portal, UserRole::Administrator))
        .await
        .bearer();
    assert_eq!(stand.read(&bearer).await.status, StatusCode::OK);
    stand.clock.pass(Duration::minutes(61));
    portal.clear_requests();
    check_over(&stand.read(&bearer).await);
    assert_eq!(portal.requests().len(), 0);
}

#[tokio::test]
async fn sec_07_nobody_is_let_in_without_the_exact_bearer() {
    let (router, _) = without_portals(Duration::HOUR).await;
    let bearer = open(&router, &Form::made_up()).await.bearer();
    check_over(&send(&router, call(READ, None, nothing())).await);
    let shorter = &bearer[..42];
    let longer = format!("{bearer}A");
    let upper = bearer.to_ascii_uppercase();
    for wrong in [
        "",
        " ",
        "null",
        "undefined",
        shorter,
        &longer,
        &upper,
        "é",
        &"a".repeat(9_000),
    ] {
        check_over(&read(&router, wrong).await);
    }
    for header in [
        format!("bearer {bearer}"),
        format!("Basic {bearer}"),
        bearer.clone(),
    ] {
        let mut asked = call(READ, None, nothing());
        asked
            .headers_mut()
            .insert("authorization", header.parse().unwrap());
        check_over(&send(&router, asked).await);
    }
    // Neither in the address nor in a cookie.
    let in_address = format!("{READ}?bearer={bearer}&access_token={bearer}");
    let mut asked = call(&in_address, None, nothing());
    let cookie = format!("bearer={bearer}; session={bearer}");
    asked
        .headers_mut()
        .insert("cookie", cookie.parse().unwrap());
    check_over(&send(&router, asked).await);
    assert_eq!(read(&router, &bearer).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_user_has_twenty_sessions_and_the_oldest_goes_first() {
    let (router, _) = without_portals(Duration::HOUR).await;
    let mut bearers = Vec::new();
    for _ in 0..22 {
        bearers.push(open(&router, &Form::made_up()).await.bearer());
    }
    for (number, bearer) in bearers.iter().enumerate() {
        let status = read(&router, bearer).await.status;
        assert_eq!(status.is_success(), number >= 2, "session {number}");
    }
}

fn renewed(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::OK);
    postcard::from_bytes(&answer.body).unwrap()
}

#[tokio::test]
async fn sec_43_a_fresh_token_of_the_same_portal_gives_a_new_bearer() {
    let stand = Stand::start().await;
    let portal = stand.cloud.portal(1);
    let old = stand
        .open(&Form::of(portal, UserRole::Employee))
        .await
        .bearer();
    stand.clock.pass(Duration::minutes(50));
    let token = portal.access_token(UserRole::Employee);
    let answer = renew(&stand.router, &token, portal.member_id(), &portal.domain()).await;
    let new = renewed(&answer);
    assert_ne!(new, old);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(!answer.headers.contains_key("set-cookie"));
    // The new one reads as the same user.
    let Content::Read(specification) = stand.read(&new).await.content() else {
        panic!("not read")
    };
    let employee = portal.world().user_id(UserRole::Employee);
    assert_eq!(specification.reading.viewer.id, i64::from(employee));
}

#[tokio::test]
async fn sec_43_a_renewed_session_outlives_the_old_one() {
    let (router, clock) = without_portals(Duration::hours(24)).await;
    let old = open(&router, &Form::made_up()).await.bearer();
    clock.pass(Duration::minutes(50));
    let id = "0123456789abcdef0123456789abcdef";
    let new = renewed(&renew(&router, "fresh", id, "demo.bitrix24.ru").await);
    clock.pass(Duration::minutes(15));
    check_over(&read(&router, &old).await);
    assert_eq!(read(&router, &new).await.status, StatusCode::OK);
    clock.pass(Duration::minutes(45));
    check_over(&read(&router, &new).await);
}

fn check_not_renewed(answer: &Answer, trouble: Trouble) {
    let status = match trouble {
        Trouble::ProofUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::FORBIDDEN,
    };
    assert_eq!(answer.status, status);
    assert_eq!(answer.app_error(), AppError::Portal(trouble));
}

#[tokio::test]
async fn sec_43_tokens_that_prove_nothing_renew_nothing() {
    let stand = Stand::start().await;
    let (own, other) = (stand.cloud.portal(1), stand.cloud.portal(2));
    let renew = |token: String, id: String, address: String| {
        let router = stand.router.clone();
        async move { renew(&router, &token, &id, &address).await }
    };
    let (id, address) = (own.member_id().to_owned(), own.domain());
    let foreign = other.access_token(UserRole::Administrator);
    for (token, id, address) in [
        (foreign.clone(), id.clone(), address.clone()),
        (foreign.clone(), id.clone(), other.domain()),
        (foreign, other.member_id().to_owned(), address.clone()),
        ("a-token-of-nobody".to_owned(), id.clone(), address.clone()),
    ] {
        check_not_renewed(&renew(token, id, address).await, Trouble::NotProved);
    }
    // What cannot be true is not even asked about.
    stand.cloud.clear_oauth_requests();
    for (token, id) in [
        (String::new(), id.clone()),
        ("a".repeat(4_097), id.clone()),
        ("token".to_owned(), "not an id".to_owned()),
    ] {
        check_not_renewed(&renew(token, id, address.clone()).await, Trouble::NotProved);
    }
    assert_eq!(stand.cloud.oauth_requests().len(), 0);
    let token = own.access_token(UserRole::Administrator);
    own.set_fault(Fault::TokensExpired);
    check_not_renewed(
        &renew(token, id.clone(), address.clone()).await,
        Trouble::Expired,
    );
    stand.cloud.set_oauth_fault(Fault::every(Effect::Reset));
    let token = own.access_token(UserRole::Administrator);
    check_not_renewed(&renew(token, id, address).await, Trouble::ProofUnavailable);
    assert_eq!((own.requests().len(), other.requests().len()), (0, 0));
}

/// The test's own clock has to be one that moves.
#[tokio::test]
async fn the_clock_of_these_tests_can_be_put_forward() {
    let (_, clock) = without_portals(Duration::HOUR).await;
    let before = clock.now();
    clock.pass(Duration::minutes(30));
    assert!(clock.now() - before >= Duration::minutes(30));
}
