//! The database is cut off again and again under load (REL-23): who comes meanwhile is told so within
//! two seconds, and within five after its return everything is as before, without a restart.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use crmap_app::api::fleet::{LookAtRun, StartRun};
use crmap_domain::cabinet::{RunOf, RunProgress};

use super::breaker::{Breaker, Line};
use super::is_full;
use super::program::{BINARY, Left, Program};
use super::visitors::{Answered, Crowd, Guest, WISHES, Wish};
use crate::house::{Base, ask_schema, name_of_schema, socket};

const PORTALS: usize = 3;
/// How often it is cut off in the ordinary run, once in each way, and in the full one.
const FEW: usize = 3;
const MANY: usize = 50;
const WAYS: [Line; 3] = [Line::Down, Line::Silent, Line::Broken];
/// Within what time everybody is answered.
const ANSWER: Duration = Duration::from_secs(2);
/// How long the page inside a portal waits for the portal.
const OPENING_PATIENCE: Duration = Duration::from_secs(2);
/// After so long the server breaks any request off.
const LONGEST_REQUEST: Duration = Duration::from_secs(30);
/// Within what time all is as before.
const RECOVERY: Duration = Duration::from_secs(5);
/// How many connections the server has at the most, the record of requests beside it, and what says
/// that somebody works with the database.
const CONNECTIONS: usize = 8 + 2 + 1;

/// When the line was cut, and when it was whole again.
struct Cut {
    way: Line,
    began: Instant,
    ended: Instant,
}

async fn cut(breaker: &Breaker, guest: &Guest, way: Line, lasts: Duration) -> Cut {
    let began = Instant::now();
    breaker.set(way);
    tokio::time::sleep(lasts).await;
    breaker.set(Line::Whole);
    let ended = Instant::now();
    for wish in WISHES {
        while guest.ask(wish).await.status != StatusCode::OK {
            let took = ended.elapsed();
            assert!(took < RECOVERY, "{wish:?} after {way:?}: {took:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    eprintln!(
        "{way:?} for {lasts:?}: all is well after {:?}",
        ended.elapsed()
    );
    Cut { way, began, ended }
}

/// How long somebody may wait beside what this machine takes for the same when all is well.
/// The page inside a portal waits for the portal, too, and comes without its data then; what was
/// asked of the database when the line fell silent waits for an answer.
fn patience(answered: &Answered, cut: &Cut) -> Duration {
    if cut.way == Line::Silent && answered.began < cut.began {
        return LONGEST_REQUEST;
    }
    match (answered.wish, answered.status) {
        (Wish::Opening, StatusCode::OK) => ANSWER + OPENING_PATIENCE,
        _ => ANSWER,
    }
}

fn judge_one(book: &[Answered], cut: &Cut, usual: impl Fn(Wish) -> Duration) {
    let during = book
        .iter()
        .filter(|one| one.began + one.took >= cut.began && one.began <= cut.ended);
    // Who was inside already has the whole time from the cut on.
    let waited = |one: &Answered| one.began + one.took - one.began.max(cut.began);
    for wish in WISHES {
        let of_wish = during.clone().filter(|one| one.wish == wish);
        let longest = of_wish.clone().map(waited).max();
        let refused = of_wish.filter(|one| one.status == StatusCode::SERVICE_UNAVAILABLE);
        eprintln!(
            "{:?}: {wish:?} after {longest:?}, {} refused",
            cut.way,
            refused.count()
        );
    }
    for one in during.clone() {
        let in_time = waited(one) <= patience(one, cut) + usual(one.wish);
        assert!(in_time, "{one:?} while {:?}", cut.way);
    }
    let mut refused = during.filter(|one| one.status == StatusCode::SERVICE_UNAVAILABLE);
    let is_short = cut.ended - cut.began < ANSWER;
    assert!(
        is_short || refused.next().is_some(),
        "nobody noticed {:?}",
        cut.way
    );
}

fn judge(book: &[Answered], cuts: &[Cut]) {
    let before = |one: &&Answered| one.began + one.took < cuts[0].began;
    let usual = |wish: Wish| {
        let of_wish = book.iter().filter(before).filter(|one| one.wish == wish);
        of_wish.map(|one| one.took).max().unwrap()
    };
    for cut in cuts {
        judge_one(book, cut, usual);
    }
    for answered in book {
        let known = [StatusCode::OK, StatusCode::SERVICE_UNAVAILABLE];
        assert!(known.contains(&answered.status), "{answered:?}");
        assert!(answered.wish != Wish::Health || answered.status == StatusCode::OK);
        let quiet = cuts.iter().all(|cut| {
            answered.began + answered.took < cut.began || answered.began > cut.ended + RECOVERY
        });
        assert!(!quiet || answered.status == StatusCode::OK, "{answered:?}");
    }
}

/// What was cut off in the middle is taken up again: all portals are read, and nothing is left lying.
async fn nothing_is_stuck(left: &Left, program: &Program) {
    let anna = left.anna.before(&program.wire());
    let start = StartRun { which: RunOf::All };
    anna.call(&start).await.given::<RunProgress>();
    let started = Instant::now();
    loop {
        let progress: Option<RunProgress> = anna.call(&LookAtRun {}).await.given();
        let progress = progress.unwrap();
        if progress.finished_at.is_some() {
            assert_eq!(progress.read as usize, PORTALS, "{progress:?}");
            break;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "{progress:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    for sql in [
        "select count(*) from refresh_task where ended_at is null",
        "select count(*) from portal where reading_owner is not null",
        "select count(*) from credential where lease_owner is not null or status <> 'active'",
    ] {
        assert_eq!(ask_schema(&left.folder, sql), "0", "{sql}");
    }
}

/// The line is cut `times` times under load.
async fn cut_again_and_again(left: &Arc<Left>, program: &Program, breaker: &Breaker, times: usize) {
    let guest = Guest::of(left, program);
    let crowd = Crowd::come(left, program, Duration::from_millis(150));
    tokio::time::sleep(Duration::from_secs(3)).await;
    let descriptors = program.descriptors();
    let mut cuts = Vec::new();
    for number in 0..times {
        // Of all lengths between a blink and more than anybody waits.
        let lasts = match times {
            FEW => 2_600,
            _ => 300 + (number as u64 * 700) % 3_900,
        };
        // Tokens run out now and then, so that a pair may be on its way when the line is cut. The
        // second portal is opened all the time, by forms that bear such a token.
        let portal = left.cloud.portal([1, 3][number % 2]);
        portal.expire_access_tokens();
        let (way, lasts) = (WAYS[number % WAYS.len()], Duration::from_millis(lasts));
        cuts.push(cut(breaker, &guest, way, lasts).await);
        tokio::time::sleep(Duration::from_millis(800)).await;
    }
    tokio::time::sleep(RECOVERY).await;
    let book = crowd.leave().await;
    eprintln!("{} answers", book.len());
    judge(&book, &cuts);
    let open = program.descriptors();
    assert!(
        open <= descriptors + 4,
        "{open} descriptors, {descriptors} before"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_23_whoever_comes_while_the_database_is_cut_off_is_told_so_and_nothing_is_left() {
    let left = Arc::new(Left::by_a_server("cuts", Base::Postgres, PORTALS).await);
    let breaker = Breaker::before(&socket()).await;
    let schema = name_of_schema(&left.folder);
    let database = format!(
        "postgres://postgres@{}/postgres?options[search_path]={schema}",
        breaker.address
    );
    let program = Program::start(left.command(BINARY, &database).arg("serve"), &left.folder).await;
    let times = if is_full() { MANY } else { FEW };
    cut_again_and_again(&left, &program, &breaker, times).await;
    nothing_is_stuck(&left, &program).await;
    assert!(
        breaker.passing() <= CONNECTIONS,
        "{} connections",
        breaker.passing()
    );
    let verify = left
        .command(BINARY, &database)
        .arg("verify")
        .output()
        .unwrap();
    assert!(verify.status.success(), "{verify:?}");
    program.end().await;
}
