//! What events say, to whom, and when they are not sent (§1.6–1.8, §1.10).

use portal_sim::worlds::Entity;
use portal_sim::{Cloud, DeliveryState, Knobs, Portal, Seed, UserRole, fingerprint};
use serde_json::{Value, json};

use crate::client::{cloud, post, with_token};
use crate::mailbox::{Mailbox, value};

/// Binds handlers of the first portal as its administrator.
pub(crate) async fn bind(cloud: &Cloud, events: &[&str], address: &str) {
    let portal = cloud.portal(1);
    let token = portal.access_token(UserRole::Administrator);
    for event in events {
        let body = json!({"event": event, "handler": address, "auth": token});
        let url = format!("{}event.bind", portal.client_endpoint());
        let reply = post(&url, "application/json", &body.to_string()).await;
        assert_eq!(reply.status, 200, "{reply:?}");
    }
}

fn states(portal: &Portal) -> Vec<(String, DeliveryState, u16)> {
    let deliveries = portal.deliveries().into_iter();
    deliveries
        .map(|delivery| (delivery.event, delivery.state, delivery.status))
        .collect()
}

#[tokio::test]
async fn a_changed_field_is_told_with_the_token_of_who_changed_it() {
    let cloud = cloud(Seed::Demo).await;
    let portal = cloud.portal(1);
    let mailbox = Mailbox::open().await;
    let names = ["ADD", "UPDATE", "DELETE", "SETENUMVALUES"];
    let names = names.map(|change| format!("onCrmDealUserField{change}"));
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    bind(&cloud, &names, &mailbox.url).await;
    let before = portal.world().fields_of(Entity::Deal).count();
    let id = portal.add_field(Entity::Deal, "enumeration", "Цвет", &["красный", "синий"]);
    portal.rename_field(id, "Оттенок");
    portal.set_field_items(id, &["белый"]);
    assert_eq!(portal.world().fields_of(Entity::Deal).count(), before + 1);
    portal.remove_field(id);
    portal.add_field(Entity::Contact, "string", "Не наше", &[]);

    let letters = mailbox.wait_for(5).await;
    portal.events_settled().await;
    let told: Vec<&str> = letters
        .iter()
        .map(|form| value(form, "event").unwrap())
        .collect();
    let expected = ["ADD", "SETENUMVALUES", "UPDATE", "SETENUMVALUES", "DELETE"];
    assert_eq!(
        told,
        expected.map(|change| format!("ONCRMDEALUSERFIELD{change}"))
    );
    let form = &letters[0];
    let text = |name: &str| value(form, name).unwrap().to_owned();
    assert_eq!(text("data[FIELDS][ID]"), id.to_string());
    assert_eq!(text("data[FIELDS][ENTITY_ID]"), "CRM_DEAL");
    assert_eq!(text("data[FIELDS][FIELD_NAME]"), format!("UF_CRM_NEW_{id}"));
    assert_eq!(text("event_handler_id"), "1");
    assert!(text("ts").parse::<i64>().unwrap() > 1_700_000_000);
    assert_eq!(text("auth[member_id]"), portal.member_id());
    assert_eq!(text("auth[application_token]"), portal.application_token());
    assert_eq!(text("auth[domain]"), portal.domain());
    assert_eq!(
        (text("auth[user_id]"), text("auth[expires_in]")),
        ("1".into(), "3600".into())
    );
    assert!(value(form, "auth[refresh_token]").is_none());
    let token = text("auth[access_token]");
    assert_eq!(with_token(portal, &token, "profile").await.status, 200);
    assert!(
        cloud
            .chains()
            .iter()
            .all(|chain| chain.access != fingerprint(&token))
    );
}

#[tokio::test]
async fn uninstalling_is_told_at_last_and_carries_no_rights() {
    for (clean, flag) in [(true, "1"), (false, "0")] {
        let cloud = cloud(Seed::Empty).await;
        let portal = cloud.portal(1);
        let mailbox = Mailbox::open().await;
        bind(&cloud, &["ONAPPUNINSTALL"], &mailbox.url).await;
        let token = portal.access_token(UserRole::Administrator);
        portal.uninstall(clean);
        with_token(portal, &token, "profile")
            .await
            .is_refusal(401, "APPLICATION_NOT_FOUND");
        let form = &mailbox.wait_for(1).await[0];
        let names: Vec<&str> = form.iter().map(|(name, _)| name.as_str()).collect();
        let expected = [
            "event",
            "data[LANGUAGE_ID]",
            "data[CLEAN]",
            "ts",
            "auth[domain]",
            "auth[client_endpoint]",
            "auth[server_endpoint]",
            "auth[member_id]",
            "auth[application_token]",
        ];
        let mut sorted = names.clone();
        sorted.sort_unstable();
        let mut wanted = expected.to_vec();
        wanted.sort_unstable();
        assert_eq!(sorted, wanted);
        assert_eq!(value(form, "data[CLEAN]"), Some(flag));
        assert_eq!(
            value(form, "auth[application_token]"),
            Some(portal.application_token().as_str())
        );
    }
}

#[tokio::test]
async fn nothing_is_told_before_the_installation_is_finished() {
    let cloud = cloud(Seed::Empty).await;
    let portal = cloud.portal(1);
    let mailbox = Mailbox::open().await;
    portal.reinstall(1);
    let events = ["ONAPPUNINSTALL", "ONAPPTEST", "ONAPPINSTALL"];
    bind(&cloud, &events, &mailbox.url).await;
    portal.fire("ONAPPTEST", &Value::Null);
    portal.uninstall(true);
    portal.events_settled().await;
    assert_eq!((states(portal), mailbox.letters().len()), (Vec::new(), 0));

    portal.install(1);
    bind(&cloud, &["ONAPPTEST", "ONAPPINSTALL"], &mailbox.url).await;
    portal.finish_install();
    let token = portal.access_token(UserRole::Administrator);
    with_token(portal, &token, "event.test").await;
    portal.events_settled().await;
    let told = [("ONAPPTEST".to_owned(), DeliveryState::Answered, 200)];
    assert_eq!(states(portal), told);
}

#[tokio::test]
async fn a_knob_tells_of_installations_and_updates() {
    let cloud = cloud(Seed::Empty).await;
    let portal = cloud.portal(1);
    cloud.set_knobs(Knobs {
        install_events: true,
        ..Knobs::default()
    });
    let mailbox = Mailbox::open().await;
    portal.reinstall(1);
    bind(&cloud, &["ONAPPINSTALL", "ONAPPUPDATE"], &mailbox.url).await;
    portal.finish_install();
    portal.update_app();
    portal.finish_install();
    let letters = mailbox.wait_for(2).await;
    assert_eq!(value(&letters[0], "data[INSTALLED]"), Some("Y"));
    assert!(value(&letters[0], "auth[refresh_token]").is_some());
    assert_eq!(value(&letters[1], "event"), Some("ONAPPUPDATE"));
    assert_eq!(value(&letters[1], "data[PREVIOUS_VERSION]"), Some("1"));

    cloud.set_knobs(Knobs {
        update_unbinds: true,
        ..Knobs::default()
    });
    portal.update_app();
    portal.finish_install();
    portal.fire("ONAPPINSTALL", &Value::Null);
    portal.events_settled().await;
    assert_eq!(mailbox.letters().len(), 2);
}

#[tokio::test]
async fn payment_is_told_without_an_application_token() {
    let cloud = cloud(Seed::Empty).await;
    let portal = cloud.portal(1);
    let mailbox = Mailbox::open().await;
    bind(&cloud, &["ONAPPPAYMENT"], &mailbox.url).await;
    portal.set_subscription(false);
    portal.set_subscription(false);
    portal.set_subscription(true);
    let letters = mailbox.wait_for(2).await;
    portal.events_settled().await;
    assert_eq!(mailbox.letters().len(), 2);
    let expired = |index: usize| value(&letters[index], "data[PAYMENT_EXPIRED]");
    assert_eq!((expired(0), expired(1)), (Some("Y"), Some("N")));
    assert!(value(&letters[0], "auth[application_token]").is_none());
    assert!(value(&letters[0], "auth[access_token]").is_none());
    assert_eq!(
        value(&letters[0], "auth[member_id]"),
        Some(portal.member_id())
    );
}
