//! Getting a cabinet.

use std::sync::Arc;

use crmap_domain::cabinet::{DeedKind, Denial, PasswordFlaw};
use crmap_service::Registration;
use tokio::task::JoinSet;

use super::support::*;

#[tokio::test]
async fn somebody_registers_and_is_let_in() {
    let door = Door::new().await;
    let registered = door.register(" Anna@Example.ru ", PASSWORD).await;
    assert_eq!(registered, Ok(()));
    door.clock.pass(time::Duration::seconds(1));
    let logged_in = door.log_in("anna@example.RU", PASSWORD).await.unwrap();
    let entered = door.enter(&logged_in).await.unwrap();
    assert_eq!(entered.account.name, "Анна Титова");
    assert_eq!(entered.account.email, "Anna@Example.ru");
    assert_eq!(
        door.told(&entered).await.last(),
        Some(&DeedKind::Registered)
    );
    assert!(door.mails().await.is_empty());
}

#[tokio::test]
async fn sec_64_a_known_address_gets_the_same_answer_for_the_same_work() {
    let door = Door::with_anna().await;
    let new = door.work_of(door.register("boris@example.ru", OTHER)).await;
    let known = door.work_of(door.register("ANNA@example.ru", OTHER)).await;
    assert_eq!(new, (Ok(()), 1));
    assert_eq!(known, new);
    // The account is what it was, and its owner knows.
    let refused = door.log_in("anna@example.ru", OTHER).await;
    assert_eq!(refused.unwrap_err(), Denial::Credentials);
    let entered = door.anna().await;
    assert_eq!(door.told(&entered).await.len(), 2);
    let mails = door.mails().await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to.as_str(), "anna@example.ru");
    assert!(mails[0].text.contains("https://crmap.example/login\n"));
    assert!(mails[0].text.contains("https://crmap.example/password\n"));
}

#[tokio::test]
async fn sec_64_without_mails_a_known_address_gets_the_same_answer_too() {
    let door = Door::with_anna().await;
    let silent = door.another(|settings| settings.mailer = None);
    let known = silent
        .register(form("anna@example.ru", OTHER), &unseen())
        .await;
    assert_eq!(known, Ok(()));
    assert!(door.mails().await.is_empty());
}

#[tokio::test]
async fn sec_64_an_owner_is_told_of_strangers_a_few_times_and_they_never() {
    let door = Door::with_anna().await;
    for _ in 0..8 {
        let registered = door.register("anna@example.ru", OTHER).await;
        assert_eq!(registered, Ok(()));
    }
    // One of the three went with the registration itself.
    assert_eq!(door.mails().await.len(), 2);
}

#[tokio::test]
async fn of_several_at_once_one_gets_the_account_and_all_the_same_answer() {
    let door = Arc::new(Door::new().await);
    let password = |number: u8| format!("{PASSWORD} {number}");
    let mut work = JoinSet::new();
    for number in 0..4 {
        let door = Arc::clone(&door);
        work.spawn(async move { door.register("anna@example.ru", &password(number)).await });
    }
    assert!(work.join_all().await.iter().all(Result::is_ok));
    let mut let_in = 0;
    for number in 0..4 {
        let tried = door.log_in("anna@example.ru", &password(number)).await;
        let_in += u8::from(tried.is_ok());
    }
    assert_eq!(let_in, 1);
}

#[tokio::test]
async fn sec_67_what_cannot_be_taken_is_told_before_any_hash() {
    let door = Door::new().await;
    let visitor = from("192.0.2.1");
    let long = "x".repeat(1_000_000);
    let cases = [
        ("", "a@example.ru", PASSWORD, Denial::Name),
        ("a\nb", "a@example.ru", PASSWORD, Denial::Name),
        ("A", "nobody", PASSWORD, Denial::Email),
        (
            "A",
            "a@example.ru\r\nBcc: b@example.ru",
            PASSWORD,
            Denial::Email,
        ),
        (
            "A",
            "a@example.ru",
            "k7#pQ2!",
            Denial::Password(PasswordFlaw::Short),
        ),
        (
            "A",
            "a@example.ru",
            &long,
            Denial::Password(PasswordFlaw::Long),
        ),
        (
            "A",
            "a@example.ru",
            "йцукен12345",
            Denial::Password(PasswordFlaw::Weak),
        ),
        (
            "A",
            "romashka@example.ru",
            "romashka2024",
            Denial::Password(PasswordFlaw::Weak),
        ),
        (
            "Ромашкина",
            "a@example.ru",
            "ромашкина2024",
            Denial::Password(PasswordFlaw::Weak),
        ),
    ];
    for (name, email, password, denial) in cases {
        let form = Registration {
            name: name.to_owned(),
            ..form(email, password)
        };
        let outcome = door.work_of(door.services.register(form, &visitor)).await;
        assert_eq!(outcome, (Err(denial), 0), "{name} {email}");
    }
    let registered = door
        .services
        .register(form("a@example.ru", PASSWORD), &visitor)
        .await;
    assert_eq!(registered, Ok(()));
}

#[tokio::test]
async fn sec_65_five_register_from_one_network_and_the_next_waits() {
    let door = Door::new().await;
    for number in 1..=5 {
        let visitor = from(&format!("2001:db8:7:7::{number}"));
        let form = form(&format!("a{number}@example.ru"), PASSWORD);
        assert_eq!(door.services.register(form, &visitor).await, Ok(()));
    }
    let visitor = from("2001:db8:7:7:f::1");
    let sixth = door
        .services
        .register(form("a6@example.ru", PASSWORD), &visitor);
    let (outcome, hashes) = door.work_of(sixth).await;
    assert!(must_wait(&outcome, 720), "{outcome:?}");
    assert_eq!(hashes, 0);
    let elsewhere = from("2001:db8:7:8::1");
    let registered = door
        .services
        .register(form("a6@example.ru", PASSWORD), &elsewhere)
        .await;
    assert_eq!(registered, Ok(()));
}

#[tokio::test]
async fn a_password_is_judged_as_it_will_be() {
    let door = Door::new().await;
    let visitor = unseen();
    let judge = async |password: &str| {
        let about = vec!["Анна".to_owned()];
        let judged = door
            .services
            .judge_password(secret(password), about, &visitor);
        judged.await.unwrap().flaw
    };
    assert_eq!(judge(PASSWORD).await, None);
    assert_eq!(judge("анна12345").await, Some(PasswordFlaw::Weak));
}

#[tokio::test]
async fn sec_65_to_judge_a_password_is_work_that_is_counted_before_it_is_done() {
    let door = Door::new().await;
    let visitor = from("2001:db8:8:8::1");
    for _ in 0..60 {
        let judged = door
            .services
            .judge_password(secret("a"), Vec::new(), &visitor);
        assert!(judged.await.is_ok());
    }
    // A few came back while they were judged.
    let mut refused = Ok(());
    for _ in 0..60 {
        let judged = door
            .services
            .judge_password(secret("a"), Vec::new(), &visitor);
        refused = judged.await.map(drop);
        if refused.is_err() {
            break;
        }
    }
    assert!(must_wait(&refused, 1), "{refused:?}");

    let visitor = from("2001:db8:8:9::1");
    let weak = Err(Denial::Password(PasswordFlaw::Weak));
    for _ in 0..5 {
        let form = form("a@example.ru", "йцукен12345");
        assert_eq!(door.services.register(form, &visitor).await, weak);
    }
    let sixth = door
        .services
        .register(form("a@example.ru", "йцукен12345"), &visitor);
    assert!(must_wait(&sixth.await, 720));
}
