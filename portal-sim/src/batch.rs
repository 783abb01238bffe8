//! `batch`: up to fifty commands in one request, with PHP's way of writing maps (§3.4).

use serde_json::{Value, json};

use crate::clock;
use crate::envelope::{Answer, Outcome, Refusal, php_array, time_block};
use crate::methods::{self, Context};
use crate::params::Param;

/// Commands that a batch may hold.
const LENGTH: usize = 50;

/// The five maps of the answer.
#[derive(Default)]
struct Sheet {
    result: Vec<(String, Value)>,
    error: Vec<(String, Value)>,
    total: Vec<(String, Value)>,
    next: Vec<(String, Value)>,
    time: Vec<(String, Value)>,
}

/// The methods inside a batch, in order, for the log.
pub(crate) fn inner_methods(params: &Param) -> Vec<String> {
    let commands = params.get("cmd").map(Param::entries).unwrap_or_default();
    commands
        .iter()
        .map(|(_, command)| split(&command.text()).0)
        .collect()
}

/// Runs the commands in order.
pub(crate) fn run(context: &Context<'_>, params: &Param) -> Outcome {
    let halts = params.get("halt").is_some_and(Param::is_yes);
    let commands = params.get("cmd").map(Param::entries).unwrap_or_default();
    let mut sheet = Sheet::default();
    for (index, (key, command)) in commands.iter().enumerate() {
        let started = clock::now();
        match run_one(context, index, &command.text(), &sheet.result) {
            Ok(answer) => {
                let time = time_block(started, answer.used, &context.portal.server_clock());
                sheet.note(key, answer, time);
            }
            Err(refusal) => {
                sheet.error.push((key.clone(), refusal.body()));
                if halts {
                    break;
                }
            }
        }
    }
    Ok(Answer::of(sheet.into_value()))
}

fn run_one(
    context: &Context<'_>,
    index: usize,
    command: &str,
    results: &[(String, Value)],
) -> Outcome {
    if index >= LENGTH {
        let text = "Max batch length exceeded";
        return Err(Refusal::new(400, "ERROR_BATCH_LENGTH_EXCEEDED", text));
    }
    let (method, query) = split(command);
    if method.eq_ignore_ascii_case("batch") {
        let text = "Method is not allowed for batch usage";
        return Err(Refusal::new(405, "ERROR_BATCH_METHOD_NOT_ALLOWED", text));
    }
    if let Some((code, text)) = context.portal.faults().take_inner_error(&method) {
        return Err(Refusal::new(400, &code, text));
    }
    let mut params = Param::from_urlencoded(&query);
    resolve(&mut params, results);
    methods::call(context, &method, &params)
}

/// `method?query` in its two parts.
fn split(command: &str) -> (String, String) {
    let (method, query) = command.split_once('?').unwrap_or((command, ""));
    let method = method.strip_suffix(".json").unwrap_or(method);
    (method.to_owned(), query.to_owned())
}

impl Sheet {
    fn note(&mut self, key: &str, answer: Answer, time: Value) {
        self.result.push((key.to_owned(), answer.result));
        if let Some(total) = answer.total {
            self.total.push((key.to_owned(), json!(total)));
        }
        if let Some(next) = answer.next {
            self.next.push((key.to_owned(), json!(next)));
        }
        if !time.is_null() {
            self.time.push((key.to_owned(), time));
        }
    }

    fn into_value(self) -> Value {
        json!({
            "result": php_array(self.result),
            "result_error": php_array(self.error),
            "result_total": php_array(self.total),
            "result_next": php_array(self.next),
            "result_time": php_array(self.time),
        })
    }
}

/// Puts earlier results in the place of `$result[key][field]`; what leads nowhere stays as text.
fn resolve(param: &mut Param, results: &[(String, Value)]) {
    match param {
        Param::Map(entries) => entries
            .iter_mut()
            .for_each(|(_, value)| resolve(value, results)),
        Param::Text(text) if text.contains("$result[") => *param = substitute(text, results),
        _ => {}
    }
}

fn substitute(text: &str, results: &[(String, Value)]) -> Param {
    let mut written = String::new();
    let mut rest = text;
    while let Some(position) = rest.find("$result[") {
        written.push_str(&rest[..position]);
        let (path, length) = reference(&rest[position..]);
        let found = look_up(results, &path).map(Param::from);
        match found {
            Some(value) if length == text.len() => return value,
            Some(value) => written.push_str(&value.text()),
            None => written.push_str(&rest[position..position + length]),
        }
        rest = &rest[position + length..];
    }
    written.push_str(rest);
    Param::Text(written)
}

/// The names in a reference, and how long it is.
fn reference(text: &str) -> (Vec<&str>, usize) {
    let mut length = "$result".len();
    let mut path = Vec::new();
    while let Some(inside) = text[length..].strip_prefix('[') {
        let Some(end) = inside.find(']') else { break };
        path.push(inside[..end].trim_matches(|sign| matches!(sign, '\'' | '"')));
        length += end + 2;
    }
    (path, length.max("$result[".len()).min(text.len()))
}

fn look_up<'a>(results: &'a [(String, Value)], path: &[&str]) -> Option<&'a Value> {
    let (key, fields) = path.split_first()?;
    let mut value = results
        .iter()
        .find(|(name, _)| name == key)
        .map(|(_, value)| value)?;
    for field in fields {
        value = match value {
            Value::Array(items) => items.get(field.parse::<usize>().ok()?)?,
            Value::Object(members) => members.get(*field)?,
            _ => return None,
        };
    }
    Some(value)
}
