//! What passes between the engine and the frontier.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::Row;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

use crate::crawl::address::{CanonicalUrl, HostKey};

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

/// What is asked of a portal: a URL, with a form's fields where it is a POST.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// The URL as it was found.
    pub url: Url,
    /// The fields of a POST, in order; none for GET.
    pub form: Option<Vec<(String, String)>>,
}

impl PageRequest {
    /// A plain GET.
    #[must_use]
    pub fn get(url: Url) -> Self {
        Self { url, form: None }
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
        for (name, value) in self.form.iter().flatten() {
            // Separators that no field holds keep `a=b` and `ab=` apart.
            digest.update([0xff]);
            digest.update(name);
            digest.update([0xfe]);
            digest.update(value);
        }
        let mut key = [0; 16];
        key[..4].copy_from_slice(&Sha256::digest(host)[..4]);
        key[4..].copy_from_slice(&digest.finalize()[..12]);
        key
    }

    pub(super) fn form_json(&self) -> Option<String> {
        // Pairs of strings always serialise.
        self.form.as_ref().and_then(|form| serde_json::to_string(form).ok())
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
    /// The URL at the head of the redirects that led here.
    pub requested: Option<Url>,
    /// How many redirects led here.
    pub hops: u8,
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
    /// not in the archive.
    pub validators: Validators,
    /// Whether nothing but custom says that it is there: see [`GUESS`].
    pub is_guess: bool,
}

/// How the reason of a URL begins that no page names: a sitemap where sites
/// have theirs, a home page under its other name. That it is not there is no
/// trouble.
pub const GUESS: &str = "a guess: ";

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
    /// The URL that answered.
    pub url: String,
    /// Its host.
    pub host: String,
    /// The portal.
    pub portal: PortalId,
}

/// All that is known of a URL, for a person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SeenUrl {
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
    /// When it is due.
    pub not_before: Timestamp,
    /// When it last answered.
    pub last_seen: Option<Timestamp>,
    /// The last HTTP status.
    pub last_status: Option<u16>,
    /// The last outcome in words.
    pub last_words: Option<String>,
    /// Unchanged visits in a row.
    pub n_unchanged: u32,
    /// Where its last payload lies: file, offset, length.
    pub archived: Option<(String, u64, u64)>,
}

/// A frontier that cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum FrontierError {
    /// The file is damaged or no database at all.
    #[error("the crawl state{} is damaged: {words}", place(path.as_deref()))]
    Damaged {
        /// The file.
        path: Option<PathBuf>,
        /// What SQLite found.
        words: String,
    },
    /// It was written by a newer program.
    #[error("the crawl state has version {found}, this program knows {known}")]
    Version {
        /// The file's version.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// The disk is full.
    #[error("the disk is full; nothing of the crawl state was lost")]
    Full,
    /// The disk cannot be read or written.
    #[error("the disk under the crawl state fails: {0}")]
    Disk(String),
    /// The file or its folder cannot be opened or written.
    #[error("cannot open the crawl state {path}: {words}")]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system says.
        words: String,
    },
    /// Anything else that SQLite reports.
    #[error("the crawl state: {0}")]
    Sqlite(#[source] rusqlite::Error),
    /// A row that this program cannot have written.
    #[error("the crawl state holds a row that cannot be read: {0}")]
    Row(String),
}

impl FrontierError {
    /// What the system says of the disk.
    pub(super) fn of_disk(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull => Self::Full,
            _ => Self::Disk(error.to_string()),
        }
    }

    pub(super) fn opening(path: &Path, error: &rusqlite::Error) -> Self {
        Self::Open { path: path.to_owned(), words: error.to_string() }
    }

    /// The same error, with the file it speaks of.
    pub(super) fn at(self, path: &Path) -> Self {
        match self {
            Self::Damaged { words, .. } => Self::Damaged { path: Some(path.to_owned()), words },
            Self::Sqlite(error) => Self::opening(path, &error),
            other => other,
        }
    }

    /// What a person can do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Damaged { .. } => {
                "move the file away and run again: the crawl starts anew, the archive and the lake stay as they are"
            }
            Self::Version { .. } => "use the newer gongkai, or another --state folder",
            Self::Disk(_) => "check the disk, then run again: the run continues where it stopped",
            Self::Full => "free some space and run again: the run continues where it stopped",
            Self::Open { .. } => "check that --state names a folder that this user may write",
            Self::Sqlite(_) | Self::Row(_) => "run `gongkai check`; if it persists, move the state folder away",
        }
    }
}

impl From<rusqlite::Error> for FrontierError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::SystemIoFailure) => Self::Disk(error.to_string()),
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                Self::Damaged { path: None, words: error.to_string() }
            }
            _ => Self::Sqlite(error),
        }
    }
}

fn place(path: Option<&Path>) -> String {
    path.map(|path| format!(" {}", path.display())).unwrap_or_default()
}

/// Microseconds since 1970, as they are stored.
pub(super) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// The instant of stored microseconds; one out of range counts as the nearest.
pub(super) fn instant(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(if micros < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

pub(super) fn due_from_row(
    row: &Row<'_>,
    host: &HostKey,
    portal: &PortalId,
) -> rusqlite::Result<Result<Due, FrontierError>> {
    let url: String = row.get(1)?;
    let form: Option<String> = row.get(2)?;
    let requested: Option<String> = row.get(3)?;
    let is_archived: bool = row.get(10)?;
    let validators = Validators { etag: row.get(7)?, last_modified: row.get(8)? };
    let parsed = url.parse::<Url>().map_err(|e| FrontierError::Row(format!("{url}: {e}")));
    let form = form.map(|json| serde_json::from_str(&json)).transpose();
    let form = form.map_err(|e| FrontierError::Row(format!("{url}: {e}")));
    let due = Due {
        id: UrlId(row.get(0)?),
        request: match (parsed, form) {
            (Ok(url), Ok(form)) => PageRequest { url, form },
            (Err(error), _) | (_, Err(error)) => return Ok(Err(error)),
        },
        requested: requested.and_then(|text| text.parse().ok()),
        hops: row.get(4)?,
        host: host.clone(),
        portal: portal.clone(),
        priority: Priority::from_stored(row.get(9)?),
        depth: row.get(5)?,
        attempts: row.get(6)?,
        validators: if is_archived { validators } else { Validators::default() },
        is_guess: row.get::<_, String>(11)?.starts_with(GUESS),
    };
    Ok(Ok(due))
}

pub(super) fn pending_from_row(row: &Row<'_>) -> rusqlite::Result<PendingResponse> {
    Ok(PendingResponse {
        id: ResponseId(row.get(0)?),
        fetched_at: instant(row.get(1)?),
        status: row.get(2)?,
        words: row.get(3)?,
        sha256: row.get(4)?,
        n_bytes: row.get::<_, i64>(5)?.unsigned_abs(),
        duration_ms: row.get::<_, i64>(6)?.unsigned_abs(),
        n_reports: row.get(7)?,
        place: ArchiveRef {
            file: row.get(8)?,
            offset: row.get::<_, i64>(9)?.unsigned_abs(),
            length: row.get::<_, i64>(10)?.unsigned_abs(),
        },
        url: row.get(11)?,
        host: row.get(12)?,
        portal: PortalId::from(row.get::<_, String>(13)?),
    })
}

pub(super) fn seen_from_row(row: &Row<'_>) -> rusqlite::Result<SeenUrl> {
    let file: Option<String> = row.get(13)?;
    let archived = match file {
        Some(file) => Some((file, row.get::<_, i64>(14)?.unsigned_abs(), row.get::<_, i64>(15)?.unsigned_abs())),
        None => None,
    };
    Ok(SeenUrl {
        url: row.get(0)?,
        host: row.get(1)?,
        portal: row.get(2)?,
        priority: Priority::from_stored(row.get(3)?),
        depth: row.get(4)?,
        why: row.get(5)?,
        state: UrlState::from_stored(row.get(6)?),
        attempts: row.get(7)?,
        not_before: instant(row.get(8)?),
        last_seen: row.get::<_, Option<i64>>(9)?.map(instant),
        last_status: row.get(10)?,
        last_words: row.get(11)?,
        n_unchanged: row.get(12)?,
        archived,
    })
}
