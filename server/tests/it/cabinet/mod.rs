//! The cabinet as browsers without scripts and as its pages' own calls meet it: the real router and
//! the real connector over the simulated cloud, on both databases.

mod answers;
mod away;
pub mod browser;
mod comparing;
mod entry;
mod exports;
mod farewells;
mod files;
mod fleet;
mod history;
mod hostile;
mod islands;
mod markup;
pub mod portals;
mod preferences;
mod random;
mod replicas;
mod reset;
mod search;
mod silence;
mod tenancy;
pub mod town;

use browser::Browser;

use crate::house::House;

/// A password that nobody guesses.
pub const PASSWORD: &str = "lampa-ozero-volk-42";
/// Another one.
const OTHER: &str = "gorod-trava-parus-57";

/// Somebody who has made an account and is logged in.
async fn owner(house: &House, name: &str, email: &str) -> Browser {
    let browser = Browser::new(&house.router);
    let registered = browser.register(name, email, PASSWORD).await;
    assert_eq!(registered.way(), "/login?done=registered");
    assert_eq!(browser.log_in(email, PASSWORD).await.way(), "/dashboard");
    // What comes now is news.
    house.pass(std::time::Duration::from_secs(60));
    browser
}
