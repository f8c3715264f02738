//! What operating a crawl needs: a lock, progress that a person can see, the
//! report of a run, what is covered, and counts in words.

mod coverage;
mod disk;
mod lock;
mod metrics;
mod progress;
mod run_report;

pub use crate::words::counted;
pub use coverage::{Cover, IssuerCoverage, ListsRead, PortalStanding, coverage};
pub use disk::{DiskSpace, SystemDisk, shortage};
pub use lock::{FolderLock, LockError};
pub use metrics::{Metrics, MetricsError};
pub use progress::Progress;
pub use run_report::{NamedPortal, RunReport, Used, Versions, failing, last_configuration, n_left, slowest};
