//! Proofs of openings (SEC-02 to SEC-05).

use std::time::{Duration, Instant};

use crmap_bitrix::{Bitrix24, Opening, Settings};
use crmap_crm::{CrmConnector, CrmError, OpeningClaim, ProvenOpening};
use crmap_domain::{Lang, MemberId};
use portal_sim::{Cloud, Effect, Fault, Options, Portal, Seed, UserRole};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::stub::{Reply, Stub, at_once, hang, http, json_reply};
use crate::support::{CLIENT_ID, connector, settings, url};

const MEMBER: &str = "0123456789abcdef0123456789abcdef";

async fn two_portals() -> Cloud {
    let options = Options {
        portals: 2,
        seeds: vec![Seed::Empty],
        ..Options::default()
    };
    Cloud::start(options).await.unwrap()
}

fn asking(servers: &[&str]) -> Settings {
    let mut settings = settings();
    settings.oauth_servers = servers.iter().map(|server| url(server)).collect();
    settings
}

fn opened(portal: &Portal) -> OpeningClaim {
    let (query, body) = portal.opening_form(UserRole::Employee, "ru");
    Opening::parse(&query, body.as_bytes()).unwrap().claim
}

fn reason(result: &Result<ProvenOpening, CrmError>) -> &'static str {
    match result {
        Err(CrmError::NotProved { reason }) => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_opening_is_proved_and_reads_with_the_rights_of_its_user() {
    let cloud = two_portals().await;
    let portal = cloud.portal(1);
    let connector = connector(asking(&[cloud.oauth_url()]));
    let mut claim = opened(portal);
    claim.address = claim.address.to_uppercase();
    let proven = connector.prove_opening(&claim).await.unwrap();
    assert_eq!(proven.member_id.as_str(), portal.member_id());
    assert_eq!(
        (&proven.address, &proven.origin),
        (&portal.domain(), &portal.base_url())
    );
    assert_eq!(
        proven.user_id,
        i64::from(portal.world().user_id(UserRole::Employee))
    );
    assert_eq!(proven.access.base, portal.client_endpoint());
    let account = connector.account(&proven.access).unwrap();
    let got = account.read_specification(Lang::Ru).await.unwrap();
    assert_eq!(got.reading.viewer.id, proven.user_id);
    assert_eq!(got.portal.member_id, Some(proven.member_id));
}

#[tokio::test]
async fn sec_02_foreign_portals_addresses_tokens_and_applications_are_not_proved() {
    let cloud = two_portals().await;
    let connector = connector(asking(&[cloud.oauth_url()]));
    let (mine, foreign) = (opened(cloud.portal(1)), opened(cloud.portal(2)));
    let member_id = OpeningClaim {
        member_id: foreign.member_id.clone(),
        ..mine.clone()
    };
    let result = connector.prove_opening(&member_id).await;
    assert_eq!(reason(&result), "the token belongs to another portal");
    let address = OpeningClaim {
        address: foreign.address.clone(),
        ..mine.clone()
    };
    let result = connector.prove_opening(&address).await;
    assert_eq!(reason(&result), "the portal has another address");
    let token = OpeningClaim {
        access_token: foreign.access_token,
        ..mine.clone()
    };
    let result = connector.prove_opening(&token).await;
    assert_eq!(reason(&result), "the token belongs to another portal");
    let token = OpeningClaim {
        access_token: SecretString::from("unknown"),
        ..mine.clone()
    };
    assert_eq!(
        reason(&connector.prove_opening(&token).await),
        "the token is not known"
    );
    let mut settings = asking(&[cloud.oauth_url()]);
    settings.client_id = "app.other".to_owned();
    let result = crate::support::connector(settings)
        .prove_opening(&mine)
        .await;
    assert_eq!(reason(&result), "the token belongs to another application");
    assert!(cloud.portal(1).requests().is_empty() && cloud.portal(2).requests().is_empty());
}

#[tokio::test]
async fn an_expired_token_is_said_to_be_one() {
    let cloud = two_portals().await;
    let claim = opened(cloud.portal(1));
    cloud.portal(1).set_fault(Fault::TokensExpired);
    let result = connector(asking(&[cloud.oauth_url()]))
        .prove_opening(&claim)
        .await;
    assert!(matches!(result, Err(CrmError::Expired)), "{result:?}");
}

/// The answer of an authority about a portal at `address`.
fn info(address: &str) -> Value {
    json!({"client_id": CLIENT_ID, "scope": "crm", "expires": "2030-01-01T12:00:00+03:00",
        "user_id": "1", "install": {"installed": true, "version": "2", "status": "F",
        "domain": address, "uri": format!("http://{address}"), "member_id": MEMBER,
        "client_endpoint": format!("http://{address}/rest/")}})
}

async fn authority(answer: Value) -> Stub {
    Stub::start(move |_| json_reply(200, &json!({"result": answer}))).await
}

fn claim(address: &str) -> OpeningClaim {
    OpeningClaim {
        access_token: SecretString::from("token-of-the-user"),
        member_id: MemberId::parse(MEMBER).unwrap(),
        address: address.to_owned(),
    }
}

async fn proved_by(answer: Value, address: &str) -> Result<ProvenOpening, CrmError> {
    let server = authority(answer).await;
    connector(asking(&[&server.url()]))
        .prove_opening(&claim(address))
        .await
}

#[tokio::test]
async fn sec_02_of_256_answers_only_the_one_in_order_proves_anything() {
    let portal = Stub::start(|_| json_reply(200, &json!({"result": []}))).await;
    let address = portal.address();
    let fields = [
        ("/client_id", json!("app.other"), json!(5)),
        (
            "/install/member_id",
            json!("ffffffffffffffffffffffffffffffff"),
            json!([MEMBER]),
        ),
        (
            "/install/domain",
            json!("evil.example"),
            json!({"host": address}),
        ),
        (
            "/expires",
            json!("2019-01-01T12:00:00+03:00"),
            json!(1_900_000_000),
        ),
    ];
    let mut proved = 0;
    for case in 0..4_usize.pow(4) {
        let mut answer = info(&address);
        for (index, (pointer, foreign, wrong)) in fields.iter().enumerate() {
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            let object = answer.pointer_mut(parent).unwrap().as_object_mut().unwrap();
            match case / 4_usize.pow(u32::try_from(index).unwrap()) % 4 {
                0 => {}
                1 => *object.get_mut(name).unwrap() = foreign.clone(),
                2 => drop(object.remove(name)),
                _ => *object.get_mut(name).unwrap() = wrong.clone(),
            }
        }
        match proved_by(answer, &address).await {
            Ok(_) => {
                assert_eq!(case, 0);
                proved += 1;
            }
            Err(CrmError::NotProved { .. } | CrmError::Expired) => assert_ne!(case, 0),
            Err(other) => panic!("case {case}: {other:?}"),
        }
    }
    assert_eq!((proved, portal.connections()), (1, 0));
}

#[tokio::test]
async fn sec_02_users_and_endpoints_have_to_be_in_order_too() {
    let address = "127.0.0.9:8600";
    assert!(proved_by(info(address), address).await.is_ok());
    for user_id in [
        json!(null),
        json!(""),
        json!("0"),
        json!(-1),
        json!([1]),
        json!("root"),
    ] {
        let mut answer = info(address);
        answer["user_id"] = user_id;
        let result = proved_by(answer, address).await;
        assert_eq!(reason(&result), "the authority names no user");
    }
    for endpoint in [
        json!(null),
        json!("http://demo.bitrix24.ru/rest/"),
        json!("https://evil.example/rest/"),
        json!("http://127.0.0.8:8600/rest/"),
        json!("http://u:p@127.0.0.9:8600/rest/"),
        json!("http://127.0.0.9:8600/rest/?a=b"),
        json!("nonsense"),
    ] {
        let mut answer = info(address);
        answer["install"]["client_endpoint"] = endpoint.clone();
        let result = proved_by(answer, address).await;
        assert!(
            matches!(result, Err(CrmError::NotProved { .. })),
            "{endpoint}: {result:?}"
        );
    }
    for install in [json!(null), json!([]), json!("x")] {
        let mut answer = info(address);
        answer["install"] = install;
        assert!(matches!(
            proved_by(answer, address).await,
            Err(CrmError::NotProved { .. })
        ));
    }
}

#[tokio::test]
async fn sec_04_an_authority_that_gives_no_sensible_answer_proves_nothing_in_time() {
    let page = http(200, "Content-Type: text/html\r\n", b"<html>login</html>");
    let half = http(
        200,
        "Content-Type: application/json\r\n",
        b"{\"result\":{\"client_id\":",
    );
    let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"res".to_vec();
    let replies: Vec<(&str, Reply)> = vec![
        ("hang", hang()),
        (
            "500",
            json_reply(500, &json!({"error": "INTERNAL_SERVER_ERROR"})),
        ),
        (
            "503",
            json_reply(503, &json!({"error": "QUERY_LIMIT_EXCEEDED"})),
        ),
        ("page", at_once(page)),
        ("half", at_once(half)),
        ("cut", at_once(cut)),
        (
            "moved",
            at_once(http(302, "Location: http://127.0.0.1:1/\r\n", b"")),
        ),
        ("empty", json_reply(200, &json!({}))),
        ("word", json_reply(200, &json!({"result": "ok"}))),
        ("closed", Vec::new()),
    ];
    for (name, reply) in replies {
        let server = Stub::start(move |_| reply.clone()).await;
        let connector = connector(asking(&[&server.url()]));
        let started = Instant::now();
        let result = connector.prove_opening(&claim("127.0.0.9:8600")).await;
        assert!(
            matches!(result, Err(CrmError::ProofUnavailable { .. })),
            "{name}: {result:?}"
        );
        assert!(started.elapsed() < Duration::from_secs(4), "{name}");
    }
    let down = connector(asking(&["http://127.0.0.1:1"]));
    let result = down.prove_opening(&claim("127.0.0.9:8600")).await;
    assert!(
        matches!(result, Err(CrmError::ProofUnavailable { .. })),
        "{result:?}"
    );
    assert!(Settings::new("app").timeouts.proof < Duration::from_secs(6));
}

#[tokio::test]
async fn sec_04_the_simulated_authority_out_of_order_proves_nothing_either() {
    let cloud = two_portals().await;
    let connector = connector(asking(&[cloud.oauth_url()]));
    for effect in [
        Effect::Hang,
        Effect::Reset,
        Effect::TruncatedJson,
        Effect::EmptyBody,
        Effect::Html { status: 200 },
        Effect::Html { status: 500 },
        Effect::internal_error(),
    ] {
        cloud.set_oauth_fault(Fault::every(effect.clone()));
        let result = connector.prove_opening(&opened(cloud.portal(1))).await;
        assert!(
            matches!(result, Err(CrmError::ProofUnavailable { .. })),
            "{effect:?}: {result:?}"
        );
        cloud.clear_oauth_faults();
    }
    assert!(
        connector
            .prove_opening(&opened(cloud.portal(1)))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn refusals_of_the_authority_keep_their_meaning() {
    let cases = [
        (401, "expired_token", "Expired"),
        (401, "PAYMENT_REQUIRED", "NotPaid"),
        (403, "user_access_error", "Restricted"),
        (401, "invalid_token", "NotProved"),
        (200, "wrong_client", "NotProved"),
        (400, "invalid_client", "NotProved"),
        (401, "NO_AUTH_FOUND", "NotProved"),
        (403, "insufficient_scope", "NotProved"),
        (400, "whatever", "NotProved"),
    ];
    for (status, code, expected) in cases {
        let server = Stub::start(move |_| json_reply(status, &json!({ "error": code }))).await;
        let connector = connector(asking(&[&server.url()]));
        let error = connector
            .prove_opening(&claim("127.0.0.9:8600"))
            .await
            .unwrap_err();
        assert!(
            format!("{error:?}").starts_with(expected),
            "{code}: {error:?}"
        );
    }
}

#[tokio::test]
async fn another_authority_is_asked_when_the_first_does_not_know_or_does_not_answer() {
    let cloud = two_portals().await;
    let unknown = || json_reply(401, &json!({"error": "invalid_token"}));
    let stranger = Stub::start(move |_| unknown()).await;
    let hanging = Stub::start(|_| hang()).await;
    for first in [
        stranger.url(),
        hanging.url(),
        "http://127.0.0.1:1".to_owned(),
    ] {
        let connector = connector(asking(&[&first, cloud.oauth_url()]));
        assert!(
            connector
                .prove_opening(&opened(cloud.portal(1)))
                .await
                .is_ok(),
            "{first}"
        );
        let forged = OpeningClaim {
            access_token: SecretString::from("unknown"),
            ..opened(cloud.portal(1))
        };
        let forged = connector.prove_opening(&forged).await;
        // While one authority is silent, nobody can say that the token is unknown everywhere.
        let known_nowhere = first == stranger.url();
        assert_eq!(
            matches!(forged, Err(CrmError::NotProved { .. })),
            known_nowhere,
            "{forged:?}"
        );
    }
    let connector: Bitrix24 = connector(asking(&[]));
    let result = connector.prove_opening(&opened(cloud.portal(1))).await;
    assert!(matches!(
        result,
        Err(CrmError::ProofUnavailable { source: None })
    ));
}

#[tokio::test]
async fn sec_05_a_server_that_the_form_names_is_never_called() {
    let cloud = two_portals().await;
    let fake = authority(info("127.0.0.9:8600")).await;
    let (query, body) = cloud.portal(1).opening_form(UserRole::Administrator, "ru");
    let endpoint: String =
        form_urlencoded::byte_serialize(format!("{}/rest/", fake.url()).as_bytes()).collect();
    let body: Vec<String> = body
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some(("SERVER_ENDPOINT", _)) => format!("SERVER_ENDPOINT={endpoint}"),
            Some(("status", _)) => "status=S".to_owned(),
            _ => pair.to_owned(),
        })
        .collect();
    let opening = Opening::parse(&query, body.join("&").as_bytes()).unwrap();
    let connector = connector(asking(&[cloud.oauth_url()]));
    connector.prove_opening(&opening.claim).await.unwrap();
    assert_eq!((fake.connections(), cloud.oauth_requests().len()), (0, 1));
}

async fn token_proved_by(answer: Value) -> Result<ProvenOpening, CrmError> {
    let server = authority(answer).await;
    token_proved_at(&[&server.url()]).await
}

async fn token_proved_at(servers: &[&str]) -> Result<ProvenOpening, CrmError> {
    let token = SecretString::from("token-of-the-user");
    let member_id = MemberId::parse(MEMBER).unwrap();
    connector(asking(servers))
        .prove_token(&token, &member_id)
        .await
}

#[tokio::test]
async fn the_authority_that_settles_it_is_named() {
    let stranger = Stub::start(|_| json_reply(401, &json!({"error": "invalid_token"}))).await;
    let knows = authority(info("127.0.0.9:8600")).await;
    let servers = [stranger.url(), knows.url()];
    let settings = asking(&[&servers[0], &servers[1]]);
    let proven = connector(settings)
        .prove_opening(&claim("127.0.0.9:8600"))
        .await
        .unwrap();
    assert_eq!(proven.authority, format!("{}/", knows.url()));
    assert_eq!(proven.access.user_id, Some(1));
}

#[tokio::test]
async fn sec_08_a_token_is_proved_wherever_its_account_lives_by_now() {
    let renamed = token_proved_by(info("127.0.0.9:8601")).await.unwrap();
    assert_eq!(renamed.address, "127.0.0.9:8601");
    assert_eq!(renamed.access.base, "http://127.0.0.9:8601/rest/");
    assert_eq!((renamed.member_id.as_str(), renamed.user_id), (MEMBER, 1));
    let mut foreign = info("127.0.0.9:8600");
    foreign["install"]["member_id"] = json!("ffffffffffffffffffffffffffffffff");
    let result = token_proved_by(foreign).await;
    assert_eq!(reason(&result), "the token belongs to another portal");
    let mut other = info("127.0.0.9:8600");
    other["client_id"] = json!("app.other");
    let result = token_proved_by(other).await;
    assert_eq!(reason(&result), "the token belongs to another application");
    let mut split = info("127.0.0.9:8600");
    split["install"]["client_endpoint"] = json!("http://127.0.0.8:8600/rest/");
    let result = token_proved_by(split).await;
    assert_eq!(
        reason(&result),
        "the authority's two addresses of the portal differ"
    );
    let mut over = info("127.0.0.9:8600");
    over["expires"] = json!("2019-01-01T12:00:00+03:00");
    assert!(matches!(
        token_proved_by(over).await,
        Err(CrmError::Expired)
    ));
}

#[tokio::test]
async fn sec_08_a_token_that_no_authority_knows_any_more_is_revoked() {
    let gone = |code: &'static str| Stub::start(move |_| json_reply(401, &json!({"error": code})));
    let (one, two) = (gone("invalid_token").await, gone("NOT_INSTALLED").await);
    let result = token_proved_at(&[&one.url(), &two.url()]).await;
    assert!(matches!(result, Err(CrmError::Revoked { code }) if code == "NOT_INSTALLED"));
    let silent = Stub::start(|_| at_once(http(502, "", b"<html>"))).await;
    let result = token_proved_at(&[&one.url(), &silent.url()]).await;
    assert!(
        matches!(result, Err(CrmError::ProofUnavailable { .. })),
        "{result:?}"
    );
    let old = gone("expired_token").await;
    assert!(matches!(
        token_proved_at(&[&old.url()]).await,
        Err(CrmError::Expired)
    ));
}
