use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use crmap_crm::sample::{Size, sample};
use crmap_crm::{
    Access, CrmAccount, CrmConnector, CrmError, FakeCrm, FixedClock, FreshTokens, OpeningClaim,
    ProvenOpening, RefreshError, RefreshRequest,
};
use crmap_domain::{Lang, MemberId, Unreachable};
use secrecy::SecretString;
use time::OffsetDateTime;
use time::macros::datetime;
use tokio::time::Instant;

use super::*;
use crate::{Entropy, Settings};

const NOW: OffsetDateTime = datetime!(2026-03-01 12:00 UTC);

struct Zeros;

impl Entropy for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

/// A CRM that counts its readings.
struct Counted {
    crm: FakeCrm,
    readings: Arc<AtomicUsize>,
}

#[async_trait]
impl CrmConnector for Counted {
    fn account(&self, access: &Access) -> Result<Arc<dyn CrmAccount>, CrmError> {
        self.readings.fetch_add(1, Ordering::SeqCst);
        self.crm.account(access)
    }

    async fn prove_opening(&self, claim: &OpeningClaim) -> Result<ProvenOpening, CrmError> {
        self.crm.prove_opening(claim).await
    }

    async fn prove_token(
        &self,
        access_token: &SecretString,
        member_id: &MemberId,
    ) -> Result<ProvenOpening, CrmError> {
        self.crm.prove_token(access_token, member_id).await
    }

    async fn refresh(&self, request: &RefreshRequest) -> Result<FreshTokens, RefreshError> {
        self.crm.refresh(request).await
    }
}

struct Stand {
    services: Arc<Services>,
    readings: Arc<AtomicUsize>,
}

impl Stand {
    fn new(reading_takes: Duration, failure: Option<fn() -> CrmError>) -> Self {
        let crm = FakeCrm {
            specification: sample(Size {
                funnels: 1,
                stages: 2,
                fields: 3,
                users: 1,
            }),
            token: Some("good"),
            expires_at: NOW + Duration::from_secs(600),
            reading_takes,
            failure,
        };
        let readings = Arc::new(AtomicUsize::new(0));
        let counted = Counted {
            crm,
            readings: Arc::clone(&readings),
        };
        let services = Services::new(
            Arc::new(counted),
            Arc::new(FixedClock(NOW)),
            Arc::new(Zeros),
            Settings {
                opening_patience: Duration::from_secs(2),
                reading_patience: Duration::from_secs(20),
                max_sessions: 10,
            },
        );
        Self {
            services: Arc::new(services),
            readings,
        }
    }

    async fn open(&self) -> (Arc<Session>, Outcome) {
        let opened = self.services.open(&claim("good"), Lang::En).await.unwrap();
        (opened.session, opened.outcome)
    }

    fn readings(&self) -> usize {
        self.readings.load(Ordering::SeqCst)
    }
}

fn claim(token: &str) -> OpeningClaim {
    OpeningClaim {
        access_token: SecretString::from(token),
        member_id: MemberId::parse("0123456789abcdef0123456789abcdef").unwrap(),
        address: "demo.bitrix24.ru".to_owned(),
    }
}

fn is_read(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Read(_))
}

#[tokio::test(start_paused = true)]
async fn a_quick_portal_is_read_with_the_opening() {
    let stand = Stand::new(Duration::from_secs(1), None);
    let (session, outcome) = stand.open().await;
    let Outcome::Read(specification) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(specification.reading.lang, Lang::En);
    assert_eq!(session.lang, Lang::En);
    assert!(session.reading.lock().is_none(), "nothing is kept");
}

#[tokio::test(start_paused = true)]
async fn a_slow_portal_is_pending_and_its_reading_is_joined() {
    let stand = Stand::new(Duration::from_secs(30), None);
    let started = Instant::now();
    let (session, outcome) = stand.open().await;
    assert_eq!(outcome, Outcome::Pending);
    assert_eq!(started.elapsed().as_secs(), 2);
    assert_eq!(stand.services.read(&session).await, Outcome::Pending);
    assert_eq!(started.elapsed().as_secs(), 22);
    assert!(is_read(&stand.services.read(&session).await));
    assert_eq!(started.elapsed().as_secs(), 30);
    assert_eq!(stand.readings(), 1);
    assert!(session.reading.lock().is_none(), "nothing is kept");
}

#[tokio::test(start_paused = true)]
async fn all_who_wait_get_the_same_outcome_of_one_reading() {
    let stand = Stand::new(Duration::from_secs(5), None);
    let (session, _) = stand.open().await;
    let waiting = [(); 10].map(|()| {
        let (services, session) = (Arc::clone(&stand.services), Arc::clone(&session));
        tokio::spawn(async move { services.read(&session).await })
    });
    for one in waiting {
        assert!(is_read(&one.await.unwrap()));
    }
    assert_eq!(stand.readings(), 1);
    assert!(is_read(&stand.services.read(&session).await));
    assert_eq!(stand.readings(), 2, "the next question is a new reading");
}

/// Two wait for a reading; the first that wakes up asks anew at once. The second must not take
/// the new reading for the one that it waited for and let it go.
#[tokio::test(start_paused = true)]
async fn a_late_riser_does_not_let_go_of_the_next_reading() {
    let stand = Stand::new(Duration::from_secs(5), None);
    let (session, _) = stand.open().await;
    let late = {
        let (services, session) = (Arc::clone(&stand.services), Arc::clone(&session));
        async move { services.read(&session).await }
    };
    tokio::pin!(late);
    // The late one begins to wait and is then left alone.
    assert!(asked_once(late.as_mut()).await.is_none());
    assert!(is_read(&stand.services.read(&session).await));
    let (services, next) = (Arc::clone(&stand.services), Arc::clone(&session));
    let next = tokio::spawn(async move { services.read(&next).await });
    tokio::task::yield_now().await;
    assert_eq!(stand.readings(), 2);
    assert!(is_read(&late.await));
    assert!(is_read(&stand.services.read(&session).await));
    assert!(is_read(&next.await.unwrap()));
    assert_eq!(stand.readings(), 2, "the next reading was joined");
}

/// Asks a future once.
async fn asked_once<F: Future>(mut future: std::pin::Pin<&mut F>) -> Option<F::Output> {
    std::future::poll_fn(|context| {
        std::task::Poll::Ready(match future.as_mut().poll(context) {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        })
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn a_reading_goes_on_when_nobody_waits_for_it() {
    let stand = Stand::new(Duration::from_secs(5), None);
    let (session, _) = stand.open().await;
    {
        let given_up = stand.services.read(&session);
        let _ = tokio::time::timeout(Duration::from_secs(1), given_up).await;
    }
    tokio::time::sleep(Duration::from_secs(60)).await;
    let asked = Instant::now();
    assert!(is_read(&stand.services.read(&session).await));
    assert_eq!(asked.elapsed(), Duration::ZERO, "it was there");
    assert_eq!(stand.readings(), 1);
}

#[tokio::test(start_paused = true)]
async fn sessions_do_not_join_each_others_readings() {
    let stand = Stand::new(Duration::from_secs(5), None);
    let (one, _) = stand.open().await;
    let (two, _) = stand.open().await;
    assert_eq!(stand.readings(), 2);
    assert!(is_read(&stand.services.read(&one).await));
    assert!(is_read(&stand.services.read(&two).await));
    assert_eq!(stand.readings(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_told_and_the_next_question_tries_again() {
    let gone = || CrmError::Unreachable {
        why: Unreachable::Dns,
        source: None,
    };
    let stand = Stand::new(Duration::from_secs(1), Some(gone));
    let (session, outcome) = stand.open().await;
    let failed = Outcome::Failed(Trouble::Unreachable(Unreachable::Dns));
    assert_eq!(outcome, failed);
    assert_eq!(stand.services.read(&session).await, failed);
    assert_eq!(stand.readings(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_dies_is_a_failure_of_ours_and_not_for_ever() {
    let stand = Stand::new(Duration::ZERO, Some(|| panic!("a defect in a connector")));
    let (session, outcome) = stand.open().await;
    assert_eq!(outcome, Outcome::Failed(Trouble::Internal));
    assert_eq!(
        stand.services.read(&session).await,
        Outcome::Failed(Trouble::Internal)
    );
    assert_eq!(stand.readings(), 2);
}

#[tokio::test(start_paused = true)]
async fn sec_02_a_claim_that_is_not_proved_starts_nothing() {
    let stand = Stand::new(Duration::ZERO, None);
    let refused = stand.services.open(&claim("bad"), Lang::Ru).await;
    assert!(matches!(refused, Err(CrmError::NotProved { .. })));
    assert_eq!(stand.readings(), 0);
    let renewed = stand
        .services
        .renew(
            SecretString::from("bad"),
            claim("bad").member_id,
            claim("bad").address,
            Lang::Ru,
        )
        .await;
    assert!(matches!(renewed, Err(CrmError::NotProved { .. })));
}
