//! The threads on which pages are read.

use std::num::NonZero;
use std::sync::Arc;

use rayon::{ThreadPool, ThreadPoolBuilder};
use tokio::sync::Semaphore;

/// As many threads as there are cores, and always the same ones.
///
/// Each thread that reads keeps what every pattern has learnt of texts. The
/// runtime's own threads for blocking work come and go and take turns: they would
/// keep it a dozen times over.
#[derive(Clone)]
pub(super) struct Readers {
    turns: Arc<Semaphore>,
    /// None where the system lets no thread begin: then the runtime's read.
    threads: Option<Arc<ThreadPool>>,
}

impl Readers {
    pub(super) fn new() -> Self {
        let n = std::thread::available_parallelism().map_or(1, NonZero::get);
        let threads = ThreadPoolBuilder::new().num_threads(n).thread_name(|n| format!("reader-{n}")).build();
        Self { turns: Arc::new(Semaphore::new(n)), threads: threads.ok().map(Arc::new) }
    }

    /// What `read` gives, when its turn has come; none where it panicked.
    pub(super) async fn read<T: Send + 'static>(self, read: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let turn = self.turns.acquire_owned().await;
        // A blocking task, so that a clock that runs only while nobody works waits.
        let read = tokio::task::spawn_blocking(move || {
            let _until_read = turn;
            match self.threads {
                Some(threads) => threads.install(read),
                None => read(),
            }
        });
        read.await.ok()
    }
}
