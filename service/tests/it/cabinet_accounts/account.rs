//! What owners change about their account.

use crmap_domain::Lang;
use crmap_domain::cabinet::{DeedKind, Denial, PasswordFlaw};
use crmap_service::Entered;
use secrecy::ExposeSecret;

use super::support::*;

const ANNA: &str = "anna@example.ru";

/// The account as it is now.
async fn now(door: &Door, password: &str) -> Entered {
    let logged_in = door.log_in(ANNA, password).await.unwrap();
    door.enter(&logged_in).await.unwrap()
}

#[tokio::test]
async fn a_name_and_a_language_are_changed() {
    let door = Door::with_anna().await;
    let anna = door.anna().await;
    door.clock.pass(minutes(1));
    assert_eq!(door.services.rename(&anna, " Анна Лис ").await, Ok(()));
    assert_eq!(
        door.services.rename(&anna, "a\r\nb").await,
        Err(Denial::Name)
    );
    assert_eq!(door.services.set_lang(&anna, Lang::En).await, Ok(()));
    assert_eq!(door.told(&anna).await[0], DeedKind::Renamed);
    let account = door.anna().await.account;
    assert_eq!(
        (account.name.as_str(), account.lang),
        ("Анна Лис", Lang::En)
    );
}

#[tokio::test]
async fn sec_62_another_address_takes_the_password_and_the_old_one_is_told() {
    let door = Door::with_anna().await;
    let anna = door.anna().await;
    let change = async |email: &str, password: &str| {
        door.services
            .change_email(&anna, email, secret(password), &unseen())
            .await
    };
    let wrong = change("new@example.ru", OTHER).await;
    assert_eq!(wrong, Err(Denial::WrongPassword));
    assert_eq!(change("nobody", PASSWORD).await, Err(Denial::Email));
    door.clock.pass(minutes(1));
    assert_eq!(change("new@example.ru", PASSWORD).await, Ok(()));
    assert_eq!(
        door.told(&anna).await[0],
        DeedKind::EmailChanged {
            from: "an•••@example.ru".to_owned(),
            to: "ne•••@example.ru".to_owned(),
        }
    );
    let refused = door.log_in(ANNA, PASSWORD).await;
    assert_eq!(refused.unwrap_err(), Denial::Credentials);
    assert!(door.log_in("new@example.ru", PASSWORD).await.is_ok());
    let mails = door.mails().await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to.as_str(), ANNA);
    assert!(mails[0].text.contains("ne•••@example.ru"));
    assert!(!mails[0].text.contains("new@example.ru"));
}

#[tokio::test]
async fn sec_62_64_an_address_of_somebody_else_is_not_taken_and_few_can_be_tried() {
    let door = Door::with_anna().await;
    door.register("boris@example.ru", OTHER).await.unwrap();
    let anna = door.anna().await;
    let change = async || {
        door.services
            .change_email(&anna, "boris@example.ru", secret(PASSWORD), &unseen())
            .await
    };
    for _ in 0..3 {
        assert_eq!(change().await, Err(Denial::Email));
    }
    let refused = change().await;
    assert!(must_wait(&refused, 1200), "{refused:?}");
    assert!(door.log_in("boris@example.ru", OTHER).await.is_ok());
    assert!(door.mails().await.is_empty());
}

#[tokio::test]
async fn sec_60_61_another_password_ends_all_sessions_and_gives_a_new_one() {
    let door = Door::with_anna().await;
    let here = door.log_in(ANNA, PASSWORD).await.unwrap();
    let there = door.log_in(ANNA, PASSWORD).await.unwrap();
    let anna = door.enter(&here).await.unwrap();
    let change = async |old: &str, new: &str| {
        door.services
            .change_password(&anna, secret(old), secret(new), &unseen())
            .await
    };
    let weak = change(PASSWORD, "anna2024").await;
    assert_eq!(weak.unwrap_err(), Denial::Password(PasswordFlaw::Weak));
    let wrong = change(OTHER, OTHER).await;
    assert_eq!(wrong.unwrap_err(), Denial::WrongPassword);
    assert!(door.enter(&there).await.is_ok());
    door.clock.pass(minutes(1));
    let changed = change(PASSWORD, OTHER).await.unwrap();
    for ended in [&here, &there] {
        assert_eq!(door.enter(ended).await.unwrap_err(), Denial::SignedOut);
    }
    let anna = door.enter(&changed).await.unwrap();
    assert_eq!(door.services.devices(&anna).await.unwrap().len(), 1);
    assert_eq!(door.told(&anna).await[0], DeedKind::PasswordChanged);
    let refused = door.log_in(ANNA, PASSWORD).await;
    assert_eq!(refused.unwrap_err(), Denial::Credentials);
    // The browser is known by its new secret.
    let device = Some(changed.device.expose_secret());
    let again = door
        .services
        .log_in(log_in(ANNA, OTHER), &unseen(), device, None)
        .await;
    assert!(again.is_ok());
    let mails = door.mails().await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].subject, "Проверьте: пароль CRMAP изменён");
}

#[tokio::test]
async fn sec_65_whoever_finds_a_browser_open_cannot_guess_on() {
    let door = Door::with_anna().await;
    let anna = door.anna().await;
    for _ in 0..5 {
        let refused = door
            .services
            .change_email(&anna, "thief@example.ru", secret(OTHER), &unseen())
            .await;
        assert_eq!(refused, Err(Denial::WrongPassword));
    }
    let (refused, hashes) = door
        .work_of(
            door.services
                .delete_account(&anna, secret(PASSWORD), &unseen()),
        )
        .await;
    assert!(must_wait(&refused, 10), "{refused:?}");
    assert_eq!(hashes, 0);
    // The owner elsewhere does not notice.
    assert!(door.log_in(ANNA, PASSWORD).await.is_ok());
}

#[tokio::test]
async fn sec_62_an_account_is_deleted_by_who_knows_its_password() {
    let door = Door::with_anna().await;
    door.register("boris@example.ru", OTHER).await.unwrap();
    let logged_in = door.log_in(ANNA, PASSWORD).await.unwrap();
    let anna = door.enter(&logged_in).await.unwrap();
    let delete = async |password: &str| {
        door.services
            .delete_account(&anna, secret(password), &unseen())
            .await
    };
    assert_eq!(delete(OTHER).await, Err(Denial::WrongPassword));
    assert!(door.enter(&logged_in).await.is_ok());
    assert_eq!(delete(PASSWORD).await, Ok(()));
    assert_eq!(door.enter(&logged_in).await.unwrap_err(), Denial::SignedOut);
    let refused = door.log_in(ANNA, PASSWORD).await;
    assert_eq!(refused.unwrap_err(), Denial::Credentials);
    // What still holds the account finds it gone.
    assert_eq!(delete(PASSWORD).await, Err(Denial::SignedOut));
    assert_eq!(
        door.services.rename(&anna, "A").await,
        Err(Denial::SignedOut)
    );
    assert_eq!(
        door.services.set_lang(&anna, Lang::En).await,
        Err(Denial::SignedOut)
    );
    assert_eq!(door.services.account_log(&anna, 9).await, Ok(Vec::new()));
    assert!(door.log_in("boris@example.ru", OTHER).await.is_ok());
    // The address is free again, for an account without a past.
    door.register(ANNA, OTHER).await.unwrap();
    assert_eq!(door.told(&now(&door, OTHER).await).await.len(), 2);
}

#[tokio::test]
async fn sec_61_77_devices_are_listed_and_ended_by_their_owner_alone() {
    let door = Door::with_anna().await;
    door.register("boris@example.ru", OTHER).await.unwrap();
    let (one, two) = (from("192.0.2.1"), from("192.0.2.2"));
    let first = door.log_in_from(&one, ANNA, PASSWORD).await.unwrap();
    door.clock.pass(minutes(1));
    let second = door.log_in_from(&two, ANNA, PASSWORD).await.unwrap();
    let here = door.enter(&first).await.unwrap();
    let there = door.enter(&second).await.unwrap();
    let devices = door.services.devices(&there).await.unwrap();
    let shown: Vec<_> = devices
        .iter()
        .map(|one| (one.current, one.agent.as_str()))
        .collect();
    assert_eq!(devices.len(), 2);
    assert_eq!(shown.iter().filter(|(current, _)| *current).count(), 1);
    let other = devices.iter().find(|one| !one.current).unwrap();
    let current = devices.iter().find(|one| one.current).unwrap();
    assert_eq!(
        (current.ip.as_str(), other.agent.as_str()),
        ("192.0.2.2", "Firefox")
    );

    let logged_in = door.log_in("boris@example.ru", OTHER).await.unwrap();
    let boris = door.enter(&logged_in).await.unwrap();
    for id in [other.id.as_str(), "", "nothing"] {
        let refused = door.services.end_device(&boris, id).await;
        assert_eq!(refused, Err(Denial::NotFound));
    }
    assert!(door.enter(&first).await.is_ok());
    assert_eq!(door.services.end_device(&there, &other.id).await, Ok(()));
    assert_eq!(door.enter(&first).await.unwrap_err(), Denial::SignedOut);
    drop(here);
    for _ in 0..3 {
        door.log_in(ANNA, PASSWORD).await.unwrap();
    }
    assert_eq!(door.services.end_other_devices(&there).await, Ok(3));
    assert_eq!(door.services.end_other_devices(&there).await, Ok(0));
    assert!(door.enter(&second).await.is_ok());
    assert!(door.enter(&logged_in).await.is_ok());
    let told = door.told(&there).await;
    assert!(told.contains(&DeedKind::DevicesEnded { count: 1 }));
    assert!(told.contains(&DeedKind::DevicesEnded { count: 3 }));
}

#[tokio::test]
async fn sec_77_an_account_sees_its_own_deeds_alone() {
    let door = Door::with_anna().await;
    door.register("boris@example.ru", OTHER).await.unwrap();
    let anna = door.anna().await;
    let logged_in = door.log_in("boris@example.ru", OTHER).await.unwrap();
    let boris = door.enter(&logged_in).await.unwrap();
    door.clock.pass(minutes(1));
    door.services.rename(&anna, "Анна Лис").await.unwrap();
    assert_eq!(door.told(&anna).await.len(), 3);
    assert_eq!(door.told(&boris).await.len(), 2);
    let latest = door.services.account_log(&anna, 1).await.unwrap();
    assert_eq!(latest.len(), 1);
    assert_eq!(latest[0].kind, DeedKind::Renamed);
}

#[tokio::test]
async fn sec_65_changes_are_counted_together() {
    let door = Door::with_anna().await;
    let anna = door.anna().await;
    let services = &door.services;
    for _ in 0..10 {
        assert_eq!(services.rename(&anna, "Анна").await, Ok(()));
        assert!(services.renew_connection_token(&anna).await.is_ok());
        assert_eq!(services.set_lang(&anna, Lang::En).await, Ok(()));
    }
    assert!(must_wait(&services.rename(&anna, "Анна").await, 30));
    assert!(must_wait(
        &services.news_seen(&anna, crate::support::START).await,
        30
    ));
    assert!(must_wait(&services.renew_connection_token(&anna).await, 30));
}
