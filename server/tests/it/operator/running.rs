//! What a running server tells its operator, and how it ends.

use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use super::{crmap, desk, run, serving, text};
use crate::support::exchange;

/// One answer to `GET path`, with its head.
async fn asked(address: &str, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    let answer = exchange(address.parse().unwrap(), request.as_bytes()).await;
    text(&answer)
}

/// The address that a line of the log names.
fn told_in(folder: &Path, line: &str) -> String {
    let log = std::fs::read_to_string(folder.join("log")).unwrap();
    let line = log.lines().find(|told| told.contains(line)).unwrap();
    let (_, address) = line.split_once("listen=").unwrap();
    address.trim().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_25_figures_are_shown_on_a_listener_of_their_own_without_addresses_of_people() {
    let folder = desk("figures");
    let mut command = crmap(&folder, &["serve"]);
    command.env("CRMAP_METRICS_LISTEN", "127.0.0.1:0");
    let _running = serving(&folder, &mut command);
    let (door, figures) = (told_in(&folder, "is ready"), told_in(&folder, "/metrics"));
    let told = asked(&door, "/portals/secret-of-a-visitor?q=secret").await;
    let id = told
        .lines()
        .find_map(|line| line.strip_prefix("x-request-id: "));
    assert_eq!(id.map(str::len), Some(16), "{told}");
    assert!(asked(&door, "/metrics").await.starts_with("HTTP/1.1 404"));

    let told = asked(&figures, "/metrics").await;
    for figure in [
        "crmap_database_up 1",
        "crmap_waiting{what=\"mails\"} 0",
        "crmap_http_requests_total{route=\"/portals/{id}\",method=\"GET\",status=\"303\"} 1",
        "crmap_http_request_seconds_count{route=\"/portals/{id}\"} 1",
        "crmap_http_requests_in_flight 0",
    ] {
        assert!(told.contains(figure), "{figure} is not in {told}");
    }
    assert!(!told.contains("secret"), "{told}");
}

/// What containers ask, which have no other program.
fn health(folder: &Path, door: &str, arguments: &[&str]) -> Output {
    let mut command = crmap(folder, &[&["health"], arguments].concat());
    run(command.env("CRMAP_LISTEN", door))
}

#[test]
fn rel_25_health_says_how_a_server_does() {
    let folder = desk("health");
    let running = serving(&folder, &mut crmap(&folder, &["serve"]));
    let door = told_in(&folder, "is ready");
    let everywhere = door.replace("127.0.0.1", "0.0.0.0");
    for arguments in [&[][..], &["--ready"]] {
        for door in [&door, &everywhere] {
            let well = health(&folder, door, arguments);
            assert!(well.status.success(), "{}", text(&well.stderr));
            assert_eq!(text(&well.stdout), "ok\n");
        }
    }
    drop(running);
    let gone = health(&folder, &door, &[]);
    assert_eq!(gone.status.code(), Some(1));
    let said = text(&gone.stderr);
    assert!(
        said.contains(&door) && said.contains("does not answer"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_26_a_process_that_is_told_to_stop_is_not_ready_and_ends_in_peace() {
    let folder = desk("leaving");
    let mut command = crmap(&folder, &["serve"]);
    command.env("CRMAP_STOP_DELAY", "1500ms");
    let mut running = serving(&folder, &mut command);
    let door = told_in(&folder, "is ready");
    assert!(asked(&door, "/readyz").await.starts_with("HTTP/1.1 200"));
    let told = Command::new("kill")
        .arg(running.0.id().to_string())
        .status();
    assert!(told.unwrap().success());
    tokio::time::sleep(Duration::from_millis(300)).await;
    let said = asked(&door, "/readyz").await;
    assert!(
        said.starts_with("HTTP/1.1 503") && said.ends_with("about to stop\n"),
        "{said}"
    );
    assert!(asked(&door, "/healthz").await.starts_with("HTTP/1.1 200"));
    assert!(health(&folder, &door, &[]).status.success());
    let not_ready = health(&folder, &door, &["--ready"]);
    assert_eq!(not_ready.status.code(), Some(1));
    assert!(text(&not_ready.stderr).contains("503: about to stop"));
    let ended = running.0.wait().unwrap();
    assert!(ended.success(), "{ended}");
}
