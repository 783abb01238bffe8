//! How a portal stands towards the application and who the asking user is: `profile`, `app.info`
//! and `scope` in one request (bitrix24.md §4.7, §4.8). It changes nothing.

use crmap_crm::{AccountStanding, CrmError};
use crmap_domain::Viewer;
use tokio::time::Instant;

use crate::batch::{self, Command, Outcome};
use crate::classify::{Kind, Said};
use crate::decode::{AppInfo, Profile, scopes};
use crate::read::{malformed, understood};
use crate::transport::Channel;

pub(crate) const PROFILE: &str = "profile";
pub(crate) const INFO: &str = "app.info";
const SCOPE: &str = "scope";

/// Asks.
pub(crate) async fn ask(channel: &Channel, deadline: Instant) -> Result<AccountStanding, CrmError> {
    let answers = batch::run(channel, &commands(), deadline).await?;
    read(channel, &mut answers.outcomes.into_iter())
}

/// What has to be asked for a standing.
pub(crate) fn commands() -> Vec<Command> {
    [PROFILE, INFO, SCOPE].map(Command::bare).into()
}

/// The standing by the outcomes of [`commands`]; leaves those that follow.
pub(crate) fn read(
    channel: &Channel,
    outcomes: &mut impl Iterator<Item = Outcome>,
) -> Result<AccountStanding, CrmError> {
    let webhook = channel.is_webhook();
    let viewer = viewer(channel, next(outcomes, PROFILE)?)?;
    let info = match next(outcomes, INFO)? {
        Outcome::Answer { result, .. } => Some(understood(INFO, AppInfo::read(&result))?),
        Outcome::Refused(said) => unless_grave(said, INFO, webhook).map(|()| None)?,
    };
    let scopes = match next(outcomes, SCOPE)? {
        Outcome::Answer { result, .. } => understood(SCOPE, scopes(&result))?,
        Outcome::Refused(said) => unless_grave(said, SCOPE, webhook).map(|()| Vec::new())?,
    };
    let (installed, version, payment_expired, plan) = match info {
        Some(info) => (
            info.installed,
            info.version,
            info.payment_expired,
            info.plan,
        ),
        None => (None, None, None, None),
    };
    Ok(AccountStanding {
        user_id: viewer.id,
        user_name: viewer.name,
        administrator: viewer.administrator,
        installed,
        version,
        payment_expired,
        plan,
        scopes,
    })
}

/// The outcome of the next command, which is one of this method.
pub(crate) fn next(
    outcomes: &mut impl Iterator<Item = Outcome>,
    method: &'static str,
) -> Result<Outcome, CrmError> {
    outcomes
        .next()
        .ok_or_else(|| malformed(method, "result".to_owned()))
}

/// Whose rights these are, by the outcome of `profile`: without a user there is nobody whose rights
/// could be said to show.
pub(crate) fn viewer(channel: &Channel, outcome: Outcome) -> Result<Viewer, CrmError> {
    let viewer = match outcome {
        Outcome::Answer { result, .. } => understood(PROFILE, Profile::read(&result))?.0,
        Outcome::Refused(said) => return Err(said.into_error(PROFILE, channel.is_webhook())),
    };
    same_user(channel, viewer.id)?;
    Ok(viewer)
}

/// A portal that answers with somebody else's data, for instance out of a broken cache, is not
/// believed (security.md §5, F19).
fn same_user(channel: &Channel, answered: i64) -> Result<(), CrmError> {
    match channel.user_id() {
        Some(expected) if expected != answered => {
            Err(malformed(PROFILE, "result.ID: another user".to_owned()))
        }
        _ => Ok(()),
    }
}

/// Lets pass what only this method refuses; all else concerns the whole account.
fn unless_grave(said: Said, method: &str, webhook: bool) -> Result<(), CrmError> {
    match said.kind {
        Kind::NoRights
        | Kind::Credentials
        | Kind::Scope(_)
        | Kind::NoMethod
        | Kind::NotInBatch
        | Kind::Other => Ok(()),
        _ => Err(said.into_error(method, webhook)),
    }
}
