//! Pages as the server writes them, without a socket.
#![expect(clippy::expect_used, reason = "a test fails loudly")]

mod dashboard;
mod fuzz;
mod help;
mod install;
mod legal;
mod words;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crmap_app::data::{Content, EmbeddedData, Place, PortalOnPage, Tab};
use crmap_app::document::{self, Assets, Frame};
use crmap_crm::sample::{Size, sample};
use crmap_domain::{Lang, Refusal, Section, Specification, Trouble};

fn page_of(content: Content, place: Place) -> String {
    let data = EmbeddedData {
        lang: Lang::Ru,
        bearer: "bearer-of-the-page".to_owned(),
        portal: PortalOnPage {
            member_id: "0123456789abcdef0123456789abcdef".to_owned(),
            address: "demo.bitrix24.ru".to_owned(),
            origin: "https://demo.bitrix24.ru".to_owned(),
        },
        place,
        content,
        marks: None,
    };
    document::embedded(data, frame_of(&assets())).expect("a page")
}

pub fn assets() -> Assets {
    Assets {
        js: "/pkg/crmap.js".to_owned(),
        wasm: "/pkg/crmap.wasm".to_owned(),
        cabinet_js: "/pkg/cabinet.js".to_owned(),
        cabinet_wasm: "/pkg/cabinet.wasm".to_owned(),
        css: "/pkg/crmap.css".to_owned(),
        cabinet_css: "/pkg/cabinet.css".to_owned(),
    }
}

pub fn frame_of(assets: &Assets) -> Frame<'_> {
    Frame {
        assets,
        nonce: "nonce",
    }
}

fn small() -> Specification {
    sample(Size {
        funnels: 2,
        stages: 3,
        fields: 10,
        users: 4,
    })
}

fn read(specification: Specification, place: Place) -> String {
    page_of(Content::Read(Arc::new(specification)), place)
}

fn at(tab: Tab) -> Place {
    Place {
        tab,
        ..Place::default()
    }
}

#[test]
fn rows_carry_their_exact_internal_ids() {
    assert!(read(small(), at(Tab::Funnels)).contains("data-id=\"1\""));
    let stages = read(small(), at(Tab::Stages));
    assert!(
        stages.contains("data-id=\"C1:UC_000002\"") && stages.contains("data-id=\"UC_000002\"")
    );
    assert!(read(small(), at(Tab::DealFields)).contains("data-id=\"UF_CRM_1713790010\""));
    assert!(read(small(), at(Tab::Users)).contains("data-id=\"4\""));
}

#[test]
fn a_search_in_the_address_is_applied_before_the_page_is_sent() {
    let place = Place {
        tab: Tab::DealFields,
        query: "ИСТОЧНИК 1713790007".to_owned(),
        ..Place::default()
    };
    let page = read(small(), place);
    assert!(page.contains("data-id=\"UF_CRM_1713790007\""));
    assert!(!page.contains("<tr data-id=\"UF_CRM_1713790003\""));
    assert!(page.contains("<mark>1713790007</mark>"));
}

/// As a search over all portals leads to an item of a list.
#[test]
fn an_address_can_open_the_list_of_a_field() {
    let named = |unfold| Place {
        tab: Tab::DealFields,
        query: "UF_CRM_1713790005".to_owned(),
        unfold,
        ..Place::default()
    };
    assert!(!read(small(), named(None)).contains("<li data-id=\"502\""));
    assert!(read(small(), named(Some(5))).contains("<li data-id=\"502\""));
}

#[test]
fn a_refused_section_says_why_and_the_rest_stays_readable() {
    let mut specification = small();
    specification.fields.contact = Section::Refused(Refusal::NoRights);
    let page = read(specification.clone(), at(Tab::ContactFields));
    assert!(page.contains(&Refusal::NoRights.sentence(Lang::Ru)));
    assert!(read(specification, at(Tab::Funnels)).contains("data-id=\"1\""));
}

#[test]
fn a_failed_reading_says_what_happened_and_offers_to_try_again() {
    let page = page_of(Content::Failed(Trouble::NotPaid), Place::default());
    let advice = Trouble::NotPaid.advice(Lang::Ru);
    assert!(page.contains(&advice.what) && page.contains(&advice.cure));
    assert!(page.contains("Повторить"));
}

/// SEC-50: every string of a portal is hostile; none may leave its place in the page.
#[test]
fn sec_50_hostile_names_are_shown_and_never_run() {
    let payloads = [
        "</script><script>alert(1)</script>",
        "<!--<script>",
        "\"><img src=x onerror=alert(1)>",
        "</title></textarea><svg onload=alert(1)>",
        "\u{2028}alert(1)\u{2029}",
        "{{constructor.constructor('alert(1)')()}}",
        "javascript:alert(1)",
    ];
    for payload in payloads {
        for tab in Tab::ALL {
            let page = read(
                poisoned(payload),
                Place {
                    tab,
                    query: payload.to_owned(),
                    ..Place::default()
                },
            );
            assert_eq!(page.matches("<script").count(), 2, "{payload} in {tab:?}");
            assert_eq!(page.matches("</script").count(), 2, "{payload} in {tab:?}");
            assert!(
                !page.contains("<img") && !page.contains("<svg onload"),
                "{payload} in {tab:?}"
            );
            assert!(!page.contains("<!--<script>"), "{payload} in {tab:?}");
        }
    }
}

fn poisoned(payload: &str) -> Specification {
    let mut specification = small();
    let text = payload.to_owned();
    specification.portal.plan = Some(text.clone());
    specification.reading.viewer.name.clone_from(&text);
    if let Section::Rows(funnels) = &mut specification.funnels {
        funnels
            .iter_mut()
            .for_each(|funnel| funnel.name.clone_from(&text));
    }
    if let Section::Rows(stages) = &mut specification.stages {
        for stage in stages {
            stage.name.clone_from(&text);
            stage.status_id.clone_from(&text);
        }
    }
    if let Section::Rows(fields) = &mut specification.fields.deal {
        for field in fields {
            field.code.clone_from(&text);
            field.label.clone_from(&text);
            field.type_code.clone_from(&text);
            field.xml_id = Some(text.clone());
            for item in &mut field.items {
                item.value.clone_from(&text);
                item.xml_id = Some(text.clone());
            }
        }
    }
    if let Section::Rows(users) = &mut specification.users {
        for user in users {
            user.name.clone_from(&text);
            user.position.clone_from(&text);
            user.departments = vec![text.clone()];
        }
    }
    specification.fields.company = Section::Refused(Refusal::Other {
        code: text.clone(),
        message: text,
    });
    specification
}

/// The data in the page must be read back by the browser exactly as it was written.
#[test]
fn the_island_holds_the_data_unchanged() {
    let payload = "</script>&<>\u{2028}'\"\\";
    let page = read(poisoned(payload), Place::default());
    let island = page
        .split("id=\"crmap-data\">")
        .nth(1)
        .and_then(|rest| rest.split("</script>").next());
    let bytes = STANDARD.decode(island.expect("an island")).expect("base64");
    let data: EmbeddedData = postcard::from_bytes(&bytes).expect("postcard");
    let Content::Read(specification) = data.content else {
        panic!("not read")
    };
    assert_eq!(specification.funnels.rows()[0].name, payload);
}

#[test]
fn people_from_outside_are_told_where_the_application_opens_in_both_languages() {
    let page = document::outside(frame_of(&assets()));
    assert!(page.contains("CRMAP открывается внутри Битрикс24"));
    assert!(page.contains("CRMAP opens inside Bitrix24"));
}

/// Nobody knows whose portal it was, and the operator's address is a setting: the page of support
/// tells it.
#[test]
fn an_opening_that_cannot_be_understood_leads_to_support_in_all_languages() {
    let page = document::bad_opening(frame_of(&assets()));
    for lang in Lang::ALL.map(Lang::code) {
        let link =
            format!("<a href=\"/legal/support?lang={lang}\" target=\"_blank\" rel=\"noopener\">");
        assert!(page.contains(&link), "{link}");
    }
    assert!(page.contains("напишите в поддержку") && page.contains("contact support"));
    assert!(!page.contains('@'));
}

/// Behind what the module takes over, which does not know of it.
#[test]
fn the_sheet_of_keys_stands_behind_the_page_of_a_portal() {
    let page = read(small(), Place::default());
    let (before, sheet) = page
        .split_once("<dialog class=\"dialog keys\" id=\"keys\"")
        .expect("the sheet");
    assert!(before.contains("</main>") && !sheet.contains("id=\"keys\""));
    assert!(sheet.contains("<kbd>Ctrl</kbd>+<kbd>K</kbd>"));
    assert!(sheet.contains("Клавиши") && sheet.contains("id=\"keys-silent\""));
    // Nothing of an earlier page is known here, and nothing is promised for the next one.
    assert!(!sheet.contains("checked") && sheet.contains("пока открыта страница"));
}

/// SEC-48: nothing in a page may need an exception from the policy.
#[test]
fn sec_48_pages_hold_no_inline_handlers_and_no_styles_without_the_nonce() {
    for tab in Tab::ALL {
        let page = read(small(), at(tab));
        assert!(!page.contains(" style=\"") && !page.contains("onclick"));
        assert_eq!(page.matches("<style").count(), 1);
        assert!(page.contains("<style nonce=\"nonce\">"));
    }
}
