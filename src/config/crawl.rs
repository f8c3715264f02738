//! How to crawl, and who does: the two sections of `gongkai.toml`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use url::Url;

use super::file::{ConfigError, File, Placed, hide_credentials, web_address};
use super::portals::{MAX_DEPTH, MAX_PAGES};
use crate::crawl::guard::Cidr;
use crate::crawl::page_rules::ObeyPages;
use crate::crawl::restraints::QuietHours;

/// Who crawls: both go into the User-Agent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Operator {
    /// The name of the operator, such as a university's lab.
    pub name: String,
    /// `mailto:` or a web address where the operator is reached.
    pub contact: String,
}

/// How to crawl. Every option has a default that suits public portals.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Crawl {
    /// From an answer to the next request, for each host and each address.
    pub interval_ms: u64,
    /// At most this much is added to it at random.
    pub jitter_ms: u64,
    /// The interval is at least this many times the last answer's time, at
    /// most 30 s.
    pub slow_factor: f64,
    /// Requests under way at once, over all hosts.
    pub concurrency: usize,
    /// For a connection, TLS included.
    pub connect_timeout_ms: u64,
    /// Between two pieces of an answer.
    pub read_timeout_ms: u64,
    /// For a whole answer.
    pub total_timeout_ms: u64,
    /// Of an answer's decoded body.
    pub max_body_bytes: u64,
    /// Redirects followed for one page.
    pub max_redirects: u8,
    /// Attempts at one page in one run.
    pub max_attempts: u32,
    /// Failures of one host in a row that end its run.
    pub max_host_failures: u32,
    /// A run ends when nothing is due for longer than this.
    pub max_wait_ms: u64,
    /// Pages of one portal in one run.
    pub max_pages: u32,
    /// Links followed from a portal's entry.
    pub max_depth: u16,
    /// What pages themselves may ask of us: meta robots and X-Robots-Tag.
    pub obey_pages: ObeyPages,
    /// Payload bytes of one portal in one run.
    pub max_portal_bytes: u64,
    /// URLs of one portal that fail in one run.
    pub max_portal_failures: u32,
    /// Time of one portal in one run.
    pub max_portal_ms: u64,
    /// Answers that are written together.
    pub flush_at: usize,
    /// An answer waits this long at most before it is written.
    pub flush_after_ms: u64,
    /// The lake is committed this often while a run goes on.
    pub commit_every_ms: u64,
    /// An archive file is closed at this size.
    pub archive_file_bytes: u64,
    /// A disk with less room stops the run, with all saved.
    pub min_free_bytes: u64,
    /// Whether an answer that is as the last was leaves a record in the archive.
    pub archive_unchanged: bool,
    /// Hours in which no request goes out, by the clocks of the portals (UTC+8).
    pub quiet_hours: Vec<String>,
    /// Networks beside the public ones that may be crawled: one's own servers.
    pub allow_addresses: Vec<String>,
    /// Hosts whose certificate may have expired, or come from an issuer that is
    /// not known.
    pub relaxed_tls_hosts: Vec<String>,
    /// Whether the proxies that the environment names are used.
    pub proxy_from_environment: bool,
}

impl Default for Crawl {
    fn default() -> Self {
        Self {
            interval_ms: 1000,
            jitter_ms: 250,
            slow_factor: 1.0,
            concurrency: 64,
            connect_timeout_ms: 20_000,
            read_timeout_ms: 30_000,
            total_timeout_ms: 180_000,
            max_body_bytes: 20 * 1024 * 1024,
            max_redirects: 5,
            max_attempts: 3,
            max_host_failures: 5,
            max_wait_ms: 600_000,
            max_pages: 300,
            max_depth: 6,
            obey_pages: ObeyPages::default(),
            max_portal_bytes: 512 * 1024 * 1024,
            max_portal_failures: 100,
            max_portal_ms: 6 * 3_600_000,
            flush_at: 32,
            flush_after_ms: 500,
            commit_every_ms: 300_000,
            archive_file_bytes: 1024 * 1024 * 1024,
            min_free_bytes: 1024 * 1024 * 1024,
            archive_unchanged: false,
            quiet_hours: Vec::new(),
            allow_addresses: Vec::new(),
            relaxed_tls_hosts: Vec::new(),
            proxy_from_environment: false,
        }
    }
}

impl Crawl {
    /// The networks that may be crawled beside the public ones.
    #[must_use]
    pub fn networks(&self) -> Vec<Cidr> {
        // Checked when the settings were loaded.
        self.allow_addresses.iter().filter_map(|text| text.parse().ok()).collect()
    }

    /// The hosts whose certificates are looked at leniently.
    #[must_use]
    pub fn relaxed_hosts(&self) -> BTreeSet<String> {
        // Checked when the settings were loaded.
        self.relaxed_tls_hosts.iter().filter_map(|text| host_name(text)).collect()
    }
}

/// A host's name as URLs spell it: lower case, punycode.
fn host_name(text: &str) -> Option<String> {
    let url: Url = format!("https://{text}/").parse().ok()?;
    let is_bare =
        url.path() == "/" && url.port().is_none() && url.username().is_empty() && !text.contains(['/', '@', ':']);
    url.host_str().filter(|_| is_bare).map(str::to_owned)
}

pub(super) fn check_crawl(file: &File, raw: Placed<Crawl>, errors: &mut Vec<ConfigError>) -> Crawl {
    let Placed(crawl, section) = raw;
    let ranges: [(&str, u64, u64, u64); 21] = [
        ("interval_ms", crawl.interval_ms, 10, 600_000),
        ("jitter_ms", crawl.jitter_ms, 0, 60_000),
        ("concurrency", crawl.concurrency as u64, 1, 1000),
        ("connect_timeout_ms", crawl.connect_timeout_ms, 100, 600_000),
        ("read_timeout_ms", crawl.read_timeout_ms, 100, 600_000),
        ("total_timeout_ms", crawl.total_timeout_ms, 100, 3_600_000),
        ("max_body_bytes", crawl.max_body_bytes, 1024, 1024 * 1024 * 1024),
        ("max_redirects", u64::from(crawl.max_redirects), 0, 20),
        ("max_attempts", u64::from(crawl.max_attempts), 1, 20),
        ("max_host_failures", u64::from(crawl.max_host_failures), 1, 1_000_000),
        ("max_wait_ms", crawl.max_wait_ms, 0, 86_400_000),
        ("max_pages", u64::from(crawl.max_pages), 1, u64::from(MAX_PAGES)),
        ("max_depth", u64::from(crawl.max_depth), 0, u64::from(MAX_DEPTH)),
        ("max_portal_bytes", crawl.max_portal_bytes, 1024, 1 << 50),
        ("max_portal_failures", u64::from(crawl.max_portal_failures), 1, 1_000_000),
        ("max_portal_ms", crawl.max_portal_ms, 1000, 7 * 86_400_000),
        ("flush_at", crawl.flush_at as u64, 1, 10_000),
        ("flush_after_ms", crawl.flush_after_ms, 1, 60_000),
        ("commit_every_ms", crawl.commit_every_ms, 1000, 86_400_000),
        ("min_free_bytes", crawl.min_free_bytes, 0, 1 << 50),
        ("archive_file_bytes", crawl.archive_file_bytes, 1024, 1 << 40),
    ];
    for (key, value, least, most) in ranges {
        if !(least..=most).contains(&value) {
            let message = format!("{key} = {value} is impossible: it must lie between {least} and {most}");
            errors.push(file.error(file.place_of(section, key), &message));
        }
    }
    if !(0.0..=100.0).contains(&crawl.slow_factor) {
        let message = format!("slow_factor = {} is impossible: it must lie between 0 and 100", crawl.slow_factor);
        errors.push(file.error(file.place_of(section, "slow_factor"), &message));
    }
    if crawl.total_timeout_ms < crawl.connect_timeout_ms {
        let message = "total_timeout_ms is shorter than connect_timeout_ms";
        errors.push(file.error(file.place_of(section, "total_timeout_ms"), message));
    }
    for window in &crawl.quiet_hours {
        if let Err(error) = QuietHours::parse(&[window]) {
            let key = file.place_of(section, "quiet_hours");
            errors.push(file.error(file.place_of(key, &format!("\"{window}\"")), &error.to_string()));
        }
    }
    for network in &crawl.allow_addresses {
        if let Err(error) = network.parse::<Cidr>() {
            let key = file.place_of(section, "allow_addresses");
            errors.push(file.error(file.place_of(key, &format!("\"{network}\"")), &error.to_string()));
        }
    }
    for host in crawl.relaxed_tls_hosts.iter().filter(|host| host_name(host).is_none()) {
        let message = format!("`{host}` is no host: it should look like www.example.gov.cn");
        let key = file.place_of(section, "relaxed_tls_hosts");
        errors.push(file.error(file.place_of(key, &format!("\"{host}\"")), &message));
    }
    crawl
}

pub(super) fn check_operator(file: &File, raw: Placed<Operator>, errors: &mut Vec<ConfigError>) -> Operator {
    let Placed(operator, section) = raw;
    let contact = operator.contact.trim();
    let is_mail = contact.strip_prefix("mailto:").is_some_and(|address| address.contains('@'));
    if !contact.is_empty()
        && !is_mail
        && let Err(why) = web_address(contact)
    {
        let shown = hide_credentials(contact);
        let message = format!("contact = \"{shown}\" is neither mailto:… nor a web address: {why}");
        errors.push(file.error(file.place_of(section, "contact"), &message));
    }
    for (key, value) in [("name", &operator.name), ("contact", &operator.contact)] {
        if !value.chars().all(|c| c.is_ascii_graphic() || c == ' ') {
            let message = format!("{key} goes into the User-Agent, which holds ASCII only: write it in Latin letters");
            errors.push(file.error(file.place_of(section, key), &message));
        }
    }
    operator
}
