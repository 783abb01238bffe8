//! English.

use time::Month;

use super::{Advice, capitalized, quoted};
use crate::{EntityKind, Meaning, PortalState, Refusal, Trouble, Unreachable, visible};

/// A month in three letters.
pub(super) const fn month(month: Month) -> &'static str {
    match month {
        Month::January => "Jan",
        Month::February => "Feb",
        Month::March => "Mar",
        Month::April => "Apr",
        Month::May => "May",
        Month::June => "Jun",
        Month::July => "Jul",
        Month::August => "Aug",
        Month::September => "Sep",
        Month::October => "Oct",
        Month::November => "Nov",
        Month::December => "Dec",
    }
}

pub(super) const fn meaning(meaning: Meaning) -> &'static str {
    match meaning {
        Meaning::InProgress => "in progress",
        Meaning::Success => "success",
        Meaning::Failure => "failure",
        Meaning::Apology => "failure analysis",
    }
}

pub(super) const fn entities(kind: EntityKind) -> &'static str {
    match kind {
        EntityKind::Deal => "Deals",
        EntityKind::Contact => "Contacts",
        EntityKind::Company => "Companies",
        EntityKind::Lead => "Leads",
    }
}

pub(super) const fn fields_title(kind: EntityKind) -> &'static str {
    match kind {
        EntityKind::Deal => "Custom fields of deals",
        EntityKind::Contact => "Custom fields of contacts",
        EntityKind::Company => "Custom fields of companies",
        EntityKind::Lead => "Custom fields of leads",
    }
}

pub(super) const fn state(state: PortalState) -> &'static str {
    match state {
        PortalState::Ok => "Working",
        PortalState::NeedsPayment => "Payment needed",
        PortalState::Revoked => "Access revoked",
        PortalState::Restricted => "Access closed",
        PortalState::Unreachable => "Not answering",
        PortalState::Moved => "Moved",
        PortalState::Uninstalled => "Uninstalled",
    }
}

/// How a portal stands, and what to do about it.
pub(super) const fn standing(state: PortalState) -> (&'static str, &'static str) {
    match state {
        PortalState::Ok => ("The portal answers.", "Nothing needs to be done."),
        PortalState::NeedsPayment => (
            "The portal’s plan or subscription does not let applications read data.",
            "Renew the portal’s plan and its Market subscription, in “My plan”. CRMAP notices the \
             payment by itself.",
        ),
        PortalState::Revoked => (
            "CRMAP has no access key left that the portal accepts.",
            "Open CRMAP in the portal’s left menu, under “Applications”: the key renews itself.",
        ),
        PortalState::Restricted => (
            "The portal’s administrator has closed the application to everybody who opened it \
             before.",
            "Ask the administrator to allow access: “Applications” → “Market” → “Installed \
             applications”, access permissions of CRMAP.",
        ),
        PortalState::Unreachable => (
            "The portal does not answer, or its answers make no sense.",
            "Open the portal in a browser. If it works, wait: CRMAP checks it by itself. If it does \
             not, contact Bitrix24 support.",
        ),
        PortalState::Moved => (
            "The portal has moved to another address, or its old address now belongs to another portal.",
            "Open CRMAP in the portal’s left menu at the new address, and CRMAP will remember it.",
        ),
        PortalState::Uninstalled => (
            "The application was removed from the portal; its access keys are destroyed.",
            "If the portal is needed, install CRMAP again (“Applications” → “Market”, search for \
             “CRMAP”) and paste the connection token into the application’s “Settings”.",
        ),
    }
}

/// A portal that has the application again, without the link.
pub(super) const REINSTALLED: (&str, &str) = (
    "The application was removed and installed again, so the link to the cabinet has ended.",
    "Ask a portal administrator to paste the connection token into the application’s “Settings” \
     again.",
);

pub(super) fn reason(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NoRights => "the user on whose behalf the portal was read has no rights to this \
             data. Ask the portal’s administrator to allow access."
            .to_owned(),
        Refusal::MissingScope(scope) => format!("{}. {ADD_SCOPE}", missing_scope(scope)),
        Refusal::PlanRequired => {
            "the portal’s plan does not include this data. Change the plan if you need it."
                .to_owned()
        }
        Refusal::NotSupported => "this version of the portal does not give out such data. Update \
             the portal if you need it."
            .to_owned(),
        Refusal::Other { code, message } => match quoted(code, message, ["“", "”"]) {
            Some(answer) => format!("the portal answered {answer}. Read it again later."),
            None => "the portal refused and did not say why. Read it again later.".to_owned(),
        },
    }
}

fn missing_scope(scope: &str) -> String {
    if scope.is_empty() {
        return "the application or webhook was not given a permission it needs".to_owned();
    }
    format!(
        "the application or webhook was not given the permission “{}”",
        visible(scope)
    )
}

pub(super) fn advice(trouble: &Trouble) -> Advice {
    let what = match trouble {
        Trouble::MissingScope(scope) => capitalized(&format!("{}.", missing_scope(scope))),
        Trouble::Malformed { method, place } => format!(
            "CRMAP did not understand the portal’s answer: method {}, place {}.",
            visible(method),
            visible(place)
        ),
        other => what(other).to_owned(),
    };
    Advice {
        what,
        cure: cure(trouble).to_owned(),
    }
}

const fn what(trouble: &Trouble) -> &'static str {
    match trouble {
        Trouble::WrongAddress => "This does not look like a portal’s address.",
        Trouble::NotAPortal => "What answers at this address is not Bitrix24.",
        Trouble::UnknownWebhook => {
            "The portal does not know this webhook: it was deleted, or its address was copied \
             with an error."
        }
        Trouble::Expired => "The application’s session has ended.",
        Trouble::Revoked => {
            "The portal no longer lets the application in: it was removed, or its access was \
             revoked."
        }
        Trouble::NotPaid => {
            "The portal’s plan or subscription does not let applications and webhooks read data."
        }
        Trouble::NoRights => "The portal’s user has no rights to this data.",
        Trouble::Restricted => {
            "The portal’s administrator has closed the application to this user."
        }
        Trouble::MissingScope(_) => {
            "The application or webhook was not given a permission it needs."
        }
        Trouble::RateLimited => "The portal has limited the rate of requests.",
        Trouble::Blocked => "Bitrix24 has blocked requests to this portal because of overload.",
        Trouble::Moved => "The portal has moved to another address.",
        Trouble::Gone => "The portal was deleted.",
        Trouble::Unreachable(Unreachable::Dns) => "This address was not found on the internet.",
        Trouble::Unreachable(Unreachable::Connection) => "Could not connect to the portal.",
        Trouble::Unreachable(Unreachable::Tls) => {
            "Could not make a secure connection to the portal."
        }
        Trouble::Unreachable(Unreachable::Timeout) => "The portal did not answer in time.",
        Trouble::PortalFailed => "Something failed on the portal’s side.",
        Trouble::TooLarge => "The portal’s answer is larger than CRMAP accepts.",
        Trouble::Malformed { .. } => "CRMAP did not understand the portal’s answer.",
        Trouble::NotProved => {
            "It could not be confirmed that the application was opened from this portal."
        }
        Trouble::ProofUnavailable => "The Bitrix24 authorization server does not answer.",
        Trouble::StoreUnavailable => "CRMAP storage does not answer.",
        Trouble::Internal => "Something failed in CRMAP.",
    }
}

const fn cure(trouble: &Trouble) -> &'static str {
    match trouble {
        Trouble::WrongAddress => "Copy the whole address, with https://, and try again.",
        Trouble::NotAPortal => {
            "Check the address. If it is right, open the portal in a browser: it may be under \
             maintenance."
        }
        Trouble::UnknownWebhook => {
            "Copy the webhook’s address from the portal again, or make a new webhook."
        }
        Trouble::Expired => "Open the application in the portal again.",
        Trouble::Revoked => {
            "Install the application again. This takes the rights of a portal administrator."
        }
        Trouble::NotPaid => {
            "Check the portal’s plan and its Market subscription, renew them if necessary and try \
             again."
        }
        Trouble::NoRights => "Ask the portal’s administrator to give this user access to CRM.",
        Trouble::Restricted => {
            "Ask the administrator to allow access in the application’s settings."
        }
        Trouble::MissingScope(_) => ADD_SCOPE,
        Trouble::RateLimited
        | Trouble::Unreachable(Unreachable::Timeout)
        | Trouble::StoreUnavailable => "Wait a minute and try again.",
        Trouble::Blocked => "Contact Bitrix24 support: only they can lift the block.",
        Trouble::Moved => {
            "Open the application in the portal at its new address, and CRMAP will remember it. \
             Copy a webhook’s address from the portal again."
        }
        Trouble::Gone => {
            "Check the address. If the portal really no longer exists, unlink it from the cabinet."
        }
        Trouble::Unreachable(Unreachable::Dns) => "Check the address for a mistake.",
        Trouble::Unreachable(Unreachable::Connection) => {
            "Open the portal in a browser. If it works, try again in a minute."
        }
        Trouble::Unreachable(Unreachable::Tls) => {
            "Ask the portal’s administrator to check the site’s certificate."
        }
        Trouble::PortalFailed => {
            "Try again in a few minutes. If it does not help, contact Bitrix24 support."
        }
        Trouble::TooLarge => "Contact CRMAP support and give the portal’s address.",
        Trouble::Malformed { .. } => {
            "Try again. If it does not help, send this text to CRMAP support."
        }
        Trouble::NotProved => {
            "Open the application from the portal’s menu. If it does not help, install it again."
        }
        Trouble::ProofUnavailable => "Wait a minute and open the application again.",
        Trouble::Internal => "Try again. If it does not help, contact CRMAP support.",
    }
}

/// What to do about a missing scope.
const ADD_SCOPE: &str = "Add the missing permission in the webhook’s settings; update the application or install it again.";
