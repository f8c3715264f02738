//! What can be wrong with a frontier.

use std::path::{Path, PathBuf};

/// A frontier that cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum FrontierError {
    /// The file is damaged or no database at all.
    #[error("the crawl state{} is damaged: {words}", place(path.as_deref()))]
    Damaged {
        /// The file.
        path: Option<PathBuf>,
        /// What was found.
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
    /// It was written by an older program, and only looked at.
    #[error("the crawl state has version {found}, this program looks at {known}")]
    Old {
        /// The file's version.
        found: i64,
        /// The version of this program.
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
    /// Anything else that the store reports.
    #[error("the crawl state: {0}")]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
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

    pub(super) fn opening(path: &Path, error: impl ToString) -> Self {
        Self::Open { path: path.to_owned(), words: error.to_string() }
    }

    /// The same error, with the file it speaks of.
    pub(super) fn at(self, path: &Path) -> Self {
        match self {
            Self::Damaged { words, .. } => Self::Damaged { path: Some(path.to_owned()), words },
            Self::Store(error) => Self::opening(path, error),
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
            Self::Old { .. } => "run `gongkai crawl` once: it brings the state up to date",
            Self::Disk(_) => "check the disk, then run again: the run continues where it stopped",
            Self::Full => "free some space and run again: the run continues where it stopped",
            Self::Open { .. } => "check that --state names a folder that this user may write",
            Self::Store(_) | Self::Row(_) => "run `gongkai check`; if it persists, move the state folder away",
        }
    }
}

fn place(path: Option<&Path>) -> String {
    path.map(|path| format!(" {}", path.display())).unwrap_or_default()
}
