//! Intervals, quiet hours and budgets of single hosts, portals and platforms.

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};

use super::{HostPattern, QuietHours};
use crate::crawl::address::HostKey;

/// What an operator says of a host, a portal or a platform. All that covers a
/// request holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Limit {
    /// Of whom it is said.
    pub scope: Scope,
    /// The least time from an answer to the next request; that of politeness
    /// holds where it is longer.
    #[serde(rename = "interval_ms", serialize_with = "millis")]
    pub interval: Option<Duration>,
    /// Hours in which no request goes out.
    pub quiet_hours: QuietHours,
    /// Requests of one run at most; of a host or platform with robots.txt.
    pub max_requests: Option<u64>,
    /// Payload bytes of one run at most; the request that goes over it is the
    /// last.
    pub max_bytes: Option<u64>,
}

/// Of whom a limit is said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Of each host that is meant, by itself.
    Host(HostPattern),
    /// Of a portal, by its id, wherever its pages lie.
    Portal(String),
    /// Of a platform: of all its hosts together.
    Platform {
        /// Its name.
        name: String,
        /// Its hosts.
        hosts: Vec<HostPattern>,
    },
}

impl Limit {
    /// Whether it is said of a host or of the host's platform.
    #[must_use]
    pub fn is_of_host(&self, host: &HostKey) -> bool {
        match &self.scope {
            Scope::Host(pattern) => pattern.covers(host.name()),
            Scope::Platform { hosts, .. } => hosts.iter().any(|pattern| pattern.covers(host.name())),
            Scope::Portal(_) => false,
        }
    }

    /// Whether it is said of a portal.
    #[must_use]
    pub fn is_of_portal(&self, portal: &str) -> bool {
        matches!(&self.scope, Scope::Portal(id) if id == portal)
    }

    /// Whether it is said of the platform of this name.
    #[must_use]
    pub fn is_platform(&self, of: &str) -> bool {
        matches!(&self.scope, Scope::Platform { name, .. } if name == of)
    }

    /// Under which name requests to a host are counted.
    #[must_use]
    pub fn counted_as(&self, host: Option<&HostKey>) -> String {
        match (&self.scope, host) {
            (Scope::Host(_), Some(host)) => format!("host {host}"),
            (scope, _) => scope.to_string(),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(pattern) => write!(f, "host {pattern}"),
            Self::Portal(id) => write!(f, "portal {id}"),
            Self::Platform { name, .. } => write!(f, "platform {name}"),
        }
    }
}

#[allow(clippy::ref_option, reason = "serde hands a reference to the field")]
fn millis<S: Serializer>(time: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    time.map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX)).serialize(serializer)
}
