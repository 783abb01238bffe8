//! The built site's files: their forms, their caching, and nothing beside them.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::{Method, StatusCode};
use crmap_server::{Carried, Site};
use crmap_service::Services;

use crate::site;
use crate::support::{
    Answer, TestClock, exchange, folder, in_memory, listen, request, send, serving, status_of,
};

const SECRET: &str = "what lies beside the site";

/// A folder as scripts/build-site makes it, with something beside it that is nobody's business.
async fn built(name: &str) -> [(&'static str, Router); 2] {
    let outer = folder(name);
    let site = site::build(&outer);
    std::fs::create_dir_all(site.join("pkg")).unwrap();
    let write = |path: &str, text: &str| std::fs::write(outer.join(path), text).unwrap();
    write("secret.txt", SECRET);
    write("site/favicon.svg", "<svg/>");
    for file in [
        "crmap-1.js",
        "crmap-2.wasm",
        "crmap-3.css",
        "cabinet-4.js",
        "cabinet-5.wasm",
        "cabinet-6.css",
    ] {
        write(&format!("site/pkg/{file}"), "plain");
        write(&format!("site/pkg/{file}.br"), "in brotli");
        write(&format!("site/pkg/{file}.gz"), "in gzip");
    }
    write("site/pkg/only-plain.js", "plain");
    let folder = serving(services().await, Site::open(&site).unwrap());
    let program = serving(services().await, Site::carry(carried(&site)).unwrap());
    [("a folder", folder), ("the program", program)]
}

/// The folder's files as a program would carry them.
fn carried(site: &Path) -> Carried {
    let folders = [site.to_owned(), site.join("pkg")];
    let entries = folders.iter().flat_map(|folder| folder.read_dir().unwrap());
    let files = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file());
    let files = files.map(|path| {
        let content: &'static [u8] = std::fs::read(&path).unwrap().leak();
        (path.strip_prefix(site).unwrap().to_owned(), content)
    });
    Carried::new(
        files,
        std::time::UNIX_EPOCH + Duration::from_secs(1_000_000),
    )
}

async fn services() -> Services {
    in_memory(&Arc::new(TestClock::default()), time::Duration::HOUR).await
}

async fn get(router: &Router, target: &str, accepts: &str) -> Answer {
    let mut asked = request(Method::GET, target, "");
    asked
        .headers_mut()
        .insert("accept-encoding", accepts.parse().unwrap());
    send(router, asked).await
}

#[tokio::test]
async fn files_come_in_the_form_that_the_browser_takes_and_are_kept_for_ever() {
    for (place, router) in built("files-forms").await {
        forms(place, &router).await;
    }
}

async fn forms(place: &str, router: &Router) {
    for (file, kind) in [
        ("/pkg/crmap-1.js", "text/javascript"),
        ("/pkg/crmap-2.wasm", "application/wasm"),
        ("/pkg/crmap-3.css", "text/css"),
        ("/pkg/cabinet-4.js", "text/javascript"),
        ("/pkg/cabinet-5.wasm", "application/wasm"),
    ] {
        for (accepts, encoding, text) in [
            ("gzip, deflate, br, zstd", "br", "in brotli"),
            ("gzip", "gzip", "in gzip"),
            ("identity", "", "plain"),
        ] {
            let answer = get(router, file, accepts).await;
            assert_eq!(
                answer.status,
                StatusCode::OK,
                "{file} {accepts} from {place}"
            );
            assert_eq!(
                answer.header("content-encoding"),
                encoding,
                "{file} {accepts} from {place}"
            );
            assert_eq!(answer.text(), text, "{file} {accepts} from {place}");
            assert!(
                answer.header("content-type").starts_with(kind),
                "{file} {accepts} from {place}"
            );
            assert_eq!(
                answer.header("vary"),
                "accept-encoding",
                "{file} {accepts} from {place}"
            );
            let caching = answer.header("cache-control");
            assert_eq!(
                caching, "public, max-age=31536000, immutable",
                "{file} {accepts} from {place}"
            );
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
        }
    }
    let plain = get(router, "/pkg/only-plain.js", "br").await;
    assert_eq!(
        (plain.text().as_str(), plain.header("content-encoding")),
        ("plain", "")
    );
    let icon = get(router, "/favicon.svg", "br").await;
    assert_eq!(icon.header("content-type"), "image/svg+xml");
    assert_eq!(icon.header("cache-control"), "public, max-age=86400");
}

/// A cache that keeps «not found» for ever would break the page for ever after one bad moment.
#[tokio::test]
async fn what_is_not_there_is_not_found_and_kept_by_nobody() {
    for (place, router) in built("files-unknown").await {
        not_found(place, &router).await;
    }
}

async fn not_found(place: &str, router: &Router) {
    for target in [
        "/pkg/crmap-9.js",
        "/pkg/",
        "/pkg",
        "/no-such.txt",
        "/pkg/a/b/c",
        "/crmap-1.js",
    ] {
        let answer = get(router, target, "br").await;
        assert_eq!(
            answer.status,
            StatusCode::NOT_FOUND,
            "{target} from {place}"
        );
        assert_eq!(
            answer.header("cache-control"),
            "no-store",
            "{target} from {place}"
        );
    }
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        let answer = send(router, request(method.clone(), "/pkg/crmap-1.js", "")).await;
        assert!(answer.status.is_client_error(), "{method} to {place}");
        assert_eq!(
            answer.header("cache-control"),
            "no-store",
            "{method} to {place}"
        );
    }
}

#[tokio::test]
async fn nothing_beside_the_site_is_served() {
    for (_, router) in built("files-traversal").await {
        let server = listen(router).await;
        kept_inside(server).await;
    }
}

async fn kept_inside(server: SocketAddr) {
    for target in [
        "/../secret.txt",
        "/../../secret.txt",
        "/pkg/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/pkg/..%2f..%2fsecret.txt",
        "/pkg/%2e%2e/%2e%2e/secret.txt",
        "/..%5csecret.txt",
        "/pkg/....//....//secret.txt",
        "//../secret.txt",
        "/%00/secret.txt",
        "/pkg/%c0%ae%c0%ae/secret.txt",
        "//etc/passwd",
        "/%2fetc%2fpasswd",
        "/pkg/%2fetc%2fpasswd",
    ] {
        let sent = format!("GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        let answer = exchange(server, sent.as_bytes()).await;
        let status = status_of(&answer).unwrap();
        assert!((400..500).contains(&status), "{target}: {status}");
        let text = String::from_utf8_lossy(&answer);
        assert!(
            !text.contains(SECRET) && !text.contains("root:"),
            "{target}"
        );
    }
}

/// Whoever asks cannot tell where the files come from.
#[tokio::test]
async fn carried_files_are_answered_as_those_of_a_folder() {
    let [(_, folder), (_, program)] = built("files-carried").await;
    let told = |answer: Answer| {
        let mut headers = answer.headers.clone();
        for own in ["last-modified", "etag", "x-request-id"] {
            headers.remove(own);
        }
        (answer.status, headers, answer.body)
    };
    for (method, target, name, value) in [
        (Method::GET, "/pkg/crmap-1.js", "range", "bytes=2-5"),
        (Method::GET, "/pkg/crmap-1.js", "range", "bytes=90-"),
        (Method::GET, "/pkg/crmap-1.js", "range", "bytes=0-1,3-4"),
        (Method::HEAD, "/pkg/crmap-1.js", "accept-encoding", "br"),
        (Method::OPTIONS, "/pkg/crmap-1.js", "accept", "*/*"),
        (Method::GET, "/pkg/only-plain.js", "accept-encoding", "br"),
        (Method::GET, "/favicon.svg", "accept-encoding", "gzip"),
        (Method::GET, "/assets.json", "accept", "*/*"),
        (Method::GET, "/", "accept", "*/*"),
        (Method::GET, "/pkg", "accept", "*/*"),
        (Method::GET, "/pkg/", "accept", "*/*"),
        (Method::GET, "/pkg/crmap", "accept", "*/*"),
        (Method::GET, "/pkg/crmap-1.js/", "accept", "*/*"),
        (Method::GET, "/pkg/crmap-1.js/x", "accept", "*/*"),
        (Method::GET, "/pkg/%63rmap-1.js", "accept", "*/*"),
    ] {
        let asked = || {
            let mut asked = request(method.clone(), target, "");
            asked.headers_mut().insert(name, value.parse().unwrap());
            asked
        };
        let (of_folder, of_program) = (send(&folder, asked()).await, send(&program, asked()).await);
        assert_eq!(
            told(of_folder),
            told(of_program),
            "{method} {target} {value}"
        );
    }
}

#[tokio::test]
async fn what_a_browser_has_is_not_sent_again() {
    for (place, router) in built("files-again").await {
        let first = get(&router, "/favicon.svg", "br").await;
        for (condition, of) in [
            ("if-none-match", "etag"),
            ("if-modified-since", "last-modified"),
        ] {
            let mut asked = request(Method::GET, "/favicon.svg", "");
            let value = first.header(of).parse().unwrap();
            asked.headers_mut().insert(condition, value);
            let again = send(&router, asked).await;
            assert_eq!(
                again.status,
                StatusCode::NOT_MODIFIED,
                "{condition} at {place}"
            );
            assert_eq!(again.header("cache-control"), "public, max-age=86400");
        }
    }
}

/// The site without files is without files, wherever the process was started.
#[tokio::test]
async fn a_site_without_files_serves_none() {
    let router = serving(services().await, Site::without_files());
    assert!(
        Path::new("Cargo.toml").exists(),
        "there is something to be served by mistake"
    );
    for target in ["/Cargo.toml", "/src/main.rs", "/tests/it/main.rs"] {
        let answer = get(&router, target, "identity").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{target}");
    }
}

#[test]
fn a_site_that_was_not_built_says_how_to_build_it() {
    let empty = folder("files-empty");
    let error = format!("{:#}", Site::open(&empty).unwrap_err());
    assert!(
        error.contains("scripts/build-site") && error.contains("assets.json"),
        "{error}"
    );
    std::fs::write(empty.join("assets.json"), "{}").unwrap();
    let error = format!("{:#}", Site::open(&empty).unwrap_err());
    assert!(error.contains("cannot be understood"), "{error}");
    let error = format!("{:#}", Site::carry(carried_nothing()).unwrap_err());
    assert!(error.contains("cannot be understood"), "{error}");
    let error = format!("{:#}", Site::find(Some(&empty)).unwrap_err());
    assert!(error.contains("cannot be understood"), "{error}");
}

fn carried_nothing() -> Carried {
    Carried::new([], std::time::UNIX_EPOCH)
}
