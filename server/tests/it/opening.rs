//! Honest openings: what an administrator, an employee and somebody with few rights get.

use std::collections::{BTreeSet, HashSet};

use axum::http::{Method, StatusCode};
use crmap_app::data::Tab;
use crmap_domain::{EntityKind, Lang, Section, Specification};
use portal_sim::{Portal, UserRole};

use crate::support::{
    Answer, Form, Stand, exchange, listen, open, request, send, status_of, without_portals,
};

/// The whole policy, to the letter (SEC-47, SEC-48).
fn policy(nonce: &str, ancestors: &str) -> String {
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; \
         style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'; base-uri 'none'; form-action 'self'; object-src 'none'; \
         frame-ancestors {ancestors}"
    )
}

fn check_headers(answer: &Answer, portal: &Portal) {
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    assert_eq!(
        answer.header("content-security-policy"),
        policy(&answer.nonce(), &portal.base_url())
    );
    for absent in ["set-cookie", "x-frame-options", "location"] {
        assert!(!answer.headers.contains_key(absent), "{absent}");
    }
}

/// Every nonce of the page is the policy's, and every script has it.
fn check_nonces(answer: &Answer) {
    let (text, nonce) = (answer.text(), answer.nonce());
    assert_eq!(nonce.len(), 32);
    let of_page: HashSet<&str> = text
        .split("nonce=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert_eq!(of_page, HashSet::from([nonce.as_str()]));
    let with_nonce = format!("<script type=\"module\" nonce=\"{nonce}\">");
    assert_eq!(text.matches(&with_nonce).count(), 1);
}

/// SEC-40: the bearer is in the page's data and nowhere that others look.
fn check_bearer(answer: &Answer) {
    let bearer = answer.bearer();
    assert_eq!(bearer.len(), 43, "256 bits in base64url");
    let secrets = [bearer.as_str()];
    for secret in secrets {
        assert!(!answer.text().contains(secret), "outside the island");
        for (name, value) in &answer.headers {
            assert!(!value.to_str().unwrap().contains(secret), "{name}");
        }
    }
}

fn funnels(specification: &Specification) -> BTreeSet<i64> {
    let rows = specification.funnels.rows();
    rows.iter().map(|funnel| funnel.id).collect()
}

fn readable(portal: &Portal, role: UserRole) -> BTreeSet<i64> {
    let ids = portal.world().funnels.iter().map(|funnel| funnel.id);
    ids.filter(|id| portal.world().may_read_funnel(role, *id))
        .map(i64::from)
        .collect()
}

#[tokio::test]
async fn sec_40_an_honest_opening_gets_the_page_with_the_portals_rows() {
    let stand = Stand::start().await;
    let portal = stand.cloud.portal(1);
    let form = Form::of(portal, UserRole::Administrator).at("tab", "stages");
    let answer = stand.open(&form).await;
    check_headers(&answer, portal);
    check_nonces(&answer);
    check_bearer(&answer);
    let text = answer.text();
    for stage in portal.world().deal_stages() {
        let row = format!("data-id=\"{}\"", stage.status_id);
        assert!(text.contains(&row), "{}", stage.status_id);
    }
    for name in ["AUTH_ID", "REFRESH_ID", "APPLICATION_TOKEN"] {
        assert!(!text.contains(form.get(name)), "{name} is in the page");
    }
    let data = answer.island().unwrap();
    assert_eq!(data.place.tab, Tab::Stages);
    assert_eq!(data.portal.member_id, portal.member_id());
    assert_eq!(data.portal.address, portal.domain());
    assert_eq!(data.portal.origin, portal.base_url());
    let specification = answer.specification();
    let read: BTreeSet<_> = specification
        .fields
        .deal
        .rows()
        .iter()
        .map(|field| field.id)
        .collect();
    let there = portal.world().fields_of(portal_sim::worlds::Entity::Deal);
    assert_eq!(read, there.map(|field| i64::from(field.id)).collect());
}

#[tokio::test]
async fn every_role_gets_what_the_portal_lets_it_see() {
    let stand = Stand::start().await;
    let portal = stand.cloud.portal(1);
    for role in UserRole::ALL {
        let answer = stand.open(&Form::of(portal, role)).await;
        check_headers(&answer, portal);
        check_bearer(&answer);
        let specification = answer.specification();
        let viewer = &specification.reading.viewer;
        assert_eq!(viewer.id, i64::from(portal.world().user_id(role)));
        assert_eq!(viewer.administrator, role == UserRole::Administrator);
        assert_eq!(funnels(&specification), readable(portal, role), "{role:?}");
        let contacts = specification.fields.of(EntityKind::Contact);
        let refused = matches!(contacts, Some(Section::Refused(_)));
        assert_eq!(refused, role == UserRole::Narrow, "{role:?}");
    }
    assert!(readable(portal, UserRole::Narrow).len() < readable(portal, UserRole::Employee).len());
}

#[tokio::test]
async fn the_page_speaks_the_language_of_the_portal() {
    let stand = Stand::start().await;
    let form = Form::of(stand.cloud.portal(1), UserRole::Administrator);
    for (code, lang) in [("ru", Lang::Ru), ("en", Lang::En), ("de", Lang::En)] {
        let answer = stand.open(&form.clone().set("LANG", code)).await;
        assert_eq!(answer.island().unwrap().lang, lang, "{code}");
        let html = format!("<html lang=\"{}\">", lang.code());
        assert!(answer.text().contains(&html), "{code}");
    }
}

#[tokio::test]
async fn an_opening_works_the_same_over_a_real_connection() {
    let stand = Stand::start().await;
    let form = Form::of(stand.cloud.portal(2), UserRole::Employee);
    let server = listen(stand.router.clone()).await;
    let body = form.encoded_body();
    let sent = format!(
        "POST {} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\nContent-Length: {}\r\n\
         Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n\r\n{body}",
        form.target(),
        body.len()
    );
    let answer = exchange(server, sent.as_bytes()).await;
    assert_eq!(status_of(&answer), Some(200));
    let text = String::from_utf8(answer).unwrap();
    assert!(text.contains("id=\"crmap-data\">"));
    let ancestors = format!("frame-ancestors {}\r\n", stand.cloud.portal(2).base_url());
    assert!(text.contains(&ancestors));
}

#[tokio::test]
async fn sec_48_a_thousand_answers_have_a_thousand_nonces() {
    let (router, _) = without_portals(time::Duration::HOUR).await;
    let mut nonces = HashSet::new();
    for number in 0..1_000 {
        let answer = if number % 20 == 0 {
            open(&router, &Form::made_up()).await
        } else {
            send(&router, request(Method::GET, "/bitrix/app", "")).await
        };
        assert_eq!(answer.status, StatusCode::OK);
        nonces.insert(answer.nonce());
    }
    assert_eq!(nonces.len(), 1_000);
    assert!(nonces.iter().all(|nonce| nonce.len() == 32));
}

#[tokio::test]
async fn sec_07_every_opening_has_a_session_of_its_own() {
    let stand = Stand::start().await;
    let form = Form::of(stand.cloud.portal(1), UserRole::Narrow);
    let mut bearers = HashSet::new();
    for _ in 0..5 {
        bearers.insert(stand.open(&form).await.bearer());
    }
    assert_eq!(bearers.len(), 5);
}
