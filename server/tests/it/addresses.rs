//! The addresses of CRMAP that documents name are there.

use crmap_server::{Access, routes};

use crate::operation::read;

/// Documents that name addresses.
const DOCUMENTS: [&str; 9] = [
    "CHANGELOG.md",
    "README.md",
    "docs/ARCHITECTURE.md",
    "docs/DEVELOPMENT.md",
    "docs/METRICS.md",
    "docs/OPERATION.md",
    "docs/SECURITY.md",
    "docs/manual/en.md",
    "docs/manual/ru.md",
];

/// Folders of a host, and what the listener of figures has.
const ELSEWHERE: [&str; 4] = ["/etc/", "/usr/", "/var/", "/metrics"];

/// The addresses that a text has as code: `/login`, `POST /bitrix/app`, `/legal/*`.
fn addresses_in(text: &str) -> Vec<&str> {
    let spans = text
        .lines()
        .flat_map(|line| line.split('`').skip(1).step_by(2));
    let paths = spans.map(|span| {
        let path = span.strip_prefix("GET ").or(span.strip_prefix("POST "));
        path.unwrap_or(span)
    });
    paths
        .filter(|path| path.starts_with('/') && !path.contains(' '))
        .filter(|path| !ELSEWHERE.iter().any(|other| path.starts_with(other)))
        .collect()
}

/// Whether something is laid there, other than files; a star, or a slash at the end, stands for more.
fn is_laid(address: &str) -> bool {
    let wanted: Vec<_> = address.trim_end_matches(['*', '/']).split('/').collect();
    let below = address.ends_with(['*', '/']);
    let mut laid = routes()
        .into_iter()
        .filter(|route| route.access != Access::Files);
    laid.any(|route| {
        let parts: Vec<_> = route.path.split('/').collect();
        let long_enough = parts.len() == wanted.len() || (below && parts.len() > wanted.len());
        let mut both = parts.iter().zip(&wanted);
        long_enough && both.all(|(part, want)| part.starts_with('{') || part == want)
    })
}

#[test]
fn every_address_that_a_document_names_is_there() {
    let mut named = 0;
    for document in DOCUMENTS {
        let text = read(document);
        for address in addresses_in(&text) {
            assert!(is_laid(address), "{document}: {address}");
            named += 1;
        }
    }
    assert!(named > 30, "{named}");
}

#[test]
fn catches_an_address_that_is_not_there() {
    let text =
        "`/logon`, `POST /bitrix/apps`, `/legals/*`, `/etc/crmap`, `/legal/a/b`, `GET /healthz`";
    let named = addresses_in(text);
    assert_eq!(
        named,
        [
            "/logon",
            "/bitrix/apps",
            "/legals/*",
            "/legal/a/b",
            "/healthz"
        ]
    );
    let there: Vec<_> = named.iter().filter(|it| is_laid(it)).collect();
    assert_eq!(there, [&"/healthz"]);
}
