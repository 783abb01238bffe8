//! `read`: the worker behind the scenes, as the server has it.

use std::sync::Arc;

use anyhow::Context;
use tokio::sync::watch;

use crate::machine::Machine;
use crate::outside::next_line;

/// Works until the input ends; then what is being read is given back.
pub(crate) async fn run(machine: &Machine) -> anyhow::Result<()> {
    let (stop, stopped) = watch::channel(false);
    let working = tokio::spawn(Arc::clone(&machine.services).work(stopped));
    while next_line().await?.is_some() {}
    stop.send_replace(true);
    working.await.context("the worker failed")
}
