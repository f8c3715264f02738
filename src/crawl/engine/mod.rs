//! The loop that takes due URLs through the gates.
//!
//! One task owns the frontier, the gates and the agenda; resolving, fetching
//! and reading happen in tasks of their own that report back as events.
//! What came home is written in groups: archive, then frontier, then lake
//! (see [`Sink`]); a request goes out only after the frontier has written down
//! when its host may be asked next.

mod agenda;
mod cookies;
mod entry;
mod home;
mod host;
mod missing;
mod moved;
mod nights;
mod reading;
mod restraint;
mod revisit;
mod rules;
mod search;
mod sink;
mod tally;
mod turn;
mod watch;
mod write;

use std::collections::{HashMap, VecDeque, hash_map};
use std::future::Future;
use std::net::IpAddr;
use std::num::NonZero;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use url::Url;

use self::agenda::Agenda;
use self::home::Home;
use self::host::{Host, RobotsErrand};
use self::nights::Resting;
use self::restraint::Meters;
use self::tally::MOST_SHOWN;
use self::watch::Watch;
use super::address::HostKey;
use super::frontier::{Due, Frontier, FrontierError, NewUrl, PageRequest, PortalId, Priority, RunId, Standing};
use super::gates::{Gates, Pass};
use super::guard::AddressPolicy;
use super::page_rules::ObeyPages;
use super::resolve::{ResolveError, Resolver};
use super::restraints::Restraints;
use super::transport::{Answer, Transport, TransportError};
use crate::clock::Clock;
use crate::report::Catalogue;

pub use nights::{Later, PlatformNights};
pub use sink::{Exchange, ExchangeKind, Kept, Sink, SinkError};
pub use tally::{PortalTally, Snapshot, Tally, Trouble};

/// A portal to crawl.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The portal's id.
    pub portal: PortalId,
    /// Its name, such as 桐乡市人民政府.
    pub name: String,
    /// Its region's code, where it is known.
    pub region: Option<String>,
    /// Where to begin.
    pub entries: Vec<Entry>,
    /// Pages fetched in one run at most.
    pub max_pages: u32,
    /// Links followed from an entry at most.
    pub max_depth: u16,
    /// Payload bytes of one run at most.
    pub max_bytes: u64,
    /// URLs that fail in one run at most.
    pub max_failures: u32,
    /// From the first answer of a run to the last request at most.
    pub max_time: Duration,
}

/// Where to begin in a portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The URL.
    pub url: Url,
    /// What it is.
    pub kind: EntryKind,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// The home page: the column must be searched.
    HomePage,
    /// A page that the operator named: the column or its list.
    Named,
}

/// What the engine keeps to in one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineSettings {
    /// Requests under way at once, over all hosts.
    pub concurrency: usize,
    /// The run stops when this has passed; none for as long as there is work.
    pub max_time: Option<Duration>,
    /// The run ends when nothing is due for longer than this.
    pub max_wait: Duration,
    /// Redirects followed for one page.
    pub max_redirects: u8,
    /// Attempts at one page in one run.
    pub max_attempts: u32,
    /// What came home is written when the oldest has waited this long.
    pub flush_after: Duration,
    /// ... or when there are this many answers.
    pub flush_at: usize,
    /// How long an address found for a name is used.
    pub dns_lifetime: Duration,
    /// The name by which robots.txt knows us.
    pub agent: String,
    /// What pages themselves may ask of us.
    pub obey_pages: ObeyPages,
    /// Whether an answer that is as the last was leaves a record in the archive.
    pub archive_unchanged: bool,
    /// The politeness interval, to foresee what fits a night.
    pub interval: Duration,
    /// What the operator says of single hosts, portals and platforms.
    pub restraints: Restraints,
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self {
            concurrency: 64,
            max_time: None,
            max_wait: Duration::from_mins(10),
            max_redirects: 5,
            max_attempts: 3,
            flush_after: Duration::from_millis(500),
            flush_at: 32,
            dns_lifetime: Duration::from_hours(1),
            agent: "gongkai".to_owned(),
            obey_pages: ObeyPages::default(),
            archive_unchanged: false,
            interval: Duration::from_secs(1),
            restraints: Restraints::default(),
        }
    }
}

/// What the engine works with.
pub struct Parts<S> {
    /// The state.
    pub frontier: Box<dyn Frontier>,
    /// The archive and the lake.
    pub sink: S,
    /// Names to addresses.
    pub resolver: Arc<dyn Resolver>,
    /// Requests to answers.
    pub transport: Arc<dyn Transport>,
    /// Which addresses may be asked.
    pub policy: AddressPolicy,
    /// The gates, with their settings.
    pub gates: Gates,
    /// The time.
    pub clock: Clock,
    /// The forms and places, for reading.
    pub catalogue: Arc<Catalogue>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// All that was due is done.
    Done,
    /// Its time was up; what is left waits for the next run.
    TimeUp,
    /// A person or the system stopped it; the next run continues it.
    Stopped,
    /// The disk is low; the next run continues it once there is room.
    DiskLow,
}

impl Ending {
    /// The word of run reports and logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::TimeUp => "time_up",
            Self::Stopped => "stopped",
            Self::DiskLow => "disk_low",
        }
    }
}

/// A run that could not go on. What was recorded before is safe.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The state.
    #[error(transparent)]
    Frontier(#[from] FrontierError),
    /// The archive or the lake.
    #[error(transparent)]
    Sink(#[from] SinkError),
}

impl EngineError {
    /// What a person can do about it.
    #[must_use]
    pub fn hint(&self) -> &str {
        match self {
            Self::Frontier(error) => error.hint(),
            Self::Sink(error) => &error.hint,
        }
    }
}

/// One crawl run over a set of portals.
pub struct Engine<S> {
    parts: Parts<S>,
    settings: EngineSettings,
    targets: HashMap<PortalId, Arc<Target>>,
    agenda: Agenda,
    hosts: HashMap<HostKey, Host>,
    tasks: JoinSet<Event>,
    /// Pages that came and are being read.
    n_reading: usize,
    /// Pages are read on as many threads as there are cores: what reading holds
    /// in memory is held once for each.
    readers: Arc<Semaphore>,
    home: Home,
    tally: Tally,
    meters: Meters,
    resting: VecDeque<Resting>,
    watch: Watch,
    started_at: Timestamp,
    /// What to tell of the run while it goes on.
    observe: Box<dyn FnMut(&Snapshot) + Send>,
}

/// What a task reports back.
enum Event {
    /// A name was looked up.
    Resolved { host: HostKey, result: Result<Vec<IpAddr>, ResolveError> },
    /// A request ended.
    Answered(Box<Answered>),
    /// A kept page was read.
    Read(Box<home::Outcome>),
    /// A task died; its URL is asked again by the next run.
    Lost,
}

/// A request that ended.
struct Answered {
    host: HostKey,
    pass: Pass,
    address: IpAddr,
    errand: Errand,
    result: Result<Answer, TransportError>,
    duration: Duration,
}

/// What a request is for.
enum Errand {
    /// A robots.txt.
    Robots(RobotsErrand),
    /// A page.
    Page(Box<Due>),
}

impl<S: Sink> Engine<S> {
    /// An engine for one run over `targets`.
    pub fn new(parts: Parts<S>, settings: EngineSettings, targets: Vec<Target>) -> Self {
        let started_at = parts.clock.now();
        let meters = Meters::new(settings.restraints.clone());
        let is_left_alone =
            |target: &Target| settings.restraints.exclusions.of_portal(target.portal.as_str()).is_some();
        let targets = targets.into_iter().filter(|target| !is_left_alone(target));
        let targets = targets.map(|target| (target.portal.clone(), Arc::new(target))).collect();
        Self {
            parts,
            settings,
            targets,
            agenda: Agenda::default(),
            hosts: HashMap::new(),
            tasks: JoinSet::new(),
            n_reading: 0,
            readers: Arc::new(Semaphore::new(std::thread::available_parallelism().map_or(1, NonZero::get))),
            home: Home::default(),
            tally: Tally::default(),
            meters,
            resting: VecDeque::new(),
            watch: Watch::default(),
            started_at,
            observe: Box::new(|_| {}),
        }
    }

    /// Tells of the run while it goes on, whenever something came home.
    #[must_use]
    pub fn observed_by(mut self, observe: impl FnMut(&Snapshot) + Send + 'static) -> Self {
        self.observe = Box::new(observe);
        self
    }

    /// Crawls until all that is due is done, the time is up or `stop` resolves.
    ///
    /// # Errors
    ///
    /// - the state, the archive or the lake cannot be written; what was
    ///   recorded before is safe, and the next run continues
    pub async fn run(mut self, stop: impl Future<Output = ()>) -> Result<(Ending, Tally, Parts<S>), EngineError> {
        tracing::info!(event = "run.started", n_portals = self.targets.len(), "the run begins");
        let run = self.begin()?;
        let ending = self.work(stop).await?;
        self.finish(run, ending).await?;
        Ok((ending, self.tally, self.parts))
    }

    fn begin(&mut self) -> Result<RunId, EngineError> {
        let now = self.parts.clock.now();
        let run = self.parts.frontier.begin_run(now)?;
        self.meters.restore(self.parts.frontier.spent()?);
        let mut batch = self.parts.frontier.batch()?;
        for target in self.targets.values() {
            for entry in &target.entries {
                if self.meters.excluded(&target.portal, &entry.url).is_none()
                    && let Some(new) = seed(target, entry, now)
                {
                    batch.enqueue(&new)?;
                }
            }
        }
        batch.commit()?;
        for (_, gate_json) in self.parts.frontier.gates()? {
            if let Ok(state) = serde_json::from_str(&gate_json) {
                self.parts.gates.restore_address(&state);
            }
        }
        self.tally.shortage = self.parts.sink.shortage();
        self.spread_over_nights(now)?;
        for (host, portal, due) in self.parts.frontier.waiting()? {
            if self.targets.contains_key(&portal) {
                self.expect(&host, &portal, due)?;
            }
        }
        Ok(run)
    }

    /// Puts a host on the agenda on a portal's behalf.
    fn expect(&mut self, host: &HostKey, portal: &PortalId, at: Timestamp) -> Result<(), EngineError> {
        self.meet(host)?.serve(portal);
        self.agenda.wake(host, at);
        Ok(())
    }

    /// A host as it stands, or as the last run left it.
    fn meet(&mut self, host: &HostKey) -> Result<&mut Host, EngineError> {
        match self.hosts.entry(host.clone()) {
            hash_map::Entry::Occupied(known) => Ok(known.into_mut()),
            hash_map::Entry::Vacant(place) => {
                let record = self.parts.frontier.host(host)?;
                Ok(place.insert(Host::restore(record, &self.settings.agent, host, &mut self.parts.gates)))
            }
        }
    }

    async fn work(&mut self, stop: impl Future<Output = ()>) -> Result<Ending, EngineError> {
        tokio::pin!(stop);
        let deadline = self.settings.max_time.map(|time| later(self.started_at, time));
        loop {
            let now = self.parts.clock.now();
            if deadline.is_some_and(|deadline| now >= deadline) {
                return Ok(Ending::TimeUp);
            }
            // What came home may say that what waits leads nowhere, or that the
            // disk is low.
            self.write_if_due(now)?;
            if self.tally.shortage.is_some() {
                return Ok(Ending::DiskLow);
            }
            self.take_turns(now)?;
            let snapshot = self.snapshot(now);
            (self.observe)(&snapshot);
            let Some(wake_at) = self.next_wake(now) else {
                if self.wake_resting()? {
                    continue;
                }
                return Ok(Ending::Done);
            };
            let wake_at = deadline.map_or(wake_at, |deadline| wake_at.min(deadline));
            tokio::select! {
                biased;
                () = &mut stop => return Ok(Ending::Stopped),
                Some(event) = self.tasks.join_next() => self.take(event.unwrap_or(Event::Lost))?,
                () = self.parts.clock.sleep_until(wake_at) => {}
            }
            while let Some(event) = self.tasks.try_join_next() {
                self.take(event.unwrap_or(Event::Lost))?;
            }
        }
    }

    /// When to look again at the latest; none when the run is done.
    fn next_wake(&self, now: Timestamp) -> Option<Timestamp> {
        let patience = later(now, self.settings.max_wait);
        let flush = self.home.oldest().map(|at| later(at, self.settings.flush_after));
        if self.tasks.len() >= self.settings.concurrency {
            return Some(flush.unwrap_or(patience));
        }
        let agenda = self.agenda.next_instant().filter(|at| *at <= patience);
        if agenda.is_none() && flush.is_none() && self.tasks.is_empty() {
            return None;
        }
        Some([agenda, flush].into_iter().flatten().min().unwrap_or(patience))
    }

    fn take(&mut self, event: Event) -> Result<(), EngineError> {
        match event {
            Event::Resolved { host, result } => self.resolved(&host, result)?,
            Event::Answered(answered) => self.answered(*answered)?,
            Event::Read(outcome) => {
                self.n_reading -= 1;
                self.bring_home(*outcome)?;
            }
            Event::Lost => self.tally.n_lost_tasks += 1,
        }
        Ok(())
    }

    /// Waits a little for what is under way, and for all pages that came to be
    /// read, so that none is asked for again; writes all that came home, and
    /// commits the lake.
    async fn finish(&mut self, run: RunId, ending: Ending) -> Result<(), EngineError> {
        const GRACE: Duration = Duration::from_secs(5);
        let until = later(self.parts.clock.now(), GRACE);
        while !self.tasks.is_empty() {
            tokio::select! {
                Some(event) = self.tasks.join_next() => self.take(event.unwrap_or(Event::Lost))?,
                () = self.parts.clock.sleep_until(until), if self.n_reading == 0 => break,
            }
        }
        self.tasks.abort_all();
        self.write()?;
        self.commit()?;
        if ending == Ending::Done {
            self.give_up_unanswered();
        }
        self.tally.waiting = self.left_waiting()?;
        let now = self.parts.clock.now();
        self.note_who_is_done(now)?;
        self.tally.held = self.meters.held(now);
        self.tell_troubles(now)?;
        self.tally.duration = Duration::try_from(now.duration_since(self.started_at)).unwrap_or_default();
        let snapshot = self.snapshot(now);
        (self.observe)(&snapshot);
        tracing::info!(
            event = "run.ended",
            ending = ending.as_str(),
            n_requests = self.tally.n_requests,
            n_pages = self.tally.n_pages,
            n_reports = self.tally.n_reports,
            n_failed = self.tally.n_failed,
            n_news = self.tally.n_news,
            "the run ends"
        );
        if !matches!(ending, Ending::Stopped | Ending::DiskLow) {
            let json = serde_json::to_string(&self.tally).unwrap_or_default();
            self.parts.frontier.end_run(run, now, &json)?;
        }
        Ok(())
    }

    /// Closes the troubles that passed, and finds out which of the others no
    /// summary has told: that of this run does.
    fn tell_troubles(&mut self, now: Timestamp) -> Result<(), EngineError> {
        let mut batch = self.parts.frontier.batch()?;
        for trouble in self.tally.unwritten.drain(..) {
            batch.trouble(&trouble.portal, &trouble.place, &trouble.words, now)?;
        }
        batch.commit()?;
        self.parts.frontier.close_troubles(self.started_at, &|portal| self.targets.contains_key(portal))?;
        for trouble in self.parts.frontier.troubles()? {
            match trouble.standing {
                Standing::News => {
                    self.tally.n_news += 1;
                    if self.tally.news.len() < MOST_SHOWN {
                        self.tally.news.push(trouble);
                    }
                }
                Standing::Told => self.tally.n_told_before += 1,
                Standing::Acknowledged => self.tally.n_acknowledged += 1,
            }
        }
        Ok(self.parts.frontier.told()?)
    }

    /// How many URLs of the run's portals wait, by portal.
    fn left_waiting(&self) -> Result<Vec<(PortalId, u64)>, EngineError> {
        let all = self.parts.frontier.n_waiting()?;
        Ok(all.into_iter().filter(|(portal, _)| self.targets.contains_key(portal)).collect())
    }

    fn snapshot(&self, now: Timestamp) -> Snapshot {
        Snapshot {
            n_portals: self.targets.len(),
            n_hosts_waiting: self.agenda.n_waiting(),
            n_under_way: self.tasks.len(),
            n_pages: self.tally.n_pages,
            n_unchanged: self.tally.n_unchanged,
            n_failed_checks: self.tally.n_failed_checks,
            n_requests: self.tally.n_requests,
            n_bytes: self.tally.n_bytes,
            answer_time: self.tally.answer_time,
            n_reports: self.tally.n_reports,
            n_failed: self.tally.n_failed,
            next_at: self.agenda.next_instant().filter(|at| *at > now),
        }
    }
}

fn seed(target: &Target, entry: &Entry, now: Timestamp) -> Option<NewUrl> {
    let (priority, why) = match entry.kind {
        EntryKind::HomePage => (Priority::Rest, "the portal's home page"),
        EntryKind::Named => (Priority::Column, "an entry of the configuration"),
    };
    Some(NewUrl {
        host: HostKey::of(&entry.url)?,
        request: PageRequest::get(entry.url.clone()),
        requested: None,
        hops: 0,
        portal: target.portal.clone(),
        priority,
        depth: 0,
        why: why.to_owned(),
        found_on: None,
        not_before: now,
    })
}

/// An instant a while later, or the end of time.
fn later(at: Timestamp, wait: Duration) -> Timestamp {
    SignedDuration::try_from(wait).ok().and_then(|wait| at.checked_add(wait).ok()).unwrap_or(Timestamp::MAX)
}
