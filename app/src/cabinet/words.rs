//! What to tell people of what was denied and of what was done.

use crmap_domain::cabinet::{DeedKind, Denial, Level, PasswordFlaw, Strength};
use crmap_domain::{Lang, Trouble};

use crate::say;

/// Where on the page something is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Beside the field of this name.
    Field(&'static str),
    /// Above everything that was sent.
    Whole,
}

/// A sentence that says what happened, and one that says what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) what: String,
    pub(super) cure: String,
}

impl Told {
    fn of(what: impl Into<String>, cure: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            cure: cure.into(),
        }
    }

    /// Both in one.
    pub(super) fn sentence(&self) -> String {
        format!("{} {}", self.what, self.cure)
    }
}

/// Where and what to tell of a denial.
pub(super) fn told(denial: &Denial, lang: Lang) -> (Place, Told) {
    let field = match denial {
        Denial::Name => "name",
        Denial::Email => "email",
        Denial::Password(_) => "password",
        Denial::WrongPassword => "present",
        Denial::ResetOver => "code",
        Denial::Description => "label",
        Denial::FilterName | Denial::FilterNameTaken | Denial::TooManyFilters => "filter-name",
        _ => return (Place::Whole, sentence(denial, lang)),
    };
    (Place::Field(field), sentence(denial, lang))
}

/// What to tell of a denial.
pub(super) fn sentence(denial: &Denial, lang: Lang) -> Told {
    match denial {
        Denial::Name => Told::of(say!(lang, flaw_name), say!(lang, flaw_name_cure)),
        Denial::Email => Told::of(say!(lang, flaw_email), say!(lang, flaw_email_cure)),
        Denial::Password(flaw) => of_password(*flaw, lang),
        Denial::Credentials => Told::of(
            say!(lang, denied_credentials),
            say!(lang, denied_credentials_cure),
        ),
        Denial::WrongPassword => Told::of(say!(lang, flaw_present), say!(lang, flaw_present_cure)),
        Denial::ResetOver => Told::of(say!(lang, flaw_code), say!(lang, flaw_code_cure)),
        Denial::Description => Told::of(
            say!(lang, flaw_description),
            say!(lang, flaw_description_cure),
        ),
        Denial::FilterName => Told::of(
            say!(lang, fleet_flaw_name),
            say!(lang, fleet_flaw_name_cure),
        ),
        Denial::FilterNameTaken => Told::of(
            say!(lang, fleet_flaw_taken),
            say!(lang, fleet_flaw_taken_cure),
        ),
        Denial::TooManyFilters => Told::of(
            say!(lang, fleet_flaw_many),
            say!(lang, fleet_flaw_many_cure),
        ),
        Denial::Portal(trouble) => {
            let advice = trouble.advice(lang);
            Told::of(advice.what, advice.cure)
        }
        _ => of_circumstances(denial, lang),
    }
}

/// What lies neither in what was typed nor in who typed it.
fn of_circumstances(denial: &Denial, lang: Lang) -> Told {
    match denial {
        Denial::SignedOut => Told::of(
            say!(lang, denied_signed_out),
            say!(lang, denied_signed_out_cure),
        ),
        Denial::NotFound => Told::of(say!(lang, denied_missing), say!(lang, denied_missing_cure)),
        Denial::MailOff => Told::of(say!(lang, denied_mail), say!(lang, denied_mail_cure)),
        Denial::TooOften { seconds } => Told::of(say!(lang, denied_often), wait(*seconds, lang)),
        Denial::Busy => Told::of(say!(lang, denied_busy), say!(lang, denied_busy_cure)),
        Denial::Exporting => Told::of(say!(lang, export_running), say!(lang, export_running_cure)),
        Denial::Connection => Told::of(
            say!(lang, unreachable_server),
            say!(lang, unreachable_server_cure),
        ),
        Denial::StoreUnavailable => {
            let advice = Trouble::StoreUnavailable.advice(lang);
            Told::of(advice.what, advice.cure)
        }
        _ => {
            let advice = Trouble::Internal.advice(lang);
            Told::of(advice.what, advice.cure)
        }
    }
}

fn wait(seconds: u32, lang: Lang) -> String {
    if seconds < 100 {
        return say!(lang, wait_seconds, count = seconds.max(1));
    }
    say!(lang, wait_minutes, count = seconds.div_ceil(60))
}

fn of_password(flaw: PasswordFlaw, lang: Lang) -> Told {
    match flaw {
        PasswordFlaw::Short => Told::of(say!(lang, flaw_short), say!(lang, flaw_short_cure)),
        PasswordFlaw::Long => Told::of(say!(lang, flaw_long), say!(lang, flaw_long_cure)),
        PasswordFlaw::Weak => Told::of(say!(lang, flaw_weak), say!(lang, flaw_weak_cure)),
    }
}

/// A password's strength in a word or two.
pub(super) fn of_strength(strength: Strength, lang: Lang) -> &'static str {
    match (strength.flaw, strength.score) {
        (Some(PasswordFlaw::Short), _) => say!(lang, strength_short),
        (Some(PasswordFlaw::Long), _) => say!(lang, strength_long),
        (Some(PasswordFlaw::Weak), 0 | 1) => say!(lang, strength_bad),
        (Some(PasswordFlaw::Weak), _) => say!(lang, strength_weak),
        (None, 3) => say!(lang, strength_good),
        (None, _) => say!(lang, strength_best),
    }
}

/// What a link allows.
pub(super) fn of_level(level: Level, lang: Lang) -> &'static str {
    match level {
        Level::Read => say!(lang, level_read),
        Level::ReadWrite => say!(lang, level_write),
    }
}

/// What was done, as the account's log tells it.
pub(super) fn of_deed(kind: &DeedKind, lang: Lang) -> String {
    match kind {
        DeedKind::Registered => say!(lang, deed_registered).to_owned(),
        DeedKind::LoggedIn { ip } => say!(lang, deed_logged_in, ip = ip.clone()),
        DeedKind::LoggedOut => say!(lang, deed_logged_out).to_owned(),
        DeedKind::DevicesEnded { count } => say!(lang, deed_devices, count = *count),
        DeedKind::Renamed => say!(lang, deed_renamed).to_owned(),
        DeedKind::EmailChanged { from, to } => {
            say!(lang, deed_email, from = from.clone(), to = to.clone())
        }
        DeedKind::PasswordChanged => say!(lang, deed_password).to_owned(),
        DeedKind::ResetAsked => say!(lang, deed_reset_asked).to_owned(),
        DeedKind::PasswordReset => say!(lang, deed_reset).to_owned(),
        DeedKind::TokenRenewed => say!(lang, deed_token).to_owned(),
        DeedKind::Exported { portals, form } if form == "workbook" => {
            say!(lang, export_deed_workbook, count = *portals)
        }
        DeedKind::Exported { portals, form } => say!(
            lang,
            export_deed,
            count = *portals,
            form = form.to_uppercase()
        ),
        _ => of_portal_deed(kind, lang),
    }
}

fn of_portal_deed(kind: &DeedKind, lang: Lang) -> String {
    match kind {
        DeedKind::Linked {
            address,
            user_id,
            level,
            ..
        } => say!(
            lang,
            deed_linked,
            address = address.clone(),
            user = *user_id,
            level = of_level(*level, lang).to_lowercase()
        ),
        DeedKind::Unlinked {
            address,
            user_id: Some(user),
            ..
        } => say!(
            lang,
            deed_unlinked_there,
            address = address.clone(),
            user = *user
        ),
        DeedKind::Unlinked { address, .. } => {
            say!(lang, deed_unlinked, address = address.clone())
        }
        _ => say!(lang, deed_erased).to_owned(),
    }
}
