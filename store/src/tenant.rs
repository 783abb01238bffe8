//! Whose rows a question may see.

/// An account whose browser has shown that it is logged in. Only the database makes one, out of a
/// session or of a log-in that it has compared; whatever belongs to an account is asked for with it,
/// so that no question can forget whose rows it may see (SEC-75).
///
/// ```
/// fn whose(tenant: &crmap_store::Tenant) -> &str {
///     tenant.id()
/// }
/// ```
///
/// Nobody else makes one, neither by hand nor out of a name nor out of nothing:
///
/// ```compile_fail
/// let tenant = crmap_store::Tenant(String::from("somebody"));
/// ```
///
/// ```compile_fail
/// let tenant = crmap_store::Tenant::of_row(String::from("somebody"));
/// ```
///
/// ```compile_fail
/// let tenant = crmap_store::Tenant::default();
/// ```
///
/// ```compile_fail
/// let tenant: crmap_store::Tenant = serde_json::from_str("\"somebody\"").unwrap();
/// ```
///
/// And nobody reaches the rows without the functions that want one:
///
/// ```compile_fail
/// fn rows(store: &crmap_store::Store) {
///     let _ = &store.writes;
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Tenant(String);

impl Tenant {
    /// The account of a row that was found by a secret of its owner.
    pub(crate) fn of_row(account_id: String) -> Self {
        Self(account_id)
    }

    /// The account's name in the database; no secret and no personal data.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0
    }
}
