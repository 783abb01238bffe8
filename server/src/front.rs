//! How browsers reach this CRMAP.

use url::Url;

use crate::cookies::Cookies;
use crate::visitor::TrustedProxies;

/// What stands between browsers and this server.
#[derive(Debug, Clone)]
pub struct Front {
    secure: bool,
    proxies: TrustedProxies,
}

impl Front {
    /// Reached at `public_url` by way of `proxies`.
    #[must_use]
    pub fn new(public_url: &Url, proxies: TrustedProxies) -> Self {
        Self {
            secure: public_url.scheme() == "https",
            proxies,
        }
    }

    /// Whether everything on the way is encrypted.
    #[must_use]
    pub const fn is_secure(&self) -> bool {
        self.secure
    }

    /// How cookies are written and read here.
    #[must_use]
    pub const fn cookies(&self) -> Cookies {
        Cookies::new(self.secure)
    }

    /// Whom to believe when they say where a request comes from.
    #[must_use]
    pub const fn proxies(&self) -> &TrustedProxies {
        &self.proxies
    }
}
