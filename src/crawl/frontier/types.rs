//! What passes between the engine and the frontier.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

use crate::crawl::address::{CanonicalUrl, HostKey};
use crate::crawl::body::Body;

macro_rules! row_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub(super) i64);
    };
}

row_id!(
    /// A URL's row.
    UrlId
);
row_id!(
    /// A response's row.
    ResponseId
);
row_id!(
    /// A run's row.
    RunId
);

/// A portal's id: that of `config/portals.toml`, else its region code.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PortalId(Arc<str>);

impl PortalId {
    /// The id as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for PortalId {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<&str> for PortalId {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for PortalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is asked of a portal: a URL, and what a POST carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// The URL as it was found.
    pub url: Url,
    /// What a POST carries; none for GET.
    pub body: Option<Body>,
}

impl PageRequest {
    /// A plain GET.
    #[must_use]
    pub fn get(url: Url) -> Self {
        Self { url, body: None }
    }

    /// The key under which a request is known: equal for requests that surely
    /// bring the same document.
    ///
    /// It begins with the host's, so that the links of a page, mostly of one
    /// host, lie side by side in the index however large that is. What is left
    /// of the digest, 96 bits, keeps ten million URLs apart.
    #[must_use]
    pub fn key(&self) -> [u8; 16] {
        let canonical = CanonicalUrl::of(&self.url);
        let host = canonical.as_str().split('/').next().unwrap_or_default();
        let mut digest = Sha256::new();
        digest.update(canonical.as_str());
        match &self.body {
            None => {}
            Some(Body::Form(fields)) => {
                for (name, value) in fields {
                    // Separators that no field holds keep `a=b` and `ab=` apart.
                    digest.update([0xff]);
                    digest.update(name);
                    digest.update([0xfe]);
                    digest.update(value);
                }
            }
            // What nests tells requests apart as well.
            Some(json @ Body::Json(_)) => {
                digest.update([0xfd]);
                digest.update(json.encoded());
            }
        }
        let mut key = [0; 16];
        key[..4].copy_from_slice(&Sha256::digest(host)[..4]);
        key[4..].copy_from_slice(&digest.finalize()[..12]);
        key
    }

    pub(super) fn body_json(&self) -> Option<String> {
        // Texts and numbers always serialise.
        self.body.as_ref().and_then(|body| serde_json::to_string(body).ok())
    }
}

/// Which URLs go first. The order is that of the round robin within a portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// A report.
    Report = 0,
    /// A list of reports or its next page.
    List = 1,
    /// The disclosure column, on the way to the list.
    Column = 2,
    /// The home page, and what else was asked for.
    Rest = 3,
}

impl Priority {
    /// All, first first.
    pub const ALL: [Self; 4] = [Self::Report, Self::List, Self::Column, Self::Rest];

    pub(super) fn from_stored(value: i64) -> Self {
        Self::ALL.into_iter().find(|priority| *priority as i64 == value).unwrap_or(Self::Rest)
    }
}

/// What became of a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UrlState {
    /// It waits for its turn.
    Waiting = 0,
    /// It was fetched; it waits for its next visit.
    Visited = 1,
    /// The portal says that it is not there (any more).
    Gone = 2,
    /// It failed as often as it was allowed to.
    Failed = 3,
    /// Robots, the guard or a trap rule forbids it.
    Refused = 4,
    /// Its request is under way, or was when the program was killed.
    InWork = 5,
}

impl UrlState {
    pub(super) fn from_stored(value: i64) -> Self {
        let all = [Self::Waiting, Self::Visited, Self::Gone, Self::Failed, Self::Refused, Self::InWork];
        all.into_iter().find(|state| *state as i64 == value).unwrap_or(Self::Failed)
    }
}

/// A URL to be remembered.
#[derive(Debug, Clone, PartialEq)]
pub struct NewUrl {
    /// What to ask.
    pub request: PageRequest,
    /// The URL at the head of the redirects that led here.
    pub requested: Option<Url>,
    /// How many redirects led here.
    pub hops: u8,
    /// The host's key.
    pub host: HostKey,
    /// On whose behalf.
    pub portal: PortalId,
    /// When it goes among the portal's URLs.
    pub priority: Priority,
    /// Links followed from the entry.
    pub depth: u16,
    /// Why it was found worth a fetch.
    pub why: String,
    /// The page on which it was found; none for an entry.
    pub found_on: Option<UrlId>,
    /// Whether it goes on with that page's article.
    pub is_part: bool,
    /// Not before this instant.
    pub not_before: Timestamp,
}

/// A URL whose turn it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Due {
    /// Its row.
    pub id: UrlId,
    /// What to ask.
    pub request: PageRequest,
    /// What stands behind `#` in the link to it, where that chooses what it
    /// shows. It is never sent, and no part of the request.
    pub fragment: Option<String>,
    /// The URL at the head of the redirects that led here.
    pub requested: Option<Url>,
    /// How many redirects led here.
    pub hops: u8,
    /// The page on which it was found first; none for an entry.
    pub found_on: Option<Url>,
    /// The host's key.
    pub host: HostKey,
    /// On whose behalf.
    pub portal: PortalId,
    /// Its priority.
    pub priority: Priority,
    /// Links followed from the entry.
    pub depth: u16,
    /// Failed attempts in this run so far.
    pub attempts: u32,
    /// What the last answer said of its version; empty where its payload is
    /// not in the archive, or may be half of the page: a server that sent half may
    /// call the whole by the same tag.
    pub validators: Validators,
    /// Whether a page has come from there before.
    pub was_there: bool,
    /// Whether nothing but custom says that it is there: see [`GUESS`].
    pub is_guess: bool,
}

/// How the reason of a URL begins that no page names: a sitemap where sites
/// have theirs, a home page under its other name. That it is not there is no
/// trouble.
pub const GUESS: &str = "a guess: ";

/// How the outcome of a file begins that a link names as a report and that
/// cannot be read: a find all the same.
pub const UNREAD: &str = "unread ";

/// How the outcome of a redirect begins; where it leads follows.
pub const MOVED: &str = "moved: ";

/// How the outcome of a list begins that says it has more pages, or more records,
/// than a way is known to.
pub const PARTLY_READ: &str = "partly read";

/// How the outcome of a report's page begins that may be half of it; what tells that
/// follows.
pub const CUT_SHORT: &str = "a report that may be cut short: ";

/// What is said of a page, and of its host, where the host is out of order.
pub const OUTAGE: &str = "an outage: ";

/// How what is said of a host begins that is asked no more for now and has something
/// waiting; why follows. Until when stands beside it: the same words are told once.
pub const RESTS: &str = "it rests, and what is due there waits: ";

/// What the outcome of a page says before the link that reads like the column and
/// leads to another site: `"政府信息公开" http://b.com/`.
pub const LEFT: &str = "left, because it leads to another site: ";

/// The validators of RFC 9110 8.8.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// The entity tag, quotes included.
    pub etag: Option<String>,
    /// The Last-Modified date as it was sent.
    pub last_modified: Option<String>,
}

/// How a visit ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Visit {
    /// An answer came, and the URL is visited again at `again_at`.
    Done {
        /// When to visit again.
        again_at: Timestamp,
        /// What the answer said of its version.
        validators: Validators,
        /// Unchanged visits in a row, this one included.
        n_unchanged: u32,
    },
    /// It is the same document under another spelling, the other scheme above
    /// all: it is asked for there.
    Moved {
        /// The host of that spelling.
        host: HostKey,
        /// The spelling.
        to: Url,
        /// When to ask.
        again_at: Timestamp,
    },
    /// It may pass: tried again at `again_at`.
    Retry {
        /// When to try again.
        again_at: Timestamp,
    },
    /// The same document is asked for under another spelling at `again_at`.
    Respelled {
        /// The spelling; its request has the key of the old one.
        url: Url,
        /// When.
        again_at: Timestamp,
    },
    /// It is final for this run; looked at again at `again_at`.
    Over {
        /// Gone or failed.
        state: UrlState,
        /// When a later run may try again.
        again_at: Timestamp,
    },
}

/// Where a record lies in the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveRef {
    /// The file's name.
    pub file: String,
    /// Where its gzip member begins, in bytes.
    pub offset: u64,
    /// The member's length in bytes.
    pub length: u64,
}

/// Up to where an archive file is whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivePosition {
    /// The file's name.
    pub file: String,
    /// Its length in bytes.
    pub length: u64,
}

/// What is remembered of a host.
#[derive(Debug, Clone, PartialEq)]
pub struct HostRecord {
    /// The gate's state as JSON.
    pub gate_json: String,
    /// The last answer for robots.txt.
    pub robots: Option<RobotsRecord>,
}

/// The last answer for a host's robots.txt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RobotsRecord {
    /// The body, where the answer had one to keep.
    pub body: Option<Vec<u8>>,
    /// How it was answered, as the engine spells it.
    pub outcome: String,
    /// When.
    pub fetched_at: Timestamp,
}

/// A response whose reports are not in the lake yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingResponse {
    /// Its row.
    pub id: ResponseId,
    /// The row of its URL.
    pub url_id: UrlId,
    /// When the answer had arrived.
    pub fetched_at: Timestamp,
    /// The HTTP status.
    pub status: u16,
    /// The outcome in words.
    pub words: String,
    /// The payload's digest, hexadecimal.
    pub sha256: String,
    /// The payload's size.
    pub n_bytes: u64,
    /// From the request to the end of the answer.
    pub duration_ms: u64,
    /// How many reports it held when it was read.
    pub n_reports: u32,
    /// Where it lies.
    pub place: ArchiveRef,
    /// Where the reports lie that its URL has now, where those are others and the lake
    /// does not have them either.
    pub place_of_later: Option<ArchiveRef>,
    /// The URL that answered.
    pub url: String,
    /// Its host.
    pub host: String,
    /// The portal.
    pub portal: PortalId,
}

/// All that is known of a URL, for a person.
#[derive(Debug, Clone, PartialEq)]
pub struct SeenUrl {
    /// Its row.
    pub id: UrlId,
    /// The URL as it was found.
    pub url: String,
    /// Its host.
    pub host: String,
    /// The portal.
    pub portal: String,
    /// Its priority.
    pub priority: Priority,
    /// Links followed from the entry.
    pub depth: u16,
    /// Why it was found worth a fetch.
    pub why: String,
    /// What became of it.
    pub state: UrlState,
    /// Failed attempts in the last run.
    pub attempts: u32,
    /// When a run visits it.
    pub due_at: Timestamp,
    /// When it last answered.
    pub last_seen: Option<Timestamp>,
    /// The last HTTP status.
    pub last_status: Option<u16>,
    /// The last outcome in words.
    pub last_words: Option<String>,
    /// Unchanged visits in a row.
    pub n_unchanged: u32,
    /// Where its last payload lies.
    pub archived: Option<ArchiveRef>,
    /// What was read of that, in words, and when it came: an answer without a payload
    /// says nothing of it.
    pub read: Option<(String, Timestamp)>,
}

/// A response that brought a payload not seen at its URL before.
#[derive(Debug, Clone, PartialEq)]
pub struct NewResponse<'a> {
    /// The URL.
    pub url: UrlId,
    /// When the answer had arrived.
    pub fetched_at: Timestamp,
    /// The HTTP status.
    pub status: u16,
    /// The outcome in words.
    pub words: &'a str,
    /// The payload's digest, hexadecimal.
    pub sha256: &'a str,
    /// The payload's size in bytes.
    pub n_bytes: u64,
    /// From the request to the end of the answer.
    pub duration_ms: u64,
    /// How many reports it held.
    pub n_reports: u32,
    /// Where it lies.
    pub place: &'a ArchiveRef,
}

/// What is used up of a limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    /// Requests of the open run.
    pub n_requests: u64,
    /// Payload bytes of the open run.
    pub n_bytes: u64,
    /// When its interval is over.
    pub not_before: Option<Timestamp>,
}

/// A page that was taken away or brought back, of which the lake does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vanished {
    /// Its row.
    pub id: UrlId,
    /// Its URL.
    pub url: String,
    /// When it was found gone; none where it is back.
    pub at: Option<Timestamp>,
}

/// A page on the way to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ancestor {
    /// Its row.
    pub id: UrlId,
    /// Its URL as it was found.
    pub url: String,
    /// Links from it to the page that was asked for.
    pub steps: u32,
    /// Links followed from the entry to it.
    pub depth: u16,
}

/// A page of an article that a portal split.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticlePage {
    /// Its row.
    pub id: UrlId,
    /// Its URL as it was found.
    pub url: String,
    /// Where its payload lies; none where it has not come.
    pub place: Option<ArchiveRef>,
}

/// A version of a page: what one of its responses brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The page's row.
    pub url: UrlId,
    /// Up to which response its article's other pages belong to it; none where it is
    /// the last.
    pub until: Option<ResponseId>,
    /// Where its payload lies.
    pub place: ArchiveRef,
}

/// A page in the archive, and what it was found as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedPage {
    /// What it was found as.
    pub priority: Priority,
    /// Links followed from the entry.
    pub depth: u16,
    /// Where it lies.
    pub place: ArchiveRef,
}

/// What a portal is asked for first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstPages {
    /// The URLs that are due, each with the reason why it was found.
    pub due: Vec<(String, String)>,
    /// When the next of the others is due.
    pub next_at: Option<Timestamp>,
}

/// What waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Queue {
    /// URLs that wait for their first turn.
    pub n_waiting: u64,
    /// Of them those whose time has come.
    pub n_due: u64,
    /// When the next of them is due.
    pub next_at: Option<Timestamp>,
    /// URLs that were visited and whose next visit is due.
    pub n_due_again: u64,
    /// When the next visit of one that was visited is due.
    pub next_again_at: Option<Timestamp>,
}

impl Queue {
    /// When something is due next; none where something is by now, or nothing will be.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        let is_due = self.n_due + self.n_due_again > 0;
        self.next_at.into_iter().chain(self.next_again_at).min().filter(|_| !is_due)
    }
}

/// A URL whose words name a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its portal.
    pub portal: PortalId,
    /// Where it is.
    pub url: String,
    /// Why it was found worth a fetch; the link's words are in it.
    pub why: String,
    /// How its last visit ended, in words.
    pub last_words: Option<String>,
    /// What became of it: of its last visit, while it waits for the next.
    pub state: UrlState,
    /// Reports of its last payload; none where it never had one.
    pub n_reports: Option<u32>,
    /// Their documents, a space between them.
    pub documents: Option<String>,
}

/// A page of a list that is not to be had, guesses aside; one that is gone only where
/// no list of its portal was read anew since: it may have been set up otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostList {
    /// Its portal.
    pub portal: PortalId,
    /// Where it is.
    pub url: String,
    /// What became of it: refused, failed or gone.
    pub state: UrlState,
    /// How its last visit ended, in words; none where it was left without one.
    pub words: Option<String>,
    /// Whether it was had before.
    pub was_there: bool,
}

impl LostList {
    /// Whether it was had and fails: who is in trouble may have it still.
    #[must_use]
    pub fn fails(&self) -> bool {
        self.was_there && self.state == UrlState::Failed
    }
}

/// A run that has not ended: it is at work, was stopped, or died.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenRun {
    /// When it began.
    pub started_at: Timestamp,
    /// Whether it was stopped with all saved.
    pub was_stopped: bool,
}

/// A run that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastRun {
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// Its counts, as JSON.
    pub report_json: String,
}

/// A payload that was seen at a URL before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenPayload {
    /// The response that brought it.
    pub response: ResponseId,
    /// When.
    pub fetched_at: Timestamp,
}
