//! A forgotten password, from the form to the letter to the form of the new one.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::http::header::HOST;
use crmap_app::api::cabinet::ResetPassword;
use crmap_app::cabinet::data::Outside;
use crmap_domain::cabinet::{Denial, PasswordFlaw};
use crmap_server::mail::SmtpMailer;

use super::browser::{Browser, DEVICE, form};
use super::{OTHER, PASSWORD, owner};
use crate::house::{Base, Furniture, House, SITE, on_both};
use crate::smtp_sink::{Letter, SmtpSink, Temper};

on_both! {
    a_new_password_is_set_by_the_link_of_a_letter
    sec_68_a_code_is_good_once_and_for_half_an_hour
    sec_68_of_two_who_use_a_code_at_once_one_sets_the_password
    sec_69_the_link_leads_to_the_configured_site_whatever_the_request_says
    sec_70_a_mail_server_that_is_away_shows_in_no_answer
}

/// The way to a mail server of ours.
pub fn mailer(sink: &SmtpSink) -> Arc<SmtpMailer> {
    let site = SITE.parse().unwrap();
    let mailer = SmtpMailer::new(&sink.url().into(), "CRMAP <noreply@crmap.example>", &site);
    Arc::new(mailer.unwrap())
}

/// A house that sends mail.
pub async fn house_with_mail(name: &str, base: Base) -> (House, SmtpSink) {
    let sink = SmtpSink::start().await;
    let furniture = Furniture {
        mailer: Some(mailer(&sink)),
        ..Furniture::default()
    };
    (House::furnished(name, base, furniture).await, sink)
}

/// Where the letter leads, and the code in the part of that address that no server is sent.
fn link_of(letter: &Letter) -> (String, String) {
    let text = letter.text();
    let mut links = text.lines().filter(|line| line.contains('#'));
    let link = links.next().unwrap_or_else(|| panic!("no link: {text}"));
    assert_eq!(links.next(), None, "{text}");
    let (page, code) = link.split_once('#').unwrap();
    assert_eq!(code.len(), 43, "256 bits");
    (page.to_owned(), code.to_owned())
}

async fn asked(house: &House, sink: &SmtpSink, email: &str) -> (String, String) {
    let browser = Browser::new(&house.router);
    let answer = browser.submit("/password", &[("email", email)]).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.text().contains("Проверьте почту"));
    link_of(&sink.letter_to(email).await)
}

async fn a_new_password_is_set_by_the_link_of_a_letter(base: Base) {
    let (house, sink) = house_with_mail("reset", base).await;
    let anna = owner(&house, "Анна", "anna@example.ru").await;
    let (page, code) = asked(&house, &sink, "anna@example.ru").await;
    assert_eq!(page, format!("{SITE}/password/new"));
    assert!(anna.is_in().await, "nothing has changed yet");

    // Programs that look at links in mails, and browsers that fetch ahead, use nothing up.
    let reader = Browser::new(&house.router);
    for _ in 0..5 {
        let shown = reader.get("/password/new").await;
        assert_eq!(shown.status, StatusCode::OK);
        assert!(matches!(shown.outside(), Outside::NewPassword(_)));
        assert_eq!(shown.header("referrer-policy"), "same-origin");
    }
    // Neither does a password that is not taken.
    let weak = [("code", &*code), ("password", "anna@example")];
    let refused = reader.submit("/password/new", &weak).await;
    let Outside::NewPassword(told) = refused.outside() else {
        panic!("another page");
    };
    assert_eq!(told.denial, Some(Denial::Password(PasswordFlaw::Weak)));

    let fields = [("code", &*code), ("password", OTHER)];
    let set = reader.submit("/password/new", &fields).await;
    assert_eq!(set.way(), "/login?done=password");
    // One logs in with it, as somebody who is known.
    assert_eq!(set.set_cookies().into_keys().collect::<Vec<_>>(), [DEVICE]);
    assert!(!anna.is_in().await);
    let refused = reader.log_in("anna@example.ru", PASSWORD).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let let_in = reader.log_in("anna@example.ru", OTHER).await;
    assert_eq!(let_in.way(), "/dashboard");
    let told = sink.letter_to("anna@example.ru").await;
    assert!(told.subject().contains("пароль CRMAP задан заново"));
    assert!(!told.text().contains(&code) && !told.text().contains(OTHER));
}

/// What comes of a try to set a password with a code.
async fn used(house: &House, code: &str) -> Result<(), Denial> {
    let reset = ResetPassword {
        code: code.to_owned(),
        password: OTHER.to_owned(),
    };
    let answer = Browser::new(&house.router).call(&reset).await;
    if answer.status == StatusCode::OK {
        Ok(())
    } else {
        Err(answer.denied())
    }
}

async fn sec_68_a_code_is_good_once_and_for_half_an_hour(base: Base) {
    let (house, sink) = house_with_mail("codes", base).await;
    owner(&house, "Анна", "anna@example.ru").await;
    owner(&house, "Вера", "vera@example.ru").await;
    let (_, first) = asked(&house, &sink, "anna@example.ru").await;
    let (_, second) = asked(&house, &sink, "anna@example.ru").await;
    let (_, of_vera) = asked(&house, &sink, "vera@example.ru").await;
    for made_up in [
        "",
        " ",
        "a",
        &"A".repeat(43),
        &"я".repeat(43),
        &"A".repeat(10_000),
    ] {
        assert_eq!(used(&house, made_up).await, Err(Denial::ResetOver));
    }
    house.clock.pass(time::Duration::minutes(29));
    assert_eq!(used(&house, &second).await, Ok(()));
    // With one of them, all are used up.
    for code in [&first, &second] {
        assert_eq!(used(&house, code).await, Err(Denial::ResetOver));
    }
    house.clock.pass(time::Duration::minutes(2));
    assert_eq!(used(&house, &of_vera).await, Err(Denial::ResetOver));
    let vera = Browser::new(&house.router);
    assert_eq!(
        vera.log_in("vera@example.ru", PASSWORD).await.way(),
        "/dashboard"
    );
}

async fn sec_68_of_two_who_use_a_code_at_once_one_sets_the_password(base: Base) {
    let (house, sink) = house_with_mail("twice", base).await;
    let neighbour = house.neighbour().await;
    owner(&house, "Анна", "anna@example.ru").await;
    let (_, code) = asked(&house, &sink, "anna@example.ru").await;
    let passwords = [OTHER, "третий-пароль-для-анны"];
    let (here, there) = (Browser::new(&house.router), Browser::new(&neighbour));
    let fields = passwords.map(|password| [("code", &*code), ("password", password)]);
    let (one, other) = tokio::join!(
        here.submit("/password/new", &fields[0]),
        there.submit("/password/new", &fields[1])
    );
    let mut done = [one.status.as_u16(), other.status.as_u16()];
    let is_first = one.status == StatusCode::SEE_OTHER;
    done.sort_unstable();
    assert_eq!(done, [303, 422]);
    let (good, bad) = if is_first { (0, 1) } else { (1, 0) };
    let anna = Browser::new(&house.router);
    let let_in = anna.log_in("anna@example.ru", passwords[good]).await;
    assert_eq!(let_in.way(), "/dashboard");
    let refused = anna.log_in("anna@example.ru", passwords[bad]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

async fn sec_69_the_link_leads_to_the_configured_site_whatever_the_request_says(base: Base) {
    let (house, sink) = house_with_mail("hosts", base).await;
    let said = [
        ("host", "evil.example"),
        ("host", "crmap.example.evil.example"),
        ("host", "evil.example:443"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-server", "evil.example"),
        ("x-host", "evil.example"),
        ("x-original-url", "https://evil.example/password"),
        ("x-forwarded-proto", "http"),
        ("forwarded", "for=1.2.3.4;host=evil.example;proto=http"),
        ("origin", "https://crmap.example"),
        ("referer", "https://evil.example/password"),
    ];
    for (number, (name, value)) in said.into_iter().enumerate() {
        let email = format!("owner{number}@example.ru");
        owner(&house, "Анна", &email).await;
        let browser = Browser::new(&house.router);
        let mut asked = form("/password", &[("email", &email)]);
        asked.headers_mut().insert(name, value.parse().unwrap());
        if name == "host" {
            // As a proxy passes on what it was told.
            asked
                .headers_mut()
                .insert("x-forwarded-host", value.parse().unwrap());
            assert_eq!(asked.headers()[HOST], value);
        }
        let answer = browser.send(asked).await;
        assert_eq!(answer.status, StatusCode::OK, "{name}: {value}");
        assert!(!answer.text().contains("evil.example"), "{name}: {value}");
        let letter = sink.letter_to(&email).await;
        assert_eq!(
            link_of(&letter).0,
            format!("{SITE}/password/new"),
            "{name}: {value}"
        );
        assert!(!letter.raw.contains("evil"), "{name}: {value}");
        assert!(!letter.text().contains("evil"), "{name}: {value}");
    }
}

async fn sec_70_a_mail_server_that_is_away_shows_in_no_answer(base: Base) {
    let (house, sink) = house_with_mail("mail-away", base).await;
    sink.be(Temper::Hangs);
    owner(&house, "Анна", "anna@example.ru").await;
    let before = std::time::Instant::now();
    let browser = Browser::new(&house.router);
    let fields = [("email", "anna@example.ru")];
    let answer = browser.submit("/password", &fields).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(before.elapsed() < std::time::Duration::from_secs(2));
    let told = browser.register("Некто", "anna@example.ru", OTHER).await;
    assert_eq!(told.way(), "/login?done=registered");
    assert!(sink.letters().is_empty());
}
