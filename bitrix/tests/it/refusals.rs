//! What a portal says when it refuses, for a whole account and for single methods.

use crmap_crm::CrmError;
use crmap_domain::{EntityKind, Refusal, Section};
use portal_sim::{Effect, Fault, Seed, UserRole};
use serde_json::json;

use crate::support::{by_token, by_webhook, cloud, connector, patient, read, settings};
use crate::truth;

/// Each effect with the error that a token and that a webhook meets.
async fn check(cases: Vec<(Effect, &str, &str)>) {
    let cloud = cloud(Seed::Empty).await;
    let portal = cloud.portal(1);
    let mut settings = patient();
    settings.pace.burst = 1_000;
    // Whoever is asked too often gives up at once: no reading lasts that long, however slow it is.
    settings.pace.throttled_wait = std::time::Duration::from_secs(1 << 30);
    settings.pace.longest_wait = settings.pace.throttled_wait;
    for (effect, by_application, by_hook) in cases {
        // A connector remembers what a portal has blocked.
        let connector = connector(settings.clone());
        portal.set_fault(Fault::method("batch", effect.clone()));
        let token = by_token(portal, UserRole::Administrator);
        let error = read(&connector, &token).await.unwrap_err();
        assert!(
            format!("{error:?}").starts_with(by_application),
            "{effect:?} gave {error:?}"
        );
        let hook = by_webhook(portal, UserRole::Administrator);
        let error = read(&connector, &hook).await.unwrap_err();
        assert!(
            format!("{error:?}").starts_with(by_hook),
            "{effect:?} gave {error:?}"
        );
        portal.clear_faults();
    }
}

#[tokio::test]
async fn failures_and_limits_of_the_portal_become_errors_that_a_caller_can_act_on() {
    check(vec![
        (Effect::internal_error(), "PortalFailed", "PortalFailed"),
        (
            Effect::error(500, "ERROR_UNEXPECTED_ANSWER", ""),
            "PortalFailed",
            "PortalFailed",
        ),
        (
            Effect::error(404, "ERROR_MANIFEST_IS_NOT_AVAILABLE", ""),
            "PortalFailed",
            "PortalFailed",
        ),
        (
            Effect::error(400, "", "odd"),
            "PortalFailed",
            "PortalFailed",
        ),
        (Effect::query_limit(), "RateLimited", "RateLimited"),
        (Effect::operation_time_limit(), "RateLimited", "RateLimited"),
        (Effect::overload(), "Blocked", "Blocked"),
        (Effect::portal_deleted(), "Gone", "Gone"),
        (Effect::error(410, "PORTAL_DELETED", ""), "Gone", "Gone"),
        (
            Effect::error(400, "INVALID_REQUEST", "Https required"),
            "WrongAddress",
            "WrongAddress",
        ),
    ])
    .await;
}

#[tokio::test]
async fn refused_credentials_become_errors_that_a_caller_can_act_on() {
    check(vec![
        (
            Effect::error(401, "NO_AUTH_FOUND", ""),
            "Revoked",
            "UnknownWebhook",
        ),
        (Effect::invalid_credentials(), "NoRights", "UnknownWebhook"),
        (
            Effect::error(401, "INVALID_CREDENTIALS", ""),
            "NoRights",
            "UnknownWebhook",
        ),
        (
            Effect::error(401, "invalid_token", ""),
            "Revoked",
            "Revoked",
        ),
        (
            Effect::error(401, "APPLICATION_NOT_FOUND", ""),
            "NotInstalled",
            "NotInstalled",
        ),
        (Effect::expired_token(), "Expired", "Expired"),
        (
            Effect::error(200, "expired_token", ""),
            "Expired",
            "Expired",
        ),
        (Effect::unpaid(), "NotPaid", "NotPaid"),
        (
            Effect::error(401, "PAYMENT_REQUIRED", ""),
            "NotPaid",
            "NotPaid",
        ),
        (Effect::user_access(), "Restricted", "Restricted"),
        (
            Effect::error(403, "insufficient_scope", ""),
            "MissingScope",
            "MissingScope",
        ),
    ])
    .await;
}

#[tokio::test]
async fn wrong_expired_and_foreign_credentials_are_told_apart() {
    let cloud = cloud(Seed::Empty).await;
    let portal = cloud.portal(1);
    let connector = connector(settings());
    let mut access = by_webhook(portal, UserRole::Administrator);
    access.credential = crmap_crm::Credential::Webhook {
        user_id: 1,
        code: "wronghook000".to_owned().into(),
    };
    assert!(matches!(
        read(&connector, &access).await,
        Err(CrmError::UnknownWebhook)
    ));
    let mut access = by_token(portal, UserRole::Administrator);
    access.credential = crmap_crm::Credential::Token("never-issued".to_owned().into());
    assert!(matches!(
        read(&connector, &access).await,
        Err(CrmError::Revoked { .. })
    ));
    let access = by_token(portal, UserRole::Administrator);
    portal.set_fault(Fault::TokensExpired);
    assert!(matches!(
        read(&connector, &access).await,
        Err(CrmError::Expired)
    ));
}

#[tokio::test]
async fn errors_that_retrying_makes_worse_are_not_retried() {
    let cloud = cloud(Seed::Empty).await;
    let portal = cloud.portal(1);
    for effect in [
        Effect::overload(),
        Effect::unpaid(),
        Effect::expired_token(),
        Effect::user_access(),
        Effect::portal_deleted(),
        Effect::Html { status: 200 },
        Effect::Redirect {
            location: "http://127.0.0.1:1/".to_owned(),
        },
    ] {
        portal.set_fault(Fault::every(effect.clone()));
        portal.clear_requests();
        let access = by_token(portal, UserRole::Administrator);
        let connector = connector(settings());
        assert!(read(&connector, &access).await.is_err());
        assert_eq!(portal.requests().len(), 1, "{effect:?}");
        portal.clear_faults();
    }
}

#[tokio::test]
async fn rel_18_what_one_method_refuses_is_noted_with_its_reason() {
    let cloud = cloud(Seed::Demo).await;
    let portal = cloud.portal(1);
    let connector = connector(patient());
    let access = by_token(portal, UserRole::Administrator);
    let cases = [
        ("ACCESS_DENIED", "Access denied.", Refusal::NoRights),
        ("", "Access denied.", Refusal::NoRights),
        ("Access denied.", "", Refusal::NoRights),
        (
            "INVALID_CREDENTIALS",
            "Invalid request credentials",
            Refusal::NoRights,
        ),
        ("allowed_only_intranet_user", "", Refusal::NoRights),
        (
            "insufficient_scope",
            "",
            Refusal::MissingScope("crm".to_owned()),
        ),
        (
            "",
            "The current method required more scopes. (crm)",
            Refusal::MissingScope("crm".into()),
        ),
        (
            "ACCESS_DENIED",
            "available only on commercial plans",
            Refusal::PlanRequired,
        ),
        ("WRONG_LICENSE", "", Refusal::PlanRequired),
        (
            "ERROR_METHOD_NOT_FOUND",
            "Method not found!",
            Refusal::NotSupported,
        ),
        (
            "100",
            "Strange",
            Refusal::Other {
                code: "100".into(),
                message: "Strange".into(),
            },
        ),
    ];
    for (code, text, refusal) in cases {
        portal.set_fault(Fault::inside_batch(
            "crm.company.userfield.list",
            code,
            text,
        ));
        let got = read(&connector, &access).await.unwrap();
        let mut expected = truth::specification(
            portal,
            UserRole::Administrator,
            crmap_domain::Lang::Ru,
            &access,
        );
        expected.fields.company = Section::Refused(refusal);
        assert!(
            got == expected,
            "{code} {text}: {:?}",
            got.fields.company.refusal()
        );
        portal.clear_faults();
    }
}

#[tokio::test]
async fn a_missing_scope_is_noted_by_name_and_departments_fall_back_to_numbers() {
    let cloud = cloud(Seed::Demo).await;
    let portal = cloud.portal(1);
    let connector = connector(patient());
    let access = by_token(portal, UserRole::Administrator);
    let missing = |scope: &str| Some(Refusal::MissingScope(scope.to_owned()));
    portal.set_fault(Fault::ScopeWithout {
        scope: "user_brief".to_owned(),
    });
    let got = read(&connector, &access).await.unwrap();
    assert_eq!(got.users.refusal().cloned(), missing("user_brief"));
    assert!(!got.funnels.rows().is_empty());
    portal.clear_faults();
    portal.set_fault(Fault::ScopeWithout {
        scope: "crm".to_owned(),
    });
    let got = read(&connector, &access).await.unwrap();
    assert_eq!(got.funnels.refusal().cloned(), missing("crm"));
    assert_eq!(got.stages.refusal().cloned(), missing("crm"));
    assert_eq!(got.fields.lead.unwrap().refusal().cloned(), missing("crm"));
    assert!(!got.users.rows().is_empty());
    portal.clear_faults();
    portal.set_fault(Fault::ScopeWithout {
        scope: "department".to_owned(),
    });
    let got = read(&connector, &access).await.unwrap();
    let departments = got.users.rows().iter().flat_map(|user| &user.departments);
    assert!(departments.clone().count() > 0 && departments.clone().all(|d| d.starts_with('#')));
}

#[tokio::test]
async fn a_refused_profile_is_the_failure_of_the_account() {
    let cloud = cloud(Seed::Empty).await;
    let portal = cloud.portal(1);
    let access = by_token(portal, UserRole::Administrator);
    portal.set_fault(Fault::inside_batch(
        "profile",
        "ACCESS_DENIED",
        "Access denied.",
    ));
    let error = read(&connector(settings()), &access).await.unwrap_err();
    assert!(
        matches!(&error, CrmError::NoRights { method } if method == "profile"),
        "{error:?}"
    );
}

#[tokio::test]
async fn portals_without_optional_methods_are_read_all_the_same() {
    let cloud = cloud(Seed::Demo).await;
    let portal = cloud.portal(1);
    let access = by_token(portal, UserRole::Administrator);
    for method in ["app.info", "crm.settings.mode.get", "department.get"] {
        portal.set_fault(Fault::inside_batch(
            method,
            "ERROR_METHOD_NOT_FOUND",
            "Method not found!",
        ));
    }
    let got = read(&connector(patient()), &access).await.unwrap();
    assert_eq!(got.portal.plan, None);
    assert!(got.fields.lead.is_some());
}

#[tokio::test]
async fn a_portal_without_leads_has_no_section_of_leads() {
    let cloud = cloud(Seed::Demo).await;
    let portal = cloud.portal(1);
    portal.set_fault(Fault::replace_result("crm.settings.mode.get", json!(2)));
    let access = by_token(portal, UserRole::Administrator);
    let got = read(&connector(patient()), &access).await.unwrap();
    assert_eq!(got.fields.lead, None);
}

#[tokio::test]
async fn a_portal_that_takes_no_batches_is_asked_singly() {
    let cloud = cloud(Seed::Demo).await;
    let portal = cloud.portal(1);
    for (status, code) in [
        (405, "ERROR_BATCH_METHOD_NOT_ALLOWED"),
        (404, "ERROR_METHOD_NOT_FOUND"),
    ] {
        portal.set_fault(Fault::method("batch", Effect::error(status, code, "")));
        portal.clear_requests();
        let access = by_webhook(portal, UserRole::Narrow);
        let got = read(&connector(patient()), &access).await.unwrap();
        let lang = crmap_domain::Lang::Ru;
        assert_eq!(
            got,
            truth::specification(portal, UserRole::Narrow, lang, &access)
        );
        // The batch, seven questions about the portal, and one for the fields of each entity.
        assert_eq!(portal.requests().len(), 8 + EntityKind::ALL.len());
        portal.clear_faults();
    }
}

#[tokio::test]
async fn rel_18_commands_that_failed_for_the_moment_are_sent_alone() {
    let cloud = cloud(Seed::Demo).await;
    let portal = cloud.portal(1);
    for code in [
        "QUERY_LIMIT_EXCEEDED",
        "INTERNAL_SERVER_ERROR",
        "ERROR_UNEXPECTED_ANSWER",
        "ERROR_BATCH_METHOD_NOT_ALLOWED",
        "ERROR_BATCH_LENGTH_EXCEEDED",
    ] {
        portal.set_fault(Fault::inside_batch("crm.status.list", code, ""));
        portal.clear_requests();
        let access = by_token(portal, UserRole::Administrator);
        let got = read(&connector(patient()), &access).await.unwrap();
        let lang = crmap_domain::Lang::Ru;
        let expected = truth::specification(portal, UserRole::Administrator, lang, &access);
        assert!(got == expected, "{code}");
        let methods: Vec<_> = portal
            .requests()
            .iter()
            .map(|r| r.rest_method.clone())
            .collect();
        assert_eq!(methods, ["batch", "crm.status.list"], "{code}");
        portal.clear_faults();
    }
}

#[tokio::test]
async fn rel_18_a_command_that_keeps_failing_fails_the_reading_rather_than_being_left_out() {
    let cloud = cloud(Seed::Empty).await;
    let portal = cloud.portal(1);
    portal.set_fault(Fault::method("crm.status.list", Effect::internal_error()));
    let access = by_token(portal, UserRole::Administrator);
    let error = read(&connector(settings()), &access).await.unwrap_err();
    assert!(
        matches!(&error, CrmError::PortalFailed { method, .. } if method == "crm.status.list"),
        "{error:?}"
    );
    let alone = portal
        .requests()
        .iter()
        .filter(|r| r.rest_method == "crm.status.list")
        .count();
    assert_eq!(alone, 3);
}
