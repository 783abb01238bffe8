//! `crmap keys`.

use crate::cli::{KeysCommand, SealedDatabaseOptions};
use crate::database;
use crmap_store::KeyRing;

/// How many secrets are sealed anew in one go.
const AT_ONCE: u32 = 200;

/// Does what was asked of the keys.
pub(crate) async fn run(command: KeysCommand) -> anyhow::Result<()> {
    match command {
        KeysCommand::New => {
            print!(
                "{}",
                KeyRing::generate(database::random_key()).to_text().as_str()
            );
            Ok(())
        }
        KeysCommand::List(options) => list(&options).await,
        KeysCommand::Rotate(options) => rotate(&options).await,
    }
}

async fn list(options: &SealedDatabaseOptions) -> anyhow::Result<()> {
    let store = database::open_beside(options).await?;
    for (key, count) in store.sealed_by().await? {
        println!("{key}\t{count}");
    }
    Ok(())
}

async fn rotate(options: &SealedDatabaseOptions) -> anyhow::Result<()> {
    let store = database::open_beside(options).await?;
    let mut resealed = 0;
    loop {
        let progress = store.rotate(AT_ONCE).await?;
        resealed += progress.resealed;
        if progress.left == 0 {
            break;
        }
        eprintln!("crmap: {resealed} sealed anew, {} to go", progress.left);
    }
    println!("{resealed} sealed anew with the newest key; older keys can be taken away now");
    Ok(())
}
