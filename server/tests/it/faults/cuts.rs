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
/// Within what time all is as before.
const RECOVERY: Duration = Duration::from_secs(5);
/// How many connections the server has at the most, and the record of requests beside it.
const CONNECTIONS: usize = 8 + 2;

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

/// What a server takes on this machine that is asked for its health is nobody's fault.
fn judge_one(book: &[Answered], cut: &Cut) {
    let during = |answered: &&Answered| {
        answered.began + answered.took >= cut.began && answered.began <= cut.ended
    };
    // Who was inside already has the whole time from the cut on.
    let waited =
        |answered: &Answered| answered.began + answered.took - answered.began.max(cut.began);
    let longest = |wish: Wish| {
        let of_wish = book.iter().filter(|one| one.wish == wish);
        let longest = of_wish.filter(during).max_by_key(|one| waited(one));
        longest.map(|one| (*one, waited(one)))
    };
    let slowest = longest(Wish::Health).map_or(Duration::ZERO, |(_, waited)| waited);
    for (one, waited) in WISHES.iter().filter_map(|wish| longest(*wish)) {
        eprintln!(
            "{:?}: {:?} after {waited:?} at the latest ({})",
            cut.way, one.wish, one.status
        );
        // What was asked of the database when the line fell silent waits for an answer.
        let was_asked = cut.way == Line::Silent && one.began < cut.began;
        assert!(
            was_asked || waited <= ANSWER + slowest,
            "{one:?} while {:?}",
            cut.way
        );
    }
    let refused = |one: &&Answered| one.status == StatusCode::SERVICE_UNAVAILABLE;
    let is_short = cut.ended - cut.began < Duration::from_secs(1);
    assert!(
        is_short || book.iter().filter(during).any(|one| refused(&one)),
        "nobody noticed {:?}",
        cut.way
    );
}

fn judge(book: &[Answered], cuts: &[Cut]) {
    for cut in cuts {
        judge_one(book, cut);
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
    let guest = Guest::of(&left, &program);
    let crowd = Crowd::come(&left, &program, Duration::from_millis(150));
    tokio::time::sleep(Duration::from_secs(1)).await;
    let descriptors = program.descriptors();
    let times = if is_full() { MANY } else { FEW };
    let mut cuts = Vec::new();
    for number in 0..times {
        // Of all lengths between a blink and more than anybody waits.
        let lasts = Duration::from_millis(300 + (number as u64 * 1_300) % 3_900);
        let lasts = if times == FEW {
            Duration::from_millis(2_600)
        } else {
            lasts
        };
        // Tokens run out now and then, so that a pair is on its way when the line is cut.
        left.cloud
            .portal(1 + number % PORTALS)
            .expire_access_tokens();
        cuts.push(cut(&breaker, &guest, WAYS[number % WAYS.len()], lasts).await);
        tokio::time::sleep(Duration::from_millis(800)).await;
    }
    tokio::time::sleep(RECOVERY).await;
    let book = crowd.leave().await;
    eprintln!("{} answers", book.len());
    judge(&book, &cuts);
    nothing_is_stuck(&left, &program).await;
    assert!(
        breaker.passing() <= CONNECTIONS,
        "{} connections",
        breaker.passing()
    );
    let open = program.descriptors();
    assert!(
        open <= descriptors + 4,
        "{open} descriptors, {descriptors} before"
    );
    let verify = left
        .command(BINARY, &database)
        .arg("verify")
        .output()
        .unwrap();
    assert!(verify.status.success(), "{verify:?}");
    program.end().await;
}
