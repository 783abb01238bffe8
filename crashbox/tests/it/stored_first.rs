//! A token is used only when the database has it (REL-02).

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use crmap_crashbox::{Bug, Said, fingerprint};
use crmap_domain::MemberId;
use crmap_store::Store;
use secrecy::ExposeSecret;

use crate::support::*;

/// How often the tokens run out in the ordinary run.
const REFRESHES: usize = 100;

/// Looks into the database whenever a token is used.
struct Watch {
    store: Store,
    member: MemberId,
    known: Mutex<BTreeSet<String>>,
    unstored: Mutex<Option<String>>,
}

impl Watch {
    async fn see(&self, token: String) {
        if self.known.lock().unwrap().contains(&token) {
            return;
        }
        let chains = patiently(|| self.store.chains(&self.member)).await;
        let there = chains.iter().filter_map(|chain| chain.access.as_ref());
        let there: Vec<String> = there
            .map(|access| fingerprint(access.expose_secret()))
            .collect();
        if there.contains(&token) {
            self.known.lock().unwrap().insert(token);
        } else {
            *self.unstored.lock().unwrap() = Some(token);
        }
    }

    fn verdict(&self) -> Result<(), Violation> {
        match self.unstored.lock().unwrap().clone() {
            Some(token) => Err(Violation::Unstored { token }),
            None => Ok(()),
        }
    }
}

async fn used_when_stored(bug: Option<Bug>, refreshes: usize) -> Result<(), Violation> {
    let scene = Scene::strict(Kind::Postgres).await;
    let watch = Arc::new(Watch {
        store: scene.base.open("test").await,
        member: scene.member.clone(),
        known: Mutex::new(scene.stored.clone()),
        unstored: Mutex::default(),
    });
    let seeing = Arc::clone(&watch);
    scene.cloud.on_access(move |entry| {
        let seeing = Arc::clone(&seeing);
        async move { seeing.see(entry.token).await }
    });
    let member = scene.member.to_string();
    let asking = ["check", "--member", &member, "--tasks", "4", "--waits"];
    let mut workers = [
        Worker::start(&scene, "one", bug, &asking).await,
        Worker::start(&scene, "two", bug, &asking).await,
    ];
    for _ in 0..refreshes {
        scene.portal().expire_access_tokens();
        for worker in &mut workers {
            worker.tell("now").await;
        }
        for worker in &mut workers {
            worker
                .until(|said| matches!(said, Said::Counts { .. }))
                .await;
        }
        watch.verdict()?;
    }
    for worker in workers {
        assert_eq!(counts(&worker.end().await), (4 * refreshes, 0, 0));
    }
    let asked = scene.refreshes_of(Person::Administrator).len();
    if asked != refreshes {
        return Err(Violation::Asked {
            expected: refreshes,
            asked,
        });
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_02_no_token_is_used_before_it_is_stored() {
    let refreshes = number_from("CRASHBOX_REFRESHES", REFRESHES);
    used_when_stored(None, refreshes).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_02_catches_a_token_used_before_it_is_stored() {
    let caught = used_when_stored(Some(Bug::UseBeforeCommit), 10).await;
    assert!(
        matches!(caught, Err(Violation::Unstored { .. })),
        "{caught:?}"
    );
}
