//! SEC-70: letters as a mail server gets them, and what comes of servers that take none.

use std::sync::Arc;
use std::time::Duration;

use crmap_crm::SystemClock;
use crmap_domain::cabinet::Email;
use crmap_server::OsEntropy;
use crmap_server::mail::SmtpMailer;
use crmap_service::{Mail, MailError, Mailer as _};

use crate::smtp_sink::{Letter, SmtpSink, Temper};

const TO: &str = "ivan.petrov@example.ru";

fn mail_to(address: &str) -> Mail {
    Mail {
        to: Email::parse(address).unwrap(),
        subject: "Новый пароль для CRMAP".to_owned(),
        text: "Здравствуйте!\n\n.строка с точки\n.\nhttps://crmap.example/reset?code=1=2\n"
            .to_owned(),
    }
}

fn mailer(url: &str) -> SmtpMailer {
    let site = "https://crmap.example/".parse().unwrap();
    SmtpMailer::new(&url.into(), "CRMAP <noreply@crmap.example>", &site).unwrap()
}

fn hasty(url: &str) -> SmtpMailer {
    let patience = Duration::from_millis(300);
    mailer(url).with(patience, Arc::new(SystemClock), Arc::new(OsEntropy))
}

async fn sent(mail: &Mail) -> Letter {
    let sink = SmtpSink::start().await;
    mailer(&sink.url()).send(mail).await.unwrap();
    sink.letter_to(mail.to.as_str()).await
}

#[tokio::test]
async fn a_letter_arrives_as_it_was_written() {
    let mail = mail_to(TO);
    let letter = sent(&mail).await;
    assert_eq!(letter.from, "noreply@crmap.example");
    assert_eq!(letter.to, [TO]);
    assert_eq!(letter.subject(), mail.subject);
    assert_eq!(letter.text(), mail.text);
    assert_eq!(letter.field("From"), "CRMAP <noreply@crmap.example>");
    assert_eq!(letter.field("To"), TO);
    assert_eq!(letter.field("Content-Type"), "text/plain; charset=utf-8");
    assert_eq!(letter.field("Auto-Submitted"), "auto-generated");
    assert!(letter.field("Date").ends_with("+0000"), "{}", letter.raw);
}

#[tokio::test]
async fn every_letter_has_a_name_of_its_own_within_the_site() {
    let sink = SmtpSink::start().await;
    let mailer = mailer(&sink.url());
    for _ in 0..3 {
        mailer.send(&mail_to(TO)).await.unwrap();
    }
    let mut names: Vec<_> = sink
        .letters()
        .iter()
        .map(|letter| letter.field("Message-ID"))
        .collect();
    for name in &names {
        assert!(name.ends_with("@crmap.example>"), "{name}");
    }
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 3, "{names:?}");
}

#[tokio::test]
async fn a_domain_in_letters_of_another_script_is_sent_to_by_its_plain_name() {
    let sink = SmtpSink::start().await;
    let mailer = mailer(&sink.url());
    mailer.send(&mail_to("info@почта.рф")).await.unwrap();
    let letter = sink.letter_to("info@xn--80a1acny.xn--p1ai").await;
    assert!(letter.raw.is_ascii(), "{}", letter.raw);
    // The sink takes no local part of another script, like many servers.
    let refused = mailer.send(&mail_to("иван@почта.рф")).await.unwrap_err();
    assert!(matches!(refused, MailError::Never(_)), "{refused}");
}

#[tokio::test]
async fn sec_70_a_subject_cannot_forge_a_line() {
    let sink = SmtpSink::start().await;
    let mailer = mailer(&sink.url());
    for ending in [
        "\r\nBcc: all@example.ru",
        "\nBcc: all@example.ru",
        "\r",
        "\0",
    ] {
        let mut mail = mail_to(TO);
        mail.subject = format!("Hello{ending}");
        let refused = mailer.send(&mail).await.unwrap_err();
        assert!(matches!(refused, MailError::Never(_)), "{ending:?}");
    }
    assert!(sink.letters().is_empty());
}

#[tokio::test]
async fn sec_70_a_server_that_is_out_of_temper_is_tried_again_or_not() {
    let sink = SmtpSink::start().await;
    let mailer = hasty(&format!("smtp://us:hunter2@{}", sink.address()));
    for (temper, tried_again, said) in [
        (Temper::Busy, true, "451"),
        (Temper::Refuses, false, "550"),
        (Temper::RefusesUs, true, "535"),
        (Temper::Hangs, true, "in time"),
        (Temper::BreaksOff, true, "broke off"),
    ] {
        sink.be(temper);
        let error = mailer.send(&mail_to(TO)).await.unwrap_err();
        assert_eq!(
            matches!(error, MailError::Later(_)),
            tried_again,
            "{temper:?}: {error}"
        );
        let text = format!("{error} {error:?}");
        assert!(text.contains(said), "{temper:?}: {text}");
        // SEC-37: servers repeat addresses, and the log must not.
        for secret in ["ivan", "example.ru", "hunter2"] {
            assert!(!text.contains(secret), "{temper:?}: {text}");
        }
    }
    assert!(sink.letters().is_empty());
    sink.be(Temper::Accepts);
    mailer.send(&mail_to(TO)).await.unwrap();
    assert_eq!(sink.letters().len(), 1);
}

#[tokio::test]
async fn sec_70_a_server_that_is_away_is_tried_again() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    let error = hasty(&format!("smtp://{address}"))
        .send(&mail_to(TO))
        .await
        .unwrap_err();
    assert!(matches!(error, MailError::Later(_)), "{error}");
}

#[tokio::test]
async fn neither_password_nor_letter_goes_to_a_server_that_does_not_encrypt_as_it_must() {
    let sink = SmtpSink::start().await;
    let address = sink.address();
    for url in [
        format!("smtps://us:hunter2@{address}"),
        format!("smtp://us:hunter2@{address}?tls=required"),
    ] {
        let error = hasty(&url).send(&mail_to(TO)).await.unwrap_err();
        assert!(matches!(error, MailError::Later(_)), "{error}");
    }
    assert!(sink.letters().is_empty());
    let said = sink.said();
    let betrayed = said
        .iter()
        .any(|line| line.starts_with("AUTH") || line.contains("ivan"));
    assert!(!betrayed, "{said:?}");
}

#[tokio::test]
async fn the_server_is_greeted_with_the_site_s_name_unless_told_otherwise() {
    let sink = SmtpSink::start().await;
    for url in [sink.url(), format!("{}/mx.example.org", sink.url())] {
        mailer(&url).send(&mail_to(TO)).await.unwrap();
    }
    let said = sink.said();
    let greetings: Vec<_> = said
        .iter()
        .filter(|line| line.starts_with("EHLO"))
        .collect();
    assert_eq!(greetings, ["EHLO crmap.example", "EHLO mx.example.org"]);
}

#[test]
fn settings_that_cannot_be_understood_are_named_without_their_secrets() {
    let site = "https://crmap.example/".parse().unwrap();
    for (url, from, named) in [
        ("https://us:hunter2@host", "a@example.ru", "CRMAP_SMTP_URL"),
        ("us:hunter2@host", "a@example.ru", "CRMAP_SMTP_URL"),
        (
            "smtp://us:hunter2@host?tls=perhaps",
            "a@example.ru",
            "CRMAP_SMTP_URL",
        ),
        ("", "a@example.ru", "CRMAP_SMTP_URL"),
        (
            "smtp://us:hunter2@host",
            "not an address",
            "CRMAP_MAIL_FROM",
        ),
        ("smtp://us:hunter2@host", "", "CRMAP_MAIL_FROM"),
    ] {
        let error = SmtpMailer::new(&url.into(), from, &site).err().unwrap();
        let text = format!("{error:#} {error:?}");
        assert!(text.contains(named), "{url} {from}: {text}");
        assert!(!text.contains("hunter2"), "{url}: {text}");
    }
}
