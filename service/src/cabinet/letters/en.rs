//! In English.

use crmap_domain::cabinet::Level;

use super::{FORGOTTEN, Letter, SUPPORT, Words};

/// Subject and body.
pub(super) fn words(letter: &Letter, site: &str) -> Words {
    match letter {
        Letter::Reset { link, minutes } => (
            "Set a new password for CRMAP",
            format!(
                "Open the link and set a new password:\n{link}\n\n\
                     The link works once, within {minutes} minutes.\n\
                     If you did not ask for this, do nothing: your password stays as it is."
            ),
        ),
        Letter::AlreadyRegistered { log_in, reset } => (
            "Log in to CRMAP: you already have a cabinet",
            format!(
                "Log in with this address and your password:\n{log_in}\n\n\
                     If you have forgotten the password, set a new one:\n{reset}\n\n\
                     Somebody has just tried to register with your address. If it was not you, do \
                     nothing: your cabinet has not changed."
            ),
        ),
        Letter::EmailChanged { to } => (
            "Check: your CRMAP cabinet has a new email address",
            format!(
                "Check that it was you: the email address of your cabinet was changed to {to}.\n\n\
                     If it was not you, contact support: this address no longer opens the \
                     cabinet.\n{site}{SUPPORT}"
            ),
        ),
        Letter::PasswordChanged => (
            "Check: your CRMAP password was changed",
            format!(
                "Check that it was you: the password of your cabinet was changed, and all \
                     other devices were logged out.\n\n\
                     If it was not you, set a new password:\n{site}{FORGOTTEN}"
            ),
        ),
        Letter::PasswordReset => (
            "Check: your CRMAP password was set again",
            format!(
                "Check that it was you: the password of your cabinet was set again by a link \
                     from an email, all devices were logged out, and your connection token was \
                     replaced.\n\n\
                     If it was not you, set a new password and check your mailbox:\n\
                     {site}{FORGOTTEN}"
            ),
        ),
        Letter::Linked {
            address,
            level,
            user_id,
        } => linked(address, *level, *user_id, site),
        Letter::LevelChanged {
            address,
            level,
            user_id,
        } => level_changed(address, *level, *user_id, site),
        Letter::Unlinked { address, user_id } => unlinked(address, *user_id, site),
    }
}

fn linked(address: &str, level: Level, user_id: i64, site: &str) -> Words {
    (
        "Check: a portal was linked to your CRMAP cabinet",
        format!(
            "Check the link: user {user_id} of the portal {address} linked it to your \
             cabinet. Access: {}.\n\n\
             If you did not expect this, unlink the portal and replace your connection \
             token:\n{site}",
            named(level)
        ),
    )
}

/// What a link allows, in words.
const fn named(level: Level) -> &'static str {
    match level {
        Level::Read => "read",
        Level::ReadWrite => "read and change",
    }
}

fn level_changed(address: &str, level: Level, user_id: i64, site: &str) -> Words {
    (
        "Check: the access level of a portal in CRMAP was changed",
        format!(
            "Check the access level: user {user_id} of the portal {address} changed what your \
             cabinet may do with it. Access now: {}.\n{site}",
            named(level)
        ),
    )
}

fn unlinked(address: &str, user_id: Option<i64>, site: &str) -> Words {
    (
        "Check: a portal was unlinked from your CRMAP cabinet",
        match user_id {
            Some(user_id) => format!(
                "Check your portals: user {user_id} of the portal {address} unlinked it \
                         from your cabinet.\n{site}"
            ),
            None => format!(
                "Check that it was you: the portal {address} was unlinked in your \
                         cabinet.\n{site}"
            ),
        },
    )
}
