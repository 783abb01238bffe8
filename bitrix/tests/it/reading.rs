//! Whole readings: equal to the truth, and in few requests.

use crmap_crm::CrmConnector;
use crmap_domain::{Lang, Section, Source};
use portal_sim::{AuthKind, Cloud, Fault, Options, Seed, UserRole};

use crate::support::{by_token, by_webhook, cloud, connector, patient, read};
use crate::truth;

#[tokio::test]
async fn every_world_is_read_as_it_is_in_the_fewest_requests() {
    let worlds = [
        (Seed::Demo, 1),
        (Seed::Empty, 1),
        (Seed::Large, 2),
        (Seed::Random(1), 2),
        (Seed::Random(2), 2),
        (Seed::Random(77), 2),
    ];
    for (seed, most) in worlds {
        let cloud = cloud(seed).await;
        let portal = cloud.portal(1);
        let access = by_webhook(portal, UserRole::Administrator);
        let got = read(&connector(patient()), &access).await.unwrap();
        let expected = truth::specification(portal, UserRole::Administrator, Lang::Ru, &access);
        assert!(got == expected, "{seed:?} differs from its world");
        let requests = portal.requests().len();
        println!("{seed:?}: {requests} requests");
        assert!(requests <= most, "{seed:?} took {requests} requests");
    }
}

#[tokio::test]
async fn lists_in_pages_of_50_are_read_whole_in_at_most_four_requests() {
    for seed in [Seed::Demo, Seed::Large, Seed::Random(3)] {
        let options = Options {
            seeds: vec![seed],
            paged: true,
            ..Options::default()
        };
        let cloud = Cloud::start(options).await.unwrap();
        let portal = cloud.portal(1);
        let access = by_token(portal, UserRole::Administrator);
        let got = read(&connector(patient()), &access).await.unwrap();
        let expected = truth::specification(portal, UserRole::Administrator, Lang::Ru, &access);
        assert!(got == expected, "{seed:?} differs from its world");
        let requests = portal.requests().len();
        println!("{seed:?} paged: {requests} requests");
        assert!(requests <= 4, "{seed:?} took {requests} requests");
    }
}

#[tokio::test]
async fn each_user_sees_what_the_user_may_see_in_the_language_of_choice() {
    let cloud = cloud(Seed::Demo).await;
    let portal = cloud.portal(1);
    let connector = connector(patient());
    for role in UserRole::ALL {
        for access in [by_webhook(portal, role), by_token(portal, role)] {
            for lang in Lang::ALL {
                let account = connector.account(&access).unwrap();
                let got = account.read_specification(lang).await.unwrap();
                let expected = truth::specification(portal, role, lang, &access);
                assert_eq!(got, expected, "{role:?} {lang:?}");
            }
        }
    }
}

#[tokio::test]
async fn what_one_user_may_not_read_is_noted_and_the_rest_is_delivered() {
    let cloud = cloud(Seed::Demo).await;
    let access = by_token(cloud.portal(1), UserRole::Narrow);
    let got = read(&connector(patient()), &access).await.unwrap();
    assert!(matches!(got.fields.contact, Section::Refused(_)));
    assert!(!got.fields.deal.rows().is_empty() && !got.users.rows().is_empty());
    assert_eq!(
        got.funnels.rows().len(),
        cloud.portal(1).world().visible_to_narrow.len()
    );
}

#[tokio::test]
async fn a_token_stays_out_of_the_address_and_a_webhook_names_no_member_id() {
    let cloud = cloud(Seed::Empty).await;
    let portal = cloud.portal(1);
    let connector = connector(patient());
    let token = by_token(portal, UserRole::Administrator);
    let got = read(&connector, &token).await.unwrap();
    assert_eq!(got.reading.source, Source::Application);
    assert_eq!(got.portal.member_id, token.member_id);
    assert_eq!(portal.requests()[0].auth, AuthKind::Token);
    let webhook = by_webhook(portal, UserRole::Administrator);
    let got = read(&connector, &webhook).await.unwrap();
    assert_eq!(
        (got.reading.source, got.portal.member_id),
        (Source::Webhook, None)
    );
}

#[tokio::test]
async fn hostile_labels_come_through_letter_by_letter() {
    let cloud = cloud(Seed::Empty).await;
    let portal = cloud.portal(1);
    portal.set_fault(Fault::hostile_labels());
    let access = by_token(portal, UserRole::Administrator);
    let got = read(&connector(patient()), &access).await.unwrap();
    let name = &got.funnels.rows()[0].name;
    assert!(name.starts_with(&portal_sim::hostile_text()), "{name:?}");
}
