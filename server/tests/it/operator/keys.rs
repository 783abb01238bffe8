//! Keys are changed, by hand and by a server that runs.

use std::time::Duration;

use crmap_domain::MemberId;
use crmap_store::{KeyRing, OpeningTokens, SeenPortal, Store, StoreSettings};
use time::macros::datetime;

use super::{crmap, desk, run, serving, text};
use crate::house::new_schema;

async fn fill(url: &str, keys: &str) {
    let store = open(url, keys).await;
    for number in 0..60_u32 {
        let member_id = MemberId::parse(&format!("{number:032x}")).unwrap();
        let now = datetime!(2026-03-01 12:00 UTC);
        let seen = SeenPortal {
            member_id: member_id.clone(),
            address: format!("p{number}.example"),
            base: format!("https://p{number}.example/rest/"),
            origin: format!("https://p{number}.example"),
            authority: String::new(),
            now,
        };
        store.remember_opening(&seen).await.unwrap();
        let tokens = OpeningTokens {
            member_id,
            user_id: 1,
            administrator: Some(true),
            access: format!("access-{number}").into(),
            expires_at: now,
            candidate: Some(format!("refresh-{number}").into()),
            now,
            keep_at_most: 5,
        };
        store.remember_tokens(&tokens).await.unwrap();
    }
    store.close().await;
}

async fn open(url: &str, keys: &str) -> Store {
    let settings = StoreSettings {
        url: url.to_owned().into(),
        keys: KeyRing::parse(keys).unwrap(),
        entropy: std::sync::Arc::new(crmap_server::OsEntropy),
        spill_dir: None,
        connections: 2,
    };
    Store::open(settings).await.unwrap()
}

/// `crmap keys new` → put it in front → rotate → take the old one away.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_32_keys_are_changed_by_hand_and_by_a_running_server() {
    let folder = desk("keys");
    let url = new_schema(&folder);
    let new_key = || {
        text(&run(&mut crmap(&folder, &["keys", "new"])).stdout)
            .trim()
            .to_owned()
    };
    let (old, new, newest) = (new_key(), new_key(), new_key());
    assert!(old != new && KeyRing::parse(&old).is_ok());
    fill(&url, &old).await;

    let with = |keys: &str, arguments: &[&str]| {
        let mut command = crmap(&folder, arguments);
        command
            .env("CRMAP_DATABASE_URL", &url)
            .env("CRMAP_SECRET_KEYS", keys);
        command
    };
    let id = |key: &str| key.split(':').next().unwrap().to_owned();
    let listed = |keys: &str| text(&run(&mut with(keys, &["keys", "list"])).stdout);
    assert_eq!(listed(&old).trim(), format!("{}\t121", id(&old)));
    let both = format!("{new},{old}");
    let rotated = run(&mut with(&both, &["keys", "rotate"]));
    assert!(rotated.status.success(), "{}", text(&rotated.stderr));
    assert_eq!(
        listed(&new).trim(),
        format!("{}\t121", id(&new)),
        "the old key is not needed"
    );
    let refused = run(&mut with(&old, &["keys", "list"]));
    assert_eq!(
        refused.status.code(),
        Some(1),
        "the old key alone opens nothing"
    );

    // A server that is started with a newer key in front does it by itself.
    let server = serving(&folder, &mut with(&format!("{newest},{new}"), &["serve"]));
    let done = format!("{}\t121", id(&newest));
    for _ in 0..60 {
        if listed(&format!("{newest},{new}"))
            .lines()
            .any(|line| line == done)
        {
            break;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    drop(server);
    assert_eq!(listed(&newest).trim(), format!("{}\t121", id(&newest)));
}
