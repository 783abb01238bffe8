//! Linking from inside a portal.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use crmap_crm::{Clock as _, CrmError};
use crmap_domain::cabinet::{DeedKind, Denial, Level};
use crmap_domain::{ConnectionToken, Lang, TokenFlaw, Trouble};
use crmap_service::{Mail, MailError, Mailer, NoticeKind, Session, Settings};
use secrecy::ExposeSecret;

use super::{card, cards, link, open, owner, portal, try_to_link, visitor};
use crate::support::{ADMIN, EMPLOYEE, Mood, Stand, settings};

fn unknown(number: u8) -> String {
    let token = ConnectionToken::from_symbols(&[number; ConnectionToken::ENTROPY]);
    token.expose().to_owned()
}

#[tokio::test]
async fn sec_22_a_pasted_token_shows_whose_cabinet_it_is_before_anything_is_linked() {
    let stand = Stand::new().await;
    let (portal, owner) = (portal(&stand, 1).await, owner(&stand, 1).await);
    let session = open(&stand, &portal, ADMIN).await;
    let preview = async || {
        let shown = stand
            .services
            .preview_cabinet(&session, &owner.token, &visitor(9))
            .await;
        shown.unwrap()
    };
    let shown = preview().await;
    assert_eq!(shown.name, "Владелец 1");
    assert_eq!(shown.email, "ow•••@example.ru");
    assert_eq!(shown.linked, None);
    assert!(cards(&stand, &owner).await.is_empty());
    link(&stand, &portal, &owner).await;
    assert_eq!(preview().await.linked, Some(Level::Read));
}

#[tokio::test]
async fn an_administrator_links_a_portal_and_its_first_reading_comes_along() {
    let stand = Stand::new().await;
    let (portal, owner) = (portal(&stand, 1).await, owner(&stand, 1).await);
    let session = open(&stand, &portal, ADMIN).await;
    let pasted = format!("  {}\n", owner.token);
    let links = stand
        .services
        .link_cabinet(&session, &pasted, Level::ReadWrite, &visitor(9))
        .await
        .unwrap();
    assert_eq!(links.len(), 1);
    assert_eq!(links[0].email, "ow•••@example.ru");
    assert_eq!(links[0].level, Level::ReadWrite);

    let card = card(&stand, &owner).await;
    assert_eq!(
        (&card.member_id, card.address.as_str()),
        (&portal, "p1.example")
    );
    assert_eq!(card.level, Level::ReadWrite);
    assert!(card.read_at.is_some());
    let read = stand.services.snapshot(&owner.entered, &portal).await;
    let read = read.unwrap().unwrap();
    assert_eq!(read.portal.member_id.as_ref(), Some(&portal));
    assert_eq!(
        (read.reading.viewer.id, read.reading.lang),
        (ADMIN, Lang::Ru)
    );
    assert_eq!(card.totals, Some(read.totals()));

    let news = stand.services.news(&owner.entered).await.unwrap();
    let expected = DeedKind::Linked {
        member_id: portal,
        address: "p1.example".to_owned(),
        user_id: ADMIN,
        level: Level::ReadWrite,
    };
    assert_eq!(news[0].kind, expected);
}

#[tokio::test]
async fn what_changed_before_a_portal_was_linked_is_no_reason_to_read_it_once_more() {
    let stand = Stand::new().await;
    let (portal, owner) = (portal(&stand, 1).await, owner(&stand, 1).await);
    let changes = async || {
        let notice = stand.notice(NoticeKind::FieldsChanged);
        stand.services.receive(&notice).await.unwrap();
        stand.work().await;
    };
    changes().await;
    stand.clock.pass(time::Duration::minutes(1));
    stand.world.reads_at(stand.clock.now());
    link(&stand, &portal, &owner).await;
    assert_eq!(stand.known().await.unwrap().needs_reading_since, None);
    stand.clock.pass(time::Duration::minutes(10));
    assert_eq!(stand.services.read_due().await.unwrap(), 0);

    // What changes later than a reading of the page began is not in it.
    changes().await;
    stand.clock.pass(time::Duration::minutes(10));
    open(&stand, &portal, ADMIN).await;
    let now = Some(stand.clock.now());
    stand
        .settle(async || card(&stand, &owner).await.read_at == now)
        .await;
    assert_eq!(stand.services.read_due().await.unwrap(), 1);
}

#[tokio::test]
async fn sec_23_linking_again_changes_what_is_allowed_and_reads_nothing() {
    let stand = Stand::new().await;
    let (portal, owner) = (portal(&stand, 1).await, owner(&stand, 1).await);
    link(&stand, &portal, &owner).await;
    let before = card(&stand, &owner).await;
    let session = open(&stand, &portal, ADMIN).await;
    stand.world.forget();
    for level in [Level::ReadWrite, Level::ReadWrite, Level::Read] {
        let links = stand
            .services
            .link_cabinet(&session, &owner.token, level, &visitor(9))
            .await;
        let links = links.unwrap();
        assert_eq!((links.len(), links[0].level), (1, level));
    }
    assert_eq!(stand.world.count("read"), 0);
    assert_eq!(card(&stand, &owner).await, before);
    // Each change is news, and nothing else is.
    assert_eq!(stand.services.news(&owner.entered).await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_portal_that_cannot_be_read_is_linked_all_the_same() {
    let stand = Stand::new().await;
    let (portal, owner) = (portal(&stand, 1).await, owner(&stand, 1).await);
    stand
        .world
        .readings_say(Some(|| CrmError::RateLimited { retry_after: None }));
    link(&stand, &portal, &owner).await;
    let card = card(&stand, &owner).await;
    assert_eq!((card.read_at, card.totals), (None, None));
    let read = stand.services.snapshot(&owner.entered, &portal).await;
    assert_eq!(read, Ok(None));
}

#[tokio::test]
async fn a_slow_portal_is_linked_at_once_and_read_behind_the_page() {
    let stand = Stand::with(Settings {
        opening_patience: Duration::from_millis(20),
        ..settings()
    })
    .await;
    let (portal, owner) = (portal(&stand, 1).await, owner(&stand, 1).await);
    stand.world.reads_late(true);
    link(&stand, &portal, &owner).await;
    assert_eq!(card(&stand, &owner).await.read_at, None);
    stand.world.reads_late(false);
    stand
        .settle(async || card(&stand, &owner).await.read_at.is_some())
        .await;
}

/// What comes of all that can be asked of links inside a portal.
async fn all_four(stand: &Stand, session: &Arc<Session>, token: &str) -> [Denial; 4] {
    let (services, visitor) = (&stand.services, visitor(9));
    let previewed = services.preview_cabinet(session, token, &visitor).await;
    let level = Level::ReadWrite;
    let linked = services.link_cabinet(session, token, level, &visitor).await;
    let listed = services.linked_cabinets(session).await;
    let unlinked = services.unlink_cabinet(session, "any").await;
    [
        previewed.unwrap_err(),
        linked.unwrap_err(),
        listed.unwrap_err(),
        unlinked.unwrap_err(),
    ]
}

#[tokio::test]
async fn sec_21_whoever_does_not_administer_the_portal_is_kept_from_links_and_written_down() {
    let stand = Stand::new().await;
    let (portal, owner) = (portal(&stand, 1).await, owner(&stand, 1).await);
    let employee = open(&stand, &portal, EMPLOYEE).await;
    let denials = all_four(&stand, &employee, &owner.token).await;
    assert_eq!(denials, [const { Denial::NotAdministrator }; 4]);
    assert!(cards(&stand, &owner).await.is_empty());
    let deeds = stand.store.audit_of(&portal, 9).await.unwrap();
    let refused: Vec<_> = deeds
        .iter()
        .filter(|deed| deed.action == "portal.linking_refused")
        .collect();
    assert_eq!(refused.len(), 1, "once a minute is enough");
    assert_eq!(refused[0].actor, format!("portal_user:{EMPLOYEE}"));
    assert_eq!(
        refused[0].detail,
        serde_json::json!({"why": "not_administrator"})
    );
}

#[tokio::test]
async fn sec_21_who_was_demoted_between_page_and_submit_changes_nothing() {
    let stand = Stand::new().await;
    let (portal, owner) = (portal(&stand, 1).await, owner(&stand, 1).await);
    let session = open(&stand, &portal, ADMIN).await;
    let shown = stand
        .services
        .preview_cabinet(&session, &owner.token, &visitor(9))
        .await;
    assert!(shown.is_ok());
    stand.world.demote(ADMIN);
    let denials = all_four(&stand, &session, &owner.token).await;
    assert_eq!(denials, [const { Denial::NotAdministrator }; 4]);
    assert!(cards(&stand, &owner).await.is_empty());
    // What the portal said of the user is known from now on.
    let chains = stand.store.chains(&portal).await.unwrap();
    assert!(chains.iter().all(|chain| !chain.administrator));
}

#[tokio::test]
async fn sec_21_a_portal_that_does_not_say_who_asks_links_nothing() {
    let stand = Stand::new().await;
    let (portal, owner) = (portal(&stand, 1).await, owner(&stand, 1).await);
    let session = open(&stand, &portal, ADMIN).await;
    let unpaid: Mood = || CrmError::NotPaid {
        code: "ACCESS_DENIED".to_owned(),
    };
    stand.world.portal_says(Some(unpaid));
    let denials = all_four(&stand, &session, &owner.token).await;
    assert_eq!(denials, [const { Denial::Portal(Trouble::NotPaid) }; 4]);
    stand.world.portal_says(None);
    stand.world.expire();
    let denials = all_four(&stand, &session, &owner.token).await;
    assert_eq!(denials, [const { Denial::Portal(Trouble::Expired) }; 4]);
    assert!(cards(&stand, &owner).await.is_empty());
}

#[tokio::test]
async fn what_is_no_token_of_anybody_is_told_apart() {
    let stand = Stand::new().await;
    let (portal, owner) = (portal(&stand, 1).await, owner(&stand, 1).await);
    stand.world.forget();
    for (pasted, flaw) in [
        ("", TokenFlaw::Empty),
        ("a token", TokenFlaw::Prefix),
        (&owner.token[..20], TokenFlaw::Length),
    ] {
        let denied = try_to_link(&stand, &portal, pasted).await;
        assert_eq!(denied, Err(Denial::Token(flaw)));
    }
    assert_eq!(
        stand.world.count("standing"),
        0,
        "nobody is asked about that"
    );
    let denied = try_to_link(&stand, &portal, &unknown(3)).await;
    assert_eq!(denied, Err(Denial::UnknownToken));

    let renewed = stand.services.renew_connection_token(&owner.entered).await;
    let renewed = renewed.unwrap();
    let denied = try_to_link(&stand, &portal, &owner.token).await;
    assert_eq!(denied, Err(Denial::UnknownToken), "it was replaced");
    let links = try_to_link(&stand, &portal, renewed.expose_secret()).await;
    assert_eq!(links.unwrap().len(), 1);
}

#[tokio::test]
async fn sec_20_guesses_are_counted_for_the_portal_and_for_the_address() {
    let stand = Stand::new().await;
    let owner = owner(&stand, 1).await;
    let mut sessions = Vec::new();
    for number in 1..=4 {
        let portal = portal(&stand, number).await;
        sessions.push(open(&stand, &portal, ADMIN).await);
    }
    let guess = async |session: &Arc<Session>, from: u8, token: &str| {
        let shown = stand
            .services
            .preview_cabinet(session, token, &visitor(from))
            .await;
        shown.err()
    };
    for number in 0..10 {
        // From ten addresses.
        let denied = guess(&sessions[0], 20 + number, &unknown(number)).await;
        assert_eq!(denied, Some(Denial::UnknownToken));
    }
    let denied = guess(&sessions[0], 40, &owner.token).await;
    let Some(Denial::TooOften { seconds }) = denied else {
        panic!("{denied:?}");
    };
    assert!((1..=360).contains(&seconds), "{seconds}");
    // From one address, in two portals.
    for session in &sessions[1..3] {
        for number in 0..10 {
            let denied = guess(session, 50, &unknown(number)).await;
            assert_eq!(denied, Some(Denial::UnknownToken));
        }
    }
    let denied = guess(&sessions[3], 50, &owner.token).await;
    assert!(
        matches!(denied, Some(Denial::TooOften { .. })),
        "{denied:?}"
    );
    assert_eq!(guess(&sessions[3], 51, &owner.token).await, None);
}

#[tokio::test]
async fn a_portal_that_nobody_knows_yet_is_taken_in_once_and_linked() {
    let stand = Stand::new().await;
    let owner = owner(&stand, 1).await;
    // Its page is open, and behind it the portal is being taken in.
    let session = stand.open(ADMIN).await;
    let links = stand
        .services
        .link_cabinet(&session, &owner.token, Level::Read, &visitor(9))
        .await;
    assert_eq!(links.unwrap().len(), 1);
    let known = stand.known().await.unwrap();
    assert_eq!((known.installs, known.has_application_token), (1, true));
    assert!(card(&stand, &owner).await.read_at.is_some());
    // The session goes on.
    let outcome = stand.services.read(&session).await;
    assert!(matches!(outcome, crmap_service::Outcome::Read(_)));
}

#[tokio::test]
async fn a_portal_that_cannot_be_taken_in_says_why_and_is_linked_when_it_can() {
    let stand = Stand::new().await;
    let owner = owner(&stand, 1).await;
    stand.world.a_step_fails(true);
    let session = stand.open(ADMIN).await;
    stand
        .settle(async || stand.world.count("set_up") == 1)
        .await;
    let link = async || {
        stand
            .services
            .link_cabinet(&session, &owner.token, Level::Read, &visitor(9))
            .await
    };
    stand
        .settle(async || link().await == Err(Denial::Portal(Trouble::RateLimited)))
        .await;
    assert!(cards(&stand, &owner).await.is_empty());
    stand.world.a_step_fails(false);
    assert_eq!(link().await.unwrap().len(), 1);
}

#[tokio::test]
async fn before_its_installation_is_finished_a_portal_is_not_linked() {
    let stand = Stand::new().await;
    let owner = owner(&stand, 1).await;
    stand.world.is_installed(Some(false));
    let installer = stand
        .services
        .begin_install(stand.arrival(ADMIN), Lang::Ru)
        .await;
    let denied = stand
        .services
        .link_cabinet(
            &installer.unwrap().session,
            &owner.token,
            Level::Read,
            &visitor(9),
        )
        .await;
    assert_eq!(denied, Err(Denial::Portal(Trouble::Revoked)));
    assert!(
        stand.known().await.is_none(),
        "nobody has agreed to anything"
    );
}

#[tokio::test]
async fn an_administrator_ends_links_of_the_own_portal_alone() {
    let stand = Stand::new().await;
    let (first, second) = (portal(&stand, 1).await, portal(&stand, 2).await);
    let (one, two) = (owner(&stand, 1).await, owner(&stand, 2).await);
    for portal in [&first, &second] {
        link(&stand, portal, &one).await;
    }
    let links = try_to_link(&stand, &first, &two.token).await.unwrap();
    assert_eq!(
        links.len(),
        2,
        "an administrator sees all links of the portal"
    );
    let elsewhere = open(&stand, &second, ADMIN).await;
    let denied = stand
        .services
        .unlink_cabinet(&elsewhere, &links[0].id)
        .await;
    assert_eq!(denied, Err(Denial::NotFound));

    let session = open(&stand, &first, ADMIN).await;
    let mine = links.iter().find(|link| link.name == "Владелец 1").unwrap();
    let left = stand.services.unlink_cabinet(&session, &mine.id).await;
    let left = left.unwrap();
    assert_eq!((left.len(), left[0].name.as_str()), (1, "Владелец 2"));
    let again = stand.services.unlink_cabinet(&session, &mine.id).await;
    assert_eq!(again, Err(Denial::NotFound));
    assert_eq!(
        stand.services.linked_cabinets(&session).await.unwrap(),
        left
    );
    assert_eq!(card(&stand, &one).await.member_id, second);
    assert_eq!(card(&stand, &two).await.member_id, first);
    let news = stand.services.news(&one.entered).await.unwrap();
    let by_user = DeedKind::Unlinked {
        member_id: first,
        address: "p1.example".to_owned(),
        user_id: Some(ADMIN),
    };
    assert!(news.iter().any(|deed| deed.kind == by_user));
}

/// Keeps the mails that it is given.
#[derive(Default)]
struct Sink(Mutex<Vec<Mail>>);

#[async_trait]
impl Mailer for Sink {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        self.0.lock().unwrap().push(mail.clone());
        Ok(())
    }
}

#[tokio::test]
async fn sec_22_the_owner_is_written_to_when_a_link_is_made_and_when_it_ends() {
    let sink = Arc::new(Sink::default());
    let mailer: Arc<dyn Mailer> = sink.clone();
    let stand = Stand::with(Settings {
        mailer: Some(mailer),
        ..settings()
    })
    .await;
    let (portal, owner) = (portal(&stand, 1).await, owner(&stand, 1).await);
    let mails = async || {
        stand.work().await;
        std::mem::take(&mut *sink.0.lock().unwrap())
    };
    mails().await;
    link(&stand, &portal, &owner).await;
    link(&stand, &portal, &owner).await;
    let linked = mails().await;
    assert_eq!(linked.len(), 1, "nothing happened the second time");
    assert_eq!(linked[0].to.as_str(), "owner1@example.ru");
    assert!(linked[0].text.contains("p1.example"));

    let session = open(&stand, &portal, ADMIN).await;
    let links = stand.services.linked_cabinets(&session).await.unwrap();
    stand
        .services
        .unlink_cabinet(&session, &links[0].id)
        .await
        .unwrap();
    assert_eq!(mails().await.len(), 1);
    link(&stand, &portal, &owner).await;
    stand
        .services
        .unlink_portal(&owner.entered, &portal)
        .await
        .unwrap();
    assert_eq!(mails().await.len(), 2);
}
