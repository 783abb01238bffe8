//! A method's work under the faults that spoil results: other data, other pages, lies (F12,
//! F16–F19).

use std::sync::Arc;

use serde_json::Value;

use super::{Context, Method};
use crate::auth::Caller;
use crate::envelope::{Answer, Outcome};
use crate::faults::{Fault, Faults};
use crate::params::Param;
use crate::portal::Portal;
use crate::rows::PAGE;
use crate::{hostile, lies};

/// Runs a method, and spoils its parameters and its answer as the faults want it.
pub(super) fn run(method: &Method, context: &Context<'_>, params: &Param) -> Outcome {
    let faults = context.portal.faults();
    let (given, params) = (params, pages(faults, params));
    let mut answer = match foreign(method, context) {
        Some((portal, caller)) => {
            let (portal, caller) = (portal.as_ref(), &caller);
            (method.run)(&Context { portal, caller }, &params)?
        }
        None => (method.run)(context, &params)?,
    };
    if let Some(result) = faults.replacement(method.name) {
        answer.result = result;
    }
    labels(faults, &mut answer.result);
    let lie = |fault| match fault {
        Fault::Lies { lie } => Some(lie),
        _ => None,
    };
    if let Some(lie) = faults.find(lie) {
        lies::tell(&mut answer.result, lie);
    }
    counts(faults, start_of(given), &mut answer);
    Ok(answer)
}

/// Another portal and its user, when this one mixes its data up. What the application has bound
/// stays its own.
fn foreign(method: &Method, context: &Context<'_>) -> Option<(Arc<Portal>, Caller)> {
    let number = context.portal.faults().find(|fault| match fault {
        Fault::ForeignData { portal } => Some(portal),
        _ => None,
    })?;
    if method.name.starts_with("event") || method.name.starts_with("placement") {
        return None;
    }
    let other = context.portal.shared().portal(number)?;
    let world = other.world();
    let id = world.user_id(context.caller.role);
    let user = world.user(id)?.clone();
    let caller = Caller {
        user,
        ..context.caller.clone()
    };
    Some((other, caller))
}

fn labels(faults: &Faults, result: &mut Value) {
    if let Some((text, replace)) = faults.hostile_labels() {
        hostile::spoil(result, &text, replace);
    }
    let bytes = faults.find(|fault| match fault {
        Fault::HugeLabel { bytes } => Some(bytes),
        _ => None,
    });
    if let Some(bytes) = bytes {
        hostile::spoil_first(result, &"x".repeat(bytes));
    }
}

/// The parameters, with another `start` when pages do not end or shift.
fn pages(faults: &Faults, params: &Param) -> Param {
    let mut params = params.clone();
    let start = start_of(&params);
    let start = faults.find(|fault| match fault {
        Fault::EndlessNext => Some(0),
        Fault::ShiftingPages { by } if start > 0 => Some((start + by).max(0)),
        _ => None,
    });
    if let Some(start) = start {
        let given = params.entries().iter();
        let name = given
            .map(|(name, _)| name)
            .find(|name| name.eq_ignore_ascii_case("start"));
        let name = name.cloned().unwrap_or_else(|| "start".to_owned());
        let start = Param::Text(start.to_string());
        params.overlay(Param::Map(vec![(name, start)]));
    }
    params
}

/// `total` and `next`, when they lie, for a page from `start`. Pages that shift count as if they
/// did not.
fn counts(faults: &Faults, start: i64, answer: &mut Answer) {
    if answer.total.is_none() {
        return;
    }
    for fault in faults.active() {
        match fault {
            Fault::EndlessNext => {
                answer.next = Some(usize::try_from(start).unwrap_or(0) + PAGE);
            }
            Fault::LyingTotal { total } => answer.total = Some(total),
            Fault::ShiftingPages { by } if start > 0 => {
                let next = answer.next.and_then(|next| i64::try_from(next).ok());
                answer.next = next.and_then(|next| usize::try_from(next - by).ok());
            }
            _ => {}
        }
    }
}

fn start_of(params: &Param) -> i64 {
    let start = params.get_any_case("start").and_then(Param::integer);
    start.unwrap_or(0)
}
