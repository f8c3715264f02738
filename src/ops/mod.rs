//! What operating a crawl needs: a lock, and progress that a person can see.

mod lock;
mod progress;

pub use lock::{LockError, StateLock};
pub use progress::Progress;
