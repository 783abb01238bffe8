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
async fn sec_70_after_enough_tries_a_mail_is_given_up() {
    let door = Door::with_anna().await;
    door.postman.answers(&MailError::Later("421".to_owned()), 4);
    ask(&door, ANNA).await;
    for _ in 0..8 {
        assert!(door.mails().await.is_empty());
        pause().await;
    }
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
