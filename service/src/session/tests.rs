use std::sync::atomic::{AtomicU64, Ordering};

use crmap_crm::{Access, Credential};
use crmap_domain::MemberId;
use secrecy::ExposeSecret as _;
use time::macros::datetime;

use super::*;

const NOW: OffsetDateTime = datetime!(2026-03-01 12:00 UTC);

/// Counts instead of throwing dice, so that every secret is another one.
#[derive(Default)]
struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        let number = self.0.fetch_add(1, Ordering::SeqCst);
        bytes.fill(0);
        bytes[..8].copy_from_slice(&number.to_le_bytes());
    }
}

fn proven(user_id: i64, expires_at: OffsetDateTime) -> ProvenOpening {
    let member_id = MemberId::parse("0123456789abcdef0123456789abcdef").unwrap();
    ProvenOpening {
        member_id: member_id.clone(),
        address: "demo.bitrix24.ru".to_owned(),
        origin: "https://demo.bitrix24.ru".to_owned(),
        access: Access {
            base: "https://demo.bitrix24.ru/rest/".to_owned(),
            credential: Credential::Token(SecretString::from("token")),
            member_id: Some(member_id),
            user_id: Some(user_id),
        },
        user_id,
        expires_at,
        authority: "https://oauth.example/".to_owned(),
    }
}

struct Room {
    sessions: Sessions,
    entropy: Counting,
}

impl Room {
    fn of(max: usize) -> Self {
        Self {
            sessions: Sessions::new(max),
            entropy: Counting::default(),
        }
    }

    fn start(&self, user: i64, now: OffsetDateTime, lifetime: Duration) -> String {
        let opening = proven(user, now + lifetime);
        let session = Session::new(opening, Lang::Ru, now, None, None);
        self.keep(session, now)
    }

    fn keep(&self, session: Session, now: OffsetDateTime) -> String {
        let (bearer, key) = new_bearer(&self.entropy);
        self.sessions.keep(key, &Arc::new(session), now);
        bearer.expose_secret().to_owned()
    }

    fn find(&self, bearer: &str, now: OffsetDateTime) -> Option<Arc<Session>> {
        self.sessions.find(&key_of(bearer), now)
    }

    fn knows(&self, bearer: &str, now: OffsetDateTime) -> bool {
        self.find(bearer, now).is_some()
    }

    /// How many sessions, ages and users are remembered.
    fn sizes(&self) -> (usize, usize, usize) {
        let table = self.sessions.lock();
        let of_users = table.by_user.values().map(VecDeque::len).sum();
        (table.by_key.len(), table.by_age.len(), of_users)
    }
}

#[test]
fn sec_07_a_session_ends_with_its_token_or_after_an_hour() {
    let room = Room::of(100);
    for (lifetime, ends_after) in [
        (Duration::minutes(10), Duration::minutes(10)),
        (Duration::minutes(60), Duration::minutes(60)),
        (Duration::hours(24), Duration::minutes(60)),
    ] {
        let bearer = room.start(1, NOW, lifetime);
        assert!(room.knows(&bearer, NOW + ends_after - Duration::SECOND));
        assert!(!room.knows(&bearer, NOW + ends_after), "{lifetime}");
        assert!(!room.knows(&bearer, NOW), "an ended session is forgotten");
    }
    assert_eq!(room.sizes().0, 0);
}

#[test]
fn a_session_is_found_by_its_bearer_alone_and_is_its_users() {
    let room = Room::of(100);
    let (one, two) = (
        room.start(1, NOW, Duration::HOUR),
        room.start(2, NOW, Duration::HOUR),
    );
    assert_ne!(one, two);
    assert_eq!(one.len(), 43, "256 bits");
    let user = |bearer: &str| {
        let session = room.find(bearer, NOW);
        session.map(|session| session.opening.user_id)
    };
    assert_eq!((user(&one), user(&two)), (Some(1), Some(2)));
    assert_eq!(user(&one[..42]), None);
    assert_eq!(user(""), None);
}

#[test]
fn the_oldest_of_a_users_sessions_goes_first_and_other_users_keep_theirs() {
    let room = Room::of(1_000);
    let of_other = room.start(2, NOW, Duration::HOUR);
    let bearers: Vec<String> = (0..PER_USER + 3)
        .map(|_| room.start(1, NOW, Duration::HOUR))
        .collect();
    let known = bearers.iter().map(|bearer| room.knows(bearer, NOW));
    let known: Vec<bool> = known.collect();
    assert_eq!(known[..3], [false; 3]);
    assert_eq!(known[3..], [true; PER_USER]);
    assert!(room.knows(&of_other, NOW));
}

#[test]
fn the_same_number_in_another_portal_is_another_user() {
    let room = Room::of(1_000);
    let first = room.start(1, NOW, Duration::HOUR);
    for _ in 0..PER_USER {
        let mut opening = proven(1, NOW + Duration::HOUR);
        opening.member_id = MemberId::parse("ffffffffffffffffffffffffffffffff").unwrap();
        let session = Session::new(opening, Lang::Ru, NOW, None, None);
        room.keep(session, NOW);
    }
    assert!(room.knows(&first, NOW));
}

#[test]
fn the_oldest_of_all_sessions_goes_when_there_is_no_room() {
    let room = Room::of(3);
    let bearers: Vec<String> = (0..5)
        .map(|user| room.start(user, NOW, Duration::HOUR))
        .collect();
    let known = bearers.iter().map(|bearer| room.knows(bearer, NOW));
    assert_eq!(known.collect::<Vec<_>>(), [false, false, true, true, true]);
    assert_eq!(room.sizes(), (3, 3, 3));
}

#[test]
fn a_house_without_room_still_takes_one() {
    let room = Room::of(0);
    let first = room.start(1, NOW, Duration::HOUR);
    assert!(room.knows(&first, NOW));
    let second = room.start(1, NOW, Duration::HOUR);
    assert!(!room.knows(&first, NOW) && room.knows(&second, NOW));
}

#[test]
fn ended_sessions_make_room_before_living_ones_have_to_go() {
    let room = Room::of(3);
    room.start(1, NOW, Duration::minutes(5));
    room.start(2, NOW, Duration::minutes(5));
    let living = room.start(3, NOW, Duration::minutes(50));
    let later = NOW + Duration::minutes(10);
    let new = room.start(4, later, Duration::HOUR);
    assert!(room.knows(&living, later) && room.knows(&new, later));
    assert_eq!(room.sizes(), (2, 2, 2), "the ended ones are gone");
}

/// Whatever comes and goes, the indexes stay in step with the sessions and within bounds.
#[test]
fn the_indexes_do_not_grow_beyond_the_sessions() {
    let room = Room::of(50);
    let mut now = NOW;
    let mut bearers = VecDeque::new();
    for round in 0_i64..5_000 {
        now += Duration::seconds(round % 7);
        bearers.push_back(room.start(round % 13, now, Duration::minutes(1 + round % 90)));
        if round % 3 == 0 {
            // Ended ones are dropped when they are asked for.
            let bearer = bearers.pop_front().unwrap();
            room.knows(&bearer, now + Duration::minutes(round % 60));
        }
        let (known, ages, of_users) = room.sizes();
        assert!(known <= 50 && ages <= 100, "{known} sessions, {ages} ages");
        assert_eq!(known, of_users);
    }
}

#[test]
fn bearers_are_kept_as_hashes_alone() {
    let room = Room::of(10);
    let bearer = room.start(1, NOW, Duration::HOUR);
    let table = room.sessions.lock();
    let key = table.by_key.keys().next().unwrap();
    assert_ne!(key.as_slice(), URL_SAFE_NO_PAD.decode(&bearer).unwrap());
    assert_eq!(*key, key_of(&bearer));
}

#[test]
fn sec_19_a_portal_that_leaves_takes_its_sessions_with_it_and_no_others() {
    let room = Room::of(100);
    let leaving = proven(1, NOW).member_id;
    let mut users = 1..;
    let mut keep = |member_id: &MemberId, installation: Option<u32>, began_at| {
        let mut opening = proven(users.next().unwrap(), NOW + Duration::HOUR);
        opening.member_id = member_id.clone();
        let session = Session::new(opening, Lang::Ru, began_at, None, None);
        if let Some(installation) = installation {
            session.belongs_to(installation);
        }
        room.keep(session, began_at)
    };
    let (earlier, later) = (NOW - Duration::MINUTE, NOW + Duration::MINUTE);
    let of_it = [
        keep(&leaving, Some(2), earlier),
        keep(&leaving, Some(2), later),
        keep(&leaving, Some(1), earlier),
        keep(&leaving, None, earlier),
        keep(&leaving, None, NOW),
    ];
    let stranger = MemberId::parse("ffffffffffffffffffffffffffffffff").unwrap();
    let others = [
        keep(&stranger, Some(2), earlier),
        keep(&stranger, None, earlier),
        // The application is installed anew while the farewell is still under way.
        keep(&leaving, Some(3), later),
        keep(&leaving, None, later),
    ];
    let left = crmap_store::Leaving {
        clean: false,
        lost: false,
        installs: Some(2),
        at: NOW,
        now: NOW,
    };
    room.sessions.end_of_portal(&leaving, |session| {
        left.ends_session(session.installation(), session.began_at <= left.left_by())
    });
    assert!(of_it.iter().all(|bearer| !room.knows(bearer, later)));
    assert!(others.iter().all(|bearer| room.knows(bearer, later)));
    assert_eq!(room.sizes().0, others.len());
}
