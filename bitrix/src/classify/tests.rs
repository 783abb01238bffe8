//! Every refusal by its code, its status and its words.

use crmap_crm::CrmError;
use crmap_domain::Refusal;

use super::{Kind, Said};

fn check(cases: &[(u16, &str, &str, Kind)]) {
    for (status, code, message, kind) in cases {
        assert_eq!(
            Said::new(*status, code, message).kind,
            *kind,
            "{status} {code} {message}"
        );
    }
}

#[test]
fn limits_and_failures_of_the_portal_are_known_whatever_the_status() {
    check(&[
        (
            500,
            "INTERNAL_SERVER_ERROR",
            "Internal server error",
            Kind::Broken,
        ),
        (200, "internal_server_error", "", Kind::Broken),
        (
            500,
            "ERROR_UNEXPECTED_ANSWER",
            "Server returned an…",
            Kind::Broken,
        ),
        (
            503,
            "QUERY_LIMIT_EXCEEDED",
            "Too many requests",
            Kind::Throttled,
        ),
        (200, "QUERY_LIMIT_EXCEEDED", "", Kind::Throttled),
        (
            429,
            "OPERATION_TIME_LIMIT",
            "Method is blocked",
            Kind::OperatingLimit,
        ),
        (
            503,
            "OVERLOAD_LIMIT",
            "REST API is blocked",
            Kind::Overloaded,
        ),
        (405, "ERROR_BATCH_METHOD_NOT_ALLOWED", "", Kind::NotInBatch),
        (400, "ERROR_BATCH_LENGTH_EXCEEDED", "", Kind::NotInBatch),
        (
            400,
            "INVALID_REQUEST",
            "Https required",
            Kind::HttpsRequired,
        ),
        (400, "INVALID_REQUEST", "Something else", Kind::Other),
        (500, "PORTAL_DELETED", "Portal was deleted", Kind::Deleted),
        (410, "PORTAL_DELETED", "Portal was deleted", Kind::Deleted),
        (
            404,
            "ERROR_METHOD_NOT_FOUND",
            "Method not found!",
            Kind::NoMethod,
        ),
        (404, "ERROR_MANIFEST_IS_NOT_AVAILABLE", "", Kind::Other),
    ]);
}

#[test]
fn credentials_and_plans_are_known_whatever_the_status() {
    check(&[
        (
            401,
            "NO_AUTH_FOUND",
            "Wrong authorization data",
            Kind::Unknown,
        ),
        (
            403,
            "INVALID_CREDENTIALS",
            "Invalid request credentials",
            Kind::Credentials,
        ),
        (401, "INVALID_CREDENTIALS", "", Kind::Credentials),
        (
            401,
            "expired_token",
            "The access token provided has expired",
            Kind::Expired,
        ),
        (200, "expired_token", "", Kind::Expired),
        (
            401,
            "invalid_token",
            "Unable to get application by token",
            Kind::Revoked,
        ),
        (401, "APPLICATION_NOT_FOUND", "", Kind::NotInstalled),
        (
            401,
            "ERROR_OAUTH",
            "Application not installed",
            Kind::NotInstalled,
        ),
        (
            401,
            "PAYMENT_REQUIRED",
            "Subscription has been ended",
            Kind::NotPaid,
        ),
        (
            403,
            "ACCESS_DENIED",
            "REST API is available only on commercial plans",
            Kind::NotPaid,
        ),
        (
            401,
            "access_denied",
            "Available only on extended plans",
            Kind::NotPaid,
        ),
        (403, "WRONG_LICENSE", "", Kind::NotPaid),
    ]);
}

#[test]
fn rights_and_scopes_are_known_whatever_the_status() {
    check(&[
        (403, "ACCESS_DENIED", "Access denied.", Kind::NoRights),
        (403, "allowed_only_intranet_user", "", Kind::NoRights),
        (
            403,
            "user_access_error",
            "The user does not have access",
            Kind::Restricted,
        ),
        (401, "user_access_error", "", Kind::Restricted),
        (
            403,
            "insufficient_scope",
            "The request requires…",
            Kind::Scope(String::new()),
        ),
        (401, "INSUFFICIENT_SCOPE", "", Kind::Scope(String::new())),
    ]);
}

#[test]
fn where_the_code_says_nothing_the_sentence_and_then_the_status_decide() {
    check(&[
        (400, "", "Access denied.", Kind::NoRights),
        (400, "Access denied.", "", Kind::NoRights),
        (
            400,
            "",
            "The current method required more scopes. (crm)",
            Kind::Scope("crm".into()),
        ),
        (400, "0", "Field 'NAME' is required", Kind::Other),
        (400, "100", "Unknown field definition", Kind::Other),
        (
            403,
            "WRONG_AUTH_TYPE",
            "Current authorization type is denied",
            Kind::NoRights,
        ),
        (500, "", "", Kind::Broken),
        (503, "", "", Kind::Broken),
        (429, "", "", Kind::Throttled),
        (401, "", "", Kind::Unknown),
    ]);
}

#[test]
fn wrong_credentials_name_the_webhook_or_the_application() {
    let refusal = || Said::new(401, "NO_AUTH_FOUND", "Wrong authorization data");
    assert!(matches!(
        refusal().into_error("profile", true),
        CrmError::UnknownWebhook
    ));
    assert!(matches!(
        refusal().into_error("profile", false),
        CrmError::Revoked { .. }
    ));
}

#[test]
fn a_missing_scope_is_named_after_the_method_where_the_portal_keeps_silent() {
    let refusal = Said::new(
        200,
        "insufficient_scope",
        "The request requires higher privileges",
    );
    let expected = Refusal::MissingScope("user_brief".to_owned());
    assert_eq!(refusal.refusal("user.get"), Some(expected));
}

/// A real token is longer than what is kept of a code: it must be gone before the cut.
#[test]
fn sec_37_a_repeated_token_leaves_no_piece_of_itself() {
    let token = "8F3a1c6600e5bd60006e2b8a00000001a03807f0f2c5cdb4e5d6a1b7c8d9e0f1a2b3c4";
    let asked = format!("The request requires more scopes. ({token})");
    let cases = [
        (token.to_owned(), token.to_owned()),
        (
            format!("bad {token}"),
            format!("{} {token}", "x".repeat(280)),
        ),
        ("insufficient_scope".to_owned(), asked),
        // Control characters are left out of what is shown.
        (token.replace('c', "\u{7f}c"), token.replace('6', "6\n")),
        (
            token.to_uppercase(),
            format!("Bad {}", token.to_uppercase()),
        ),
    ];
    for (code, message) in cases {
        let said = Said::new(400, &code, &message).without(token);
        let refusal = format!("{:?}", said.refusal("user.get"));
        let shown = format!("{said:?} {refusal} {:?}", said_error(&said)).to_lowercase();
        assert!(!shown.contains("8f3a1c66"), "{shown}");
    }
}

fn said_error(said: &Said) -> CrmError {
    said.clone().into_error("user.get", false)
}

#[test]
fn words_of_the_portal_are_bounded_and_without_control_characters() {
    let said = Said::new(400, &"X\n".repeat(1_000), &"y".repeat(10_000)).without("");
    assert_eq!(said.code, "X".repeat(64));
    assert_eq!(said.message.len(), 300);
}
