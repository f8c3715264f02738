//! The archive and the lake, as the engine writes to them.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::recover::{Extent, Lost, Missed};
use super::{Places, record_ref};
use crate::archive::{self, Writer};
use crate::crawl::engine::{Exchange, ExchangeKind, Kept, Sink, SinkError};
use crate::crawl::frontier::{ArchivePosition, ArchiveRef, ResponseId, Vanished};
use crate::lake::{Batch, Document, FetchRecord, Lake, Provenance, Vanishing, is_of_fetches};
use crate::ops::{DiskSpace, counted, shortage};
use crate::page::Capture;

/// Responses that are committed together at most, and facts and checks in them:
/// memory is bounded by both, some 40 MB.
const MOST_RESPONSES: usize = 5000;
const MOST_NUMBERS: usize = 25_000;

/// Where a trouble is that is the lake's or the archive's.
const THE_LAKE: &str = "the lake";
const THE_ARCHIVE: &str = "the archive";

/// The disks that a run writes to.
pub(super) struct Room {
    pub disk: Box<dyn DiskSpace>,
    pub places: Places,
    /// Bytes that must stay free.
    pub least: u64,
}

/// The archive and the lake as the engine's sink.
pub(super) struct LakeSink {
    writer: Writer,
    pub lake: Lake,
    /// What it lacks and the archive did not give.
    pub missed: Missed,
    /// What the next commit takes.
    batch: Batch,
    /// The responses that it is made of.
    responses: Vec<ResponseId>,
    /// Facts and checks in it.
    n_numbers: usize,
    room: Room,
    commit_every: SignedDuration,
    committed_at: Timestamp,
}

impl LakeSink {
    pub fn new(writer: Writer, lake: Lake, room: Room, commit_every: Duration, now: Timestamp) -> Self {
        let commit_every = SignedDuration::try_from(commit_every).unwrap_or(SignedDuration::MAX);
        let (batch, responses) = (Batch::default(), Vec::new());
        Self {
            writer,
            lake,
            missed: Missed::default(),
            batch,
            responses,
            n_numbers: 0,
            room,
            commit_every,
            committed_at: now,
        }
    }

    /// Whether what waits is as much as a commit may take.
    pub fn is_full(&self) -> bool {
        self.responses.len() >= MOST_RESPONSES || self.n_numbers >= MOST_NUMBERS
    }

    /// What is wrong with the lake: where, and what, in words.
    pub fn troubles(&self, lost: &Lost) -> Vec<(String, String)> {
        let (damaged, strays) = (self.lake.put_aside(), self.lake.strays());
        let mut found = Vec::new();
        let pages = counted(lost.n_pages(), "page");
        // That reports are missing only the state tells from a commit that was killed.
        let reports = if lost.n_pages() > 0 { self.lake.without_reports() } else { &[] };
        let is_aside = |path: &PathBuf| damaged.iter().any(|aside| aside.parent() == path.parent());
        let mut files: Vec<PathBuf> = self.lake.lost().iter().chain(reports).cloned().collect();
        files.retain(|path| !is_aside(path));
        match lost.extent {
            Extent::Whole if lost.n_pages() > 0 => {
                let words = format!(
                    "it was not there, and {pages} with reports of it are made again from the archive; if that was not \
                     meant, look where it went, or name it with --output"
                );
                found.push((THE_LAKE.to_owned(), words));
            }
            Extent::Documents | Extent::Some if !files.is_empty() => {
                found.push((A_PART.to_owned(), format!("{LOST_AND_MADE}{}", named(&files))));
            }
            // A damaged file was lost with what it held.
            Extent::Documents | Extent::Some if lost.n_pages() > 0 && damaged.is_empty() => {
                found.push((A_PART.to_owned(), format!("{LOST_AND_MADE}{pages} with reports")));
            }
            _ => {}
        }
        if !damaged.is_empty() {
            let n = counted(damaged.len(), "damaged file");
            let again = match damaged.iter().filter(|path| is_of_fetches(path)).count() {
                0 => "what was lost is made again",
                n if n == damaged.len() => "these days of `fetches` begin anew",
                _ => "what was lost is made again, but for these days of `fetches`",
            };
            let words = format!("the lake had {n}, put aside as {}: {again}; the disk may be failing", named(damaged));
            found.push((THE_LAKE.to_owned(), words));
        }
        if !strays.is_empty() {
            let n = counted(strays.len(), "file");
            let words = format!(
                "the lake has {n} that gongkai did not write, and who reads it with a glob counts their rows as well: move \
                 away {}",
                named(strays)
            );
            found.push((STRAYS.to_owned(), words));
        }
        found
    }

    /// What the lake lacks and the archive did not give, as a trouble.
    pub fn missed(&self) -> Option<(String, String)> {
        self.missed.words().map(|words| (THE_ARCHIVE.to_owned(), words))
    }
}

/// What a trouble with files that others put into the lake is with.
const STRAYS: &str = "files in the lake";
/// The same of files that are lost: one that is damaged may be told beside them.
const A_PART: &str = "a part of the lake";
/// What is said of it, and then which part.
const LOST_AND_MADE: &str = "it was lost, and is made again: ";

/// Files by their names, the first of many.
fn named(paths: &[PathBuf]) -> String {
    const MOST: usize = 10;
    let names: Vec<String> = paths.iter().take(MOST).map(|path| path.display().to_string()).collect();
    match paths.len().checked_sub(MOST) {
        None | Some(0) => names.join(", "),
        Some(n) => format!("{} and {n} more", names.join(", ")),
    }
}

impl Sink for LakeSink {
    fn append(&mut self, exchange: &Exchange) -> Result<ArchiveRef, SinkError> {
        let kind = match exchange.kind {
            ExchangeKind::Response => archive::Kind::Response,
            ExchangeKind::SamePayload { first_at } => archive::Kind::SamePayload { first_at },
            ExchangeKind::NotModified => archive::Kind::NotModified,
        };
        let tls_trouble = exchange.relaxed.map(|trouble| trouble.to_string());
        let posted = exchange.body.as_ref().map(|body| (body.content_type(), body.encoded()));
        let appended = self.writer.append(&archive::Exchange {
            capture: &exchange.capture,
            posted: posted.as_ref().map(|(content_type, text)| archive::Posted { content_type, text }),
            remote: exchange.remote,
            tls_trouble: tls_trouble.as_deref(),
            kind,
        });
        let place = appended.map_err(archive_failed)?;
        Ok(ArchiveRef { file: place.file, offset: place.offset, length: place.length })
    }

    fn archived(&self, place: &ArchiveRef) -> Result<Capture, SinkError> {
        archive::read(&self.room.places.archive(), &record_ref(place)).map_err(archive_failed)
    }

    fn sync(&mut self) -> Result<Option<ArchivePosition>, SinkError> {
        let position = self.writer.sync().map_err(archive_failed)?;
        Ok(position.map(|at| ArchivePosition { file: at.file, length: at.length }))
    }

    fn keep(&mut self, kept: Kept) {
        self.responses.push(kept.response);
        self.n_numbers += kept.reports.iter().map(|report| report.facts.len() + report.checks.len()).sum::<usize>();
        take(&mut self.batch, kept);
    }

    fn shortage(&self) -> Option<String> {
        let folders = [self.room.places.state.as_path(), self.room.places.output.as_path()];
        shortage(self.room.disk.as_ref(), &folders, self.room.least)
    }

    fn mark(&mut self, vanished: &[Vanished]) {
        let marks = vanished.iter().map(|page| Vanishing { url: page.url.clone(), at: page.at });
        self.batch.vanished = marks.collect();
    }

    fn wants_commit(&self, now: Timestamp) -> bool {
        let is_time = now.duration_since(self.committed_at) >= self.commit_every;
        self.is_full() || (is_time && !self.responses.is_empty())
    }

    fn commit(&mut self, now: Timestamp) -> Result<Vec<ResponseId>, SinkError> {
        self.committed_at = now;
        self.lake.commit(&self.batch).map_err(|error| SinkError {
            words: error.to_string(),
            hint: error.hint().to_owned(),
            source: Box::new(error),
        })?;
        (self.batch, self.n_numbers) = (Batch::default(), 0);
        Ok(std::mem::take(&mut self.responses))
    }
}

fn archive_failed(error: archive::ArchiveError) -> SinkError {
    SinkError { words: error.to_string(), hint: error.hint().to_owned(), source: Box::new(error) }
}

/// A response as what the lake takes of it.
fn take(batch: &mut Batch, kept: Kept) {
    let archive_offset = kept.place.offset;
    let first_at = kept.first_at.unwrap_or(kept.fetched_at);
    let fetches = BTreeSet::from([first_at, kept.fetched_at]).into_iter().map(|fetched_at| FetchRecord {
        fetched_at,
        url: kept.url.clone(),
        host: kept.host.clone(),
        portal: kept.portal.to_string(),
        status: kept.status,
        outcome: kept.words.clone(),
        payload_sha256: kept.sha256.clone(),
        payload_bytes: kept.n_bytes,
        duration_ms: kept.duration_ms,
        n_reports: kept.reports.len() as u64,
        archive_file: kept.place.file.clone(),
        archive_offset,
    });
    batch.fetches.extend(fetches);
    batch.documents.extend(kept.reports.into_iter().map(|mut report| {
        // The article has served: the lake holds its numbers, the archive its bytes.
        report.text = String::new();
        report.facts.shrink_to_fit();
        report.checks.shrink_to_fit();
        Document {
            report,
            provenance: Provenance {
                url: Some(kept.of_reports.clone()),
                portal: Some(kept.portal.to_string()),
                fetched_at: Some(first_at),
                again_at: kept.first_at.map(|_| kept.fetched_at),
                payload_sha256: kept.sha256.clone(),
                payload_bytes: kept.n_bytes,
                archive_file: Some(kept.place.file.clone()),
                archive_offset: Some(archive_offset),
            },
        }
    }));
}
