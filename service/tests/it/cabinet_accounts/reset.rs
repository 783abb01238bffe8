//! A new password by a mailed code.

use std::sync::Arc;

use crmap_domain::Lang;
use crmap_domain::cabinet::{DeedKind, Denial, PasswordFlaw};
use crmap_service::MailError;
use secrecy::ExposeSecret;
use tokio::task::JoinSet;

use super::support::*;

const ANNA: &str = "anna@example.ru";

async fn ask(door: &Door, email: &str) -> Result<(), Denial> {
    door.services.ask_reset(email, Lang::Ru, &unseen()).await
}

async fn set(door: &Door, code: &str, password: &str) -> Result<(), Denial> {
    door.services
        .reset_password(code, secret(password), &unseen())
        .await
        .map(drop)
}

#[tokio::test]
async fn sec_68_a_code_from_a_mail_sets_a_new_password() {
    let door = Door::with_anna().await;
    let before = door.log_in(ANNA, PASSWORD).await.unwrap();
    door.clock.pass(minutes(1));
    assert_eq!(ask(&door, "ANNA@example.ru").await, Ok(()));
    let code = door.code().await;
    assert_eq!(code.len(), 43);
    let mail = door.postman.taken().remove(0);
    assert_eq!(mail.to.as_str(), ANNA);
    assert!(mail.text.contains("https://crmap.example/password/new#"));

    door.clock.pass(minutes(1));
    assert_eq!(set(&door, &code, OTHER).await, Ok(()));
    assert_eq!(door.enter(&before).await.unwrap_err(), Denial::SignedOut);
    let refused = door.log_in(ANNA, PASSWORD).await;
    assert_eq!(refused.unwrap_err(), Denial::Credentials);
    door.clock.pass(minutes(1));
    let logged_in = door.log_in(ANNA, OTHER).await.unwrap();
    let entered = door.enter(&logged_in).await.unwrap();
    let told = door.told(&entered).await;
    assert_eq!(told[1..3], [DeedKind::PasswordReset, DeedKind::ResetAsked]);
    let mails = door.mails().await;
    assert_eq!(mails.len(), 2);
    assert!(mails[1].subject.contains("пароль CRMAP задан заново"));
}

#[tokio::test]
async fn sec_64_an_unknown_address_gets_the_same_answer_and_no_mail() {
    let door = Door::with_anna().await;
    let known = door.work_of(ask(&door, ANNA)).await;
    let unknown = door.work_of(ask(&door, "boris@example.ru")).await;
    assert_eq!(known, (Ok(()), 0));
    assert_eq!(unknown, known);
    let mails = door.mails().await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to.as_str(), ANNA);
}

#[tokio::test]
async fn without_mails_nobody_is_promised_one() {
    let door = Door::with_anna().await;
    let silent = door.another(|settings| settings.mailer = None);
    assert!(door.services.sends_mail() && !silent.sends_mail());
    for email in [ANNA, "boris@example.ru", "nobody"] {
        let refused = silent.ask_reset(email, Lang::Ru, &unseen()).await;
        assert_eq!(refused, Err(Denial::MailOff));
    }
    assert_eq!(ask(&door, "nobody").await, Err(Denial::Email));
}

#[tokio::test]
async fn the_mail_is_in_the_language_of_whoever_asks() {
    let door = Door::with_anna().await;
    door.services
        .ask_reset(ANNA, Lang::En, &unseen())
        .await
        .unwrap();
    assert_eq!(
        door.mails().await[0].subject,
        "Set a new password for CRMAP"
    );
}

#[tokio::test]
async fn sec_68_of_two_uses_at_once_exactly_one_succeeds() {
    let door = Arc::new(Door::with_anna().await);
    ask(&door, ANNA).await.unwrap();
    let code = door.code().await;
    let mut work = JoinSet::new();
    for number in 0..6 {
        let (door, code) = (Arc::clone(&door), code.clone());
        work.spawn(async move {
            let password = format!("{OTHER} {number}");
            (set(&door, &code, &password).await, password)
        });
    }
    let outcomes = work.join_all().await;
    let won: Vec<_> = outcomes.iter().filter(|(one, _)| one.is_ok()).collect();
    assert_eq!(won.len(), 1);
    let lost = outcomes.iter().filter(|(one, _)| one.is_err());
    for (outcome, _) in lost {
        assert_eq!(*outcome, Err(Denial::ResetOver));
    }
    assert!(door.log_in(ANNA, &won[0].1).await.is_ok());
}

#[tokio::test]
async fn sec_68_a_code_is_good_for_half_an_hour() {
    let door = Door::with_anna().await;
    ask(&door, ANNA).await.unwrap();
    let code = door.code().await;
    door.clock.pass(minutes(30));
    assert_eq!(set(&door, &code, OTHER).await, Err(Denial::ResetOver));
    ask(&door, ANNA).await.unwrap();
    let code = door.code().await;
    door.clock.pass(time::Duration::seconds(30 * 60 - 1));
    assert_eq!(set(&door, &code, OTHER).await, Ok(()));
}

#[tokio::test]
async fn sec_68_a_password_that_is_not_taken_uses_up_nothing() {
    let door = Door::with_anna().await;
    ask(&door, ANNA).await.unwrap();
    let code = door.code().await;
    for (password, flaw) in [
        ("k7#pQ2!", PasswordFlaw::Short),
        ("anna@example.ru", PasswordFlaw::Weak),
    ] {
        let refused = door.work_of(set(&door, &code, password)).await;
        assert_eq!(refused, (Err(Denial::Password(flaw)), 0));
    }
    assert_eq!(set(&door, &code, OTHER).await, Ok(()));
    assert_eq!(set(&door, &code, PASSWORD).await, Err(Denial::ResetOver));
}

#[tokio::test]
async fn sec_68_codes_that_were_guessed_or_overtaken_are_worth_nothing() {
    let door = Door::with_anna().await;
    ask(&door, ANNA).await.unwrap();
    let second = door.code().await;
    let guessed = "A".repeat(43);
    for code in [guessed.as_str(), "", &"A".repeat(1_000_000)] {
        let refused = door.work_of(set(&door, code, OTHER)).await;
        assert_eq!(refused, (Err(Denial::ResetOver), 0));
    }
    let anna = door.anna().await;
    door.services
        .change_email(&anna, "new@example.ru", secret(PASSWORD), &unseen())
        .await
        .unwrap();
    assert_eq!(set(&door, &second, OTHER).await, Err(Denial::ResetOver));

    ask(&door, "new@example.ru").await.unwrap();
    let third = door.code().await;
    door.services
        .change_password(&anna, secret(PASSWORD), secret(OTHER), &unseen())
        .await
        .unwrap();
    assert_eq!(set(&door, &third, PASSWORD).await, Err(Denial::ResetOver));
}

#[tokio::test]
async fn sec_68_strangers_who_ask_void_no_code_and_using_one_voids_all() {
    let door = Door::with_anna().await;
    ask(&door, ANNA).await.unwrap();
    let first = door.code().await;
    for _ in 0..2 {
        ask(&door, ANNA).await.unwrap();
    }
    let last = door.code().await;
    assert_ne!(first, last);
    assert_eq!(set(&door, &first, OTHER).await, Ok(()));
    assert_eq!(set(&door, &last, PASSWORD).await, Err(Denial::ResetOver));
}

#[tokio::test]
async fn sec_65_an_owner_whom_strangers_shut_out_gets_in_after_a_new_password() {
    let door = Door::with_anna().await;
    let before = door.anna().await;
    let token = door.services.connection_token(&before).await.unwrap();
    let mut refused = Ok(());
    while refused.is_ok() || refused == Err(Denial::Credentials) {
        refused = door.log_in(ANNA, "guessed by somebody").await.map(drop);
    }
    assert!(must_wait(&refused, 86_400), "{refused:?}");
    ask(&door, ANNA).await.unwrap();
    let code = door.code().await;
    let visitor = unseen();
    let set = door.services.reset_password(&code, secret(OTHER), &visitor);
    let device = set.await.unwrap();
    let form = log_in(ANNA, OTHER);
    let shown = Some(device.expose_secret());
    let logged_in = door.services.log_in(form, &visitor, shown, None).await;
    let entered = door.enter(&logged_in.unwrap()).await.unwrap();
    // Whoever had the password may have had the token, too.
    let renewed = door.services.connection_token(&entered).await.unwrap();
    assert_ne!(renewed.expose_secret(), token.expose_secret());
}

#[tokio::test]
async fn sec_65_three_mails_go_to_one_address_whoever_asks() {
    let door = Door::with_anna().await;
    for email in [ANNA, "boris@example.ru"] {
        for _ in 0..3 {
            assert_eq!(ask(&door, email).await, Ok(()));
        }
        let refused = ask(&door, email).await;
        assert!(must_wait(&refused, 1200), "{refused:?}");
    }
    assert_eq!(door.mails().await.len(), 3);
}

#[tokio::test]
async fn sec_65_ten_are_asked_for_from_one_network() {
    let door = Door::new().await;
    let ask = async |number: u32| {
        let visitor = from(&format!("2001:db8:5:5::{number}"));
        let email = format!("a{number}@example.ru");
        door.services.ask_reset(&email, Lang::Ru, &visitor).await
    };
    for number in 1..=10 {
        assert_eq!(ask(number).await, Ok(()));
    }
    assert!(must_wait(&ask(11).await, 360));
}

#[tokio::test]
async fn a_code_that_is_void_is_not_mailed_any_more() {
    let door = Door::with_anna().await;
    door.postman.answers(&MailError::Later("421".to_owned()), 1);
    ask(&door, ANNA).await.unwrap();
    assert!(door.mails().await.is_empty());
    door.clock.pass(minutes(30));
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    assert!(door.mails().await.is_empty());
    door.clock.pass(minutes(-30));
    assert!(door.mails().await.is_empty(), "it was dropped");
}
