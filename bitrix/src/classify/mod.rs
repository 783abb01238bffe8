//! What a portal's refusal means (bitrix24.md §3.6, §5). The same code comes with different HTTP
//! statuses, in any case, as a number, empty, or as a sentence in either field, so the text decides
//! first and the status second. It sends nothing and retries nothing.

#[cfg(test)]
mod tests;

use std::time::Duration;

use crmap_crm::CrmError;
use crmap_domain::Refusal;

use crate::mask::without;

const LONGEST_CODE: usize = 64;
/// Longer than any list of scopes that a portal asks for at once, shorter than any token.
const LONGEST_SCOPE: usize = 40;
const LONGEST_MESSAGE: usize = 300;

/// The meaning of a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Too many requests; nothing was executed.
    Throttled,
    /// The method has used up its time.
    OperatingLimit,
    /// REST of the portal is blocked by hand.
    Overloaded,
    /// The portal failed by itself and may do better next time.
    Broken,
    /// The webhook or the token is not known.
    Unknown,
    /// The user's rights do not reach, or, for a whole account, the credentials are wrong.
    Credentials,
    /// The token has run out.
    Expired,
    /// The token was taken back.
    Revoked,
    /// The application is not installed.
    NotInstalled,
    /// The plan or the subscription does not allow it.
    NotPaid,
    /// The user's rights do not reach.
    NoRights,
    /// The administrator keeps the user out of the application.
    Restricted,
    /// A scope is missing; its name may be empty.
    Scope(String),
    /// There is no such method.
    NoMethod,
    /// The portal was deleted.
    Deleted,
    /// The method must be called singly.
    NotInBatch,
    /// The portal wants https.
    HttpsRequired,
    /// Anything else.
    Other,
}

/// A refusal in the portal's own words, and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) kind: Kind,
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
    /// When the portal starts to count the method's time anew, where it tells.
    pub(crate) reset: Option<Duration>,
}

/// Why a call gave no answer.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The portal refused.
    Said(Said),
    /// The transport failed, or the answer was not one.
    Fault(CrmError),
}

impl From<CrmError> for Failure {
    fn from(error: CrmError) -> Self {
        Self::Fault(error)
    }
}

impl Failure {
    /// As the failure of a whole account. `webhook` tells whose credentials were wrong.
    pub(crate) fn into_error(self, method: &str, webhook: bool) -> CrmError {
        match self {
            Self::Said(said) => said.into_error(method, webhook),
            Self::Fault(error) => error,
        }
    }
}

impl Said {
    /// Reads a refusal. `status` is 200 for a command inside a batch, which has none of its own.
    /// The words are kept whole until [`Self::without`] has looked at them.
    pub(crate) fn new(status: u16, code: &str, message: &str) -> Self {
        Self {
            kind: kind(status, code, message),
            status,
            code: code.to_owned(),
            message: message.to_owned(),
            reset: None,
        }
    }

    /// The same refusal without `secret`, which a portal may repeat from what it was sent, and with
    /// its words cut to a bearable length. In this order: half a secret is one too.
    pub(crate) fn without(self, secret: &str) -> Self {
        let mut said = self.without_uncut(secret);
        said.code = bounded(&said.code, LONGEST_CODE);
        said.message = bounded(&said.message, LONGEST_MESSAGE);
        said
    }

    /// The same with its words at their full length, for the next secret to be looked for.
    pub(crate) fn without_uncut(mut self, secret: &str) -> Self {
        if !secret.is_empty() {
            // Signs that are left out later must not have kept its parts asunder.
            let clean = |text: &str| without(&bounded(text, usize::MAX), secret, "…");
            self.code = clean(&self.code);
            self.message = clean(&self.message);
            let secret = secret.to_ascii_lowercase();
            if let Kind::Scope(scope) = &mut self.kind
                && scope.contains(&secret)
            {
                scope.clear();
            }
        }
        self
    }

    /// The failure of a whole account.
    pub(crate) fn into_error(self, method: &str, webhook: bool) -> CrmError {
        let method = method.to_owned();
        let Self {
            kind,
            status,
            code,
            reset,
            ..
        } = self;
        match kind {
            Kind::Throttled => CrmError::RateLimited { retry_after: None },
            Kind::OperatingLimit => CrmError::RateLimited { retry_after: reset },
            Kind::Overloaded => CrmError::Blocked,
            Kind::Unknown | Kind::Credentials if webhook => CrmError::UnknownWebhook,
            Kind::Unknown | Kind::Revoked => CrmError::Revoked { code },
            Kind::NotInstalled => CrmError::NotInstalled { code },
            Kind::Credentials | Kind::NoRights => CrmError::NoRights { method },
            Kind::Expired => CrmError::Expired,
            Kind::NotPaid => CrmError::NotPaid { code },
            Kind::Restricted => CrmError::Restricted,
            Kind::Scope(scope) => CrmError::MissingScope {
                scope: named_scope(scope, &method),
            },
            Kind::Deleted => CrmError::Gone,
            Kind::HttpsRequired => CrmError::WrongAddress {
                reason: "the portal wants https",
            },
            Kind::Broken | Kind::NoMethod | Kind::NotInBatch | Kind::Other => {
                CrmError::PortalFailed {
                    method,
                    status,
                    code,
                }
            }
        }
    }

    /// What a specification notes where the portal refused this one method; nothing where the
    /// whole account is concerned or the portal only failed.
    pub(crate) fn refusal(&self, method: &str) -> Option<Refusal> {
        match &self.kind {
            Kind::NoRights | Kind::Credentials => Some(Refusal::NoRights),
            Kind::Scope(scope) => Some(Refusal::MissingScope(named_scope(scope.clone(), method))),
            Kind::NotPaid => Some(Refusal::PlanRequired),
            Kind::NoMethod => Some(Refusal::NotSupported),
            Kind::Other => Some(Refusal::Other {
                code: self.code.clone(),
                message: self.message.clone(),
            }),
            _ => None,
        }
    }

    /// Whether the same command may succeed when it is sent once more, alone.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(
            self.kind,
            Kind::Throttled | Kind::OperatingLimit | Kind::Broken | Kind::NotInBatch
        )
    }
}

fn kind(status: u16, code: &str, message: &str) -> Kind {
    let code = code.trim().to_ascii_lowercase();
    let text = format!("{code} {}", message.to_lowercase());
    let by_plan = [
        "commercial plan",
        "extended plan",
        "subscription has",
        "payment required",
    ];
    if by_plan.iter().any(|words| text.contains(words)) {
        return Kind::NotPaid;
    }
    by_code(&code, &text)
        .or_else(|| by_sentence(&text))
        .unwrap_or_else(|| by_status(status))
}

fn by_code(code: &str, text: &str) -> Option<Kind> {
    Some(match code {
        "query_limit_exceeded" => Kind::Throttled,
        "operation_time_limit" => Kind::OperatingLimit,
        "overload_limit" => Kind::Overloaded,
        "internal_server_error" | "error_unexpected_answer" => Kind::Broken,
        "no_auth_found" => Kind::Unknown,
        "invalid_credentials" => Kind::Credentials,
        "expired_token" => Kind::Expired,
        "invalid_token"
        | "authorization_error"
        | "invalid_grant"
        | "invalid_client"
        | "wrong_client" => Kind::Revoked,
        "application_not_found" | "error_oauth" | "not_installed" => Kind::NotInstalled,
        "payment_required" | "wrong_license" => Kind::NotPaid,
        "access_denied"
        | "allowed_only_intranet_user"
        | "method_confirm_waiting"
        | "method_confirm_denied" => Kind::NoRights,
        "user_access_error" => Kind::Restricted,
        "insufficient_scope" | "invalid_scope" => Kind::Scope(scope_in(text)),
        "error_method_not_found" | "method_not_found" => Kind::NoMethod,
        "portal_deleted" => Kind::Deleted,
        "error_batch_method_not_allowed" | "error_batch_length_exceeded" => Kind::NotInBatch,
        "invalid_request" if text.contains("https required") => Kind::HttpsRequired,
        _ => return None,
    })
}

/// Codes that are empty, a number or a sentence say nothing; their sentences may.
fn by_sentence(text: &str) -> Option<Kind> {
    let has = |words: &str| text.contains(words);
    if has("too many requests") {
        Some(Kind::Throttled)
    } else if has("required more scopes") || has("higher privileges") {
        Some(Kind::Scope(scope_in(text)))
    } else if has("method not found") {
        Some(Kind::NoMethod)
    } else if has("access token provided has expired") {
        Some(Kind::Expired)
    } else if has("invalid request credentials") {
        Some(Kind::Credentials)
    } else if has("wrong authorization data") {
        Some(Kind::Unknown)
    } else if has("application not installed") {
        Some(Kind::NotInstalled)
    } else if has("access denied") || has("доступ запрещ") || has("недостаточно прав")
    {
        Some(Kind::NoRights)
    } else {
        None
    }
}

fn by_status(status: u16) -> Kind {
    match status {
        401 => Kind::Unknown,
        402 => Kind::NotPaid,
        403 => Kind::NoRights,
        410 => Kind::Deleted,
        429 => Kind::Throttled,
        500.. => Kind::Broken,
        _ => Kind::Other,
    }
}

/// The scope in "The current method required more scopes. (crm)"; empty where none is named.
fn scope_in(text: &str) -> String {
    let inside = text
        .rsplit_once('(')
        .and_then(|(_, rest)| rest.split_once(')'));
    let named = inside.map(|(scope, _)| scope.trim()).filter(|scope| {
        !scope.is_empty()
            && scope.len() <= LONGEST_SCOPE
            && scope
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_,. ".contains(&byte))
    });
    named.unwrap_or_default().to_owned()
}

/// Where the portal does not name the scope, the method does.
fn named_scope(scope: String, method: &str) -> String {
    if !scope.is_empty() {
        return scope;
    }
    let known = match method.split_once('.').map(|(family, _)| family) {
        Some("crm") => "crm",
        Some("user") => "user_brief",
        Some("department") => "department",
        _ => "",
    };
    known.to_owned()
}

fn bounded(text: &str, longest: usize) -> String {
    text.chars()
        .filter(|char| !char.is_control())
        .take(longest)
        .collect()
}
