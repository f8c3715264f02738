//! What operating a crawl needs: a lock, progress that a person can see, and
//! the report of a run, and what is covered.

mod coverage;
mod disk;
mod lock;
mod metrics;
mod progress;
mod run_report;

pub use coverage::{Cover, IssuerCoverage, PortalStanding, coverage};
pub use disk::{DiskSpace, SystemDisk, shortage};
pub use lock::{FolderLock, LockError};
pub use metrics::{Metrics, MetricsError};
pub use progress::Progress;
pub use run_report::{NamedPortal, RunReport, Used, Versions, failing, n_left, slowest};
