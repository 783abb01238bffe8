//! `crmap spec` as an operator runs it.

use std::process::{Command, Output};

use axum::Router;
use axum::response::Html;
use crmap_domain::{Lang, Refusal, Specification, Trouble, Unreachable, json};
use portal_sim::{Effect, Fault, Portal, UserRole};

use crate::support::{cloud, listen};

/// Runs the binary without holding up the simulated cloud.
async fn crmap(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crmap"));
    command.arg("spec").args(arguments);
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Standard output of a run that went well: nothing on standard error.
fn printed(output: &Output) -> String {
    assert_eq!(text(&output.stderr), "");
    assert!(output.status.success());
    text(&output.stdout)
}

/// A run that failed: code 1, nothing on standard output and one line that says what and how.
fn check_failed(output: &Output, trouble: &Trouble, lang: Lang) {
    assert_eq!(output.status.code(), Some(1), "{trouble:?}");
    assert_eq!(text(&output.stdout), "", "{trouble:?}");
    assert_eq!(
        text(&output.stderr),
        format!("crmap: {}\n", trouble.advice(lang))
    );
}

async fn specification(portal: &Portal, role: UserRole) -> Specification {
    let output = crmap(&[&portal.webhook(role), "--format", "json"]).await;
    json::from_json(&printed(&output)).unwrap()
}

#[tokio::test]
async fn spec_prints_text_by_default() {
    let cloud = cloud(1).await;
    let portal = cloud.portal(1);
    let printed = printed(&crmap(&[&portal.webhook(UserRole::Administrator)]).await);
    for stage in portal.world().deal_stages() {
        assert!(printed.contains(&stage.status_id), "{}", stage.status_id);
    }
    for field in portal.world().fields_of(portal_sim::worlds::Entity::Deal) {
        assert!(printed.contains(&field.name), "{}", field.name);
    }
    assert!(printed.contains(&portal.domain()));
    assert!(!printed.contains(UserRole::Administrator.webhook_code()));
}

#[tokio::test]
async fn spec_prints_json_that_reads_back() {
    let cloud = cloud(1).await;
    let portal = cloud.portal(1);
    let all = specification(portal, UserRole::Administrator).await;
    assert_eq!(all.funnels.rows().len(), portal.world().funnels.len());
    assert_eq!(
        all.stages.rows().len(),
        portal.world().deal_stages().count()
    );
    let some = specification(portal, UserRole::Narrow).await;
    assert_eq!(
        some.funnels.rows().len(),
        portal.world().visible_to_narrow.len()
    );
}

#[tokio::test]
async fn spec_speaks_english_when_it_is_told_to() {
    let cloud = cloud(1).await;
    let webhook = cloud.portal(1).webhook(UserRole::Administrator);
    let russian = printed(&crmap(&[&webhook]).await);
    let english = printed(&crmap(&[&webhook, "--lang", "en"]).await);
    assert!(russian.contains("Воронки") && !english.contains("Воронки:"));
    assert!(english.to_lowercase().contains("funnels"));
    let output = crmap(&[&webhook, "--lang", "en", "--format", "json"]).await;
    let specification = json::from_json(&printed(&output)).unwrap();
    assert_eq!(specification.reading.lang, Lang::En);
}

#[tokio::test]
async fn spec_says_what_is_wrong_with_an_address() {
    for address in [
        "nonsense",
        "https://demo.bitrix24.ru/",
        "https://demo.bitrix24.ru/rest/1/",
        "http://demo.bitrix24.ru/rest/1/abc/",
        "ftp://demo.bitrix24.ru/rest/1/abc/",
        "https://me:pass@demo.bitrix24.ru/rest/1/abc/",
    ] {
        check_failed(&crmap(&[address]).await, &Trouble::WrongAddress, Lang::Ru);
        let output = crmap(&[address, "--lang", "en"]).await;
        check_failed(&output, &Trouble::WrongAddress, Lang::En);
    }
}

#[tokio::test]
async fn spec_tells_a_web_site_from_a_portal() {
    let site = Router::new().fallback(|| async { Html("<html>Welcome</html>") });
    let address = format!("http://{}/rest/1/somecode00000000/", listen(site).await);
    check_failed(&crmap(&[&address]).await, &Trouble::NotAPortal, Lang::Ru);
}

#[tokio::test]
async fn spec_says_that_nobody_listens() {
    let trouble = Trouble::Unreachable(Unreachable::Connection);
    let output = crmap(&["http://127.0.0.1:1/rest/1/somecode00000000/"]).await;
    check_failed(&output, &trouble, Lang::Ru);
}

#[tokio::test]
async fn spec_says_that_there_is_no_such_webhook() {
    let cloud = cloud(1).await;
    let webhook = cloud.portal(1).webhook(UserRole::Administrator);
    let wrong = webhook.replace(UserRole::Administrator.webhook_code(), "nosuchhook000000");
    for (lang, code) in [(Lang::Ru, "ru"), (Lang::En, "en")] {
        let output = crmap(&[&wrong, "--lang", code]).await;
        check_failed(&output, &Trouble::UnknownWebhook, lang);
    }
}

#[tokio::test]
async fn spec_says_which_scope_is_missing_and_what_the_portal_refuses() {
    let cloud = cloud(1).await;
    let portal = cloud.portal(1);
    let webhook = portal.webhook(UserRole::Administrator);
    for (fault, trouble) in [
        (
            Fault::every(Effect::error(403, "insufficient_scope", "")),
            Trouble::MissingScope(String::new()),
        ),
        (Fault::every(Effect::unpaid()), Trouble::NotPaid),
        (
            Fault::every(Effect::Reset),
            Trouble::Unreachable(Unreachable::Connection),
        ),
    ] {
        portal.set_fault(fault);
        let output = crmap(&[&webhook]).await;
        check_failed(&output, &trouble, Lang::Ru);
        assert!(!text(&output.stderr).contains(UserRole::Administrator.webhook_code()));
        portal.clear_faults();
    }
}

/// What is refused in part does not keep the rest from being printed, and is named in it.
#[tokio::test]
async fn spec_notes_in_its_text_which_scope_the_webhook_lacks() {
    let cloud = cloud(1).await;
    let portal = cloud.portal(1);
    portal.set_fault(Fault::ScopeWithout {
        scope: "crm".to_owned(),
    });
    let webhook = portal.webhook(UserRole::Administrator);
    let printed = printed(&crmap(&[&webhook, "--lang", "en"]).await);
    let refusal = Refusal::MissingScope("crm".to_owned()).sentence(Lang::En);
    let reason = &refusal[1..];
    assert!(printed.contains(reason), "{reason:?} is not in {printed}");
    assert!(printed.contains(&portal.world().users[0].last_name));
}

#[tokio::test]
async fn spec_without_an_address_explains_its_use() {
    let output = crmap(&[]).await;
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(text(&output.stdout), "");
    assert!(text(&output.stderr).contains("Usage"));
}
