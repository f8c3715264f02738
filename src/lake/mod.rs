//! Hive-partitioned Parquet: one file a table and partition, replaced whole.
//!
//! | file | idea |
//! | --- | --- |
//! | `table` | tables as data: columns, types, descriptions, keys |
//! | `tables` | the eight tables, and a report as their rows |
//! | `file` | one Parquet file, read as a stream, written as one and replaced atomically |
//! | `commit` | a batch of documents into the partitions |
//! | `damage` | files that are damaged are put aside |
//! | `strays` | files that somebody put among those of the tables |
//! | `rewrite` | a partition written anew |
//! | `documents` | what is remembered of each document, and which of a report counts |
//! | `stored` | what the lake holds, for those who only look |
//!
//! Memory: a partition's compressed file with some thousand rows on their way, the
//! reports and the panel of one partition, and an index of some 300 bytes a
//! document.

mod commit;
mod damage;
mod documents;
mod file;
mod rewrite;
mod stored;
mod strays;
mod table;
mod tables;

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::report::{DocumentId, Report};

pub use commit::{CommitStats, Lake};
pub use file::SCHEMA_VERSION;
pub use stored::{
    StoredFact, StoredReport, documents_named, primary_urls, reports_folder, stored_facts, stored_reports,
};

/// A report and where it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The report.
    pub report: Report,
    /// Where it was read.
    pub provenance: Provenance,
}

/// Where a report was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Provenance {
    /// The URL that answered; none for a local file.
    pub url: Option<String>,
    /// The portal.
    pub portal: Option<String>,
    /// When it was fetched.
    pub fetched_at: Option<Timestamp>,
    /// When its page brought the same bytes again after others, the last time; none where
    /// that is not known, or not so.
    pub again_at: Option<Timestamp>,
    /// SHA-256 of the payload, hexadecimal.
    pub payload_sha256: String,
    /// The payload's size in bytes.
    pub payload_bytes: u64,
    /// The archive file that keeps the payload.
    pub archive_file: Option<String>,
    /// Where in it the record begins.
    pub archive_offset: Option<u64>,
}

/// A fetch that brought a payload not seen before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchRecord {
    /// When the answer had arrived.
    pub fetched_at: Timestamp,
    /// The URL that answered.
    pub url: String,
    /// Its host.
    pub host: String,
    /// The portal.
    pub portal: String,
    /// The HTTP status.
    pub status: u16,
    /// The outcome in words.
    pub outcome: String,
    /// SHA-256 of the payload.
    pub payload_sha256: String,
    /// The payload's size in bytes.
    pub payload_bytes: u64,
    /// From the request to the end of the answer.
    pub duration_ms: u64,
    /// How many reports it held.
    pub n_reports: u64,
    /// The archive file that keeps it.
    pub archive_file: String,
    /// Where in it the record begins.
    pub archive_offset: u64,
}

/// A page that its portal took away or brought back: the rows of its documents
/// are marked, never deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vanishing {
    /// The URL that answered.
    pub url: String,
    /// When it was found gone; none where it is back.
    pub at: Option<Timestamp>,
}

/// What a commit takes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Batch {
    /// Documents, new or read again.
    pub documents: Vec<Document>,
    /// Documents that are no longer reports.
    pub withdrawn: Vec<DocumentId>,
    /// Fetches.
    pub fetches: Vec<FetchRecord>,
    /// Pages that were taken away or brought back.
    pub vanished: Vec<Vanishing>,
}

/// A lake that cannot be opened or written.
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    /// The system refused.
    #[error("the lake file {path}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file of the lake is damaged, or none of ours.
    #[error("the lake file {path} cannot be read: {why}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The lake was written by a newer program.
    #[error("the lake file {path} has schema version {found}, this program knows {known}")]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The newest that this program knows.
        known: u32,
    },
}

impl LakeError {
    /// What a person can do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        use std::io::ErrorKind;
        match self {
            Self::Io { source, .. } => match source.kind() {
                ErrorKind::StorageFull => "free some space and run again: the next run commits what is missing",
                ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                    "check that --output names a folder that this user may write"
                }
                _ => "check the disk and --output",
            },
            Self::Damaged { path, .. } if is_of_fetches(path) => {
                "the next crawl puts the file aside; its day of `fetches` begins anew"
            }
            Self::Damaged { .. } => "the next crawl puts the file aside and makes it again from the archive",
            Self::Version { .. } => "use the newer gongkai, or another --output folder",
        }
    }
}

/// Whether a file is one of `fetches`, which alone are not made again.
#[must_use]
pub fn is_of_fetches(path: &Path) -> bool {
    let day = path.parent().and_then(Path::file_name);
    day.is_some_and(|name| name.to_string_lossy().starts_with("fetched_on="))
}
