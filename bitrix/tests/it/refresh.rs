//! New tokens for old ones (bitrix24.md §2.4, §2.5; security.md §4).

use std::net::TcpListener;
use std::time::Duration;

use crmap_bitrix::{Bitrix24, Opening, Settings};
use crmap_crm::{
    Access, Credential, CrmConnector, CrmError, FreshTokens, RefreshError, RefreshRequest,
};
use crmap_domain::Unreachable;
use portal_sim::{Seed, UserRole};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::stub::{Reply, Request, Stub, at_once, hang, http, json_reply};
use crate::support::{CLIENT_ID, cloud, connector, read, settings, url};

const MEMBER: &str = "0123456789abcdef0123456789abcdef";
const SECRET: &str = "secret-of-the-application";
const TOKEN: &str = "refresh-token-of-the-user";

fn asking(servers: &[&str]) -> Settings {
    let mut settings = settings();
    settings.oauth_servers = servers.iter().map(|server| url(server)).collect();
    settings.client_secret = Some(SecretString::from(SECRET));
    settings.timeouts.refresh = Duration::from_secs(2);
    settings
}

fn anywhere() -> RefreshRequest {
    RefreshRequest {
        authority: None,
        refresh_token: SecretString::from(TOKEN),
    }
}

fn pair() -> Value {
    json!({"access_token": "new-access", "refresh_token": "new-refresh", "expires_in": 3600,
        "expires": 1_767_229_200, "scope": "crm", "domain": "oauth.bitrix24.tech", "status": "F",
        "server_endpoint": "https://evil.example/rest/", "member_id": MEMBER, "user_id": 7,
        "client_endpoint": "https://demo.bitrix24.ru/rest/"})
}

fn without(name: &str) -> Value {
    let mut pair = pair();
    pair.as_object_mut().unwrap().remove(name);
    pair
}

fn with(name: &str, value: Value) -> Value {
    let mut pair = pair();
    pair[name] = value;
    pair
}

fn error(status: u16, code: &str) -> Reply {
    let body = json!({"error": code, "error_description": "as it is documented"});
    json_reply(status, &body)
}

async fn authority(reply: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Stub {
    Stub::start(reply).await
}

async fn refresh(connector: &Bitrix24) -> Result<FreshTokens, RefreshError> {
    connector.refresh(&anywhere()).await
}

/// The variant's name, and its code where it has one.
fn kind(result: &Result<FreshTokens, RefreshError>) -> String {
    match result {
        Ok(_) => "fresh".to_owned(),
        Err(RefreshError::NotSent(_)) => "not sent".to_owned(),
        Err(RefreshError::Ambiguous(_)) => "ambiguous".to_owned(),
        Err(RefreshError::Rejected { code }) => format!("rejected {code}"),
        Err(RefreshError::NotInstalled { code }) => format!("not installed {code}"),
        Err(RefreshError::ClientRefused { code }) => format!("client refused {code}"),
        Err(RefreshError::NotPaid { code }) => format!("not paid {code}"),
        Err(RefreshError::Gone) => "gone".to_owned(),
    }
}

#[tokio::test]
async fn a_portal_gives_a_new_pair_that_works_and_the_old_one_is_used_up() {
    let cloud = cloud(Seed::Empty).await;
    let portal = cloud.portal(1);
    let mut settings = asking(&[cloud.oauth_url()]);
    settings.client_secret = Some(SecretString::from(
        portal_sim::AppRegistration::default().client_secret,
    ));
    let connector = connector(settings);
    let (query, body) = portal.opening_form(UserRole::Administrator, "ru");
    let opening = Opening::parse(&query, body.as_bytes()).unwrap();
    let proven = connector.prove_opening(&opening.claim).await.unwrap();
    let request = RefreshRequest {
        authority: Some(proven.authority.clone()),
        refresh_token: opening.refresh_token.unwrap(),
    };
    let fresh = connector.refresh(&request).await.unwrap();
    assert_eq!(fresh.member_id, proven.member_id);
    assert_eq!(fresh.user_id, proven.user_id);
    assert_eq!(fresh.address, proven.address);
    assert_eq!(fresh.base, proven.access.base);
    assert_eq!(fresh.expires_in, time::Duration::hours(1));
    let access = Access {
        credential: Credential::Token(fresh.access_token),
        ..proven.access
    };
    read(&connector, &access).await.unwrap();
    let again = RefreshRequest {
        refresh_token: fresh.refresh_token,
        ..request
    };
    assert_eq!(kind(&connector.refresh(&again).await), "fresh");
}

#[tokio::test]
async fn sec_05_everything_secret_goes_into_the_body_of_one_request() {
    let server = authority(|_| json_reply(200, &pair())).await;
    let fresh = refresh(&connector(asking(&[&server.url()]))).await.unwrap();
    assert_eq!(fresh.access_token.expose_secret(), "new-access");
    assert_eq!(fresh.refresh_token.expose_secret(), "new-refresh");
    assert_eq!((fresh.member_id.as_str(), fresh.user_id), (MEMBER, 7));
    assert_eq!(fresh.base, "https://demo.bitrix24.ru/rest/");
    assert_eq!(fresh.address, "demo.bitrix24.ru");
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].path, "/oauth/token/");
    let expected = format!(
        "grant_type=refresh_token&client_id={CLIENT_ID}&client_secret={SECRET}&refresh_token={TOKEN}"
    );
    assert_eq!(requests[0].body, expected);
}

/// The text decides first, the status second (bitrix24.md §2.5).
#[tokio::test]
async fn every_refusal_says_what_the_caller_has_to_do() {
    let cases = [
        (400, "invalid_grant", "rejected invalid_grant"),
        (200, "invalid_grant", "rejected invalid_grant"),
        (500, "INVALID_GRANT", "rejected INVALID_GRANT"),
        (
            400,
            "bad_verification_code",
            "rejected bad_verification_code",
        ),
        (401, "expired_token", "rejected expired_token"),
        (401, "invalid_token", "rejected invalid_token"),
        (401, "NO_AUTH_FOUND", "rejected NO_AUTH_FOUND"),
        (401, "authorization_error", "rejected authorization_error"),
        (401, "NOT_INSTALLED", "not installed NOT_INSTALLED"),
        (
            200,
            "APPLICATION_NOT_FOUND",
            "not installed APPLICATION_NOT_FOUND",
        ),
        (401, "ERROR_OAUTH", "not installed ERROR_OAUTH"),
        (401, "invalid_client", "client refused invalid_client"),
        (400, "invalid_client", "client refused invalid_client"),
        (200, "wrong_client", "client refused wrong_client"),
        (401, "PAYMENT_REQUIRED", "not paid PAYMENT_REQUIRED"),
        (200, "payment_required", "not paid payment_required"),
        (402, "", "not paid "),
        (500, "PORTAL_DELETED", "gone"),
        (404, "", "gone"),
        (410, "", "gone"),
        (400, "invalid_request", "ambiguous"),
        (403, "insufficient_scope", "ambiguous"),
        (418, "SOMETHING_NEW", "ambiguous"),
        (503, "QUERY_LIMIT_EXCEEDED", "ambiguous"),
        (500, "INTERNAL_SERVER_ERROR", "ambiguous"),
        (429, "", "ambiguous"),
    ];
    for (status, code, expected) in cases {
        let server = authority(move |_| error(status, code)).await;
        let result = refresh(&connector(asking(&[&server.url()]))).await;
        assert_eq!(kind(&result), expected, "{status} {code}");
        assert_eq!(server.requests().len(), 1, "{status} {code}");
    }
}

#[tokio::test]
async fn after_any_other_answer_nobody_knows_whether_the_token_is_used_up() {
    let html = |status| http(status, "Content-Type: text/html\r\n", b"<html>maintenance");
    let json = |text: &str| http(200, "Content-Type: application/json\r\n", text.as_bytes());
    let whole = pair().to_string();
    let half = json(&whole[..whole.len() / 2]);
    let mut cut = json(&whole);
    cut.truncate(cut.len() - 20);
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let cases = [
        (html(200), "ambiguous"),
        (html(500), "ambiguous"),
        (html(502), "ambiguous"),
        (html(403), "ambiguous"),
        (html(404), "gone"),
        (half, "ambiguous"),
        (cut, "ambiguous"),
        (json(""), "ambiguous"),
        (json("[]"), "ambiguous"),
        (json("{}"), "ambiguous"),
        (json(&deep), "ambiguous"),
        (json(&without("access_token").to_string()), "ambiguous"),
        (json(&without("refresh_token").to_string()), "ambiguous"),
        (
            json(&with("refresh_token", json!("")).to_string()),
            "ambiguous",
        ),
        (
            json(&with("access_token", json!("a b")).to_string()),
            "ambiguous",
        ),
        (
            json(&with("access_token", json!(["a"])).to_string()),
            "ambiguous",
        ),
        (b"HTTP/1.1 200 OK\r\n".to_vec(), "ambiguous"),
        (Vec::new(), "ambiguous"),
    ];
    for (bytes, expected) in cases {
        let shown = String::from_utf8_lossy(&bytes)
            .chars()
            .take(80)
            .collect::<String>();
        let server = authority(move |_| at_once(bytes.clone())).await;
        let result = refresh(&connector(asking(&[&server.url()]))).await;
        assert_eq!(kind(&result), expected, "{shown}");
        assert_eq!(server.requests().len(), 1, "{shown}");
    }
}

#[tokio::test]
async fn a_silent_server_is_given_up_in_time_and_asked_once() {
    let server = authority(|_| hang()).await;
    let mut settings = asking(&[&server.url()]);
    settings.timeouts.refresh = Duration::from_millis(300);
    let result = refresh(&connector(settings)).await;
    let Err(RefreshError::Ambiguous(CrmError::Unreachable { why, .. })) = result else {
        panic!("{result:?}");
    };
    assert_eq!(why, Unreachable::Timeout);
    assert_eq!(server.requests().len(), 1);
}

/// Every client of HTTP repeats a request when a connection that was kept open turns out to be
/// dead; here that would use a token up twice.
#[tokio::test]
async fn a_connection_is_never_used_twice() {
    // The connection stays open, and nobody reads what comes over it a second time.
    let server = authority(|_| {
        let body = pair().to_string();
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
        let whole = Some((head + &body).into_bytes());
        vec![(Duration::ZERO, whole), (Duration::ZERO, None)]
    })
    .await;
    let connector = connector(asking(&[&server.url()]));
    for round in 1..=5 {
        refresh(&connector).await.unwrap();
        assert_eq!(
            (server.requests().len(), server.connections()),
            (round, round)
        );
    }
}

#[tokio::test]
async fn what_was_not_sent_is_said_not_to_be() {
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let closed = format!("http://{closed}");
    assert_eq!(
        kind(&refresh(&connector(asking(&[&closed]))).await),
        "not sent"
    );
    // No name ends in `.invalid` (RFC 2606).
    let nameless = refresh(&connector(asking(&["https://oauth.invalid/"]))).await;
    assert_eq!(kind(&nameless), "not sent");
    // Whoever speaks no TLS hears nothing of the request.
    let plain = authority(|_| hang()).await;
    let address = format!("https://{}/", plain.address());
    let mut settings = asking(&[&address]);
    settings.timeouts.connect = Duration::from_millis(300);
    assert_eq!(kind(&refresh(&connector(settings)).await), "not sent");
    let server = authority(|_| json_reply(200, &pair())).await;
    let mut settings = asking(&[&server.url()]);
    settings.client_secret = None;
    assert_eq!(kind(&refresh(&connector(settings)).await), "not sent");
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn sec_05_a_server_that_is_not_ours_gets_nothing() {
    let ours = authority(|_| json_reply(200, &pair())).await;
    let evil = authority(|_| json_reply(200, &pair())).await;
    let connector = connector(asking(&[&ours.url()]));
    for authority in [evil.url(), format!("{}/", evil.url()), "x".to_owned()] {
        let request = RefreshRequest {
            authority: Some(authority),
            ..anywhere()
        };
        assert_eq!(kind(&connector.refresh(&request).await), "not sent");
    }
    assert_eq!((ours.connections(), evil.connections()), (0, 0));
    let moved = format!("Location: {}/oauth/token/\r\n", evil.url());
    let ours = authority(move |_| at_once(http(307, &moved, b""))).await;
    let result = refresh(&crate::support::connector(asking(&[&ours.url()]))).await;
    assert!(matches!(
        result,
        Err(RefreshError::Ambiguous(CrmError::Moved))
    ));
    assert_eq!((ours.requests().len(), evil.connections()), (1, 0));
}

#[tokio::test]
async fn only_a_stranger_s_answer_leads_to_the_next_server() {
    let strange = [
        error(400, "invalid_grant"),
        error(401, "invalid_client"),
        error(401, "NOT_INSTALLED"),
        at_once(http(404, "", b"")),
    ];
    for reply in strange {
        let first = authority(move |_| reply.clone()).await;
        let second = authority(|_| json_reply(200, &pair())).await;
        let result = refresh(&connector(asking(&[&first.url(), &second.url()]))).await;
        assert_eq!(kind(&result), "fresh");
    }
    let settled = [
        (hang(), "ambiguous"),
        (error(500, ""), "ambiguous"),
        (error(400, "invalid_request"), "ambiguous"),
        (error(401, "PAYMENT_REQUIRED"), "not paid PAYMENT_REQUIRED"),
        (json_reply(200, &without("refresh_token")), "ambiguous"),
    ];
    for (reply, expected) in settled {
        let first = authority(move |_| reply.clone()).await;
        let second = authority(|_| json_reply(200, &pair())).await;
        let mut settings = asking(&[&first.url(), &second.url()]);
        settings.timeouts.refresh = Duration::from_millis(800);
        assert_eq!(kind(&refresh(&connector(settings)).await), expected);
        assert_eq!(second.connections(), 0, "{expected}");
    }
}

#[tokio::test]
async fn of_several_refusals_the_one_that_tells_most_is_given() {
    let cases = [
        ("invalid_client", "invalid_grant", "rejected invalid_grant"),
        ("invalid_grant", "invalid_client", "rejected invalid_grant"),
        (
            "NOT_INSTALLED",
            "invalid_grant",
            "not installed NOT_INSTALLED",
        ),
        (
            "invalid_client",
            "wrong_client",
            "client refused invalid_client",
        ),
    ];
    for (first, second, expected) in cases {
        let one = authority(move |_| error(400, first)).await;
        let two = authority(move |_| error(400, second)).await;
        let result = refresh(&connector(asking(&[&one.url(), &two.url()]))).await;
        assert_eq!(kind(&result), expected);
    }
}

/// The answer of `app.info` about the new token.
fn info(address: &str) -> Value {
    json!({"result": {"client_id": CLIENT_ID, "expires": "2030-01-01T12:00:00+03:00",
        "user_id": "7", "install": {"domain": address, "member_id": MEMBER,
        "client_endpoint": format!("https://{address}/rest/")}}})
}

#[tokio::test]
async fn what_the_answer_leaves_out_is_asked_for_with_the_new_token() {
    for name in ["user_id", "member_id", "client_endpoint"] {
        let server = authority(move |request| match request.path.as_str() {
            "/oauth/token/" => json_reply(200, &without(name)),
            _ => json_reply(200, &info("demo.bitrix24.ru")),
        })
        .await;
        let fresh = refresh(&connector(asking(&[&server.url()]))).await.unwrap();
        assert_eq!(
            (fresh.member_id.as_str(), fresh.user_id),
            (MEMBER, 7),
            "{name}"
        );
        assert_eq!(fresh.address, "demo.bitrix24.ru", "{name}");
        let requests = server.requests();
        assert_eq!(requests.len(), 2, "{name}");
        assert_eq!(requests[1].path, "/rest/app.info");
        assert_eq!(requests[1].body, "auth=new-access");
    }
}

#[tokio::test]
async fn a_pair_whose_owner_stays_unknown_is_ambiguous() {
    let server = authority(|request| match request.path.as_str() {
        "/oauth/token/" => json_reply(200, &without("user_id")),
        _ => error(500, ""),
    })
    .await;
    let result = refresh(&connector(asking(&[&server.url()]))).await;
    assert_eq!(kind(&result), "ambiguous");
    // The question only reads and is repeated; the refresh is not.
    let paths = server.requests();
    let refreshes = paths
        .iter()
        .filter(|request| request.path == "/oauth/token/");
    assert_eq!((refreshes.count(), paths.len()), (1, 4));
}

#[tokio::test]
async fn sec_03_an_interface_that_may_not_be_called_is_not_given() {
    for endpoint in [
        "http://demo.bitrix24.ru/rest/",
        "https://user:word@demo.bitrix24.ru/rest/",
        "ftp://demo.bitrix24.ru/rest/",
        "https://demo.bitrix24.ru/rest/?auth=x",
        "nonsense",
    ] {
        let server =
            authority(move |_| json_reply(200, &with("client_endpoint", json!(endpoint)))).await;
        let result = refresh(&connector(asking(&[&server.url()]))).await;
        assert_eq!(kind(&result), "ambiguous", "{endpoint}");
    }
}

#[tokio::test]
async fn the_life_of_a_token_is_kept_within_reason() {
    let cases = [
        (json!(3600), 3_600),
        (json!("1800"), 1_800),
        (json!(0), 1),
        (json!(-5), 1),
        (json!(999_999_999), 86_400),
        (json!(null), 3_600),
        (json!([]), 3_600),
    ];
    for (told, seconds) in cases {
        let answer = with("expires_in", told.clone());
        let server = authority(move |_| json_reply(200, &answer)).await;
        let fresh = refresh(&connector(asking(&[&server.url()]))).await.unwrap();
        assert_eq!(fresh.expires_in, time::Duration::seconds(seconds), "{told}");
    }
}

#[tokio::test]
async fn sec_37_no_error_and_no_debug_shows_a_token_or_the_secret() {
    let echo = format!("{SECRET} and {TOKEN} {SECRET}");
    let echoed = echo.clone();
    let server =
        authority(move |_| json_reply(400, &json!({"error": echoed, "error_description": echoed})))
            .await;
    let settings = asking(&[&server.url()]);
    let shown = format!("{settings:?}");
    let connector = connector(settings);
    let result = refresh(&connector).await;
    let shown = format!("{shown} {connector:?} {result:?} {:?}", anywhere());
    assert!(!shown.contains(SECRET) && !shown.contains(TOKEN), "{shown}");
    let server = authority(|_| json_reply(200, &pair())).await;
    let fresh = refresh(&crate::support::connector(asking(&[&server.url()]))).await;
    let shown = format!("{fresh:?}");
    assert!(
        !shown.contains("new-access") && !shown.contains("new-refresh"),
        "{shown}"
    );
}
