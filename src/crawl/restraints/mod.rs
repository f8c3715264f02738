//! What holds a crawl back beside robots.txt and the gates: what an operator
//! says of single hosts, portals and platforms.
//!
//! | file | idea |
//! | --- | --- |
//! | `exclusions` | who asked to be left alone: nothing overrides it |
//! | `limits` | intervals, quiet hours and budgets of hosts, portals and platforms |
//! | `quiet` | hours in which no request goes out |

mod exclusions;
mod limits;
mod quiet;

use serde::Serialize;

pub use exclusions::{BadHost, EXCLUDED, Excluded, Exclusion, Exclusions, HostPattern};
pub use limits::{Limit, Scope};
pub use quiet::{BadHours, QuietHours};

/// What an operator says of single hosts, portals and platforms.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Restraints {
    /// Who is left alone.
    pub exclusions: Exclusions,
    /// Hours in which no request goes out to anybody.
    pub quiet_hours: QuietHours,
    /// Limits of single hosts, portals and platforms.
    pub limits: Vec<Limit>,
}
