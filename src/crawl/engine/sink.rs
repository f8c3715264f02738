//! Where the engine puts what it brings home.

use std::net::IpAddr;
use std::time::Duration;

use jiff::Timestamp;

use crate::crawl::body::Body;
use crate::crawl::frontier::{ArchivePosition, ArchiveRef, PortalId, ResponseId, Vanished};
use crate::crawl::transport::TlsTrouble;
use crate::page::Capture;
use crate::report::Report;

/// The archive and the lake, as the engine needs them.
///
/// The order is the promise: what [`Sink::append`] took is on disk once
/// [`Sink::sync`] returned; only then does the frontier say so; only then is
/// it handed to [`Sink::keep`]; and the frontier calls it done after
/// [`Sink::commit`]. Killed in between, the next run repeats the rest.
pub trait Sink {
    /// Writes an exchange to the archive.
    fn append(&mut self, exchange: &Exchange) -> Result<ArchiveRef, SinkError>;

    /// Reads a capture back that was written and put on disk.
    fn archived(&self, place: &ArchiveRef) -> Result<Capture, SinkError>;

    /// Puts on disk what was written, and says up to where it is whole; none
    /// where nothing ever was.
    fn sync(&mut self) -> Result<Option<ArchivePosition>, SinkError>;

    /// Takes a response that the frontier now knows, for the next commit.
    fn keep(&mut self, kept: Kept);

    /// What was found wrong when it was opened; nothing where all is sound.
    fn found(&self) -> Vec<SinkTrouble> {
        Vec::new()
    }

    /// Why nothing more may be written, where that is so: the disk is low.
    fn shortage(&self) -> Option<String> {
        None
    }

    /// Whether enough is kept, or long enough, for a commit.
    fn wants_commit(&self, now: Timestamp) -> bool;

    /// Takes pages that were taken away or brought back, for the next commit.
    fn mark(&mut self, vanished: &[Vanished]) {
        let _ = vanished;
    }

    /// Commits what is kept to the lake and names its responses.
    fn commit(&mut self, now: Timestamp) -> Result<Vec<ResponseId>, SinkError>;
}

/// What is wrong with what was there before, and stops no run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SinkTrouble {
    /// What it is with.
    pub place: &'static str,
    /// What is wrong, in words.
    pub words: String,
}

/// A failure of the disk behind the sink. It ends the run; nothing that was
/// recorded is lost.
#[derive(Debug, thiserror::Error)]
#[error("{words}")]
pub struct SinkError {
    /// What failed, and where.
    pub words: String,
    /// What a person can do.
    pub hint: String,
    /// The failure.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// A request and its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Exchange {
    /// The answer.
    pub capture: Capture,
    /// What a POST carried; none for GET.
    pub body: Option<Body>,
    /// The address that answered.
    pub remote: Option<IpAddr>,
    /// From the request to the end of the answer.
    pub duration: Duration,
    /// What was wrong with the certificate and let through.
    pub relaxed: Option<TlsTrouble>,
    /// What the answer is to the archive.
    pub kind: ExchangeKind,
}

/// What an answer is to the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExchangeKind {
    /// A payload to keep.
    Response,
    /// The payload that was kept before, sent again.
    SamePayload {
        /// When it was kept.
        first_at: Timestamp,
    },
    /// 304: the server says that nothing changed.
    NotModified,
}

/// A response that is in the archive and in the frontier.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// Its row in the frontier.
    pub response: ResponseId,
    /// When the answer had arrived.
    pub fetched_at: Timestamp,
    /// The URL that answered.
    pub url: String,
    /// The URL of its reports: the first page's, where it is a later one of an
    /// article.
    pub of_reports: String,
    /// Its host.
    pub host: String,
    /// The portal.
    pub portal: PortalId,
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
    /// Where it lies in the archive.
    pub place: ArchiveRef,
    /// The reports that it holds.
    pub reports: Vec<Report>,
}
