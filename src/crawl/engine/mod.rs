//! The loop that takes due URLs through the gates.
//!
//! One task owns the frontier, the gates and the agenda; resolving, fetching
//! and reading happen in tasks of their own that report back as events.
//! What came home is written in groups: archive, then frontier, then lake
//! (see [`Sink`]); a request goes out only after the frontier has written down
//! when its host may be asked next.

mod agenda;
mod article;
mod cookies;
mod doubt;
mod ending;
mod entry;
mod home;
mod host;
mod missing;
mod moved;
mod nights;
mod readers;
mod reading;
mod restraint;
mod revisit;
mod rules;
mod search;
mod settings;
mod sink;
mod tally;
mod turn;
mod unwell;
mod watch;
mod write;

use std::collections::{HashMap, VecDeque, hash_map};
use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::JoinSet;

use self::agenda::Agenda;
use self::doubt::Doubts;
use self::home::{Came, Home, PageRead};
use self::host::{Host, RobotsErrand};
use self::nights::Resting;
use self::readers::Readers;
use self::restraint::Meters;
use self::turn::Unresolved;
use self::unwell::Unwell;
use self::watch::Watch;
use super::address::HostKey;
use super::frontier::{
    ALL_PORTALS, Due, Frontier, FrontierError, NewUrl, PageRequest, PortalId, Priority, RunId, UrlId,
};
use super::gates::{Gates, Pass};
use super::guard::AddressPolicy;
use super::resolve::{ResolveError, Resolver};
use super::transport::{Answer, Transport, TransportError};
use crate::clock::{Clock, later};
use crate::report::Catalogue;

pub(crate) use article::{Neighbours, read as read_article};
pub use ending::Ending;
pub use nights::{Later, PlatformNights};
pub(crate) use reading::{NOINDEX, words_of};
pub use settings::{EngineSettings, Entry, EntryKind, Target};
pub use sink::{Exchange, ExchangeKind, Kept, Sink, SinkError};
pub use tally::{PortalTally, Snapshot, Tally, Trouble};
pub(crate) use write::{documents, said};

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
    /// The articles of which a page is being read, by their first, and their pages
    /// that wait for that.
    articles: HashMap<UrlId, Vec<Came>>,
    /// Pages of each portal that were asked for and are not written yet: they
    /// count towards its budget.
    under_way: HashMap<PortalId, u32>,
    readers: Readers,
    home: Home,
    /// Pages that are gone, if their host is well.
    doubts: Doubts,
    unwell: Unwell,
    /// The pages of hosts for whose names the resolver had no answer.
    unresolved: Vec<Unresolved>,
    tally: Tally,
    meters: Meters,
    resting: VecDeque<Resting>,
    watch: Watch,
    started_at: Timestamp,
    /// What was wrong before the run began: where, and what, in words.
    met_before: Vec<(String, String)>,
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
    Read(Box<PageRead>),
    /// A request's task died; its URL is asked again by the next run.
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
            articles: HashMap::new(),
            under_way: HashMap::new(),
            readers: Readers::new(),
            home: Home::default(),
            doubts: Doubts::default(),
            unwell: Unwell::default(),
            unresolved: Vec::new(),
            tally: Tally::default(),
            meters,
            resting: VecDeque::new(),
            watch: Watch::default(),
            started_at,
            met_before: Vec::new(),
            observe: Box::new(|_| {}),
        }
    }

    /// Tells as troubles of the run what was wrong before it began: where, and what, in
    /// words.
    #[must_use]
    pub fn after(mut self, troubles: Vec<(String, String)>) -> Self {
        self.met_before = troubles;
        self
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
        let portals: Vec<PortalId> = self.targets.keys().cloned().collect();
        if let Some(newest) = self.parts.frontier.clock_went_back(self.started_at)? {
            let words = format!(
                "the clock went back: a run of this state was at {}; what is later than the clock is asked for again",
                newest.strftime("%Y-%m-%dT%H:%M:%SZ")
            );
            self.tally.trouble_of_all(ALL_PORTALS, &words);
        }
        for (place, words) in std::mem::take(&mut self.met_before) {
            self.tally.trouble_of_all(&place, &words);
        }
        let run = self.parts.frontier.begin_run(&portals, now)?;
        self.meters.restore(self.parts.frontier.spent()?);
        let mut batch = self.parts.frontier.batch()?;
        // A run that is killed has noticed it all the same.
        self.tally.write_troubles(&mut *batch, now)?;
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
        for told in self.parts.frontier.troubles()? {
            let portal = PortalId::from(told.portal.as_str());
            if self.targets.contains_key(&portal) && self.watch.remember(&portal, &told, now) {
                self.tally.trouble(&portal, &told.place, &told.words);
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
        let deadline = self.deadline();
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
                return self.idle_ending(now);
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

    /// When the run's time is up; none where it has no limit.
    fn deadline(&self) -> Option<Timestamp> {
        self.settings.max_time.map(|time| later(self.started_at, time))
    }

    /// When to look again at the latest; none when the run is done: what is due later
    /// than it would wait, or than its time is up, is the next run's.
    fn next_wake(&self, now: Timestamp) -> Option<Timestamp> {
        let patience = later(now, self.settings.max_wait).min(self.deadline().unwrap_or(Timestamp::MAX));
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
            Event::Read(read) => self.page_read(*read)?,
            Event::Lost => self.tally.n_lost_tasks += 1,
        }
        Ok(())
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
        is_part: false,
        not_before: now,
    })
}
