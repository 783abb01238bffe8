//! SEC-50: whatever people and portals call things, pages of the cabinet show it as it is: as text,
//! which adds no element and no attribute. Each page is taken apart as a browser does it and
//! compared with the same page about things with harmless names.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use crmap_app::api::cabinet::{DescribePortal, RefreshPortal, Rename};
use crmap_app::data::Content;
use crmap_domain::Lang;
use crmap_domain::cabinet::Description;
use crmap_domain::cabinet::PortalCard;
use portal_sim::Fault;

use super::browser::Browser;
use super::markup::{Piece, pieces, value};
use super::owner;
use super::portals::link;
use crate::house::{Base, House};
use crate::support::Answer;

const TEXTS: [&str; 16] = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "--><img src=x onerror=alert(1)>",
    "\"><svg/onload=alert(1)>",
    "' onmouseover='alert(1)' x='",
    "\" autofocus onfocus=alert(1) x=\"",
    "</textarea></title><b>bold</b>",
    "javascript:alert(document.cookie)",
    "{{constructor.constructor('alert(1)')()}}",
    "&lt;i&gt;&quot;&#x3c;b&#x3e;&amp;amp;",
    "]]><![CDATA[<a href=//evil.example>",
    "line\u{2028}two\u{2029}three",
    "\u{202e}gnp.exe\u{2066}\u{200b}",
    "<a href=\"data:text/html,<script>\">",
    "%3Cscript%3E+%00",
    "ﷺ𝒳👩‍👩‍👧‍👦é\u{301}\u{301}\u{301}",
];

/// The same length and the same words, of nothing but letters.
fn harmless(text: &str) -> String {
    let signs = text.chars();
    signs
        .map(|sign| if sign.is_whitespace() { sign } else { 'x' })
        .collect()
}

fn first(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Calls everything that can be given a name by it.
async fn call_it(house: &House, anna: &Browser, text: &str) {
    // One line that shows; what does not fit is refused.
    let renamed = anna
        .call(&Rename {
            name: first(text, 100),
        })
        .await;
    assert!([StatusCode::OK, StatusCode::UNPROCESSABLE_ENTITY].contains(&renamed.status));
    let description = Description {
        label: first(text, Description::LABEL),
        note: format!("{text}\n{text}"),
        mark: None,
        tags: vec![first(text, Description::TAG)],
    };
    // Both alike, so that their order does not depend on the text.
    for number in [1, 2] {
        let describe = DescribePortal {
            member_id: house.cloud.portal(number).member_id().to_owned(),
            description: description.clone(),
        };
        anna.call(&describe).await.given::<Description>();
    }
    house.portal().clear_faults();
    house.portal().set_fault(Fault::HostileLabels {
        text: text.to_owned(),
        replace: true,
    });
    house.pass(std::time::Duration::from_secs(60));
    let (member_id, lang) = (house.member_id().to_string(), Lang::Ru);
    let (read, _): (Content, PortalCard) =
        anna.call(&RefreshPortal { member_id, lang }).await.given();
    assert!(matches!(read, Content::Read(_)), "{text}: {read:?}");
}

/// A page, whether it is drawn the same way whatever it says, and the text that it has to show.
struct Shown {
    page: String,
    answer: Answer,
    is_still: bool,
    text: Option<String>,
}

async fn forms(house: &House, text: &str) -> Vec<Shown> {
    let browser = Browser::new(&house.router);
    let fields = [
        ("name", text),
        ("email", text),
        ("code", text),
        ("password", text),
    ];
    let mut shown = Vec::new();
    for (page, is_repeated) in [
        ("/login", true),
        ("/register", true),
        ("/password", false),
        ("/password/new", false),
    ] {
        shown.push(Shown {
            page: page.to_owned(),
            answer: browser.submit(page, &fields).await,
            is_still: true,
            text: is_repeated.then(|| text.to_owned()),
        });
    }
    let page = format!("/login?done={}", encoded(text));
    shown.push(Shown {
        answer: browser.get(&page).await,
        page,
        is_still: true,
        text: None,
    });
    shown
}

/// Pages that show two portals side by side, as what `rooms` lists.
fn comparisons(query: &str, id: &str, text: &str, label: Option<&String>) -> [Room; 2] {
    let beside_itself = format!("/compare?left={id}&right={id}");
    let nonsense = format!("/compare?left={query}&right={id}&show={query}&open={query}");
    [
        (beside_itself, true, Some(text.to_owned())),
        (nonsense, true, label.cloned()),
    ]
}

/// The address of a page, whether it is the same for any text, and what it shows of it.
type Room = (String, bool, Option<String>);

async fn rooms(house: &House, anna: &Browser, text: &str) -> Vec<Shown> {
    let (query, id) = (encoded(text), house.member_id());
    let label = first(text, Description::LABEL);
    let label = Some(label.split_whitespace().collect::<Vec<_>>().join(" "));
    let written = Some(text.to_owned());
    let comparisons = comparisons(&query, id.as_str(), text, label.as_ref());
    let pages = [
        ("/dashboard".to_owned(), true, label.clone()),
        (format!("/dashboard?q={query}"), false, written.clone()),
        (format!("/dashboard?tag={query}"), false, None),
        (format!("/search?q={query}"), false, None),
        ("/search?q=UF_CRM".to_owned(), true, written.clone()),
        (format!("/search?q={query}&portal={query}"), true, None),
        ("/profile".to_owned(), false, None),
        ("/logout".to_owned(), true, None),
        (format!("/portals/{query}"), true, None),
        (format!("/portals/{query}/{query}"), true, None),
        (format!("/portals/{id}"), true, label.clone()),
        (
            format!("/portals/{id}?view=connection"),
            true,
            label.clone(),
        ),
        (format!("/portals/{id}?tab=stages"), true, written.clone()),
        (
            format!("/portals/{id}?tab=deal-fields"),
            true,
            written.clone(),
        ),
        (
            format!("/portals/{id}?tab=contact-fields"),
            true,
            written.clone(),
        ),
        (
            format!("/portals/{id}?tab=company-fields"),
            true,
            written.clone(),
        ),
        (format!("/portals/{id}?tab=users"), true, written.clone()),
        (
            format!("/portals/{id}?tab=users&q={query}"),
            false,
            written.clone(),
        ),
        (
            format!("/portals/{id}?tab={query}&funnel={query}"),
            true,
            label,
        ),
    ];
    let mut shown = Vec::new();
    for (page, is_still, text) in pages.into_iter().chain(comparisons) {
        shown.push(Shown {
            answer: anna.get(&page).await,
            page,
            is_still,
            text,
        });
    }
    shown
}

async fn everything(house: &House, anna: &Browser, text: &str) -> Vec<Shown> {
    let mut everything = forms(house, text).await;
    everything.extend(rooms(house, anna, text).await);
    everything
}

/// The elements of a page with the names of their attributes.
fn bones(html: &str) -> Vec<String> {
    let mut bones = Vec::new();
    for piece in pieces(html) {
        match piece {
            Piece::Open(name, marks) => {
                let marks = marks.iter().map(|(name, _)| name.as_str());
                bones.push(format!("{name} {}", marks.collect::<Vec<_>>().join(" ")));
            }
            Piece::Close(name) => bones.push(format!("/{name}")),
            Piece::Text(_) => {}
        }
    }
    bones
}

/// Every text that the page shows, and every value in it.
fn texts_of(html: &str) -> Vec<String> {
    let mut texts = Vec::new();
    for piece in pieces(html) {
        match piece {
            Piece::Open(_, marks) => texts.extend(marks.into_iter().map(|(_, value)| value)),
            Piece::Text(text) => texts.push(text),
            Piece::Close(_) => {}
        }
    }
    texts
}

/// No element leads or sends anywhere but to pages and files of ours, and none has a script of its
/// own.
fn assert_ways(page: &str, html: &str) {
    for piece in pieces(html) {
        let Piece::Open(name, marks) = piece else {
            continue;
        };
        for (mark, _) in &marks {
            assert!(!mark.starts_with("on"), "{page}: {name} {mark}");
        }
        for way in ["href", "src", "action", "formaction"] {
            let way = value(&marks, way).unwrap_or("/");
            let is_ours = way.starts_with('/') && !way.starts_with("//");
            assert!(
                is_ours || way.starts_with('#'),
                "{page}: {name} leads to {way}"
            );
        }
    }
}

/// The data can end nothing and begin nothing.
fn assert_island(page: &str, html: &str) {
    let (_, island) = html.split_once("id=\"crmap-data\">").expect("an island");
    let (island, rest) = island.split_once("</script>").unwrap();
    let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    assert!(island.bytes().all(is_sign), "{page}");
    assert_eq!(rest, "</body></html>", "{page}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_50_names_of_any_kind_are_shown_as_they_are_and_add_nothing_to_a_page() {
    let house = House::installed("hostile", Base::Sqlite).await;
    house.install(2).await;
    let long = "<b>".repeat(330);
    let texts: Vec<&str> = TEXTS.into_iter().chain([long.as_str()]).collect();
    // An account can be changed so many times at once.
    for (number, texts) in texts.chunks(4).enumerate() {
        let email = format!("o'neil&lt{{{{7*7}}}}`{number}@example.ru");
        let mut anna = owner(&house, "Анна", &email).await;
        "x\"><script>alert(1)</script>' onload=x".clone_into(&mut anna.agent);
        anna.log_in(&email, super::PASSWORD).await;
        for number in [1, 2] {
            link(&house, number, &anna).await;
        }
        for text in texts {
            assert_shown(&house, &anna, text).await;
        }
        let profile = texts_of(&anna.get("/profile").await.text());
        for shown in [&email, &anna.agent] {
            assert!(profile.iter().any(|text| text.contains(shown)), "{shown}");
        }
    }
}

/// Every page about things of this name is the page about things of a harmless one, and shows it.
async fn assert_shown(house: &House, anna: &Browser, text: &str) {
    let plain = harmless(text);
    call_it(house, anna, &plain).await;
    let before = everything(house, anna, &plain).await;
    call_it(house, anna, text).await;
    let after = everything(house, anna, text).await;
    let known: BTreeSet<String> = before
        .iter()
        .flat_map(|shown| bones(&shown.answer.text()))
        .collect();
    for (before, shown) in before.iter().zip(&after) {
        let (page, html) = (&shown.page, shown.answer.text());
        assert_eq!(shown.answer.status, before.answer.status, "{page}");
        let bones_now = bones(&html);
        if shown.is_still {
            assert_eq!(
                bones_now,
                bones(&before.answer.text()),
                "{page} of {text:?}"
            );
        }
        for bone in &bones_now {
            assert!(known.contains(bone), "{page} of {text:?} has <{bone}>");
        }
        assert_ways(page, &html);
        assert_island(page, &html);
        if let Some(text) = &shown.text {
            let is_shown = texts_of(&html)
                .iter()
                .any(|shown| shown.contains(text.as_str()));
            assert!(is_shown, "{page} does not show {text:?}");
        }
    }
}
