//! SEC-64: how long an answer takes does not tell whether an address has an account. Usually a few
//! answers of each kind are timed; `CRMAP_TIMING=2000` takes as many samples of each, and compares
//! them by Welch's t.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crmap_domain::Lang;
use crmap_service::{Services, Settings};
use crmap_store::{KeyRing, Store, StoreSettings};

use super::support::*;
use crate::support::Counting;

/// Shorter than in earnest, so that many samples take minutes.
const BEAT: Duration = Duration::from_millis(25);
/// Of the long proof: the work must fit into it on a busy machine, too, or else it is the machine that is
/// measured. In earnest it is half a second.
const LONG_BEAT: Duration = Duration::from_millis(100);
/// How often an address may be asked about before limits answer instead.
const TRIES: usize = 3;

/// A form that must not tell.
#[derive(Debug, Clone, Copy)]
enum Form {
    LogIn,
    Reset,
    Register,
}

struct Stand {
    services: Arc<Services>,
    _folder: tempfile::TempDir,
}

impl Stand {
    /// Over a database on the disk, with `accounts` accounts.
    async fn new(accounts: usize, change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let entropy = Arc::new(Counting::default());
        let store = Store::open(StoreSettings {
            url: format!("sqlite://{}/timing.db", folder.path().display()).into(),
            keys: KeyRing::generate([7; 32]),
            entropy: entropy.clone(),
            spill_dir: None,
            connections: 2,
        });
        let store = Arc::new(store.await.unwrap());
        let mut settings = settings(Some(Arc::new(Postman::default())));
        change(&mut settings);
        let services = services(&store, &Arc::default(), &entropy, settings);
        let stand = Self {
            services,
            _folder: folder,
        };
        for number in 0..accounts {
            let form = form(&address("known", number), PASSWORD);
            stand.services.register(form, &unseen()).await.unwrap();
        }
        stand
    }

    async fn milliseconds(&self, form_of: Form, email: &str) -> f64 {
        let began = Instant::now();
        match form_of {
            Form::LogIn => {
                let log_in = log_in(email, OTHER);
                let denied = self.services.log_in(log_in, &unseen(), None, None).await;
                assert!(denied.is_err());
            }
            Form::Reset => {
                let asked = self.services.ask_reset(email, Lang::Ru, &unseen()).await;
                asked.unwrap();
            }
            Form::Register => {
                let form = form(email, OTHER);
                self.services.register(form, &unseen()).await.unwrap();
            }
        }
        began.elapsed().as_secs_f64() * 1000.0
    }

    /// Samples of known and of unknown addresses, taken by turns.
    async fn samples(&self, form_of: Form, count: usize) -> [Vec<f64>; 2] {
        let mut samples = [Vec::new(), Vec::new()];
        for number in 0..count {
            // A registration makes an address known, so that each is used once.
            let unknown = match form_of {
                Form::Register => address("newer", number),
                _ => address("other", number / TRIES),
            };
            let known = address("known", number / TRIES);
            let mut turns = [(0, known), (1, unknown)];
            turns.rotate_left(number % 2);
            for (place, email) in turns {
                samples[place].push(self.milliseconds(form_of, &email).await);
            }
        }
        samples
    }
}

/// All as long as each other.
fn address(kind: &str, number: usize) -> String {
    format!("{kind}{number:05}@example.ru")
}

fn mean(samples: &[f64]) -> f64 {
    samples.iter().sum::<f64>() / samples.len() as f64
}

fn median(samples: &[f64]) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// Welch's t.
fn welch([one, other]: &[Vec<f64>; 2]) -> f64 {
    let spread = |samples: &[f64]| {
        let mean = mean(samples);
        let squares: f64 = samples.iter().map(|sample| (sample - mean).powi(2)).sum();
        squares / (samples.len() - 1) as f64 / samples.len() as f64
    };
    (mean(one) - mean(other)) / (spread(one) + spread(other)).sqrt()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_64_the_time_an_answer_takes_does_not_tell_who_has_an_account() {
    let asked = std::env::var("CRMAP_TIMING").ok();
    let asked: Option<usize> = asked.map(|count| count.parse().unwrap());
    let count = asked.unwrap_or(12);
    let beat = if asked.is_some() { LONG_BEAT } else { BEAT };
    let stand = Stand::new(count.div_ceil(TRIES), |settings| {
        settings.even_answers = beat;
    })
    .await;
    for form in [Form::LogIn, Form::Reset, Form::Register] {
        let samples = stand.samples(form, count).await;
        let (known, unknown) = (median(&samples[0]), median(&samples[1]));
        let t = welch(&samples);
        println!(
            "{form:?}: medians {known:.2} and {unknown:.2} ms, t = {t:.2}, {count} samples each"
        );
        let least = beat.as_secs_f64() * 1000.0;
        assert!(
            samples.iter().flatten().all(|took| *took >= least),
            "{form:?}"
        );
        // A machine with other work rounds one of a few answers differently.
        if asked.is_some() {
            assert!(t.abs() < 4.5, "{form:?}: t = {t}");
            assert!((known - unknown).abs() <= 2.0, "{form:?}");
        }
    }
}
