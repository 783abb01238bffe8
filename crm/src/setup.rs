//! Making an account know CRMAP: the events and places that are bound in it, and how far that came.

use crmap_domain::Trouble;

/// Where the account finds CRMAP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doors {
    /// The address that events are posted to.
    pub events: String,
    /// The address that the application is opened at.
    pub app: String,
}

/// How the account stands towards the application, as it says itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountStanding {
    /// The user whose rights were used.
    pub user_id: i64,
    /// That user's name.
    pub user_name: String,
    /// Whether that user administers the account.
    pub administrator: bool,
    /// Whether the installation was finished; unknown where the account does not say.
    pub installed: Option<bool>,
    /// The installed version of the application.
    pub version: Option<i64>,
    /// Whether the paid time of the application is over.
    pub payment_expired: Option<bool>,
    /// The account's plan: `ru_basic`.
    pub plan: Option<String>,
    /// The scopes that the application was given.
    pub scopes: Vec<String>,
}

/// A thing that is bound in an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SetUpStep {
    /// The account tells when the application is removed.
    Leaving,
    /// The account tells when custom fields change, and when its subscription does.
    Changes,
    /// The button on the page of funnels.
    FunnelsButton,
}

impl SetUpStep {
    /// All steps, in the order in which they are taken.
    pub const ALL: [Self; 3] = [Self::Leaving, Self::Changes, Self::FunnelsButton];
}

/// How a step came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepOutcome {
    /// It was there already.
    AlreadyThere,
    /// It was bound now.
    Done,
    /// The application was not given the right to it; it works without.
    NotGranted,
    /// It did not work.
    Failed(Trouble),
}

/// How an account stands and what was bound in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetUp {
    /// How the account stands.
    pub standing: AccountStanding,
    /// The steps with their outcomes; empty where the user does not administer the account, for
    /// whom nothing is tried.
    pub steps: Vec<(SetUpStep, StepOutcome)>,
}

impl SetUp {
    /// Whether everything that must be there is there.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        !self.steps.is_empty()
            && !self
                .steps
                .iter()
                .any(|(_, outcome)| matches!(outcome, StepOutcome::Failed(_)))
    }
}
