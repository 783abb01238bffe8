//! SEC-02 to SEC-05 and SEC-47: nobody is let in without the authority's word, and nothing that a
//! form says decides who is asked or who may frame.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use crmap_domain::{Lang, Trouble};
use portal_sim::{Effect, Fault, Portal, UserRole};
use serde_json::{Value, json};

use crate::support::{
    Answer, CLIENT_ID, Canary, Form, Stand, TestClock, cloud, connector, listen, open, over,
    patient,
};

/// How a field of a form stands to the truth.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Variant {
    Ok,
    Foreign,
    Missing,
    WrongType,
}

use Variant::{Foreign, Missing, Ok as Honest, WrongType};

const VARIANTS: [Variant; 4] = [Honest, Foreign, Missing, WrongType];
const FIELDS: [&str; 4] = ["AUTH_ID", "member_id", "DOMAIN", "APP_SID"];

/// An honest form with each of the four fields as `variants` say; foreign values are those of an
/// honest form of another portal.
fn tampered(own: &Form, other: &Form, variants: [Variant; 4]) -> Form {
    let tamper = |form: Form, (name, variant): (&str, Variant)| match variant {
        Honest => form,
        Foreign => form.set(name, other.get(name)),
        Missing => form.without(name),
        WrongType => form.set(name, "{\"an\": [\"object\"]}"),
    };
    FIELDS.into_iter().zip(variants).fold(own.clone(), tamper)
}

/// `APP_SID` names the frame and is no proof of anything: another one is as good.
fn is_all_ok(variants: [Variant; 4]) -> bool {
    variants[..3].iter().all(|variant| *variant == Honest)
        && matches!(variants[3], Honest | Foreign)
}

fn methods(portal: &Portal) -> usize {
    portal.requests().len()
}

#[tokio::test]
async fn sec_02_of_256_forms_only_those_in_order_get_a_session() {
    let stand = Stand::start().await;
    let (own, other) = (stand.cloud.portal(1), stand.cloud.portal(2));
    let honest = Form::of(own, UserRole::Employee);
    let foreign = Form::of(other, UserRole::Employee);
    let mut let_in = 0;
    for number in 0..256 {
        let variants = [0, 2, 4, 6].map(|shift| VARIANTS[(number >> shift) & 3]);
        own.clear_requests();
        let answer = stand.open(&tampered(&honest, &foreign, variants)).await;
        // All three of another portal are an honest opening of that one.
        let all_foreign = variants[..3].iter().all(|variant| *variant == Foreign)
            && matches!(variants[3], Honest | Foreign);
        if is_all_ok(variants) || all_foreign {
            assert_eq!(answer.status, StatusCode::OK, "{variants:?}");
            let_in += 1;
            other.clear_requests();
            continue;
        }
        let refused = [StatusCode::BAD_REQUEST, StatusCode::FORBIDDEN].contains(&answer.status);
        assert!(refused, "{variants:?}: {}", answer.status);
        assert!(answer.island().is_none(), "{variants:?}");
        assert_eq!(answer.ancestors(), "'none'", "{variants:?}");
        assert_eq!((methods(own), methods(other)), (0, 0), "{variants:?}");
    }
    assert_eq!(let_in, 4);
}

/// An authority that knows the tokens of two honest forms, and says of the application to which
/// they belong whatever it is told.
async fn authority(known: [(&Form, &Portal); 2], said: &Arc<Mutex<Value>>) -> String {
    let known = known.map(|(form, portal)| {
        let auth = format!("auth={}", form.get("AUTH_ID"));
        let install = json!({
            "installed": true, "version": "1", "status": "F", "scope": "crm",
            "domain": portal.domain(), "uri": portal.base_url(),
            "client_endpoint": portal.client_endpoint(), "member_id": portal.member_id(),
        });
        (auth, install)
    });
    let said = Arc::clone(said);
    let answer = move |body: String| async move {
        let Some((_, install)) = known.iter().find(|(auth, _)| *auth == body) else {
            let error = json!({"error": "invalid_token", "error_description": ""});
            return (StatusCode::UNAUTHORIZED, Json(error));
        };
        let mut result = json!({
            "scope": "crm", "expires": "2099-01-01T12:00:00+03:00", "user_id": "1",
            "install": install,
        });
        let application = said.lock().unwrap().clone();
        if !application.is_null() {
            result["client_id"] = application;
        }
        (StatusCode::OK, Json(json!({"result": result})))
    };
    let router = Router::new().route("/rest/app.info", post(answer));
    format!("http://{}", listen(router).await)
}

/// Whatever a form says: a token of another application, or of none, opens nothing (SEC-02).
#[tokio::test]
async fn sec_02_a_token_of_another_application_opens_nothing() {
    let cloud = cloud(2).await;
    let (own, other) = (cloud.portal(1), cloud.portal(2));
    let honest = Form::of(own, UserRole::Employee);
    let foreign = Form::of(other, UserRole::Employee);
    let application = Arc::new(Mutex::new(json!(CLIENT_ID)));
    let url = authority([(&honest, own), (&foreign, other)], &application).await;
    let router = over(&connector(&[&url]), &Arc::default(), patient()).await;
    assert_eq!(open(&router, &honest).await.status, StatusCode::OK);
    own.clear_requests();
    for said in [
        json!("app.other"),
        json!("APP.SIM"),
        json!(""),
        Value::Null,
        json!(5),
        json!([CLIENT_ID]),
        json!({"id": CLIENT_ID}),
    ] {
        application.lock().unwrap().clone_from(&said);
        for number in 0..64 {
            let [auth, member, domain] = [0, 2, 4].map(|shift| VARIANTS[(number >> shift) & 3]);
            let variants = [auth, member, domain, Honest];
            let answer = open(&router, &tampered(&honest, &foreign, variants)).await;
            let refused = [StatusCode::BAD_REQUEST, StatusCode::FORBIDDEN].contains(&answer.status);
            assert!(refused, "{said} {variants:?}: {}", answer.status);
            assert!(answer.island().is_none(), "{said} {variants:?}");
            assert_eq!(answer.ancestors(), "'none'", "{said} {variants:?}");
        }
    }
    assert_eq!((methods(own), methods(other)), (0, 0));
    // The forms were in order all the while.
    *application.lock().unwrap() = json!(CLIENT_ID);
    assert_eq!(open(&router, &honest).await.status, StatusCode::OK);
}

/// An attacker's own portal with the victim's identity, and the other way round.
#[tokio::test]
async fn sec_03_a_token_opens_its_own_portal_and_no_other() {
    let stand = Stand::start().await;
    let (victim, evil) = (stand.cloud.portal(1), stand.cloud.portal(2));
    let honest = Form::of(evil, UserRole::Administrator);
    let victims = |form: Form| form.set("member_id", victim.member_id());
    for form in [
        victims(honest.clone()),
        honest.clone().set("DOMAIN", &victim.domain()),
        victims(honest.clone()).set("DOMAIN", &victim.domain()),
    ] {
        let answer = stand.open(&form).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        let sentence = Trouble::NotProved.advice(Lang::Ru);
        assert!(answer.text().contains(&sentence.what));
        assert!(!answer.text().contains("<form"), "nothing to try again");
    }
    assert_eq!((methods(victim), methods(evil)), (0, 0));
    // What the session reads is the portal that the authority named.
    let answer = stand.open(&honest).await;
    assert_eq!(answer.island().unwrap().portal.origin, evil.base_url());
    assert_eq!(methods(victim), 0);
    assert!(methods(evil) > 0);
}

#[tokio::test]
async fn sec_02_the_claimed_address_is_never_called() {
    let stand = Stand::start().await;
    let canary = Canary::listen().await;
    let honest = Form::of(stand.cloud.portal(1), UserRole::Administrator);
    let form = honest.set("DOMAIN", &canary.address());
    for protocol in ["0", "1"] {
        let answer = stand.open(&form.clone().set("PROTOCOL", protocol)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    }
    // Neither when the authority does not answer.
    stand.cloud.set_oauth_fault(Fault::every(Effect::Reset));
    assert_eq!(
        stand.open(&form).await.status,
        StatusCode::SERVICE_UNAVAILABLE
    );
    assert_eq!(canary.heard().await, 0);
    assert_eq!(methods(stand.cloud.portal(1)), 0);
}

#[tokio::test]
async fn sec_05_what_the_form_says_of_the_authority_decides_nothing() {
    let stand = Stand::start().await;
    let canary = Canary::listen().await;
    let honest = Form::of(stand.cloud.portal(1), UserRole::Employee);
    let before = stand.open(&honest).await;
    for (name, value) in [
        (
            "SERVER_ENDPOINT",
            format!("http://{}/rest/", canary.address()),
        ),
        (
            "server_endpoint",
            format!("http://{}/rest/", canary.address()),
        ),
        (
            "client_endpoint",
            format!("http://{}/rest/", canary.address()),
        ),
        ("status", "nonsense".to_owned()),
        ("APPLICATION_SCOPE", "everything,crm".to_owned()),
        ("IS_ADMIN", "1".to_owned()),
        ("AUTH_EXPIRES", "4294967295".to_owned()),
    ] {
        let answer = stand.open(&honest.clone().set(name, &value)).await;
        assert_eq!(answer.status, StatusCode::OK, "{name}");
        let (mut now, mut then) = (answer.specification(), before.specification());
        assert!(!now.reading.viewer.administrator, "{name}");
        now.reading.at = time::OffsetDateTime::UNIX_EPOCH;
        then.reading.at = time::OffsetDateTime::UNIX_EPOCH;
        assert_eq!(now, then, "{name}");
    }
    // A stranger's authority does not help a token that ours does not know.
    let unknown = honest.set("AUTH_ID", "a-token-of-nobody").set(
        "SERVER_ENDPOINT",
        &format!("http://{}/rest/", canary.address()),
    );
    assert_eq!(stand.open(&unknown).await.status, StatusCode::FORBIDDEN);
    assert_eq!(canary.heard().await, 0);
}

/// The page of an authority that does not answer: in time, in the frame, with a way to try again.
fn check_retry_page(answer: &Answer, form: &Form, what: &str) {
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{what}");
    let text = answer.text();
    assert!(answer.island().is_none(), "{what}");
    let sentence = Trouble::ProofUnavailable.advice(Lang::Ru);
    assert!(text.contains(&sentence.what), "{what}");
    let claimed = format!("http://{}", form.get("DOMAIN"));
    assert_eq!(answer.ancestors(), claimed, "{what}");
    assert_eq!(answer.header("cache-control"), "no-store", "{what}");
    assert!(!answer.headers.contains_key("set-cookie"), "{what}");
    assert!(
        text.contains("<form method=\"post\" action=\"/bitrix/app?DOMAIN="),
        "{what}"
    );
    for (name, value) in &form.body {
        let field = format!("name=\"{name}\" value=\"{value}\"");
        assert!(text.contains(&field), "{what}: {name}");
    }
}

async fn opened_in_time(router: &Router, form: &Form) -> Answer {
    let started = Instant::now();
    let answer = open(router, form).await;
    let took = started.elapsed();
    assert!(took < Duration::from_secs(6), "{took:?}");
    answer
}

#[tokio::test]
async fn sec_04_an_authority_out_of_order_lets_nobody_in() {
    let stand = Stand::start().await;
    let portal = stand.cloud.portal(1);
    let form = Form::of(portal, UserRole::Administrator);
    for effect in [
        Effect::internal_error(),
        Effect::Html { status: 500 },
        Effect::Html { status: 502 },
        Effect::Html { status: 200 },
        Effect::TruncatedJson,
        Effect::EmptyBody,
        Effect::Reset,
        Effect::HugeBody { bytes: 20_000_000 },
        Effect::Redirect {
            location: format!("{}/rest/app.info", stand.cloud.portal(2).base_url()),
        },
    ] {
        stand.cloud.set_oauth_fault(Fault::every(effect.clone()));
        let answer = opened_in_time(&stand.router, &form).await;
        check_retry_page(&answer, &form, &format!("{effect:?}"));
        stand.cloud.clear_oauth_faults();
    }
    let (own, other) = (methods(portal), methods(stand.cloud.portal(2)));
    assert_eq!(
        (own, other),
        (0, 0),
        "the token went to the authority alone"
    );
    let answer = stand.open(&form).await;
    assert_eq!(answer.status, StatusCode::OK, "trying again helps");
}

#[tokio::test]
async fn sec_04_an_authority_that_hangs_is_given_up_within_six_seconds() {
    let stand = Stand::start().await;
    let form = Form::of(stand.cloud.portal(1), UserRole::Administrator);
    stand.cloud.set_oauth_fault(Fault::every(Effect::Hang));
    let answer = opened_in_time(&stand.router, &form).await;
    check_retry_page(&answer, &form, "hang");
}

#[tokio::test]
async fn sec_04_an_authority_that_is_not_there_lets_nobody_in() {
    let stand = Stand::start().await;
    let form = Form::of(stand.cloud.portal(1), UserRole::Administrator);
    let clock = Arc::new(TestClock::default());
    let router = over(&connector(&["http://127.0.0.1:1"]), &clock, patient()).await;
    let answer = opened_in_time(&router, &form).await;
    check_retry_page(&answer, &form, "nobody listens");
    // «Try again» repeats the very opening.
    assert!(stand.open(&form).await.island().is_some());
}

#[tokio::test]
async fn an_expired_token_is_told_so_inside_the_frame() {
    let stand = Stand::start().await;
    let portal = stand.cloud.portal(1);
    let form = Form::of(portal, UserRole::Administrator);
    portal.set_fault(Fault::TokensExpired);
    let answer = stand.open(&form).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(
        answer
            .text()
            .contains(&Trouble::Expired.advice(Lang::Ru).what)
    );
    assert_eq!(answer.ancestors(), portal.base_url());
    assert!(answer.island().is_none());
    assert_eq!(methods(portal), 0);
}

/// SEC-07: the same body again after its token has run out.
#[tokio::test]
async fn sec_07_a_captured_opening_is_worth_nothing_after_its_token() {
    let stand = Stand::start().await;
    let portal = stand.cloud.portal(1);
    let form = Form::of(portal, UserRole::Employee);
    assert_eq!(stand.open(&form).await.status, StatusCode::OK);
    portal.set_fault(Fault::TokensExpired);
    portal.clear_requests();
    for _ in 0..100 {
        let answer = stand.open(&form).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(answer.island().is_none());
    }
    assert_eq!(methods(portal), 0);
}

/// The authority knows the token but says that it is of no use: the sentence fits, and the status
/// is not one that says that CRMAP is out of order.
#[tokio::test]
async fn refusals_of_the_authority_are_told_inside_the_frame() {
    let stand = Stand::start().await;
    let form = Form::of(stand.cloud.portal(1), UserRole::Administrator);
    for (effect, trouble) in [
        (Effect::unpaid(), Trouble::NotPaid),
        (Effect::user_access(), Trouble::Restricted),
        (Effect::portal_deleted(), Trouble::Gone),
    ] {
        stand.cloud.set_oauth_fault(Fault::every(effect));
        let answer = stand.open(&form).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{trouble:?}");
        assert!(
            answer.text().contains(&trouble.advice(Lang::Ru).what),
            "{trouble:?}"
        );
        assert_eq!(answer.ancestors(), stand.cloud.portal(1).base_url());
        assert!(answer.island().is_none());
        stand.cloud.clear_oauth_faults();
    }
}

/// SEC-47: an address that wants to be more than one never reaches a header, be the authority
/// there or not.
#[tokio::test]
async fn sec_47_hostile_addresses_never_reach_a_header() {
    let stand = Stand::start().await;
    let honest = Form::of(stand.cloud.portal(1), UserRole::Administrator);
    let hostile = [
        "a;script-src *",
        "a\r\nX-Evil: 1",
        "a\nX-Evil: 1",
        "a *",
        "a,b",
        "*",
        "*.bitrix24.ru",
        "'self'",
        "https://evil.example",
        "user@evil.example",
        "evil.example/x",
        "evil.example?x",
        "evil.example#x",
        "\u{2028}evil",
        "[::1]",
        "data:",
    ];
    for down in [false, true] {
        if down {
            stand.cloud.set_oauth_fault(Fault::every(Effect::Reset));
        }
        for address in hostile {
            let answer = stand.open(&honest.clone().set("DOMAIN", address)).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{address:?}");
            assert_eq!(answer.ancestors(), "'none'", "{address:?}");
            assert!(!answer.headers.contains_key("x-evil"), "{address:?}");
        }
    }
    // One host, in the form that browsers compare.
    for (address, origin) in [
        ("Demo.Bitrix24.RU", "https://demo.bitrix24.ru"),
        ("demo.bitrix24.ru:443", "https://demo.bitrix24.ru"),
        ("портал.рф", "https://xn--80awhdgm.xn--p1ai"),
    ] {
        let form = honest.clone().set("DOMAIN", address).set("PROTOCOL", "1");
        let answer = stand.open(&form).await;
        assert_eq!(
            answer.status,
            StatusCode::SERVICE_UNAVAILABLE,
            "{address:?}"
        );
        assert_eq!(answer.ancestors(), origin, "{address:?}");
    }
}
