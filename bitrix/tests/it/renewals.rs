//! Renewals at the simulated cloud, whose refresh tokens work once (bitrix24.md §2.4; security.md
//! §4): every way in which one ends, and what became of the old token.

use std::time::Duration;

use crmap_bitrix::{Bitrix24, Settings};
use crmap_crm::{CrmConnector, FreshTokens, RefreshError, RefreshRequest};
use portal_sim::{Cloud, Effect, Fault, Knobs, Portal, Rotation, Seed, UninstalledOauth, UserRole};
use secrecy::SecretString;

use crate::support::{cloud, connector, settings, url};

fn asking(cloud: &Cloud) -> Settings {
    let mut settings = settings();
    settings.oauth_servers = vec![url(cloud.oauth_url())];
    let secret = portal_sim::AppRegistration::default().client_secret;
    settings.client_secret = Some(SecretString::from(secret));
    settings.timeouts.refresh = Duration::from_secs(2);
    settings
}

/// The refresh token of an opening.
fn token(portal: &Portal) -> SecretString {
    SecretString::from(portal.token_pair(UserRole::Administrator).1)
}

async fn refresh(
    connector: &Bitrix24,
    refresh_token: &SecretString,
) -> Result<FreshTokens, RefreshError> {
    let request = RefreshRequest {
        authority: None,
        refresh_token: refresh_token.clone(),
    };
    connector.refresh(&request).await
}

/// How often the cloud was asked for a new pair, and how often it gave one.
fn asked(cloud: &Cloud) -> (usize, usize) {
    let counts = cloud.refreshes();
    let sum = |of: fn(&portal_sim::RefreshCount) -> usize| counts.iter().map(of).sum();
    (sum(|count| count.asked), sum(|count| count.rotated))
}

#[tokio::test]
async fn a_chain_of_renewals_goes_on_and_a_used_token_is_refused() {
    let cloud = cloud(Seed::Empty).await;
    let connector = connector(asking(&cloud));
    let first = token(cloud.portal(1));
    let mut current = first.clone();
    for _ in 0..50 {
        current = refresh(&connector, &current).await.unwrap().refresh_token;
    }
    assert_eq!(asked(&cloud), (50, 50));
    let again = refresh(&connector, &first).await;
    let Err(RefreshError::Rejected { code }) = again else {
        panic!("{again:?}");
    };
    assert_eq!(code, "invalid_grant");
}

#[tokio::test]
async fn a_lenient_cloud_gives_a_pair_for_a_token_whose_answer_was_lost() {
    let cloud = cloud(Seed::Empty).await;
    cloud.set_knobs(Knobs {
        rotation: Rotation::Lenient,
        ..Knobs::default()
    });
    cloud.set_oauth_fault(Fault::after_rotation(1, Effect::Reset));
    let connector = connector(asking(&cloud));
    let token = token(cloud.portal(1));
    let lost = refresh(&connector, &token).await;
    assert!(matches!(lost, Err(RefreshError::Ambiguous(_))), "{lost:?}");
    assert!(refresh(&connector, &token).await.is_ok());
    assert_eq!(asked(&cloud), (2, 2));
}

/// Whatever goes wrong after the token was traded in, it is told as ambiguous, and nothing is sent
/// a second time.
#[tokio::test]
async fn an_answer_that_is_lost_after_the_rotation_is_ambiguous() {
    for effect in [
        Effect::Reset,
        Effect::Hang,
        Effect::EmptyBody,
        Effect::TruncatedJson,
        Effect::Html { status: 200 },
        Effect::Html { status: 502 },
        Effect::internal_error(),
        Effect::Redirect {
            location: "http://127.0.0.1:1/".to_owned(),
        },
    ] {
        let cloud = cloud(Seed::Empty).await;
        cloud.set_oauth_fault(Fault::after_rotation(1, effect.clone()));
        let mut settings = asking(&cloud);
        settings.timeouts.refresh = Duration::from_millis(700);
        let connector = connector(settings);
        let token = token(cloud.portal(1));
        let lost = refresh(&connector, &token).await;
        assert!(
            matches!(lost, Err(RefreshError::Ambiguous(_))),
            "{effect:?}: {lost:?}"
        );
        assert_eq!(asked(&cloud), (1, 1), "{effect:?}");
        let again = refresh(&connector, &token).await;
        assert!(
            matches!(again, Err(RefreshError::Rejected { .. })),
            "{effect:?}: {again:?}"
        );
    }
}

/// What strikes before the rotation leaves the token good; the connector cannot know that either.
#[tokio::test]
async fn an_answer_that_is_lost_before_the_rotation_is_ambiguous_and_the_token_is_good() {
    for effect in [
        Effect::Reset,
        Effect::Html { status: 503 },
        Effect::internal_error(),
    ] {
        let cloud = cloud(Seed::Empty).await;
        cloud.set_oauth_fault(Fault::next(1, effect.clone()));
        let connector = connector(asking(&cloud));
        let token = token(cloud.portal(1));
        let lost = refresh(&connector, &token).await;
        assert!(
            matches!(lost, Err(RefreshError::Ambiguous(_))),
            "{effect:?}: {lost:?}"
        );
        assert!(refresh(&connector, &token).await.is_ok(), "{effect:?}");
        assert_eq!(asked(&cloud).1, 1, "{effect:?}");
    }
}

fn word(result: &Result<FreshTokens, RefreshError>) -> &'static str {
    match result {
        Ok(_) => "fresh",
        Err(RefreshError::NotSent(_)) => "not sent",
        Err(RefreshError::Ambiguous(_)) => "ambiguous",
        Err(RefreshError::Rejected { .. }) => "rejected",
        Err(RefreshError::NotInstalled { .. }) => "not installed",
        Err(RefreshError::ClientRefused { .. }) => "client refused",
        Err(RefreshError::NotPaid { .. }) => "not paid",
        Err(RefreshError::Gone) => "gone",
    }
}

type Befall = fn(&Cloud, &Portal);

#[tokio::test]
async fn what_befalls_a_portal_is_told_by_its_renewals() {
    let uninstalled = |word| Knobs {
        uninstalled_oauth: word,
        ..Knobs::default()
    };
    let usual = Knobs::default;
    let cases: [(Knobs, Befall, &str); 8] = [
        (usual(), |_, _| {}, "fresh"),
        (
            usual(),
            |_, portal| portal.uninstall(false),
            "not installed",
        ),
        (
            uninstalled(UninstalledOauth::InvalidClient),
            |_, portal| portal.uninstall(true),
            "client refused",
        ),
        (
            uninstalled(UninstalledOauth::PaymentRequired),
            |_, portal| portal.uninstall(false),
            "not paid",
        ),
        (
            usual(),
            |_, portal| portal.set_subscription(false),
            "not paid",
        ),
        (
            usual(),
            |_, portal| portal.dismiss(portal.world().user_id(UserRole::Administrator)),
            "rejected",
        ),
        (
            usual(),
            |_, portal| portal.revoke_tokens_of(portal.world().user_id(UserRole::Administrator)),
            "rejected",
        ),
        (usual(), |_, portal| portal.delete(), "gone"),
    ];
    for (index, (knobs, befall, expected)) in cases.into_iter().enumerate() {
        let cloud = cloud(Seed::Empty).await;
        cloud.set_knobs(knobs);
        let connector = connector(asking(&cloud));
        let token = token(cloud.portal(1));
        befall(&cloud, cloud.portal(1));
        let result = refresh(&connector, &token).await;
        assert_eq!(word(&result), expected, "case {index}: {result:?}");
    }
}

#[tokio::test]
async fn a_wrong_secret_is_told_whatever_the_status() {
    for wrong_client in [false, true] {
        let cloud = cloud(Seed::Empty).await;
        cloud.set_knobs(Knobs {
            wrong_client,
            ..Knobs::default()
        });
        let mut settings = asking(&cloud);
        settings.client_secret = Some(SecretString::from("wrong"));
        let result = refresh(&connector(settings), &token(cloud.portal(1))).await;
        assert_eq!(word(&result), "client refused", "{result:?}");
        assert_eq!(asked(&cloud).1, 0);
    }
}

/// The connector says whose pair came; that it is not the one that was asked for, the caller sees.
#[tokio::test]
async fn rel_09_a_mixed_up_pair_is_given_with_the_name_of_its_owner() {
    let cloud = Cloud::start(portal_sim::Options {
        portals: 2,
        seeds: vec![Seed::Empty],
        ..portal_sim::Options::default()
    })
    .await
    .unwrap();
    cloud.set_oauth_fault(Fault::MixedUpPair { times: Some(1) });
    let fresh = refresh(&connector(asking(&cloud)), &token(cloud.portal(1)))
        .await
        .unwrap();
    assert_eq!(fresh.member_id.as_str(), cloud.portal(2).member_id());
    assert_eq!(fresh.base, cloud.portal(2).client_endpoint());
}
