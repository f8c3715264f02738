//! Wires the stages; with its two parts the only place that knows them all.
//!
//! | file | idea |
//! | --- | --- |
//! | `recover` | what an earlier run left is finished before a run begins |
//! | `sink` | the archive and the lake, as the engine writes to them |

mod recover;
mod sink;

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use self::recover::{Lost, commit_pending, committed_position, pass_on_renamed, wake_permitted};
use self::sink::{LakeSink, Room};
use crate::archive::{self, RecordRef, Writer};
use crate::clock::Clock;
use crate::config::{Crawl, PlannedPortal, Settings, Start, ms};
use crate::crawl::engine::{
    Ending, Engine, EngineError, EngineSettings, Entry, EntryKind, Parts, Snapshot, Tally, Target,
};
use crate::crawl::frontier::{ArchiveRef, Frontier, FrontierError, PortalId, SqliteFrontier};
use crate::crawl::gates::{GateSettings, Gates};
use crate::crawl::guard::AddressPolicy;
use crate::crawl::resolve::Resolver;
use crate::crawl::transport::{HttpTransport, Transport, TransportError, TransportSettings};
use crate::lake::{Lake, LakeError};
use crate::ops::{DiskSpace, SystemDisk, last_configuration};
use crate::page::PlaceHint;

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

    /// Whether anything is in the archive's folder.
    #[must_use]
    pub fn has_archive(&self) -> bool {
        std::fs::read_dir(self.archive()).is_ok_and(|mut files| files.next().is_some())
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
    /// What was noticed before it, and is told as its troubles: where, and what, in words.
    pub noticed: Vec<(String, String)>,
}

/// Makes all that was visited of a run's portals due, what was found under another
/// id of theirs included.
///
/// # Errors
///
/// - the state cannot be opened or written
pub fn due_again(run: &Run<'_>) -> Result<(), CrawlError> {
    let mut frontier = SqliteFrontier::open(&run.places.frontier())?;
    pass_on_renamed(&mut frontier, run)?;
    let portals: Vec<PortalId> = run.portals.iter().map(|portal| portal.id.as_str().into()).collect();
    Ok(frontier.due_again(Some(&portals), run.clock.now())?)
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
    // A state that was begun says where its archive is whole.
    let is_new = frontier.archive_position()?.is_none();
    let has_archive = run.places.has_archive();
    let committed = committed_position(&mut frontier, run.places)?;
    let writer = Writer::open(&run.places.archive(), &run.user_agent, crawl.archive_file_bytes, Some(&committed))?;
    let lake = Lake::open(&run.places.output, &catalogue)?;
    // Its archive or the lake tell of a state that is not there.
    let is_lost = is_new && (has_archive || !lake.was_new() || last_configuration(&run.places.output).is_some());
    let room = Room { disk, places: run.places.clone(), least: crawl.min_free_bytes };
    let mut sink = LakeSink::new(writer, lake, room, ms(crawl.commit_every_ms), run.clock.now());
    pass_on_renamed(&mut frontier, &run)?;
    wake_permitted(&mut frontier, &run)?;
    let lost_by_lake = Lost::of(&frontier, &sink.lake)?;
    let of_nobody = run.settings.exclusions_of_nobody().into_iter().map(|id| {
        let words = "no portal has this id or region code: whoever asked to be left alone may be asked";
        (format!("the exclusion of the portal {id}"), words.to_owned())
    });
    let lost_state = is_lost.then(|| {
        let back =
            if has_archive { "put frontier.sqlite back" } else { "put its folder back, or name it with --state" };
        let words = format!("it was lost, and began anew: all that was ever fetched is asked for again; {back}");
        ("the state".to_owned(), words)
    });
    let lake = sink.troubles(&lost_by_lake).into_iter();
    let mut troubles: Vec<_> = lake.chain(of_nobody).chain(lost_state).chain(run.noticed.clone()).collect();
    lost_by_lake.note(&mut frontier, &troubles, run.clock.now())?;
    sink.lake.make_lost_panels()?;
    let n_untold = commit_pending(&mut frontier, &mut sink, &run, &catalogue)?;
    troubles.extend(sink.missed());
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
        max_host_failures: crawl.max_host_failures,
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
    let engine = Engine::new(parts, settings, targets).after(troubles).observed_by(observe);
    let (ending, mut tally, _) = engine.run(stop).await?;
    tally.n_reports_before = n_untold;
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

/// What is known of the place of a page in the archive.
pub(crate) fn hint(id: &str, portal: Option<&PlannedPortal>) -> PlaceHint {
    PlaceHint {
        portal: Some(id.to_owned()),
        name: portal.map(|portal| portal.name.clone()),
        region: portal.and_then(|portal| portal.region.as_ref()).map(|code| code.as_str().to_owned()),
    }
}

/// Where the frontier says that a record lies, as the archive knows it.
pub(crate) fn record_ref(place: &ArchiveRef) -> RecordRef {
    RecordRef { file: place.file.clone(), offset: place.offset, length: place.length }
}
