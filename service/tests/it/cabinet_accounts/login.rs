//! Being let in, and staying in.

use crmap_domain::cabinet::{DeedKind, Denial};
use crmap_service::PasswordCost;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

use super::support::*;

const ANNA: &str = "anna@example.ru";

#[tokio::test]
async fn sec_64_a_wrong_password_and_an_unknown_address_are_one() {
    let door = Door::with_anna().await;
    let wrong = door.work_of(door.log_in(ANNA, OTHER)).await;
    let unknown = door.work_of(door.log_in("boris@example.ru", OTHER)).await;
    assert_eq!(wrong.0.unwrap_err(), Denial::Credentials);
    assert_eq!(unknown.0.unwrap_err(), Denial::Credentials);
    assert_eq!((wrong.1, unknown.1), (1, 1));
}

#[tokio::test]
async fn sec_64_tries_upon_an_unknown_address_are_counted_as_those_upon_a_known_one() {
    let door = Door::with_anna().await;
    for email in [ANNA, "boris@example.ru"] {
        for _ in 0..5 {
            let refused = door.log_in(email, OTHER).await;
            assert_eq!(refused.unwrap_err(), Denial::Credentials);
        }
        let (refused, hashes) = door.work_of(door.log_in(email, OTHER)).await;
        assert!(must_wait(&refused, 10), "{email}: {refused:?}");
        assert_eq!(hashes, 0);
    }
}

#[tokio::test]
async fn sec_65_one_network_has_five_tries_whatever_it_tries() {
    let door = Door::with_anna().await;
    for number in 1..=5 {
        let visitor = from(&format!("2001:db8:9:9::{number}"));
        let email = format!("a{number}@example.ru");
        let refused = door.log_in_from(&visitor, &email, OTHER).await;
        assert_eq!(refused.unwrap_err(), Denial::Credentials);
    }
    let neighbour = from("2001:db8:9:9:1::1");
    let refused = door.log_in_from(&neighbour, ANNA, PASSWORD).await;
    assert!(must_wait(&refused, 12), "{refused:?}");
    assert!(door.log_in(ANNA, PASSWORD).await.is_ok());
}

#[tokio::test]
async fn sec_65_a_network_that_is_refused_takes_no_tries_from_the_account() {
    let door = Door::with_anna().await;
    let attacker = from("192.0.2.66");
    for _ in 0..5 {
        door.log_in_from(&attacker, "b@example.ru", OTHER)
            .await
            .unwrap_err();
    }
    for _ in 0..50 {
        let refused = door.log_in_from(&attacker, ANNA, OTHER).await;
        assert!(must_wait(&refused, 12));
    }
    assert!(door.log_in(ANNA, PASSWORD).await.is_ok());
}

#[tokio::test]
async fn sec_65_strangers_of_many_networks_do_not_keep_the_owner_out() {
    let door = Door::with_anna().await;
    let before = door.log_in(ANNA, PASSWORD).await.unwrap();
    let mut tried = 0;
    for _ in 0..200 {
        match door.log_in(ANNA, OTHER).await {
            Err(Denial::Credentials) => tried += 1,
            refused => assert!(must_wait(&refused, 10), "{refused:?}"),
        }
    }
    // Four were left, and one more comes every ten seconds.
    assert!((4..=6).contains(&tried), "{tried}");
    // A new browser of the owner must wait with them; the one that is known need not, even from a
    // network that is shut out.
    assert!(must_wait(&door.log_in(ANNA, PASSWORD).await, 10));
    let device = Some(before.device.expose_secret());
    let again = door
        .services
        .log_in(log_in(ANNA, PASSWORD), &unseen(), device, None)
        .await;
    assert!(door.enter(&again.unwrap()).await.is_ok());
}

#[tokio::test]
async fn sec_65_a_known_browser_has_few_tries_too_and_is_known_to_one_account() {
    let door = Door::with_anna().await;
    door.register("boris@example.ru", OTHER).await.unwrap();
    let anna = door.log_in(ANNA, PASSWORD).await.unwrap();
    let device = anna.device.expose_secret();
    let visitor = from("192.0.2.1");
    let try_as = async |email: &str, device: &str| {
        let form = log_in(email, "a wrong password");
        let tried = door.services.log_in(form, &visitor, Some(device), None);
        tried.await.unwrap_err()
    };
    for _ in 0..5 {
        assert_eq!(try_as(ANNA, device).await, Denial::Credentials);
    }
    assert!(matches!(try_as(ANNA, device).await, Denial::TooOften { seconds } if seconds <= 10));
    // Upon another account it is a stranger, as is whoever makes a secret up.
    for _ in 0..3 {
        assert_eq!(
            try_as("boris@example.ru", device).await,
            Denial::Credentials
        );
    }
    let made_up = "x".repeat(43);
    for _ in 0..2 {
        assert_eq!(try_as(ANNA, &made_up).await, Denial::Credentials);
    }
    assert!(matches!(try_as(ANNA, &made_up).await, Denial::TooOften { seconds } if seconds <= 12));
}

#[tokio::test]
async fn sec_60_a_log_in_gives_new_secrets_and_ends_the_old_cookie() {
    let door = Door::with_anna().await;
    let first = door.log_in(ANNA, PASSWORD).await.unwrap();
    let second = door
        .services
        .log_in(
            log_in(ANNA, PASSWORD),
            &unseen(),
            Some(first.device.expose_secret()),
            Some(first.cookie.expose_secret()),
        )
        .await
        .unwrap();
    assert_ne!(first.cookie.expose_secret(), second.cookie.expose_secret());
    assert_ne!(first.device.expose_secret(), second.device.expose_secret());
    assert_ne!(second.device.expose_secret(), second.cookie.expose_secret());
    assert_eq!(door.enter(&first).await.unwrap_err(), Denial::SignedOut);
    let entered = door.enter(&second).await.unwrap();
    assert_eq!(door.services.devices(&entered).await.unwrap().len(), 1);
    assert_eq!(
        second.lives,
        std::time::Duration::from_secs(30 * 24 * 60 * 60)
    );
}

#[tokio::test]
async fn sec_60_a_cookie_that_somebody_plants_never_lets_in() {
    let door = Door::with_anna().await;
    let planted = "A".repeat(43);
    for cookie in [planted.as_str(), "", "A", &"A".repeat(100_000)] {
        let refused = door.services.enter(cookie, &unseen()).await;
        assert_eq!(refused.unwrap_err(), Denial::SignedOut);
    }
    let logged_in = door
        .services
        .log_in(log_in(ANNA, PASSWORD), &unseen(), None, Some(&planted))
        .await
        .unwrap();
    assert_ne!(logged_in.cookie.expose_secret(), planted);
    let refused = door.services.enter(&planted, &unseen()).await;
    assert_eq!(refused.unwrap_err(), Denial::SignedOut);
    // The other secret of a log-in is no cookie.
    let device = logged_in.device.expose_secret();
    let refused = door.services.enter(device, &unseen()).await;
    assert_eq!(refused.unwrap_err(), Denial::SignedOut);
}

#[tokio::test]
async fn sec_61_a_session_ends_after_a_day_of_rest_and_after_thirty_days() {
    let door = Door::with_anna().await;
    let rests = door.log_in(ANNA, PASSWORD).await.unwrap();
    let works = door.log_in(ANNA, PASSWORD).await.unwrap();
    for day in 0..30 {
        assert!(door.enter(&works).await.is_ok(), "day {day}");
        door.clock.pass(time::Duration::hours(24) - minutes(1));
        if day == 0 {
            assert!(door.enter(&works).await.is_ok());
            door.clock.pass(minutes(1));
            assert_eq!(door.enter(&rests).await.unwrap_err(), Denial::SignedOut);
        }
    }
    assert!(door.enter(&works).await.is_ok());
    door.clock.pass(minutes(30));
    assert_eq!(door.enter(&works).await.unwrap_err(), Denial::SignedOut);
    door.work().await;
    let entered = door.anna().await;
    assert_eq!(door.services.devices(&entered).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_browser_that_stays_away_for_more_than_a_year_is_forgotten() {
    let door = Door::with_anna().await;
    let logged_in = door.log_in(ANNA, PASSWORD).await.unwrap();
    let digest = Sha256::digest(logged_in.device.expose_secret()).into();
    let is_known = async || door.store.is_known_device(ANNA, &digest).await.unwrap();
    door.work().await;
    assert!(is_known().await);
    door.clock.pass(time::Duration::days(401));
    door.work().await;
    assert!(!is_known().await);
}

#[tokio::test]
async fn sec_63_what_one_process_ends_no_other_lets_in() {
    let door = Door::with_anna().await;
    let other = door.another(|_settings| {});
    let logged_in = door.log_in(ANNA, PASSWORD).await.unwrap();
    let cookie = logged_in.cookie.expose_secret();
    let elsewhere = other.enter(cookie, &unseen()).await.unwrap();
    door.services.log_out(&elsewhere).await.unwrap();
    let refused = other.enter(cookie, &unseen()).await;
    assert_eq!(refused.unwrap_err(), Denial::SignedOut);
}

#[tokio::test]
async fn sec_67_a_password_is_compared_exactly_as_it_was_typed() {
    let door = Door::new().await;
    let typed = " Ёлка\u{301} и 26 шаров ";
    door.register(ANNA, typed).await.unwrap();
    for other in [
        typed.trim().to_owned(),
        typed.to_lowercase(),
        typed.replace('\u{301}', ""),
    ] {
        let refused = door.log_in(ANNA, &other).await;
        assert_eq!(refused.unwrap_err(), Denial::Credentials);
    }
    assert!(door.log_in(ANNA, typed).await.is_ok());
}

#[tokio::test]
async fn sec_67_a_password_that_nobody_can_have_costs_no_work() {
    let door = Door::with_anna().await;
    let long = "x".repeat(1_000_000);
    for email in [ANNA, "boris@example.ru"] {
        let (refused, hashes) = door.work_of(door.log_in(email, &long)).await;
        assert_eq!(refused.unwrap_err(), Denial::Credentials);
        assert_eq!(hashes, 0);
    }
}

#[tokio::test]
async fn sec_35_a_hash_with_older_parameters_is_replaced_once_at_a_log_in() {
    let door = Door::with_anna().await;
    let stronger = door.another(|settings| {
        settings.password_cost = PasswordCost {
            memory_kib: 128,
            ..CHEAP
        };
    });
    let hash = async || {
        let login = door.store.login(ANNA).await.unwrap().unwrap();
        login.password.hash.expose_secret().to_owned()
    };
    let try_with = async |password: &str| {
        let form = log_in(ANNA, password);
        stronger.log_in(form, &unseen(), None, None).await
    };
    assert!(hash().await.starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
    try_with(OTHER).await.unwrap_err();
    assert!(hash().await.contains("m=64,"), "only the owner may do that");
    let logged_in = try_with(PASSWORD).await.unwrap();
    let upgraded = hash().await;
    assert!(upgraded.starts_with("$argon2id$v=19$m=128,t=1,p=1$"));
    assert!(door.enter(&logged_in).await.is_ok());
    assert!(try_with(PASSWORD).await.is_ok());
    assert_eq!(hash().await, upgraded);
}

#[tokio::test]
async fn sec_71_coming_and_going_is_written_down() {
    let door = Door::with_anna().await;
    let visitor = from("::ffff:192.0.2.9");
    let logged_in = door.log_in_from(&visitor, ANNA, PASSWORD).await.unwrap();
    let entered = door.enter(&logged_in).await.unwrap();
    door.clock.pass(minutes(1));
    door.services.log_out(&entered).await.unwrap();
    assert_eq!(door.enter(&logged_in).await.unwrap_err(), Denial::SignedOut);
    door.clock.pass(minutes(1));
    let told = door.told(&door.anna().await).await;
    let logged_in = DeedKind::LoggedIn {
        ip: "192.0.2.9".to_owned(),
    };
    assert_eq!(told[1], DeedKind::LoggedOut);
    assert!(told[2..].contains(&logged_in) && told[2..].contains(&DeedKind::Registered));
}

#[tokio::test]
async fn sec_34_what_is_given_out_is_not_shown() {
    let door = Door::with_anna().await;
    let logged_in = door.log_in(ANNA, PASSWORD).await.unwrap();
    let entered = door.enter(&logged_in).await.unwrap();
    let shown = format!("{logged_in:?} {entered:?}");
    for planted in [
        logged_in.cookie.expose_secret(),
        logged_in.device.expose_secret(),
        "anna",
    ] {
        assert!(!shown.contains(planted), "{shown}");
    }
}

#[tokio::test]
async fn what_cannot_be_the_name_of_a_device_is_not_found() {
    let door = Door::with_anna().await;
    let anna = door.anna().await;
    for id in ["", "\0", "a\0b", &"x".repeat(1_000_000)] {
        let ended = door.services.end_device(&anna, id).await;
        assert_eq!(ended, Err(Denial::NotFound));
    }
}
