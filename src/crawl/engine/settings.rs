//! What a run is given: portals and limits.

use std::time::Duration;

use url::Url;

use crate::crawl::frontier::PortalId;
use crate::crawl::page_rules::ObeyPages;
use crate::crawl::restraints::Restraints;

/// A portal to crawl.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The portal's id.
    pub portal: PortalId,
    /// Its name, such as 桐乡市人民政府.
    pub name: String,
    /// Its region's code, where it is known.
    pub region: Option<String>,
    /// Where to begin.
    pub entries: Vec<Entry>,
    /// Pages fetched in one run at most.
    pub max_pages: u32,
    /// Links followed from an entry at most.
    pub max_depth: u16,
    /// Payload bytes of one run at most.
    pub max_bytes: u64,
    /// URLs that fail in one run at most.
    pub max_failures: u32,
    /// From the first answer of a run to the last request at most.
    pub max_time: Duration,
}

/// Where to begin in a portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The URL.
    pub url: Url,
    /// What it is.
    pub kind: EntryKind,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// The home page: the column must be searched.
    HomePage,
    /// A page that the operator named: the column or its list.
    Named,
}

/// What the engine keeps to in one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineSettings {
    /// Requests under way at once, over all hosts.
    pub concurrency: usize,
    /// The run stops when this has passed; none for as long as there is work.
    pub max_time: Option<Duration>,
    /// The run ends when nothing is due for longer than this.
    pub max_wait: Duration,
    /// Redirects followed for one page.
    pub max_redirects: u8,
    /// Attempts at one page in one run.
    pub max_attempts: u32,
    /// Failures of one host in a row, retries included, after which it rests for the
    /// rest of the run.
    pub max_host_failures: u32,
    /// What came home is written when the oldest has waited this long.
    pub flush_after: Duration,
    /// ... or when there are this many answers.
    pub flush_at: usize,
    /// How long an address found for a name is used.
    pub dns_lifetime: Duration,
    /// The name by which robots.txt knows us.
    pub agent: String,
    /// What pages themselves may ask of us.
    pub obey_pages: ObeyPages,
    /// Whether an answer that is as the last was leaves a record in the archive.
    pub archive_unchanged: bool,
    /// The politeness interval, to foresee what fits a night.
    pub interval: Duration,
    /// What the operator says of single hosts, portals and platforms.
    pub restraints: Restraints,
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self {
            concurrency: 64,
            max_time: None,
            max_wait: Duration::from_mins(10),
            max_redirects: 5,
            max_attempts: 3,
            max_host_failures: 5,
            flush_after: Duration::from_millis(500),
            flush_at: 32,
            dns_lifetime: Duration::from_hours(1),
            agent: "gongkai".to_owned(),
            obey_pages: ObeyPages::default(),
            archive_unchanged: false,
            interval: Duration::from_secs(1),
            restraints: Restraints::default(),
        }
    }
}
