//! Keys are changed while three processes work and one after the other is killed (SEC-32).
//! `CRASHBOX_TOKENS` says how many tokens there are to be sealed anew.

use std::time::{Duration, Instant};

use crmap_crashbox::Said;
use crmap_crm::{Clock, SystemClock};
use crmap_domain::MemberId;
use crmap_store::{KeyRing, OpeningTokens, SeenPortal, Store};
use portal_sim::{Knobs, TokenKind};
use secrecy::SecretString;

use crate::support::*;

/// Sealed tokens in the ordinary run.
const TOKENS: usize = 600;
/// Of each person, an access token and a refresh token of an opening.
const OF_EACH: usize = 2;
/// People of one portal.
const PEOPLE: usize = 100;
/// Tasks that need a token in each round of the load.
const TASKS: usize = 10;
const LIMIT: Duration = Duration::from_secs(60);
/// How many times a process is killed meanwhile.
const KILLS: usize = 3;

/// Portals that nobody asks, with `count` tokens.
async fn fill(store: &Store, count: usize) {
    let now = SystemClock.now();
    for number in 0..count / OF_EACH {
        let portal = 1_000_000 + number / PEOPLE;
        let member_id = MemberId::parse(&format!("{portal:032x}")).unwrap();
        let address = format!("p{portal}.bitrix24.ru");
        if number % PEOPLE == 0 {
            let seen = SeenPortal {
                member_id: member_id.clone(),
                base: format!("https://{address}/rest/"),
                origin: format!("https://{address}"),
                address,
                authority: "https://oauth.bitrix.info".to_owned(),
                now,
            };
            store.remember_opening(&seen).await.unwrap();
        }
        let secret = |kind: &str| SecretString::from(format!("{kind}-{number}"));
        let tokens = OpeningTokens {
            member_id,
            user_id: 1 + (number % PEOPLE) as i64,
            administrator: Some(true),
            access: secret("access"),
            expires_at: now + time::Duration::hours(1),
            candidate: Some(secret("refresh")),
            now,
            keep_at_most: PEOPLE,
        };
        assert!(store.remember_tokens(&tokens).await.unwrap());
    }
}

/// How many values the key of that name has sealed.
async fn sealed_by(store: &Store, id: &str) -> u64 {
    let counts = patiently(|| store.sealed_by()).await;
    let found = counts.into_iter().find(|(name, _)| name == id);
    found.map_or(0, |(_, count)| count)
}

/// A process that does the worker's work, sealing included.
async fn sealer(scene: &Scene, number: usize) -> Worker {
    let name = format!("sealer-{number}");
    Worker::start(scene, &name, None, &["--pace", "100", "read"]).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_32_keys_change_under_load_and_kills_and_no_refresh_fails() {
    let count = std::env::var("CRASHBOX_TOKENS").map_or(TOKENS, |text| text.parse().unwrap());
    let people = [Person::Administrator];
    let mut scene = Scene::new(Kind::Postgres, Knobs::default(), &people).await;
    let store = scene.base.open("test").await;
    fill(&store, count).await;
    close(store).await;
    let old = KeyRing::load(&scene.base.keys()).unwrap().keys;
    let both = old.with_new_key([8; 32]);
    std::fs::write(scene.base.keys(), both.to_text().as_bytes()).unwrap();
    let old_id = old.ids().next().unwrap().to_owned();

    let store = scene.base.open("test").await;
    let (member, tasks) = (scene.member.to_string(), TASKS.to_string());
    let asking = ["check", "--member", &member, "--tasks", &tasks, "--waits"];
    let mut load = Worker::start(&scene, "load", None, &asking).await;
    load.until(|said| *said == Said::Ready).await;
    let began = Instant::now();
    let mut sealers = vec![sealer(&scene, 0).await, sealer(&scene, 1).await];
    let (mut left, mut kills, mut rounds) = (sealed_by(&store, &old_id).await, 0, 0);
    let all = left;
    assert!(all as usize >= count, "{all} are sealed with the old key");
    while left > 0 {
        assert!(began.elapsed() < LIMIT, "{left} of {all} are left");
        scene.portal().expire_access_tokens();
        load.tell("now").await;
        load.until(|said| matches!(said, Said::Counts { .. })).await;
        rounds += 1;
        left = sealed_by(&store, &old_id).await;
        // Each time as much again is done as between all kills.
        let due = (all - left) as usize * (KILLS + 1) / all as usize;
        if kills < KILLS && kills < due {
            let number = kills % 2;
            // The next one has the same local journal.
            sealers.remove(number).kill().await;
            sealers.insert(number, sealer(&scene, number).await);
            kills += 1;
        }
    }
    let took = began.elapsed();
    println!("{all} values in {took:?}, {rounds} rounds of {TASKS} tasks, {kills} kills");
    for sealer in sealers {
        sealer.end().await;
    }
    let heard = load.end().await;
    assert_eq!(counts(&heard), (TASKS * rounds, 0, 0));
    scene.note(&heard);
    let ledger = scene.cloud.ledger();
    let refused = ledger.iter().filter(|entry| {
        entry.kind == TokenKind::Refresh && !["ok", "pending"].contains(&entry.outcome.as_str())
    });
    assert_eq!(refused.count(), 0, "a refresh failed");
    scene.only_stored_were_used().unwrap();
    close(store).await;

    // The old key may go.
    let text = both.to_text();
    let newest = text.lines().next().unwrap();
    std::fs::write(scene.base.keys(), newest).unwrap();
    let store = scene.base.open("test").await;
    assert_eq!(store.verify().await.unwrap(), []);
    close(store).await;
    scene.is_served("load").await.unwrap();
}
