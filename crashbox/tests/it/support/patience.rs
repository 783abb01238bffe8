//! A machine that does a hundred things at once may keep somebody waiting for a connection.

use std::time::Duration;

use crmap_store::StoreError;

const TRIES: u32 = 10;

/// What the database says, asked again while it is only too busy.
pub async fn patiently<T, F: Future<Output = Result<T, StoreError>>>(ask: impl Fn() -> F) -> T {
    for _ in 1..TRIES {
        match ask().await {
            Err(error) if error.is_temporary() => {
                tokio::time::sleep(Duration::from_millis(300)).await;
            }
            answered => return answered.unwrap(),
        }
    }
    ask().await.unwrap()
}
