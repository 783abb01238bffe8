use std::time::Duration;

use super::*;

struct Fixed;

impl Entropy for Fixed {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

const CHEAP: PasswordCost = PasswordCost {
    memory_kib: 64,
    passes: 1,
    lanes: 1,
};

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

#[tokio::test]
async fn sec_35_hashes_are_argon2id_with_the_parameters_of_the_floor() {
    let hasher = Hasher::new(PasswordCost::default(), &Fixed);
    let hash = hasher.hash(&secret("пароль"), &Fixed).await.unwrap();
    assert!(
        hash.expose_secret()
            .starts_with("$argon2id$v=19$m=47104,t=1,p=1$")
    );
    let right = hasher.compare(&secret("пароль"), Some(&hash)).await;
    assert_eq!(right, Ok(Compared::Right { outdated: false }));
    let wrong = hasher.compare(&secret("пароль "), Some(&hash)).await;
    assert_eq!(wrong, Ok(Compared::Wrong));
}

#[tokio::test]
async fn sec_35_older_parameters_are_known_and_told() {
    let strong = Hasher::new(PasswordCost::default(), &Fixed);
    for old in [
        CHEAP,
        PasswordCost {
            passes: 2,
            ..PasswordCost::default()
        },
    ] {
        let hash = Hasher::new(old, &Fixed)
            .hash(&secret("a"), &Fixed)
            .await
            .unwrap();
        let found = strong.compare(&secret("a"), Some(&hash)).await;
        assert_eq!(found, Ok(Compared::Right { outdated: true }), "{old:?}");
    }
}

#[tokio::test]
async fn sec_64_no_password_is_that_of_an_address_without_an_account() {
    let hasher = Hasher::new(CHEAP, &Fixed);
    for password in ["", "a", "\u{7}\u{7}\u{7}"] {
        let found = hasher.compare(&secret(password), None).await;
        assert_eq!(found, Ok(Compared::Wrong));
    }
    assert_eq!(hasher.done(), 3);
    // The same parameters as a real hash has.
    let real = hasher.hash(&secret("a"), &Fixed).await.unwrap();
    let start = |hash: &SecretString| hash.expose_secret()[..30].to_owned();
    assert_eq!(start(&real), start(&hasher.dummy));
    assert_eq!(
        real.expose_secret().len(),
        hasher.dummy.expose_secret().len()
    );
}

#[tokio::test]
async fn a_hash_that_is_none_is_a_fault_of_ours_and_no_wrong_password() {
    let hasher = Hasher::new(CHEAP, &Fixed);
    let found = hasher.compare(&secret("a"), Some(&secret("plain"))).await;
    assert_eq!(found, Err(Denial::Internal));
}

#[tokio::test]
async fn sec_65_no_more_wait_than_there_are_places() {
    let hasher = Arc::new(Hasher::new(PasswordCost::default(), &Fixed));
    let at_once = hasher.hashes.running.available_permits();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..at_once + MOST_WAITING + 10 {
        let hasher = Arc::clone(&hasher);
        tasks.spawn(async move { hasher.compare(&secret("a"), None).await });
    }
    let outcomes = tasks.join_all().await;
    let busy = outcomes
        .iter()
        .filter(|one| **one == Err(Denial::Busy))
        .count();
    // Those that were done while the others came made room.
    assert!((1..=10).contains(&busy), "{busy}");
    assert_eq!(
        hasher.compare(&secret("a"), None).await,
        Ok(Compared::Wrong)
    );
}

#[tokio::test]
async fn rel_53_that_there_is_no_room_can_be_told_before_anything_is_asked() {
    let hasher = Hasher::new(CHEAP, &Fixed);
    let all = u32::try_from(hasher.hashes.queue.available_permits()).unwrap();
    let nearly = hasher.hashes.queue.try_acquire_many(all - 1).unwrap();
    assert_eq!(hasher.has_room(), Ok(()));
    let last = hasher.hashes.queue.try_acquire().unwrap();
    assert_eq!(hasher.has_room(), Err(Denial::Busy));
    drop((nearly, last));
    assert_eq!(hasher.has_room(), Ok(()));
}

#[tokio::test]
async fn sec_65_who_goes_away_makes_no_room_while_the_work_goes_on() {
    let hasher = Hasher::new(PasswordCost::default(), &Fixed);
    let at_once = hasher.hashes.running.available_permits();
    let left =
        tokio::time::timeout(Duration::from_millis(1), hasher.compare(&secret("a"), None)).await;
    assert!(left.is_err());
    assert_eq!(hasher.hashes.running.available_permits(), at_once - 1);
}

#[tokio::test]
async fn sec_65_passwords_that_are_judged_keep_nobody_from_logging_in() {
    let hasher = Arc::new(Hasher::new(CHEAP, &Fixed));
    let (end, ended) = std::sync::mpsc::channel::<()>();
    let judged = tokio::spawn({
        let hasher = Arc::clone(&hasher);
        async move { hasher.judge(move || ended.recv().is_err()).await }
    });
    while hasher.judgements.running.available_permits() > 0 {
        tokio::task::yield_now().await;
    }
    let password = secret("a");
    let compared = hasher.compare(&password, None);
    let compared = tokio::time::timeout(Duration::from_secs(5), compared).await;
    assert_eq!(compared.unwrap(), Ok(Compared::Wrong));
    drop(end);
    assert_eq!(judged.await.unwrap(), Ok(true));
}
