//! `read`: the worker behind the scenes, as the server has it.

use std::sync::Arc;

use anyhow::Context;
use tokio::sync::watch;

use crate::machine::Machine;
use crate::outside::next_line;
use crate::{Said, open};

/// Works until the input ends; then what is being read is given back. Meanwhile it lets in whoever
/// opens the application: a query and a body in one line, with a tab between.
pub(crate) async fn run(machine: &Machine) -> anyhow::Result<()> {
    let (stop, stopped) = watch::channel(false);
    let working = tokio::spawn(Arc::clone(&machine.services).work(stopped));
    while let Some(line) = next_line().await? {
        let Some((query, body)) = line.split_once('\t') else {
            continue;
        };
        match open::let_in(machine, query, body).await {
            Ok(opened) => Said::Opened(opened.to_owned()).say(),
            Err(error) => Said::Failed(error.to_string()).say(),
        }
    }
    stop.send_replace(true);
    working.await.context("the worker failed")
}
