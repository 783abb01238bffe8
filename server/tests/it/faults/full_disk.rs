//! The disk is full while the server runs (REL-24): pages are still shown, what cannot be written is
//! said to be, no token is used up that could not be kept, and with room again all goes on.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use crmap_app::api::fleet::{LookAtRun, StartRun};
use crmap_domain::cabinet::{RunOf, RunProgress};
use portal_sim::{Fault, Portal, UserRole};

use super::program::{BINARY, Left, Program};
use crate::cabinet::browser::Browser;
use crate::house::Base;
use crate::support::{FORM, Form, open, request, send};

const PORTALS: usize = 2;
/// A disk of 24 MiB of which nobody else has anything, if the system allows that; then the database
/// is brought there and the server started.
const ON_A_SMALL_DISK: &str = "mount -t tmpfs -o size=24m disk \"$DISK\" && cp crmap.db* \"$DISK\" \
     && exec \"$0\" \"$@\"";
/// Otherwise no file may grow, from the moment at which that is said.
const WITH_A_LIMIT: &str = "trap '' XFSZ; cp crmap.db* \"$DISK\" && exec \"$0\" \"$@\"";

/// The disk of a process.
enum Disk {
    /// A file system of its own, as it is seen from outside.
    Small(PathBuf),
    /// A limit of the process of that number.
    Limited(u32),
}

impl Disk {
    fn of(program: &Program, folder: &std::path::Path) -> Self {
        if own_mounts() {
            let root = PathBuf::from(format!("/proc/{}/root", program.id()));
            Self::Small(root.join(folder.strip_prefix("/").unwrap()).join("filler"))
        } else {
            Self::Limited(program.id())
        }
    }

    fn fill(&self) {
        match self {
            Self::Small(filler) => {
                let mut file = std::fs::File::create(filler).unwrap();
                let piece = vec![0; 4_096];
                while std::io::Write::write_all(&mut file, &piece).is_ok() {}
            }
            Self::Limited(process) => limit(*process, "0:unlimited"),
        }
    }

    fn free(&self) {
        match self {
            Self::Small(filler) => std::fs::remove_file(filler).unwrap(),
            Self::Limited(process) => limit(*process, "unlimited:unlimited"),
        }
    }
}

fn limit(process: u32, bytes: &str) {
    let mut command = Command::new("prlimit");
    command.args(["--pid", &process.to_string(), &format!("--fsize={bytes}")]);
    assert!(command.status().unwrap().success());
}

/// Whether this system lets anybody have file systems of his own.
fn own_mounts() -> bool {
    let mut tried = Command::new("unshare");
    tried.args([
        "--user",
        "--map-root-user",
        "--mount",
        "mount",
        "-t",
        "tmpfs",
        "x",
        "/mnt",
    ]);
    tried.output().is_ok_and(|output| output.status.success())
}

/// The server with its database on such a disk.
async fn serve(left: &Left) -> (Program, Disk) {
    let disk = left.folder.join("disk");
    std::fs::create_dir_all(&disk).unwrap();
    let database = format!("sqlite://{}/crmap.db", disk.display());
    let mut command = if own_mounts() {
        let mut command = left.command("unshare", &database);
        command.args([
            "--user",
            "--map-root-user",
            "--mount",
            "sh",
            "-c",
            ON_A_SMALL_DISK,
        ]);
        command
    } else {
        let mut command = left.command("sh", &database);
        command.args(["-c", WITH_A_LIMIT]);
        command
    };
    command
        .args([BINARY, "serve"])
        .env("DISK", &disk)
        .env("CRMAP_SPILL_DIR", disk.join("spill"));
    let program = Program::start(&mut command, &left.folder).await;
    let of_program = Disk::of(&program, &disk);
    (program, of_program)
}

/// Fields have changed in a portal.
fn event_of(portal: &Portal) -> String {
    format!(
        "event=ONCRMDEALUSERFIELDADD&ts=1767225600&auth%5Bmember_id%5D={}\
         &auth%5Bapplication_token%5D={}",
        portal.member_id(),
        portal.application_token()
    )
}

async fn post(browser: &Browser, event: &str) -> StatusCode {
    let mut posted = request(Method::POST, "/bitrix/events", event.to_owned());
    let headers = posted.headers_mut();
    headers.insert(CONTENT_TYPE, FORM.parse().unwrap());
    send(&browser.router, posted).await.status
}

fn refreshes(left: &Left) -> usize {
    left.cloud.refreshes().iter().map(|count| count.asked).sum()
}

/// As long as there is no room.
async fn nothing_is_lost(left: &Left, anna: &Browser) {
    let portal = left.cloud.portal(1);
    let before = refreshes(left);
    let page = format!("/portals/{}", portal.member_id());
    for _ in 0..4 {
        for target in ["/healthz", "/dashboard", &page, "/profile"] {
            let answer = anna.get(target).await;
            assert_eq!(answer.status, StatusCode::OK, "{target}");
        }
        let started = Instant::now();
        let statuses = [run(anna).await, opened(left, anna).await];
        eprintln!(
            "a run and an opening: {statuses:?} after {:?}",
            started.elapsed()
        );
        let told = [StatusCode::OK, StatusCode::SERVICE_UNAVAILABLE];
        assert!(
            statuses.iter().all(|status| told.contains(status)),
            "{statuses:?}"
        );
        let posted = post(anna, &event_of(portal)).await;
        assert_eq!(
            posted,
            StatusCode::SERVICE_UNAVAILABLE,
            "an event that was not kept"
        );
        tokio::time::sleep(Duration::from_millis(700)).await;
    }
    assert_eq!(
        refreshes(left),
        before,
        "a token was used up that could not be kept"
    );
}

/// With room again.
async fn all_goes_on(left: &Left, anna: &Browser) {
    let freed = Instant::now();
    while opened(left, anna).await != StatusCode::OK || run(anna).await != StatusCode::OK {
        assert!(
            freed.elapsed() < Duration::from_secs(5),
            "it does not recover"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    loop {
        let progress: Option<RunProgress> = anna.call(&LookAtRun {}).await.given();
        let progress = progress.unwrap();
        match progress.finished_at {
            Some(_) if progress.read as usize == PORTALS => break,
            // One that failed while there was no room is read once more.
            Some(_) => assert_eq!(run(anna).await, StatusCode::OK),
            None => {}
        }
        assert!(freed.elapsed() < Duration::from_secs(60), "{progress:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let refused = left.cloud.refreshes().iter().any(|count| count.refused > 0);
    assert!(!refused, "a token was lost");
}

async fn run(anna: &Browser) -> StatusCode {
    anna.call(&StartRun { which: RunOf::All }).await.status
}

async fn opened(left: &Left, anna: &Browser) -> StatusCode {
    let form = Form::of(left.cloud.portal(1), UserRole::Administrator);
    open(&anna.router, &form).await.status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_24_on_a_full_disk_pages_are_shown_and_no_token_is_used_up() {
    let left = Left::by_a_server("full-disk", Base::Sqlite, PORTALS).await;
    let (program, disk) = serve(&left).await;
    let anna = left.anna.before(&program.wire());
    assert_eq!(opened(&left, &anna).await, StatusCode::OK);
    // Readings are under way when the last byte goes, and learn only then that their tokens are old.
    for portal in left.cloud.portals() {
        portal.expire_access_tokens();
        portal.set_fault(Fault::Latency { ms: 1_500 });
    }
    let before = refreshes(&left);
    assert_eq!(run(&anna).await, StatusCode::OK);
    tokio::time::sleep(Duration::from_millis(500)).await;
    disk.fill();
    nothing_is_lost(&left, &anna).await;
    for portal in left.cloud.portals() {
        portal.clear_faults();
    }
    disk.free();
    all_goes_on(&left, &anna).await;
    assert!(refreshes(&left) > before);
    program.end().await;
}
