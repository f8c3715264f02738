//! Wires the stages; the only file that knows them all.

use std::collections::HashMap;
use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::archive::{self, Position, RecordRef, Writer};
use crate::clock::Clock;
use crate::config::{Crawl, Plan, PlannedPortal, Selection, Settings, Start, ms};
use crate::crawl::engine::{
    Ending, Engine, EngineError, EngineSettings, Entry, EntryKind, Exchange, ExchangeKind, Kept, Neighbours, Parts,
    Sink, SinkError, Snapshot, Tally, Target, documents, read_article,
};
use crate::crawl::frontier::{
    ArchivePosition, ArchiveRef, ArticlePage, Frontier, FrontierError, PendingResponse, PortalId, ResponseId,
    SqliteFrontier, Vanished,
};
use crate::crawl::gates::{GateSettings, Gates};
use crate::crawl::guard::AddressPolicy;
use crate::crawl::resolve::Resolver;
use crate::crawl::transport::{HttpTransport, Transport, TransportError, TransportSettings};
use crate::lake::{Batch, Document, FetchRecord, Lake, LakeError, Provenance, Vanishing};
use crate::ops::{DiskSpace, SystemDisk, shortage};
use crate::page::{Capture, PlaceHint};
use crate::report::Catalogue;

/// The product token by which robots.txt knows us.
pub const AGENT: &str = "gongkai";

/// Where a run keeps its things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The lake and the run reports.
    pub output: PathBuf,
    /// The frontier, the archive and the lock.
    pub state: PathBuf,
}

impl Places {
    /// The frontier's file.
    #[must_use]
    pub fn frontier(&self) -> PathBuf {
        self.state.join("frontier.sqlite")
    }

    /// The archive's folder.
    #[must_use]
    pub fn archive(&self) -> PathBuf {
        self.state.join("archive")
    }
}

/// A crawl that could not begin or go on.
#[derive(Debug, thiserror::Error)]
pub enum CrawlError {
    /// The state.
    #[error(transparent)]
    Frontier(#[from] FrontierError),
    /// The archive.
    #[error(transparent)]
    Archive(#[from] archive::ArchiveError),
    /// The lake.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// The HTTP client.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The run.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl CrawlError {
    /// What a person can do about it.
    #[must_use]
    pub fn hint(&self) -> &str {
        match self {
            Self::Frontier(error) => error.hint(),
            Self::Archive(error) => error.hint(),
            Self::Lake(error) => error.hint(),
            Self::Transport(_) => "check [operator] in gongkai.toml",
            Self::Engine(error) => error.hint(),
        }
    }
}

/// What a run needs beside the settings.
pub struct Run<'a> {
    /// The settings.
    pub settings: &'a Settings,
    /// The portals.
    pub portals: &'a [PlannedPortal],
    /// Where things are kept.
    pub places: &'a Places,
    /// Who we are.
    pub user_agent: String,
    /// Names to addresses.
    pub resolver: Arc<dyn Resolver>,
    /// The time.
    pub clock: Clock,
    /// The run stops after this.
    pub max_time: Option<Duration>,
}

/// Crawls the portals of a run into the archive and the lake.
///
/// What an earlier run fetched and could not commit is committed first.
///
/// # Errors
///
/// - state, archive or lake cannot be opened or written; what was recorded is
///   safe, and the next run continues
pub async fn crawl(
    run: Run<'_>,
    stop: impl Future<Output = ()>,
    observe: impl FnMut(&Snapshot) + Send + 'static,
) -> Result<(Ending, Tally), CrawlError> {
    crawl_onto(Box::new(SystemDisk), run, stop, observe).await
}

/// [`crawl`], onto a disk that tells its room in its own way.
///
/// # Errors
///
/// - as [`crawl`]
pub async fn crawl_onto(
    disk: Box<dyn DiskSpace>,
    run: Run<'_>,
    stop: impl Future<Output = ()>,
    observe: impl FnMut(&Snapshot) + Send + 'static,
) -> Result<(Ending, Tally), CrawlError> {
    let crawl = &run.settings.crawl;
    let transport = HttpTransport::new(
        TransportSettings {
            user_agent: run.user_agent.clone(),
            connect_timeout: ms(crawl.connect_timeout_ms),
            read_timeout: ms(crawl.read_timeout_ms),
            total_timeout: ms(crawl.total_timeout_ms),
            max_body_bytes: crawl.max_body_bytes,
            relaxed_tls_hosts: crawl.relaxed_hosts(),
            proxy_from_environment: crawl.proxy_from_environment,
        },
        run.resolver.clone(),
        run.clock.clone(),
    )?;
    crawl_over(Arc::new(transport), disk, run, stop, observe).await
}

/// [`crawl_onto`], over a transport that answers in its own way: a rehearsal's.
///
/// # Errors
///
/// - as [`crawl`]
pub async fn crawl_over(
    transport: Arc<dyn Transport>,
    disk: Box<dyn DiskSpace>,
    run: Run<'_>,
    stop: impl Future<Output = ()>,
    observe: impl FnMut(&Snapshot) + Send + 'static,
) -> Result<(Ending, Tally), CrawlError> {
    let crawl = &run.settings.crawl;
    let catalogue = Arc::new(run.settings.catalogue.clone());
    let mut frontier = SqliteFrontier::open(&run.places.frontier())?;
    let committed = committed_position(&mut frontier, run.places)?;
    let writer = Writer::open(&run.places.archive(), &run.user_agent, crawl.archive_file_bytes, Some(&committed))?;
    let lake = Lake::open(&run.places.output, &catalogue)?;
    let room = Room { disk, places: run.places.clone(), least: crawl.min_free_bytes };
    let mut sink = LakeSink::new(writer, lake, room, ms(crawl.commit_every_ms), run.clock.now());
    mark_lost(&mut frontier, &sink.lake)?;
    commit_pending(&mut frontier, &mut sink, &run, &catalogue)?;
    let gates = GateSettings {
        interval: ms(crawl.interval_ms),
        jitter: ms(crawl.jitter_ms),
        slow_factor: crawl.slow_factor,
        ..GateSettings::default()
    };
    let parts = Parts {
        frontier: Box::new(frontier),
        sink,
        resolver: run.resolver,
        transport,
        policy: AddressPolicy::allowing(crawl.networks()),
        gates: Gates::new(gates, run.clock.now().as_millisecond().unsigned_abs()),
        clock: run.clock,
        catalogue,
    };
    let settings = EngineSettings {
        concurrency: crawl.concurrency,
        max_time: run.max_time,
        max_wait: ms(crawl.max_wait_ms),
        max_redirects: crawl.max_redirects,
        max_attempts: crawl.max_attempts,
        flush_after: ms(crawl.flush_after_ms),
        flush_at: crawl.flush_at,
        dns_lifetime: Duration::from_hours(1),
        agent: AGENT.to_owned(),
        archive_unchanged: crawl.archive_unchanged,
        interval: ms(crawl.interval_ms),
        restraints: run.settings.restraints.clone(),
        obey_pages: crawl.obey_pages,
    };
    let targets = run.portals.iter().map(|portal| target(portal, crawl)).collect();
    let engine = Engine::new(parts, settings, targets).observed_by(observe);
    let (ending, tally, _) = engine.run(stop).await?;
    Ok((ending, tally))
}

fn target(portal: &PlannedPortal, crawl: &Crawl) -> Target {
    let kind = match portal.starts_at {
        Start::HomePage => EntryKind::HomePage,
        Start::Named => EntryKind::Named,
    };
    Target {
        portal: PortalId::from(portal.id.clone()),
        name: portal.name.clone(),
        region: portal.region.as_ref().map(|code| code.as_str().to_owned()),
        entries: portal.entries.iter().map(|url| Entry { url: url.clone(), kind }).collect(),
        max_pages: portal.max_pages,
        max_depth: portal.max_depth,
        max_bytes: crawl.max_portal_bytes,
        max_failures: crawl.max_portal_failures,
        max_time: ms(crawl.max_portal_ms),
    }
}

/// Up to where the archive is acknowledged. A new state says so before it has
/// anything written, so that what a killed run left is told from what was there.
fn committed_position(frontier: &mut dyn Frontier, places: &Places) -> Result<Position, CrawlError> {
    if let Some(at) = frontier.archive_position()? {
        return Ok(Position { file: at.file, length: at.length });
    }
    let position = Writer::before_anything(&places.archive())?;
    let mut batch = frontier.batch()?;
    batch.archive_position(&ArchivePosition { file: position.file.clone(), length: position.length })?;
    batch.commit()?;
    Ok(position)
}

/// Finds what the lake took and no longer has: its folder was moved, a file of
/// it was damaged and put away. The archive still holds it.
fn mark_lost(frontier: &mut dyn Frontier, lake: &Lake) -> Result<(), CrawlError> {
    let mut lost = frontier.documents_in_lake()?;
    lost.retain(|(_, documents)| documents.split(' ').any(|id| !lake.has_document(id)));
    if lost.is_empty() {
        return Ok(());
    }
    let (event, n_lost, is_empty) = ("lake.lost", lost.len(), lake.n_documents() == 0);
    tracing::warn!(
        event,
        n_lost,
        "the lake lacks pages with reports that it had: they are read again from the archive"
    );
    let mut batch = frontier.batch()?;
    if is_empty {
        batch.all_lost_by_lake()?;
    } else {
        let lost: Vec<ResponseId> = lost.into_iter().map(|(response, _)| response).collect();
        batch.lost_by_lake(&lost)?;
    }
    batch.commit()?;
    Ok(())
}

/// Reads again from the archive what the lake has not taken yet, of whatever
/// portal, with all that is known of the place when a page comes from the net.
fn commit_pending(
    frontier: &mut dyn Frontier,
    sink: &mut LakeSink,
    run: &Run<'_>,
    catalogue: &Catalogue,
) -> Result<(), CrawlError> {
    let mut pending = frontier.not_in_lake(None, MOST_PENDING)?;
    if pending.is_empty() {
        return Ok(());
    }
    let all = Plan::new(run.settings, &Selection::default()).map(|plan| plan.portals).unwrap_or_default();
    let portals: HashMap<&str, &PlannedPortal> =
        all.iter().chain(run.portals).map(|portal| (portal.id.as_str(), portal)).collect();
    while let Some(end) = pending.last() {
        let last = Some(end.id);
        let mut read_again = Vec::with_capacity(pending.len());
        for pending in pending {
            let portal = portals.get(pending.portal.as_str()).copied();
            let url = pending.url.clone();
            let pages = frontier.article_of(pending.url_id, Some(pending.id))?;
            match kept_again(pending, &pages, portal, run.places, catalogue) {
                Ok(kept) => {
                    read_again.push((kept.response, documents(&kept.reports)));
                    sink.keep(kept);
                }
                // A file that was moved away must not keep all others waiting.
                Err(error) => {
                    let hint = "the lake lacks the page until the archive file is put back";
                    tracing::warn!(event = "archive.unreadable", url, "{error}: {hint}");
                }
            }
        }
        let committed =
            if sink.is_full() { sink.commit(run.clock.now()).map_err(EngineError::from)? } else { Vec::new() };
        let mut batch = frontier.batch()?;
        // That a page is gone is said of the documents that come now.
        let responses: Vec<ResponseId> = read_again.iter().map(|(response, _)| *response).collect();
        batch.lost_by_lake(&responses)?;
        for (response, documents) in read_again {
            batch.documents(response, &documents)?;
        }
        batch.in_lake(&committed)?;
        batch.commit()?;
        pending = frontier.not_in_lake(last, MOST_PENDING)?;
    }
    Ok(())
}

/// A response as it lies in the archive, read as it is read now.
fn kept_again(
    pending: PendingResponse,
    pages: &[ArticlePage],
    portal: Option<&PlannedPortal>,
    places: &Places,
    catalogue: &Catalogue,
) -> Result<Kept, archive::ArchiveError> {
    let archived = |place: &ArchiveRef| archive::read(&places.archive(), &record_ref(place));
    let (mut reports, mut of_reports) = (Vec::new(), pending.url.clone());
    // A page that asked not to be read held none.
    if pending.n_reports > 0 {
        let mut capture = archived(&pending.place)?;
        capture.hint = PlaceHint {
            portal: Some(pending.portal.to_string()),
            name: portal.map(|portal| portal.name.clone()),
            region: portal.and_then(|portal| portal.region.as_ref()).map(|code| code.as_str().to_owned()),
        };
        let neighbours = Neighbours::fetch(pages, pending.url_id, archived)?;
        let said = read_article(&capture, neighbours, catalogue);
        reports = said.reading.reports;
        of_reports = said.first_page.map_or(of_reports, |first| first.to_string());
    }
    Ok(Kept {
        response: pending.id,
        fetched_at: pending.fetched_at,
        url: pending.url,
        of_reports,
        host: pending.host,
        portal: pending.portal,
        status: pending.status,
        words: pending.words,
        sha256: pending.sha256,
        n_bytes: pending.n_bytes,
        duration_ms: pending.duration_ms,
        place: pending.place,
        reports,
    })
}

/// Where the frontier says that a record lies, as the archive knows it.
pub(crate) fn record_ref(place: &ArchiveRef) -> RecordRef {
    RecordRef { file: place.file.clone(), offset: place.offset, length: place.length }
}

/// The disks that a run writes to.
struct Room {
    disk: Box<dyn DiskSpace>,
    places: Places,
    /// Bytes that must stay free.
    least: u64,
}

/// The archive and the lake as the engine's sink.
struct LakeSink {
    writer: Writer,
    lake: Lake,
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
    fn new(writer: Writer, lake: Lake, room: Room, commit_every: Duration, now: Timestamp) -> Self {
        let commit_every = SignedDuration::try_from(commit_every).unwrap_or(SignedDuration::MAX);
        let (batch, responses) = (Batch::default(), Vec::new());
        Self { writer, lake, batch, responses, n_numbers: 0, room, commit_every, committed_at: now }
    }

    /// Whether what waits is as much as a commit may take.
    fn is_full(&self) -> bool {
        self.responses.len() >= MOST_RESPONSES || self.n_numbers >= MOST_NUMBERS
    }
}

/// Responses that are read again from the archive between two commits: with all
/// that they hold, some 20 MB.
const MOST_PENDING: u32 = 250;
/// Responses that are committed together at most, and facts and checks in them:
/// memory is bounded by both, some 40 MB.
const MOST_RESPONSES: usize = 5000;
const MOST_NUMBERS: usize = 25_000;

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
    batch.fetches.push(FetchRecord {
        fetched_at: kept.fetched_at,
        url: kept.url.clone(),
        host: kept.host,
        portal: kept.portal.to_string(),
        status: kept.status,
        outcome: kept.words,
        payload_sha256: kept.sha256.clone(),
        payload_bytes: kept.n_bytes,
        duration_ms: kept.duration_ms,
        n_reports: kept.reports.len() as u64,
        archive_file: kept.place.file.clone(),
        archive_offset,
    });
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
                fetched_at: Some(kept.fetched_at),
                payload_sha256: kept.sha256.clone(),
                payload_bytes: kept.n_bytes,
                archive_file: Some(kept.place.file.clone()),
                archive_offset: Some(archive_offset),
            },
        }
    }));
}
