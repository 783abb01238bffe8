//! A process for crash tests (security.md §4, §7): the real use cases over a real database and the
//! real connector, told by a test what to do and where to stop, so that the test kills it there.
//! What it has to say, it prints line by line as [`Said`].
//!
//! It can also be made to misbehave ([`Bug`]): a crash test that does not catch the faults it is
//! there for proves nothing.
#![warn(missing_docs)]

mod bugs;
mod check;
mod machine;
mod open;
mod options;
mod outside;
mod points;
mod read;
mod receive;
mod recorder;
mod said;
mod work;

pub use bugs::Bug;
pub use options::{Command, Kind, Options};
pub use outside::OsRandom;
pub use said::{Said, fingerprint};

use machine::Machine;

/// Does what the options say.
///
/// # Errors
/// When the database, the keys or the connector are not to be had; what goes wrong later is said as
/// [`Said::Failed`].
pub async fn run(options: Options) -> anyhow::Result<()> {
    let machine = Machine::start(&options).await?;
    Said::Ready.say();
    match &options.command {
        Command::Check {
            member,
            tasks,
            waits,
        } => check::run(&machine, member, *tasks, *waits).await,
        Command::Work { member, seconds } => work::run(&machine, member, *seconds).await,
        Command::Read => read::run(&machine).await,
        Command::Receive(event) => receive::run(&machine, event).await,
        Command::Open => open::run(&machine).await,
    }
}
