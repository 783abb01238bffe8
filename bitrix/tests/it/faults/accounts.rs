//! What befalls accounts: they move, close, are installed anew, stop paying, answer for others
//! (F01 to F07, F15, F19, F20).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crmap_bitrix::{Event, EventKind, Opening};
use crmap_crm::{Access, Credential, CrmConnector, CrmError, RefreshError, RefreshRequest};
use crmap_domain::{Trouble, Unreachable};
use portal_sim::{Effect, Fault, Seed, UserRole};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::{asking, clouds, member, told, with_effect};
use crate::stub::{Stub, at_once, batch, http, json_reply, plain};
use crate::support::{by_token, cloud, connector, hasty, read, settings, to_stub};

#[tokio::test]
async fn f01_a_portal_that_has_moved_is_not_followed_and_found_by_its_authority() {
    let evil = Stub::start(|_| json_reply(200, &json!({"result": []}))).await;
    for location in [
        format!("{}/rest/batch", evil.url()),
        format!(
            "http://127.0.0.1:{}/",
            evil.address().rsplit_once(':').unwrap().1
        ),
        "http://demo.bitrix24.ru/rest/batch".to_owned(),
        "//evil.example/rest/batch".to_owned(),
        "/rest/batch".to_owned(),
        "nonsense".to_owned(),
    ] {
        for status in [301, 302, 303, 307, 308] {
            let headers = format!("Content-Type: text/html\r\nLocation: {location}\r\n");
            let reply = move || at_once(http(status, &headers, b"<html>moved"));
            let (error, requests) = told(reply).await;
            assert!(
                matches!(error, CrmError::Moved),
                "{status} {location}: {error:?}"
            );
            assert_eq!(requests, 1, "{status} {location}");
        }
    }
    assert_eq!(evil.connections(), 0);
    let cloud = clouds(1).await;
    let portal = cloud.portal(1);
    let token = SecretString::from(portal.access_token(UserRole::Administrator));
    let proven = connector(asking(&cloud))
        .prove_token(&token, &member(portal))
        .await
        .unwrap();
    assert_eq!(proven.access.base, portal.client_endpoint());
}

#[tokio::test]
async fn f02_a_deleted_portal_is_gone_and_a_lost_name_is_not() {
    let (error, requests) = with_effect(Effect::portal_deleted()).await;
    assert_eq!((error, requests), (Trouble::Gone, 1));
    let body = json!({"error": "PORTAL_DELETED", "error_description": "Portal was deleted"});
    let (error, _) = told(move || json_reply(410, &body)).await;
    assert!(matches!(error, CrmError::Gone), "{error:?}");
    let (error, _) = told(|| at_once(http(410, "", b"<html>gone"))).await;
    assert!(matches!(error, CrmError::Gone), "{error:?}");
    let nowhere = read(
        &connector(hasty()),
        &to_stub("https://no-such-portal.invalid"),
    )
    .await;
    assert_eq!(
        nowhere.unwrap_err().trouble(),
        Trouble::Unreachable(Unreachable::Dns)
    );
    let cloud = clouds(1).await;
    let token = SecretString::from(cloud.portal(1).token_pair(UserRole::Administrator).1);
    cloud.portal(1).delete();
    let request = RefreshRequest {
        authority: None,
        refresh_token: token,
    };
    let result = connector(asking(&cloud)).refresh(&request).await;
    assert!(matches!(result, Err(RefreshError::Gone)), "{result:?}");
}

#[tokio::test]
async fn f03_after_a_new_installation_old_tokens_are_refused_and_new_ones_proved() {
    let cloud = clouds(1).await;
    let portal = cloud.portal(1);
    let connector = connector(asking(&cloud));
    let old = SecretString::from(portal.access_token(UserRole::Administrator));
    let old_secret = portal.application_token();
    portal.uninstall(false);
    let access = Access {
        credential: Credential::Token(old.clone()),
        ..by_token(portal, UserRole::Administrator)
    };
    portal.reinstall(portal.world().user_id(UserRole::Administrator));
    portal.finish_install();
    let gone = read(&connector, &access).await.unwrap_err();
    assert_eq!(gone.trouble(), Trouble::Revoked);
    let gone = connector
        .prove_token(&old, &member(portal))
        .await
        .unwrap_err();
    assert_eq!(gone.trouble(), Trouble::Revoked);
    let (query, body) = portal.opening_form(UserRole::Administrator, "ru");
    let opening = Opening::parse(&query, body.as_bytes()).unwrap();
    let proven = connector.prove_opening(&opening.claim).await.unwrap();
    assert_eq!(proven.member_id, member(portal));
    read(&connector, &proven.access).await.unwrap();
    let secret = opening.application_token.unwrap();
    assert_eq!(secret.expose_secret(), portal.application_token());
    assert_ne!(secret.expose_secret(), old_secret);
}

#[tokio::test]
async fn f04_an_address_that_another_account_has_now_proves_nothing_for_the_old_one() {
    let cloud = clouds(2).await;
    let connector = connector(asking(&cloud));
    let (old, new) = (cloud.portal(1), cloud.portal(2));
    let token = SecretString::from(new.access_token(UserRole::Administrator));
    let result = connector.prove_token(&token, &member(old)).await;
    assert_eq!(result.unwrap_err().trouble(), Trouble::NotProved);
    let proven = connector.prove_token(&token, &member(new)).await.unwrap();
    assert_eq!(
        (proven.address, proven.member_id),
        (new.domain(), member(new))
    );
    assert!(old.requests().is_empty() && new.requests().is_empty());
}

#[tokio::test]
async fn f05_whoever_reads_a_portal_shares_its_limits() {
    let flying = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let (now, peak) = (Arc::clone(&flying), Arc::clone(&most));
    let stub = Stub::start(move |request| {
        peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        let mut reply = json_reply(200, &batch(request, |method, _| plain(method)));
        reply[0].0 = Duration::from_millis(40);
        let now = Arc::clone(&now);
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(35)).await;
            now.fetch_sub(1, Ordering::SeqCst);
        });
        reply
    })
    .await;
    let connector = connector(settings());
    let readings = (0..6).map(|cabinet| {
        let access = Access {
            credential: Credential::Token(SecretString::from(format!("token-{cabinet}"))),
            ..to_stub(&stub.url())
        };
        let connector = connector.clone();
        tokio::spawn(async move { read(&connector, &access).await.map(|_| ()) })
    });
    for reading in readings.collect::<Vec<_>>() {
        reading.await.unwrap().unwrap();
    }
    assert_eq!(most.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn f06_an_account_that_has_not_paid_is_told_so_and_asked_once() {
    for (status, code, sentence) in [
        (
            403,
            "ACCESS_DENIED",
            "REST API is available only on commercial plans",
        ),
        (
            401,
            "ACCESS_DENIED",
            "REST is available only on commercial plans.",
        ),
        (
            403,
            "ACCESS_DENIED",
            "Access denied! Available only on extended plans",
        ),
        (401, "PAYMENT_REQUIRED", "Subscription has been ended"),
        (200, "payment_required", ""),
        (403, "WRONG_LICENSE", ""),
    ] {
        let (trouble, requests) = with_effect(Effect::error(status, code, sentence)).await;
        assert_eq!(
            (trouble, requests),
            (Trouble::NotPaid, 1),
            "{status} {code} {sentence}"
        );
    }
    let cloud = clouds(1).await;
    let portal = cloud.portal(1);
    let connector = connector(asking(&cloud));
    let access = by_token(portal, UserRole::Administrator);
    portal.set_subscription(false);
    let request = RefreshRequest {
        authority: None,
        refresh_token: SecretString::from(portal.token_pair(UserRole::Administrator).1),
    };
    let result = connector.refresh(&request).await;
    assert!(
        matches!(result, Err(RefreshError::NotPaid { .. })),
        "{result:?}"
    );
    assert_eq!(
        read(&connector, &access).await.unwrap_err().trouble(),
        Trouble::NotPaid
    );
    // Once it has paid, everything goes on with what there was.
    portal.set_subscription(true);
    read(&connector, &access).await.unwrap();
}

#[tokio::test]
async fn f07_storms_pass_and_blocks_are_kept_to() {
    let cloud = cloud(Seed::Empty).await;
    let portal = cloud.portal(1);
    let access = by_token(portal, UserRole::Administrator);
    portal.set_fault(Fault::next(8, Effect::query_limit()));
    read(&connector(settings()), &access).await.unwrap();
    portal.clear_faults();
    portal.clear_requests();
    portal.set_fault(Fault::method("batch", Effect::operation_time_limit()));
    let connector = connector(settings());
    let error = read(&connector, &access).await.unwrap_err();
    assert_eq!(error.trouble(), Trouble::RateLimited);
    // Without a known reset, asking again would only prolong the block.
    assert_eq!(portal.requests().len(), 1);
    portal.clear_faults();
    portal.set_fault(Fault::next(1, Effect::overload()));
    portal.clear_requests();
    for _ in 0..5 {
        let error = read(&connector, &access).await.unwrap_err();
        assert_eq!(error.trouble(), Trouble::Blocked);
    }
    assert_eq!(portal.requests().len(), 1);
}

#[tokio::test]
async fn f15_missing_rights_and_scopes_are_told_and_not_asked_for_again() {
    for (effect, expected) in [
        (Effect::user_access(), Trouble::Restricted),
        (Effect::invalid_credentials(), Trouble::NoRights),
        (
            Effect::error(401, "INVALID_CREDENTIALS", ""),
            Trouble::NoRights,
        ),
        (
            Effect::error(401, "user_access_error", ""),
            Trouble::Restricted,
        ),
        (
            Effect::error(403, "insufficient_scope", "needs more scopes. (crm)"),
            Trouble::MissingScope("crm".to_owned()),
        ),
        (
            Effect::error(401, "INSUFFICIENT_SCOPE", ""),
            Trouble::MissingScope(String::new()),
        ),
    ] {
        let got = with_effect(effect.clone()).await;
        assert_eq!(got, (expected, 1), "{effect:?}");
    }
}

#[tokio::test]
async fn f19_a_portal_that_answers_for_somebody_else_is_not_believed() {
    let stub =
        Stub::start(|request| json_reply(200, &batch(request, |method, _| plain(method)))).await;
    let connector = connector(settings());
    let mine = Access {
        user_id: Some(1),
        ..to_stub(&stub.url())
    };
    read(&connector, &mine).await.unwrap();
    let before = stub.requests().len();
    let other = Access {
        user_id: Some(2),
        ..mine
    };
    for _ in 0..2 {
        match read(&connector, &other).await {
            Err(CrmError::Malformed { method, place }) => {
                assert_eq!(
                    (method.as_str(), place.as_str()),
                    ("profile", "result.ID: another user")
                );
            }
            got => panic!("{got:?}"),
        }
    }
    assert_eq!(stub.requests().len(), before + 2, "asked once each");
    let account = connector.account(&other).unwrap();
    assert!(matches!(
        account.standing().await,
        Err(CrmError::Malformed { .. })
    ));
}

#[test]
fn f20_events_carry_what_tells_late_double_and_forged_ones() {
    let body = |name: &str, ts: u32, token: &str| {
        format!(
            "event={name}&ts={ts}&auth[member_id]=0123456789abcdef0123456789abcdef\
             &auth[application_token]={token}&data[CLEAN]=1"
        )
    };
    let parse = |text: &str| Event::parse(None, text.as_bytes()).unwrap();
    let first = parse(&body("ONAPPUNINSTALL", 1_767_225_600, "aaa"));
    let double = parse(&body("ONAPPUNINSTALL", 1_767_225_600, "aaa"));
    assert_eq!(first.digest(), double.digest());
    let later = parse(&body("ONAPPINSTALL", 1_767_229_200, "bbb"));
    assert_ne!(first.digest(), later.digest());
    // An uninstallation that comes after the next installation is known by its moment.
    assert!(first.sent_at < later.sent_at);
    let forged = parse(&body("ONAPPUNINSTALL", 1_767_225_600, "zzz"));
    let token = |event: &Event| {
        event
            .application_token
            .as_ref()
            .map(|token| token.expose_secret().to_owned())
    };
    assert_ne!(token(&first), token(&forged));
    assert_eq!(first.kind, EventKind::Uninstalled { clean: true });
}
