//! What portals answer: its frame, the rows of every method, batches, pages, and what is kept of it.

use crmap_domain::{CustomField, Funnel};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{SECRET, answer, kind_of, said, target};
use crate::batch::{Command, Outcome, paired};
use crate::classify::Failure;
use crate::decode::{
    AppInfo, BoundEvent, BoundPlace, Department, Profile, Row, Status, User, funnels, rows, scopes,
    works_with_leads,
};
use crate::envelope::{self, Envelope, Times};
use crate::paging::{Contradiction, Page, Pages, Totals};
use crate::{mask, repair};

const WORDS: [&str; 40] = [
    "\"result\":",
    "\"error\":",
    "\"error_description\":",
    "\"total\":",
    "\"next\":",
    "\"time\":",
    "\"ID\":",
    "\"id\":",
    "\"NAME\":",
    "\"ENTITY_ID\":",
    "\"STATUS_ID\":",
    "DEAL_STAGE",
    "DEAL_STAGE_7",
    "\"EXTRA\":{\"COLOR\":\"#fff\",\"SEMANTICS\":\"success\"}",
    "\"SEMANTICS\":\"F\"",
    "\"FIELD_NAME\":",
    "\"USER_TYPE_ID\":",
    "enumeration",
    "crm_status",
    "\"LIST\":[{\"ID\":\"1\",\"VALUE\":\"x\"}]",
    "\"SETTINGS\":[]",
    "\"UF_DEPARTMENT\":[1,\"2\"]",
    "\"categories\":",
    "\"ADMIN\":true",
    "\"Y\"",
    "\"date_start\":\"2026-01-01T00:00:00+03:00\"",
    "\"operating_reset_at\":1e300",
    "QUERY_LIMIT_EXCEEDED",
    "insufficient_scope",
    "PORTAL_DELETED",
    "OVERLOAD_LIMIT",
    "expired_token",
    "\"auth\":",
    "\"handler\":\"https://crmap.example/bitrix/events\"",
    "\"event\":",
    "\"placement\":",
    SECRET,
    ",",
    "[{",
    "}]",
];

/// What every decoder says of a result.
fn decoded(result: &RawValue) -> Vec<String> {
    fn told<T>(what: Result<T, crate::decode::Misread>) -> String {
        what.map_or_else(|misread| kind_of(&misread.0), |_| "read".to_owned())
    }
    fn told_rows<T: Row>(result: &RawValue) -> String {
        let found = rows::<T>(result, "result", 0);
        for row in found.iter().flatten() {
            // Pages are put together by it.
            let _ = row.key();
        }
        told(found)
    }
    vec![
        told_rows::<Status>(result),
        told_rows::<CustomField>(result),
        told_rows::<User>(result),
        told_rows::<Department>(result),
        told_rows::<Funnel>(result),
        told(funnels(result, 0)),
        told(Profile::read(result)),
        told(AppInfo::read(result)),
        told(scopes(result)),
        told(works_with_leads(result)),
        told(BoundEvent::read(result)),
        told(BoundPlace::read(result)),
    ]
}

#[test]
fn rel_33_answers_of_any_kind_are_read_or_named_as_what_cannot_be_read() {
    let target = target("answer").knowing(&WORDS).up_to(16 * 1024);
    target.run(|input| {
        let answer = answer(input);
        match envelope::open("user.get", &answer) {
            Ok(Envelope { result, total, .. }) => {
                assert!(answer.status < 300);
                let depth = said(result.get()).map(|read| depth_of(&read));
                assert!(depth <= Some(64));
                (total.is_some(), decoded(&result))
            }
            Err(failure) => {
                let is_said = matches!(&failure, Failure::Said(_));
                // As every channel does it.
                let failure = match failure {
                    Failure::Said(said) => Failure::Said(said.without(SECRET)),
                    fault @ Failure::Fault(_) => fault,
                };
                let error = failure.into_error("user.get", false);
                let shown = error.to_string();
                assert!(shown.chars().count() < 1_000, "{shown}");
                (is_said, vec![kind_of(&format!("{error:?}"))])
            }
        }
    });
}

fn depth_of(value: &Value) -> usize {
    let inside = match value {
        Value::Array(items) => items.iter().map(depth_of).max(),
        Value::Object(members) => members.values().map(depth_of).max(),
        _ => return 0,
    };
    1 + inside.unwrap_or(0)
}

#[test]
fn rel_18_batches_of_any_kind_give_each_command_its_own_outcome() {
    let commands = vec![Command::bare("profile"); 5];
    target("batch")
        .knowing(&WORDS)
        .knowing(&["\"c0\":", "\"c1\":", "\"c4\":"])
        .run(|input| {
            let text = repair::as_text(input);
            let Ok(result) = serde_json::from_str::<Box<RawValue>>(&text) else {
                return "no JSON".to_owned();
            };
            let times = Times::default();
            let envelope = Envelope {
                result,
                total: None,
                next: None,
                times,
            };
            let Ok(firsts) = paired(&commands, &envelope) else {
                return "malformed".to_owned();
            };
            assert_eq!(firsts.len(), commands.len());
            let sign = |outcome: &Option<Outcome>| match outcome {
                Some(Outcome::Answer { total, .. }) if total.is_some() => '#',
                Some(Outcome::Answer { .. }) => '+',
                Some(Outcome::Refused(_)) => '-',
                None => '~',
            };
            firsts.iter().map(|first| sign(&first.settled)).collect()
        });
}

/// Every page that a portal answers with is told by four bytes: how many rows, which, its total, its
/// `next`.
fn page(script: &[u8], asked: usize, start: u64) -> Page<u64> {
    let byte =
        |place: usize| u64::from(*script.get((asked * 4 + place) % script.len()).unwrap_or(&0));
    let (count, shift, total, next) = (byte(0) % 12, byte(1), byte(2), byte(3));
    let first = match shift % 4 {
        0 | 1 => start,
        2 => shift,
        _ => start.saturating_add(shift),
    };
    Page {
        rows: (0..count).map(|row| first.saturating_add(row)).collect(),
        total: match total {
            0..64 => None,
            255 => Some(u64::MAX),
            total => Some(total),
        },
        next: match next {
            0..96 => None,
            96..200 => Some(start.saturating_add(count)),
            255 => Some(u64::MAX),
            next => Some(next),
        },
    }
}

#[test]
fn sec_14_pages_of_any_kind_come_to_an_end() {
    target("paging").up_to(400).costing(60).run(|script| {
        if script.is_empty() {
            return "nothing".to_owned();
        }
        let totals = [Totals::Exact, Totals::Hint][usize::from(script[0] % 2)];
        let mut pages = Pages::new(totals);
        let (mut rounds, mut asked) = (0, 0);
        loop {
            let wanted = match pages.wanted() {
                Ok(wanted) if wanted.is_empty() => break,
                Ok(wanted) => wanted,
                Err(contradiction) => return format!("{contradiction:?}"),
            };
            rounds += 1;
            // Fifty rounds of fifty pages, and all once more.
            assert!(rounds <= 101 && wanted.len() <= 50, "{rounds} rounds");
            for start in wanted {
                let page = page(script, asked, start);
                asked += 1;
                if let Err(contradiction) = pages.accept(start, page, |row| *row) {
                    return format!("{contradiction:?}");
                }
            }
        }
        finished(pages, totals)
    });
}

fn finished(pages: Pages<u64, u64>, totals: Totals) -> String {
    match pages.finish() {
        Ok(mut rows) => {
            let all = rows.len();
            rows.sort_unstable();
            rows.dedup();
            assert_eq!(rows.len(), all, "a row is there twice");
            format!("{totals:?} {}", all.min(200) / 10)
        }
        Err(contradiction) => {
            assert!(contradiction == Contradiction::Next || totals == Totals::Exact);
            format!("{contradiction:?}")
        }
    }
}

#[test]
fn sec_37_what_is_kept_of_an_answer_holds_no_secret() {
    target("answer")
        .knowing(&WORDS)
        .up_to(16 * 1024)
        .run(|input| {
            let body = answer(input).body;
            let kept = [mask::json(&body, &[SECRET]), mask::form(&body, &[SECRET])];
            for kept in &kept {
                let shown = kept.to_lowercase();
                assert!(!shown.contains(SECRET), "{kept}");
                assert!(kept.len() <= 64 * 1024);
            }
            kept.map(|kept| kept.matches("***").count().min(20))
        });
}

/// What is almost text becomes text, and what was text stays it.
#[test]
fn rel_33_what_is_no_text_becomes_some() {
    let halves = ["\\ud83d", "\\ude00", "\\ud83d\\ude00", "\\\\", "\""];
    target("answer").knowing(&halves).run(|input| {
        let body = answer(input).body;
        let text = repair::as_text(&body);
        let read: Result<Value, _> = serde_json::from_slice(&body);
        if let Ok(read) = read {
            assert_eq!(serde_json::from_str::<Value>(&text).ok(), Some(read));
        }
        text.len().min(1_000)
    });
}
