//! Mails reach the mail server, whatever becomes of it and of us.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crmap_domain::Lang;
use crmap_service::{MailError, Services};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::support::*;

const ANNA: &str = "anna@example.ru";

async fn ask(door: &Door, email: &str) {
    let visitor = unseen();
    let asked = door.services.ask_reset(email, Lang::Ru, &visitor);
    assert_eq!(asked.await, Ok(()));
}

async fn pause() {
    tokio::time::sleep(Duration::from_millis(60)).await;
}

#[tokio::test]
async fn sec_70_a_mail_is_tried_until_the_server_takes_it() {
    let door = Door::with_anna().await;
    door.postman.answers(&MailError::Later("421".to_owned()), 3);
    ask(&door, ANNA).await;
    for _ in 0..3 {
        assert!(door.mails().await.is_empty());
        pause().await;
    }
    assert_eq!(door.mails().await.len(), 1);
    pause().await;
    assert_eq!(door.mails().await.len(), 1);
}

#[tokio::test]
async fn sec_70_a_mail_that_is_refused_for_good_is_dropped_and_holds_up_no_other() {
    let door = Door::with_anna().await;
    door.register("boris@example.ru", OTHER).await.unwrap();
    door.postman.answers(&MailError::Never("550".to_owned()), 1);
    ask(&door, ANNA).await;
    ask(&door, "boris@example.ru").await;
    assert_eq!(door.mails().await.len(), 1);
    pause().await;
    assert_eq!(door.mails().await.len(), 1);
}

#[tokio::test]
async fn sec_70_a_mail_is_given_up_by_its_age_and_not_by_its_tries() {
    let door = Door::with_anna().await;
    // Its owner is told that somebody registered, which is of use for days.
    door.register(ANNA, OTHER).await.unwrap();
    let quick = door.another(|settings| settings.mail.backoff = Duration::ZERO);
    let refused = MailError::Later("421".to_owned());
    door.postman.answers(&refused, 21);
    for _ in 0..20 {
        quick.round(false).await.unwrap();
    }
    door.clock.pass(time::Duration::days(7));
    for _ in 0..2 {
        quick.round(false).await.unwrap();
    }
    assert!(door.postman.taken().is_empty(), "it was kept for longer");
}

#[tokio::test]
async fn rel_26_who_is_told_to_stop_does_not_send_all_that_waits() {
    let door = Door::with_anna().await;
    for number in 0..4 {
        let email = format!("a{number}@example.ru");
        door.register(&email, PASSWORD).await.unwrap();
        ask(&door, &email).await;
    }
    // Each takes as long as the patience allows, and was taken.
    let slow = door.another(|settings| {
        settings.mail.patience = Duration::from_millis(200);
        settings.mail.lease = Duration::from_secs(60);
    });
    door.postman.is_slow.store(true, Ordering::SeqCst);
    let (stop, stopped) = watch::channel(false);
    let worker = tokio::spawn(slow.work(stopped));
    while door.postman.taken().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    stop.send(true).unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(5), worker).await;
    assert!(ended.is_ok());
    assert!(door.postman.taken().len() < 4, "all were sent first");
}

#[tokio::test]
async fn sec_70_a_server_that_is_down_holds_up_nobody_and_shows_nothing() {
    let door = Door::with_anna().await;
    door.postman.is_silent.store(true, Ordering::SeqCst);
    let (stop, stopped) = watch::channel(false);
    let worker = tokio::spawn(Arc::clone(&door.services).work(stopped));
    for email in [ANNA, "boris@example.ru"] {
        let asked = tokio::time::timeout(Duration::from_secs(5), ask(&door, email));
        assert!(asked.await.is_ok());
    }
    assert!(door.log_in(ANNA, PASSWORD).await.is_ok());
    stop.send(true).unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(5), worker).await;
    assert!(ended.is_ok(), "it waits for the mail server for ever");
}

#[tokio::test]
async fn sec_70_several_processes_send_each_mail_once() {
    let door = Door::with_anna().await;
    for number in 0..30 {
        let email = format!("a{number}@example.ru");
        door.register(&email, PASSWORD).await.unwrap();
        ask(&door, &email).await;
    }
    let processes = [(); 3].map(|()| door.another(|_settings| {}));
    let mut rounds = JoinSet::new();
    for services in processes {
        rounds.spawn(async move { services.round(false).await.unwrap() });
    }
    rounds.join_all().await;
    let mails = door.mails().await;
    let to: HashSet<_> = mails.iter().map(|mail| mail.to.as_str()).collect();
    assert_eq!((mails.len(), to.len()), (30, 30));
}

async fn killed_while_sending(services: &Arc<Services>) {
    let services = Arc::clone(services);
    let process = tokio::spawn(async move { services.round(false).await });
    tokio::time::sleep(Duration::from_millis(30)).await;
    process.abort();
    assert!(process.await.unwrap_err().is_cancelled());
}

#[tokio::test]
async fn sec_70_a_process_that_is_killed_loses_no_mail_and_doubles_one_at_the_most() {
    let door = Door::with_anna().await;
    let patient = door.another(|settings| settings.mail.patience = Duration::from_secs(60));
    door.register("boris@example.ru", OTHER).await.unwrap();
    ask(&door, ANNA).await;
    ask(&door, "boris@example.ru").await;
    door.postman.is_silent.store(true, Ordering::SeqCst);
    killed_while_sending(&patient).await;
    assert_eq!(door.postman.taken().len(), 1);
    door.postman.is_silent.store(false, Ordering::SeqCst);
    assert_eq!(door.mails().await.len(), 2, "the other one does not wait");
    tokio::time::sleep(Duration::from_millis(320)).await;
    let mails = door.mails().await;
    let to: HashSet<_> = mails.iter().map(|mail| mail.to.as_str()).collect();
    assert_eq!((mails.len(), to.len()), (3, 2));
}

#[tokio::test]
async fn sec_37_a_mail_shows_nothing_of_what_it_says() {
    let door = Door::with_anna().await;
    ask(&door, ANNA).await;
    let code = door.code().await;
    let shown = format!("{:?}", door.postman.taken());
    assert!(!shown.contains(&code) && !shown.contains("anna@"));
}
