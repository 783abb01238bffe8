//! The record of requests: whole, and without secrets and personal data (SEC-37, SEC-38).

use std::sync::{Arc, Mutex};

use crmap_bitrix::{Bitrix24, Opening, Settings};
use crmap_crm::{
    Access, CrmConnector, CrmError, Journal, JournalEntry, OpeningClaim, RefreshRequest,
};
use crmap_domain::MemberId;
use portal_sim::{Cloud, Effect, Fault, Seed, UserRole};
use secrecy::SecretString;
use serde_json::json;

use crate::stub::{Stub, at_once, hang, http, json_reply};
use crate::support::{
    NOW, by_token, by_webhook, cloud, connector, hasty, read, settings, to_stub, url,
};

const MEMBER: &str = "0123456789abcdef0123456789abcdef";

#[derive(Default)]
struct Kept(Mutex<Vec<JournalEntry>>);

impl Journal for Kept {
    fn record(&self, entry: JournalEntry) {
        self.0.lock().unwrap().push(entry);
    }
}

impl Kept {
    fn entries(&self) -> Vec<JournalEntry> {
        self.0.lock().unwrap().clone()
    }
}

fn keeping(settings: Settings) -> (Bitrix24, Arc<Kept>) {
    let kept = Arc::new(Kept::default());
    let connector = connector(settings).with_journal(kept.clone());
    (connector, kept)
}

fn known(base: &str) -> Access {
    Access {
        member_id: Some(MemberId::parse(MEMBER).unwrap()),
        user_id: Some(1),
        ..to_stub(base)
    }
}

fn at(cloud: &Cloud) -> Settings {
    let mut settings = settings();
    settings.oauth_servers = vec![url(cloud.oauth_url())];
    settings.client_secret = Some(SecretString::from(
        portal_sim::AppRegistration::default().client_secret,
    ));
    settings
}

#[tokio::test]
async fn sec_38_every_request_of_a_known_account_is_recorded() {
    let cloud = cloud(Seed::Demo).await;
    let portal = cloud.portal(1);
    let (connector, kept) = keeping(settings());
    let access = by_token(portal, UserRole::Administrator);
    read(&connector, &access).await.unwrap();
    let entries = kept.entries();
    assert_eq!(entries.len(), portal.requests().len());
    let first = &entries[0];
    assert_eq!(first.member_id.as_str(), portal.member_id());
    assert_eq!(first.user_id, access.user_id);
    assert_eq!(
        (first.at, first.status, &first.error),
        (NOW, Some(200), &None)
    );
    assert!(
        first.method.starts_with("batch: profile, app.info, crm."),
        "{}",
        first.method
    );
    assert!(first.response_bytes > 4_096 && first.response.len() <= 4_096);
    assert!(first.request.contains("crm.category.list?entityTypeId=2"));
    let shown = format!("{entries:?}");
    assert!(!shown.contains(&portal.access_token(UserRole::Administrator)));
    assert!(
        first.request.contains(r#""auth":"***""#),
        "{}",
        first.request
    );
    // A webhook names no account, so there is nobody to keep it for.
    read(&connector, &by_webhook(portal, UserRole::Administrator))
        .await
        .unwrap();
    assert_eq!(kept.entries().len(), entries.len());
}

#[tokio::test]
async fn sec_37_no_name_and_no_token_of_a_portal_gets_into_the_record() {
    let token = "token-of-the-user";
    let stub = Stub::start(move |_| {
        json_reply(
            403,
            &json!({"error": "ACCESS_DENIED", "error_description": token,
            "NAME": "Анна", "EMAIL": "anna@example.org", "x": [{"WORK_PHONE": "+7 999"}],
            "more": format!("auth={token}&x=1\r\n\u{1b}[2J")}),
        )
    })
    .await;
    let (connector, kept) = keeping(settings());
    read(&connector, &known(&stub.url())).await.unwrap_err();
    let entry = &kept.entries()[0];
    assert_eq!(
        (entry.status, entry.error.as_deref()),
        (Some(403), Some("ACCESS_DENIED"))
    );
    let shown = format!("{} {} {:?}", entry.request, entry.response, entry.error);
    for hidden in [token, "Анна", "anna@", "+7 999", "\u{1b}", "\n"] {
        assert!(!shown.contains(hidden), "{hidden:?} in {shown}");
    }
}

#[tokio::test]
async fn what_brought_no_answer_is_recorded_by_what_happened() {
    let replies = [
        (hang(), None, "timeout"),
        (at_once(Vec::new()), None, "connection"),
        (
            at_once(http(502, "", b"<html>Anna")),
            Some(502),
            "portal_failed",
        ),
        (at_once(http(200, "", b"<html>Anna")), Some(200), "not_json"),
        (json_reply(200, &json!({"x": 1})), Some(200), "malformed"),
        (
            at_once(http(302, "Location: http://a/\r\n", b"")),
            Some(302),
            "moved",
        ),
        (
            json_reply(400, &json!({"error": "token-of-the-user"})),
            Some(400),
            "…",
        ),
    ];
    for (reply, status, word) in replies {
        let stub = Stub::start(move |_| reply.clone()).await;
        let mut settings = hasty();
        settings.pace.broken_retries = 1;
        let (connector, kept) = keeping(settings);
        read(&connector, &known(&stub.url())).await.unwrap_err();
        let entries = kept.entries();
        assert_eq!(entries.len(), stub.requests().len(), "{word}");
        let last = entries.last().unwrap();
        assert_eq!((last.status, last.error.as_deref()), (status, Some(word)));
    }
}

#[tokio::test]
async fn sec_38_proofs_and_renewals_are_recorded_once_it_is_known_whose_they_are() {
    let cloud = cloud(Seed::Empty).await;
    let portal = cloud.portal(1);
    let (connector, kept) = keeping(at(&cloud));
    let (query, body) = portal.opening_form(UserRole::Administrator, "ru");
    let opening = Opening::parse(&query, body.as_bytes()).unwrap();
    let forged = OpeningClaim {
        access_token: SecretString::from("unknown"),
        ..opening.claim.clone()
    };
    connector.prove_opening(&forged).await.unwrap_err();
    assert_eq!(kept.entries(), [], "anybody can claim to be a portal");
    let proven = connector.prove_opening(&opening.claim).await.unwrap();
    let request = RefreshRequest {
        authority: Some(proven.authority),
        refresh_token: opening.refresh_token.unwrap(),
    };
    let fresh = connector.refresh(&request).await.unwrap();
    let entries = kept.entries();
    let methods: Vec<&str> = entries.iter().map(|entry| entry.method.as_str()).collect();
    assert_eq!(methods, ["app.info", "oauth/token"]);
    for entry in &entries {
        assert_eq!(entry.member_id, proven.member_id);
        assert_eq!(entry.user_id, Some(proven.user_id));
    }
    let secret = portal_sim::AppRegistration::default().client_secret;
    let shown = format!("{entries:?}");
    use secrecy::ExposeSecret;
    for hidden in [
        secret.as_str(),
        request.refresh_token.expose_secret(),
        fresh.access_token.expose_secret(),
        fresh.refresh_token.expose_secret(),
        opening.claim.access_token.expose_secret(),
    ] {
        assert!(!shown.contains(hidden), "{shown}");
    }
    assert!(
        entries[1].request.contains("refresh_token=***"),
        "{}",
        entries[1].request
    );
    // A token that is asked about by ourselves belongs to the account that we ask about.
    portal.set_fault(Fault::TokensExpired);
    let asked = connector
        .prove_token(&fresh.access_token, &proven.member_id)
        .await;
    assert!(matches!(asked, Err(CrmError::Expired)), "{asked:?}");
    let last = kept.entries().pop().unwrap();
    assert_eq!(
        (last.method.as_str(), last.error.as_deref()),
        ("app.info", Some("expired_token"))
    );
}

#[tokio::test]
async fn a_repeated_request_is_recorded_each_time() {
    let cloud = cloud(Seed::Empty).await;
    let portal = cloud.portal(1);
    portal.set_fault(Fault::next(2, Effect::query_limit()));
    let (connector, kept) = keeping(settings());
    read(&connector, &by_token(portal, UserRole::Administrator))
        .await
        .unwrap();
    let entries = kept.entries();
    let errors: Vec<_> = entries.iter().map(|entry| entry.error.as_deref()).collect();
    let limit = Some("QUERY_LIMIT_EXCEEDED");
    assert_eq!(errors[..3], [limit, limit, None]);
}
