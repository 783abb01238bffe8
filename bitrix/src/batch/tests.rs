//! Every shape of an answer to a batch, and which outcome belongs to which command.

use proptest::prelude::*;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::{Command, Outcome, body, paired};
use crate::envelope::{Envelope, Times};
use crate::params::Params;

fn commands(count: usize) -> Vec<Command> {
    let params = Params::default().with("filter[LANG]", "ru");
    (0..count)
        .map(|_| Command {
            method: "user.get",
            params: params.clone(),
        })
        .collect()
}

/// `+` an answer, `-` a refusal, `~` to be sent alone.
fn shape(count: usize, result: &Value) -> String {
    let result = RawValue::from_string(result.to_string()).unwrap();
    let envelope = Envelope {
        result,
        total: None,
        next: None,
        times: Times::default(),
    };
    let Ok(firsts) = paired(&commands(count), &envelope) else {
        return "malformed".to_owned();
    };
    firsts
        .iter()
        .map(|first| match first.settled {
            Some(Outcome::Answer { .. }) => '+',
            Some(Outcome::Refused(_)) => '-',
            None => '~',
        })
        .collect()
}

#[test]
fn commands_are_lines_under_keys_that_are_words() {
    let expected = json!({"halt": 0, "cmd": {"c0": "user.get?filter%5BLANG%5D=ru"}});
    assert_eq!(Value::Object(body(&commands(1))), expected);
    let bare = [Command {
        method: "profile",
        params: Params::default(),
    }];
    assert_eq!(
        Value::Object(body(&bare)),
        json!({"halt": 0, "cmd": {"c0": "profile"}})
    );
}

#[test]
fn rel_18_every_command_has_an_outcome_of_its_own() {
    let cases = [
        (
            json!({"result": {"c0": [], "c1": null}, "result_error": []}),
            "++",
        ),
        (
            json!({"result": {"c0": []}, "result_error": {"c1": {"error": "ACCESS_DENIED"}}}),
            "+-",
        ),
        (
            json!({"result": [], "result_error": {
            "c0": {"error": "QUERY_LIMIT_EXCEEDED"},
            "c1": {"error": "OPERATION_TIME_LIMIT"}}}),
            "~~",
        ),
        (
            json!({"result": {"c0": []}, "result_error": {
            "c0": {"error": "INTERNAL_SERVER_ERROR"}, "c1": {"error": 100}}}),
            "~-",
        ),
        (
            json!({"result": {"c0": []}, "result_error": {"c1": "Access denied."}}),
            "+-",
        ),
        (
            json!({"result": {"c0": 1, "c1": 2}, "result_error": {"c0": null}}),
            "++",
        ),
        (json!({"result": {"c1": []}}), "~+"),
        (json!({"result": [], "result_error": []}), "~~"),
        (json!([]), "~~"),
        (json!("nothing"), "malformed"),
        (json!({"result": 5}), "malformed"),
    ];
    for (result, expected) in cases {
        assert_eq!(shape(2, &result), expected, "{result}");
    }
}

#[test]
fn totals_belong_to_their_commands() {
    let result = json!({"result": {"c0": [1], "c1": [2]}, "result_error": [],
        "result_total": {"c0": 130, "c1": "7"}, "result_next": {"c0": 50}, "result_time": []});
    let result = RawValue::from_string(result.to_string()).unwrap();
    let envelope = Envelope {
        result,
        total: None,
        next: None,
        times: Times::default(),
    };
    let read: Vec<_> = paired(&commands(2), &envelope)
        .unwrap()
        .into_iter()
        .map(|first| match first.settled {
            Some(Outcome::Answer {
                result,
                total,
                next,
            }) => (result.get().to_owned(), total, next),
            _ => panic!("not an answer"),
        })
        .collect();
    assert_eq!(read[0], ("[1]".to_owned(), Some(130), Some(50)));
    assert_eq!(read[1], ("[2]".to_owned(), Some(7), None));
}

fn empty_as_php(object: Value) -> Value {
    if object == json!({}) {
        json!([])
    } else {
        object
    }
}

proptest! {
    #[test]
    fn rel_18_answers_are_kept_and_nothing_is_lost(
        kinds in proptest::collection::vec(0..4, 1..50),
    ) {
        let denied = json!({"error": "", "error_description": "Access denied."});
        let (mut result, mut errors) = (json!({}), json!({}));
        let mut expected = String::new();
        for (index, kind) in kinds.iter().enumerate() {
            let key = format!("c{index}");
            expected.push(match kind {
                0 => '+',
                1 => '-',
                _ => '~',
            });
            match kind {
                0 => result[&key] = json!([index]),
                1 => errors[&key] = denied.clone(),
                2 => errors[&key] = json!({"error": "QUERY_LIMIT_EXCEEDED"}),
                _ => {}
            }
        }
        let (result, errors) = (empty_as_php(result), empty_as_php(errors));
        let answer = json!({"result": result, "result_error": errors, "result_total": []});
        prop_assert_eq!(shape(kinds.len(), &answer), expected);
    }
}
