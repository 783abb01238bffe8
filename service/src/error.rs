//! Why somebody was not let in.

use crmap_crm::CrmError;
use crmap_domain::Trouble;
use crmap_store::StoreError;

/// Why an opening or an installation did not come about.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The portal or its authority.
    #[error(transparent)]
    Crm(#[from] CrmError),
    /// CRMAP's own database.
    #[error("the database is not available")]
    Store(#[from] StoreError),
}

impl OpenError {
    /// What to tell a person about it.
    #[must_use]
    pub fn trouble(&self) -> Trouble {
        match self {
            Self::Crm(error) => error.trouble(),
            Self::Store(_) => Trouble::StoreUnavailable,
        }
    }
}
