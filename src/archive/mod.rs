//! WARC 1.1 (ISO 28500), written and read: every response is kept.
//!
//! | file | idea |
//! | --- | --- |
//! | `record` | an exchange as WARC records |
//! | `writer` | appending, and cutting back after a crash |
//! | `reader` | records back to captures; a clipped file is an error, never an end |

mod reader;
mod record;
mod writer;

use std::net::IpAddr;
use std::path::PathBuf;

pub use reader::{Entry, Reader, read};
pub use writer::Writer;

use crate::page::Capture;

/// The version of what our records hold beside the standard's fields.
pub const SCHEMA_VERSION: u32 = 1;

/// A request and its answer, as the archive keeps them.
#[derive(Debug, Clone, Copy)]
pub struct Exchange<'a> {
    /// The answer.
    pub capture: &'a Capture,
    /// What a POST carried; none for GET.
    pub posted: Option<Posted<'a>>,
    /// The address that answered.
    pub remote: Option<IpAddr>,
    /// What was wrong with the server's certificate and let through.
    pub tls_trouble: Option<&'a str>,
    /// What the answer is to the archive.
    pub kind: Kind,
}

/// The body of a POST, as it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posted<'a> {
    /// Its media type.
    pub content_type: &'a str,
    /// Its text.
    pub text: &'a str,
}

/// What an answer is to the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A payload to keep.
    Response,
    /// A payload that was kept before.
    SamePayload {
        /// When it was kept.
        first_at: jiff::Timestamp,
    },
    /// 304.
    NotModified,
}

/// Where a record lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRef {
    /// The file's name.
    pub file: String,
    /// Where its gzip member begins, in bytes.
    pub offset: u64,
    /// The member's length in bytes.
    pub length: u64,
}

/// Up to where a file is whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// The file's name.
    pub file: String,
    /// Its length in bytes.
    pub length: u64,
}

/// An archive that cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The system refused.
    #[error("the archive file {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file ends in the middle of a record.
    #[error("the archive file {path} breaks off in the record at byte {offset}")]
    Clipped {
        /// The file.
        path: PathBuf,
        /// Where the record begins.
        offset: u64,
    },
    /// The bytes are no WARC record.
    #[error("the archive file {path} has no record that can be read at byte {offset}: {why}")]
    Bad {
        /// The file.
        path: PathBuf,
        /// Where it should begin.
        offset: u64,
        /// What is wrong.
        why: String,
    },
}

impl ArchiveError {
    /// What a person can do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Io { source, .. } => match source.kind() {
                std::io::ErrorKind::StorageFull => "free some space and run again: nothing recorded was lost",
                std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                    "check that --state names a folder that this user may write"
                }
                _ => "check the disk",
            },
            Self::Clipped { .. } | Self::Bad { .. } => "keep the file, and read what comes before with any WARC tool",
        }
    }
}
