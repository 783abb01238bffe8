//! The figures that operators watch: each has its help and its line in docs/METRICS.md, and no label
//! comes from outside.

use std::collections::BTreeSet;

use axum::http::{Method, StatusCode};
use crmap_crm::FigureKind;
use crmap_server::figures;
use portal_sim::{Effect, Fault, UserRole};

use crate::cabinet::town::Town;
use crate::house::{Base, House, on_both};
use crate::support::{Form, open, read, request, send};

const DOCS: &str = include_str!("../../../docs/METRICS.md");

#[test]
fn every_figure_is_named_by_the_rules_and_told_in_the_docs() {
    let mut names = BTreeSet::new();
    for figure in figures::all() {
        let name = figure.name;
        assert!(names.insert(name), "{name} is there twice");
        assert!(
            name.starts_with("crmap_") && figure.help.ends_with('.'),
            "{name}"
        );
        let signs = |sign: char| sign.is_ascii_lowercase() || sign == '_';
        assert!(name.chars().all(signs), "{name}");
        let is_total = name.ends_with("_total");
        assert_eq!(is_total, figure.kind == FigureKind::Counter, "{name}");
        if figure.kind == FigureKind::Histogram {
            assert!(name.ends_with("_seconds"), "{name}");
        }
        let kind = format!("{:?}", figure.kind).to_lowercase();
        let rows = DOCS
            .lines()
            .filter(|line| line.starts_with(&format!("| `{name}`")));
        let rows: Vec<_> = rows.collect();
        assert_eq!(rows.len(), 1, "{name} in docs/METRICS.md");
        assert_eq!(
            rows[0].split('|').nth(2).map(str::trim),
            Some(&*kind),
            "{name}"
        );
    }
    // And nothing else is told there, in the alarms neither.
    for word in DOCS.split(|sign: char| !(sign.is_ascii_alphanumeric() || sign == '_')) {
        let is_known = names.contains(word.trim_end_matches("_bucket"));
        assert!(
            !word.starts_with("crmap_") || is_known,
            "{word} is no figure"
        );
    }
}

/// What came out: each family with its help.
fn families(told: &str) -> BTreeSet<String> {
    let named = |line: &str, mark: &str| {
        let rest = line.strip_prefix(mark)?;
        rest.split(' ').next().map(str::to_owned)
    };
    let helped: BTreeSet<_> = told
        .lines()
        .filter_map(|line| named(line, "# HELP "))
        .collect();
    let typed: BTreeSet<_> = told
        .lines()
        .filter_map(|line| named(line, "# TYPE "))
        .collect();
    assert_eq!(helped, typed);
    typed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_37_a_busy_server_shows_what_it_does_and_no_word_from_outside() {
    let counts = figures::begin().unwrap();
    let town = Town::build("figures", Base::Postgres).await;
    let house = &town.house;
    let portal = house.portal();
    // Whatever can bring a word along brings one.
    portal.add_field(portal_sim::worlds::Entity::Deal, "string", "CANARY", &[]);
    for target in ["/portals/CANARY?q=CANARY", "/CANARY", "/legal/CANARY"] {
        send(&house.router, request(Method::GET, target, "")).await;
        let odd = Method::from_bytes(b"CANARY").unwrap();
        send(&house.router, request(odd, target, "")).await;
    }
    house
        .post_event("event=CANARY&auth%5Bmember_id%5D=CANARY")
        .await;
    portal.expire_access_tokens();
    house.services.check(&house.member_id()).await.unwrap();
    let bearer = open(&house.router, &Form::of(portal, UserRole::Employee))
        .await
        .bearer();
    for error in ["CANARY", "CANARY\"} 1"] {
        portal.set_fault(Fault::every(Effect::Error {
            status: 403,
            error: error.to_owned(),
            description: "CANARY".to_owned(),
        }));
        read(&house.router, &bearer).await;
        house.services.check(&house.member_id()).await.unwrap();
    }
    let mut asked = request(
        Method::POST,
        "/login",
        "email=anna%40CANARY.ru&password=CANARY-no-one",
    );
    let headers = asked.headers_mut();
    headers.insert("content-type", crate::support::FORM.parse().unwrap());
    headers.insert("sec-fetch-site", "same-origin".parse().unwrap());
    send(&house.router, asked).await;
    let told = figures::told(&counts, &house.services).await;
    assert!(!told.to_lowercase().contains("canary"), "{told}");
    for secret in [portal.member_id(), &portal.domain(), "anna", &bearer] {
        assert!(!told.contains(secret), "{secret} in {told}");
    }
    let shown = families(&told);
    let known: BTreeSet<_> = figures::all()
        .map(|figure| figure.name.to_owned())
        .collect();
    assert!(shown.is_subset(&known), "{shown:?}");
    let skew = told
        .lines()
        .find_map(|line| line.strip_prefix("crmap_clock_skew_seconds "));
    let skew: f64 = skew.unwrap().parse().unwrap();
    assert!((121.0..=180.0).contains(&skew), "{skew}");
    for line in [
        // The town's clock stands still, and began three minutes ahead of the database's.
        "crmap_ready 0",
        "crmap_database_connections_max{pool=\"all\"} 8",
        "crmap_portals{state=\"ok\"}",
        "crmap_token_refreshes_total{outcome=\"rotated\"} 1",
        "crmap_readings_total{outcome=\"read\"}",
        "crmap_reading_seconds_count",
        "crmap_readings_due 0",
        "crmap_portal_requests_total{class=\"batch\",outcome=\"ok\"}",
        "outcome=\"expired\"}",
        "crmap_authority_proofs_total{outcome=\"proved\"}",
        "crmap_waiting_oldest_seconds{what=\"events\"} 0",
        "crmap_log_ins_total{outcome=\"refused\"} 1",
        "crmap_build_info{version=\"",
    ] {
        assert!(told.contains(line), "{line} is not in {told}");
    }
}

on_both! {
    rel_25_a_process_that_cannot_serve_says_so_within_two_seconds
}

async fn rel_25_a_process_that_cannot_serve_says_so_within_two_seconds(base: Base) {
    let house = House::new("ready", base).await;
    let asked = async || {
        let began = std::time::Instant::now();
        let told = send(&house.router, request(Method::GET, "/readyz", "")).await;
        assert!(began.elapsed().as_secs() < 2, "{:?}", began.elapsed());
        (told.status, told.text().trim().to_owned())
    };
    let (ready, away) = (StatusCode::OK, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(asked().await, (ready, "ok".to_owned()));
    // A minute off is no reason, three are, to either side.
    for (minutes, status) in [(1, ready), (2, away), (-2, ready), (-4, away)] {
        house.clock.pass(time::Duration::minutes(minutes));
        let told = asked().await;
        assert_eq!(told.0, status, "{minutes}: {}", told.1);
        if status == away {
            assert_eq!(told.1, "the clock is off");
        }
    }
    house.clock.pass(time::Duration::minutes(3));
    assert_eq!(asked().await.0, ready);
    // Whether it lives is another question.
    let lives = send(&house.router, request(Method::GET, "/healthz", "")).await;
    assert_eq!(lives.status, ready);
    if base == Base::Sqlite {
        return;
    }
    for (tampering, mending, word) in [
        (
            "update _sqlx_migrations set success = false where version = 2",
            "update _sqlx_migrations set success = true",
            "the database's structure is not that of this release",
        ),
        (
            "update key_check set key_id = key_id || '-'",
            "update key_check set key_id = rtrim(key_id, '-')",
            "the database is sealed with other keys",
        ),
        (
            "alter table key_check rename to key_check_away",
            "alter table key_check_away rename to key_check",
            "the database is not available",
        ),
    ] {
        house.tamper(tampering);
        assert_eq!(asked().await, (away, word.to_owned()));
        house.tamper(mending);
        assert_eq!(asked().await.0, ready, "{word}");
    }
}

/// Whether somebody has a table of the house for himself alone.
fn is_locked(house: &House, table: &str) -> bool {
    let question = format!(
        "select count(*) from pg_locks where granted and mode = 'AccessExclusiveLock' \
         and relation = '{table}'::regclass"
    );
    crate::house::ask_schema(house.folder(), &question).trim() == "1"
}

/// A database that takes its time: the answer comes all the same. A process that was ready is
/// believed to be so until a second look.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_25_a_database_that_does_not_answer_is_not_waited_for() {
    let house = House::new("ready-slow", Base::Postgres).await;
    let told = send(&house.router, request(Method::GET, "/readyz", "")).await;
    assert_eq!(told.status, StatusCode::OK);
    let folder = house.folder().to_owned();
    let locked = tokio::task::spawn_blocking(move || {
        crate::house::tamper(
            &folder,
            "begin; lock table key_check in access exclusive mode; select pg_sleep(5)",
        );
    });
    house
        .until("locked", async || is_locked(&house, "key_check"))
        .await;
    for status in [StatusCode::OK, StatusCode::SERVICE_UNAVAILABLE] {
        let began = std::time::Instant::now();
        let told = send(&house.router, request(Method::GET, "/readyz", "")).await;
        assert_eq!(told.status, status);
        assert!(began.elapsed().as_secs() < 2, "{:?}", began.elapsed());
    }
    locked.await.unwrap();
    let told = send(&house.router, request(Method::GET, "/readyz", "")).await;
    assert_eq!(told.status, StatusCode::OK);
}

/// Who waits for the database takes all connections that visitors have.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_25_a_rush_of_visitors_does_not_take_a_process_out_of_the_balancer() {
    let house = House::new("ready-rush", Base::Postgres).await;
    let folder = house.folder().to_owned();
    let locked = tokio::task::spawn_blocking(move || {
        let statement = "begin; lock table account in access exclusive mode; select pg_sleep(4)";
        crate::house::tamper(&folder, statement);
    });
    house
        .until("locked", async || is_locked(&house, "account"))
        .await;
    let visitors = (0..12).map(|_| {
        let store = std::sync::Arc::clone(&house.store);
        let key = crmap_domain::cabinet::Email::parse("anna@example.ru")
            .unwrap()
            .key();
        tokio::spawn(async move { store.login(&key).await.is_ok() })
    });
    let visitors: Vec<_> = visitors.collect();
    let is_full = || {
        house
            .store
            .pools()
            .iter()
            .all(|pool| pool.used == pool.most)
    };
    house.until("full", async || is_full()).await;
    let began = std::time::Instant::now();
    let told = send(&house.router, request(Method::GET, "/readyz", "")).await;
    assert_eq!(told.status, StatusCode::OK);
    assert!(began.elapsed().as_millis() < 1_000, "{:?}", began.elapsed());
    assert!(is_full() && !locked.is_finished());
    locked.await.unwrap();
    for visitor in visitors {
        visitor.await.unwrap();
    }
}
