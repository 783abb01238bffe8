//! The simulated cloud, and what its portals send when an administrator opens the application.

use std::time::Duration;

use portal_sim::{Cloud, Seed, UserRole};
use serde::{Deserialize, Serialize};

use super::Options;

/// The form of an opening.
#[derive(Debug, Serialize, Deserialize)]
pub struct Opened {
    pub query: String,
    pub body: String,
}

/// What the cloud's process says.
pub struct Setup {
    pub oauth: String,
    pub portals: Vec<Opened>,
}

/// Serves until nobody listens any more.
pub async fn serve(options: &Options) {
    let cloud = Cloud::start(portal_sim::Options {
        portals: options.portals,
        seeds: vec![options.seed.parse::<Seed>().unwrap()],
        latency: Duration::from_millis(options.latency),
        ..portal_sim::Options::default()
    });
    let cloud = cloud.await.unwrap();
    println!("{}", cloud.oauth_url());
    for portal in cloud.portals() {
        let (query, body) = portal.opening_form(UserRole::Administrator, "ru");
        println!(
            "{}",
            serde_json::to_string(&Opened { query, body }).unwrap()
        );
    }
    let ended = tokio::task::spawn_blocking(|| std::io::read_to_string(std::io::stdin()));
    let _ = ended.await;
}
