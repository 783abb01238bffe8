//! SEC-63: what one process is told of an account, its neighbours know at the next request.

use crmap_app::api::cabinet::{
    ChangeEmail, ChangePassword, DeleteAccount, EndDevice, EndOtherDevices, RenewToken,
};
use crmap_domain::cabinet::Denial;

use super::browser::{Browser, SESSION};
use super::{OTHER, PASSWORD, owner};
use crate::house::{Base, House, on_both};

on_both! {
    sec_63_whoever_logs_out_here_is_out_there
    sec_63_a_browser_that_is_signed_out_here_is_out_there
    sec_63_a_changed_password_ends_all_other_sessions_everywhere
    sec_63_a_deleted_account_is_gone_everywhere
    what_is_changed_here_is_seen_there
}

/// Anna, who is logged in with two browsers.
async fn two(house: &House) -> (Browser, Browser) {
    let first = owner(house, "Анна", "anna@example.ru").await;
    let second = Browser::new(&house.router);
    second.log_in("anna@example.ru", PASSWORD).await;
    (first, second)
}

async fn sec_63_whoever_logs_out_here_is_out_there(base: Base) {
    let house = House::new("out", base).await;
    let neighbour = house.neighbour().await;
    let (first, second) = two(&house).await;
    let (there, still_there) = (first.before(&neighbour), second.before(&neighbour));
    assert!(there.is_in().await && still_there.is_in().await);
    first.submit("/logout", &[]).await;
    assert!(!there.is_in().await);
    let denied = there.call(&RenewToken {}).await.denied();
    assert_eq!(denied, Denial::SignedOut);
    assert!(still_there.is_in().await && second.is_in().await);
    // And the other way round.
    still_there.submit("/logout", &[]).await;
    assert!(!second.is_in().await);
}

async fn sec_63_a_browser_that_is_signed_out_here_is_out_there(base: Base) {
    let house = House::new("devices", base).await;
    let neighbour = house.neighbour().await;
    let (first, second) = two(&house).await;
    let there = second.before(&neighbour);
    assert!(there.is_in().await);
    let devices = first.profile().await.devices;
    let device = devices.iter().find(|device| !device.current);
    let id = device.unwrap().id.clone();
    let ended = first.call(&EndDevice { id: id.clone() }).await;
    ended.given::<()>();
    assert!(!there.is_in().await);
    assert_eq!(
        first.call(&EndDevice { id }).await.denied(),
        Denial::NotFound
    );

    second.log_in("anna@example.ru", PASSWORD).await;
    let there = second.before(&neighbour);
    assert!(there.is_in().await);
    let ended: u32 = first.call(&EndOtherDevices {}).await.given();
    assert_eq!(ended, 1);
    assert!(!there.is_in().await && first.before(&neighbour).is_in().await);
}

async fn sec_63_a_changed_password_ends_all_other_sessions_everywhere(base: Base) {
    let house = House::new("password", base).await;
    let neighbour = house.neighbour().await;
    let (first, second) = two(&house).await;
    let (before, there) = (first.before(&house.router), second.before(&neighbour));
    let (present, password) = (PASSWORD.to_owned(), OTHER.to_owned());
    let changed = first.call(&ChangePassword { present, password }).await;
    changed.given::<()>();
    assert_eq!(changed.set_cookies().len(), 2);
    assert!(first.is_in().await && first.before(&neighbour).is_in().await);
    assert!(!before.is_in().await, "its old session is over, too");
    assert!(!there.is_in().await && !second.is_in().await);
    let fresh = Browser::new(&neighbour);
    let refused = fresh.log_in("anna@example.ru", PASSWORD).await;
    assert_eq!(refused.status.as_u16(), 403);
    assert_eq!(
        fresh.log_in("anna@example.ru", OTHER).await.way(),
        "/dashboard"
    );
}

async fn sec_63_a_deleted_account_is_gone_everywhere(base: Base) {
    let house = House::new("deleted", base).await;
    let neighbour = house.neighbour().await;
    let (first, second) = two(&house).await;
    let there = second.before(&neighbour);
    assert!(there.is_in().await);
    let wrong = DeleteAccount {
        password: OTHER.to_owned(),
    };
    assert_eq!(first.call(&wrong).await.denied(), Denial::WrongPassword);
    assert!(there.is_in().await);
    let password = PASSWORD.to_owned();
    let deleted = first.call(&DeleteAccount { password }).await;
    deleted.given::<()>();
    assert!(deleted.set_cookies()[SESSION].contains("Max-Age=0"));
    assert!(!there.is_in().await && !second.is_in().await);
    let refused = there.log_in("anna@example.ru", PASSWORD).await;
    assert_eq!(refused.status.as_u16(), 403);
}

async fn what_is_changed_here_is_seen_there(base: Base) {
    let house = House::new("seen", base).await;
    let neighbour = house.neighbour().await;
    let (first, second) = two(&house).await;
    let there = second.before(&neighbour);
    let old = there.inside("/profile").await.token;
    let token: String = first.call(&RenewToken {}).await.given();
    assert_ne!(token, old);
    assert_eq!(there.inside("/profile").await.token, token);
    let (email, password) = ("titova@example.ru".to_owned(), PASSWORD.to_owned());
    first
        .call(&ChangeEmail { email, password })
        .await
        .given::<()>();
    let account = there.profile().await.account;
    assert_eq!(account.email, "titova@example.ru");
}
