use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use crmap_crm::sample::{Size, sample};
use crmap_crm::{
    Access, CrmAccount, CrmConnector, CrmError, FakeCrm, FreshTokens, OpeningClaim, ProvenOpening,
    RefreshError, RefreshRequest,
};
use crmap_domain::{Lang, MemberId, Unreachable};
use secrecy::SecretString;
use time::OffsetDateTime;
use time::macros::datetime;
use tokio::time::Instant;

use super::*;

const NOW: OffsetDateTime = datetime!(2026-03-01 12:00 UTC);

/// A session of a CRM whose readings are counted.
struct Stand {
    crm: FakeCrm,
    session: Arc<Session>,
    readings: AtomicUsize,
}

#[async_trait]
impl CrmConnector for Stand {
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

impl Stand {
    async fn new(reading_takes: Duration, failure: Option<fn() -> CrmError>) -> Arc<Self> {
        let crm = FakeCrm {
            specification: Arc::new(sample(Size {
                funnels: 1,
                stages: 2,
                fields: 3,
                users: 1,
            })),
            token: Some("good"),
            expires_at: NOW + Duration::from_secs(600),
            reading_takes,
            failure,
        };
        let session = session(&crm).await;
        Arc::new(Self {
            crm,
            session,
            readings: AtomicUsize::new(0),
        })
    }

    /// The reading of an opening, which is not very patient.
    async fn open(&self) -> Outcome {
        self.wait(&self.session, 2).await
    }

    async fn read(&self) -> Outcome {
        self.wait(&self.session, 20).await
    }

    async fn wait(&self, session: &Arc<Session>, seconds: u64) -> Outcome {
        let wait = Duration::from_secs(seconds);
        read_within(self, session, wait, |_| async {}).await
    }

    fn readings(&self) -> usize {
        self.readings.load(Ordering::SeqCst)
    }
}

async fn session(crm: &FakeCrm) -> Arc<Session> {
    let claim = OpeningClaim {
        access_token: SecretString::from("good"),
        member_id: MemberId::parse("0123456789abcdef0123456789abcdef").unwrap(),
        address: "demo.bitrix24.ru".to_owned(),
    };
    let proven = crm.prove_opening(&claim).await.unwrap();
    Arc::new(Session::new(proven, Lang::En, NOW, None, None))
}

fn is_read(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Read(_))
}

#[tokio::test(start_paused = true)]
async fn a_quick_portal_is_read_with_the_opening() {
    let stand = Stand::new(Duration::from_secs(1), None).await;
    let outcome = stand.open().await;
    let Outcome::Read(specification) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(specification.reading.lang, Lang::En);
    assert!(stand.session.reading.lock().is_none(), "nothing is kept");
}

#[tokio::test(start_paused = true)]
async fn a_slow_portal_is_pending_and_its_reading_is_joined() {
    let stand = Stand::new(Duration::from_secs(30), None).await;
    let started = Instant::now();
    let outcome = stand.open().await;
    assert_eq!(outcome, Outcome::Pending);
    assert_eq!(started.elapsed().as_secs(), 2);
    assert_eq!(stand.read().await, Outcome::Pending);
    assert_eq!(started.elapsed().as_secs(), 22);
    assert!(is_read(&stand.read().await));
    assert_eq!(started.elapsed().as_secs(), 30);
    assert_eq!(stand.readings(), 1);
    assert!(stand.session.reading.lock().is_none(), "nothing is kept");
}

#[tokio::test(start_paused = true)]
async fn all_who_wait_get_the_same_outcome_of_one_reading() {
    let stand = Stand::new(Duration::from_secs(5), None).await;
    stand.open().await;
    let waiting = [(); 10].map(|()| {
        let stand = Arc::clone(&stand);
        tokio::spawn(async move { stand.read().await })
    });
    for one in waiting {
        assert!(is_read(&one.await.unwrap()));
    }
    assert_eq!(stand.readings(), 1);
    assert!(is_read(&stand.read().await));
    assert_eq!(stand.readings(), 2, "the next question is a new reading");
}

/// Two wait for a reading; the first that wakes up asks anew at once. The second must not take
/// the new reading for the one that it waited for and let it go.
#[tokio::test(start_paused = true)]
async fn a_late_riser_does_not_let_go_of_the_next_reading() {
    let stand = Stand::new(Duration::from_secs(5), None).await;
    stand.open().await;
    let late = {
        let stand = Arc::clone(&stand);
        async move { stand.read().await }
    };
    tokio::pin!(late);
    // The late one begins to wait and is then left alone.
    assert!(asked_once(late.as_mut()).await.is_none());
    assert!(is_read(&stand.read().await));
    let again = Arc::clone(&stand);
    let next = tokio::spawn(async move { again.read().await });
    tokio::task::yield_now().await;
    assert_eq!(stand.readings(), 2);
    assert!(is_read(&late.await));
    assert!(is_read(&stand.read().await));
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
    let stand = Stand::new(Duration::from_secs(5), None).await;
    stand.open().await;
    {
        let given_up = stand.read();
        let _ = tokio::time::timeout(Duration::from_secs(1), given_up).await;
    }
    tokio::time::sleep(Duration::from_secs(30)).await;
    let asked = Instant::now();
    assert!(is_read(&stand.read().await));
    assert_eq!(asked.elapsed(), Duration::ZERO, "it was there");
    assert_eq!(stand.readings(), 1);
}

/// Whoever asks minutes later asks how the portal is now.
#[tokio::test(start_paused = true)]
async fn what_nobody_came_back_for_is_no_answer_any_more() {
    let stand = Stand::new(Duration::from_secs(5), None).await;
    assert_eq!(stand.open().await, Outcome::Pending);
    tokio::time::sleep(Duration::from_secs(60)).await;
    let asked = Instant::now();
    assert!(is_read(&stand.read().await));
    assert_eq!(asked.elapsed(), Duration::from_secs(5));
    assert_eq!(stand.readings(), 2);
}

#[tokio::test(start_paused = true)]
async fn sessions_do_not_join_each_others_readings() {
    let stand = Stand::new(Duration::from_secs(5), None).await;
    let other = session(&stand.crm).await;
    stand.open().await;
    stand.wait(&other, 2).await;
    assert_eq!(stand.readings(), 2);
    assert!(is_read(&stand.read().await));
    assert!(is_read(&stand.wait(&other, 20).await));
    assert_eq!(stand.readings(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_told_and_the_next_question_tries_again() {
    let gone = || CrmError::Unreachable {
        why: Unreachable::Dns,
        source: None,
    };
    let stand = Stand::new(Duration::from_secs(1), Some(gone)).await;
    let outcome = stand.open().await;
    let failed = Outcome::Failed(Trouble::Unreachable(Unreachable::Dns));
    assert_eq!(outcome, failed);
    assert_eq!(stand.read().await, failed);
    assert_eq!(stand.readings(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_dies_is_a_failure_of_ours_and_not_for_ever() {
    let stand = Stand::new(Duration::ZERO, Some(|| panic!("a defect in a connector"))).await;
    let outcome = stand.open().await;
    assert_eq!(outcome, Outcome::Failed(Trouble::Internal));
    assert_eq!(stand.read().await, Outcome::Failed(Trouble::Internal));
    assert_eq!(stand.readings(), 2);
}
