//! How a run ends: what is under way comes home, and what is left is told.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use super::moved::moved_entry;
use super::sink::Sink;
use super::tally::MOST_SHOWN;
use super::unwell::Kind;
use super::{Engine, EngineError, Event, later};
use crate::clock::in_words;
use crate::crawl::address::HostKey;
use crate::crawl::frontier::{
    ALL_PORTALS, Frontier, FrontierError, KnownTrouble, LEFT, PARTLY_READ, PageRequest, PortalId, RESTS, RunId,
    Standing, UrlState, by_cause,
};
use crate::crawl::restraints::Exclusion;

/// Said of a portal that was searched to its end and gave nothing, and then why. It
/// counts nothing, so that it is told once.
const IN_VAIN: &str = "searched to its end in vain: ";
/// Lists of one portal that are told of.
const MOST_LISTS: usize = 3;

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

impl<S: Sink> Engine<S> {
    /// Waits a little for what is under way, and for all pages that came to be
    /// read, so that none is asked for again; writes all that came home, and
    /// commits the lake.
    pub(super) async fn finish(&mut self, run: RunId, ending: Ending) -> Result<(), EngineError> {
        const GRACE: Duration = Duration::from_secs(5);
        let until = later(self.parts.clock.now(), GRACE);
        while !self.tasks.is_empty() {
            tokio::select! {
                Some(event) = self.tasks.join_next() => self.take(event.unwrap_or(Event::Lost))?,
                () = self.parts.clock.sleep_until(until), if self.n_reading == 0 => break,
            }
        }
        self.tasks.abort_all();
        if matches!(ending, Ending::Done | Ending::TimeUp) {
            self.give_up_doubts();
        }
        self.give_up_unwell();
        self.tell_unresolved();
        self.write()?;
        self.commit()?;
        if ending == Ending::Done {
            self.give_up_unanswered();
        }
        self.tally.waiting = self.left_waiting()?;
        let now = self.parts.clock.now();
        self.note_who_is_done(now)?;
        self.tally.in_vain = self.searched_in_vain()?;
        self.tally.held = self.meters.held(now);
        self.note_who_rests(now)?;
        let portals: Vec<PortalId> = self.targets.keys().cloned().collect();
        self.tally.next_at = self.parts.frontier.queue(&portals, now)?.next_due();
        self.tell_troubles(now)?;
        self.note_whole_searches(now)?;
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
        let json = serde_json::to_string(&self.tally).unwrap_or_default();
        match ending {
            Ending::Done | Ending::TimeUp => self.parts.frontier.end_run(run, now, &json)?,
            Ending::Stopped | Ending::DiskLow => self.parts.frontier.stop_run(run, &json)?,
        }
        Ok(())
    }

    /// How a run ends that has nothing to do for longer than it would wait, or before its
    /// time is up: then it notes who keeps it waiting, until when, and why.
    pub(super) fn idle_ending(&mut self, now: Timestamp) -> Result<Ending, EngineError> {
        let patience = later(now, self.settings.max_wait);
        if self.agenda.next_instant().is_none_or(|at| at > patience) {
            return Ok(Ending::Done);
        }
        for (host, at) in self.agenda.waiting() {
            let kind = self.why_waits(&host, now);
            self.note_rest(&host, kind, &in_words(at))?;
        }
        Ok(Ending::TimeUp)
    }

    /// Notes until when a host rests, and why: what it answered last, if that is why.
    fn note_rest(&mut self, host: &HostKey, kind: Kind, until: &str) -> Result<(), EngineError> {
        let last = match kind {
            Kind::Held => None,
            _ => self.parts.frontier.last_words_of(host.as_str())?,
        };
        let why = last.unwrap_or_else(|| kind.as_str().to_owned());
        self.tally.resting.insert(host.to_string(), format!("until {until}: {why}"));
        Ok(())
    }

    /// Notes the hosts with something waiting that are left alone for longer than
    /// this run could wait, or failed so often that it did not.
    fn note_who_rests(&mut self, now: Timestamp) -> Result<(), EngineError> {
        let patience = later(now, self.settings.max_wait);
        for (host, portal, _) in self.parts.frontier.n_waiting_by_host()? {
            let until = self.parts.gates.state(&host).rests_until().filter(|until| *until > patience);
            let until = until.map(in_words);
            let until = until.or_else(|| self.rests(&host).then(|| "the next run".to_owned()));
            let is_told = self.hosts.get(&host).is_some_and(|known| known.unreachable().is_some());
            if let Some(until) = until.filter(|_| self.targets.contains_key(&portal) && !is_told) {
                let kind = self.why_rests(&host);
                self.tally.trouble(&portal, host.as_str(), &format!("{RESTS}{}", kind.as_str()));
                self.note_rest(&host, kind, &until)?;
            }
        }
        Ok(())
    }

    /// Notes the portals whose entry was moved to another host for good: of the state,
    /// not of the run, as lists are.
    fn note_moved_entries(&mut self) -> Result<(), EngineError> {
        for target in self.targets.values() {
            for entry in &target.entries {
                let seen = self.parts.frontier.seen(&PageRequest::get(entry.url.clone()))?;
                if let Some(to) = seen.as_ref().and_then(moved_entry) {
                    let words = format!("the portal has moved: its entry (homepage in portals.csv) should be {to}");
                    self.tally.trouble(&target.portal, entry.url.as_str(), &words);
                }
            }
        }
        Ok(())
    }

    /// Notes the reports' pages that may be half of what they are: of the state, until a
    /// later visit gives the whole.
    fn note_cut_short(&mut self) -> Result<(), EngineError> {
        let (targets, tally) = (&self.targets, &mut self.tally);
        self.parts.frontier.cut_short(&mut |portal, url, words| {
            if targets.contains_key(&portal) {
                tally.trouble(&portal, &url, &words);
            }
        })?;
        Ok(())
    }

    /// Closes the troubles that passed, and finds out which of the others no
    /// summary has told: that of this run does.
    fn tell_troubles(&mut self, now: Timestamp) -> Result<(), EngineError> {
        let lists = Lists::of_state(self.parts.frontier.as_ref())?;
        let in_vain = self.why_in_vain(&lists)?;
        self.note_moved_entries()?;
        self.note_cut_short()?;
        let mut batch = self.parts.frontier.batch()?;
        self.tally.write_troubles(&mut *batch, now)?;
        for (portal, words) in &in_vain {
            batch.trouble(portal.as_str(), portal.as_str(), &format!("{IN_VAIN}{words}"), now)?;
        }
        for (portal, list) in lists.partly_read(&|portal| self.targets.contains_key(portal)) {
            batch.trouble(portal.as_str(), &list.url, &list.words, now)?;
        }
        batch.commit()?;
        let was_crawled = |portal: &PortalId| portal.as_str() == ALL_PORTALS || self.targets.contains_key(portal);
        self.parts.frontier.close_troubles(self.started_at, &was_crawled)?;
        for trouble in by_cause(self.parts.frontier.troubles()?) {
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

    /// Notes the portals of which nothing is left to be asked, pages came, and no host or
    /// list fails: what they have not shown they do not have.
    fn note_whole_searches(&mut self, now: Timestamp) -> Result<(), EngineError> {
        let frontier = &self.parts.frontier;
        let left = self.tally.waiting.iter().filter(|(_, n)| *n > 0).map(|(portal, _)| portal.clone());
        let mut unfinished: BTreeSet<PortalId> = left.collect();
        let troubles = frontier.troubles()?.into_iter().filter(KnownTrouble::is_out_of_order);
        unfinished.extend(troubles.map(|trouble| PortalId::from(trouble.portal)));
        let mut partly_read = BTreeSet::new();
        frontier.lost_lists(&mut |list| {
            let lists = if list.fails() { &mut unfinished } else { &mut partly_read };
            lists.insert(list.portal);
        })?;
        frontier.lists(&mut |portal, _, words| {
            if words.starts_with(PARTLY_READ) {
                partly_read.insert(portal);
            }
        })?;
        let visited = frontier.census()?.into_iter().filter(|(_, state, n)| *state == UrlState::Visited && *n > 0);
        let searched: BTreeSet<PortalId> = visited
            .map(|(portal, ..)| portal)
            .filter(|portal| self.targets.contains_key(portal) && !unfinished.contains(portal))
            .collect();
        let mut batch = self.parts.frontier.batch()?;
        for portal in &searched {
            batch.searched(portal, (!partly_read.contains(portal)).then_some(now))?;
        }
        Ok(batch.commit()?)
    }

    /// The portals of the run of which nothing is left to be asked, pages came,
    /// and none of them ever held a report or was a file that is named as one.
    ///
    /// This is of the state, not of the run: a portal on which nothing was due
    /// tonight is no better for that, and its trouble stays.
    fn searched_in_vain(&self) -> Result<Vec<String>, EngineError> {
        let frontier = &self.parts.frontier;
        let given = frontier.reports_by_portal()?.into_iter().chain(frontier.unread_by_portal()?);
        let left = self.tally.waiting.iter().cloned();
        let others: BTreeSet<PortalId> = given.chain(left).filter(|(_, n)| *n > 0).map(|(portal, _)| portal).collect();
        let visited = frontier.census()?.into_iter().filter(|(_, state, n)| *state == UrlState::Visited && *n > 0);
        let mut in_vain: BTreeSet<PortalId> = visited
            .map(|(portal, ..)| portal)
            .filter(|portal| self.targets.contains_key(portal) && !others.contains(portal))
            .collect();
        if !in_vain.is_empty() {
            // Whose reports are left alone was not searched for them.
            frontier.candidates(&mut |candidate| {
                if candidate.last_words.is_some_and(|words| Exclusion::is_told_by(&words)) {
                    in_vain.remove(&candidate.portal);
                }
            })?;
            frontier.lost_lists(&mut |list| {
                if list.words.is_some_and(|words| Exclusion::is_told_by(&words)) {
                    in_vain.remove(&list.portal);
                }
            })?;
        }
        Ok(in_vain.iter().map(ToString::to_string).collect())
    }

    /// Why portals were searched in vain. Where links to reports, or the list, were
    /// found, another entry would not help.
    fn why_in_vain(&self, lists: &Lists) -> Result<BTreeMap<PortalId, String>, FrontierError> {
        let mut why: BTreeMap<PortalId, String> = BTreeMap::new();
        for portal in &self.tally.in_vain {
            let words = match lists.of(portal).first() {
                Some(list) => format!("no link to a report is understood on its list, {}", list.url),
                None => "no report was found; `entry` in portals.toml can name its list of reports".to_owned(),
            };
            why.insert(PortalId::from(portal.as_str()), words);
        }
        if why.is_empty() {
            return Ok(why);
        }
        // The first page is the nearest to the entry.
        let mut left = BTreeMap::new();
        self.parts.frontier.left_links(&mut |portal, page, link| {
            left.entry(portal).or_insert_with(|| format!("; on {page} a link was {LEFT}{link}"));
        })?;
        for (portal, link) in left {
            why.entry(portal).and_modify(|why| why.push_str(&link));
        }
        let mut closed = BTreeMap::new();
        self.parts.frontier.lost_lists(&mut |lost| {
            if let Some(words) = lost.words.filter(|_| !lost.was_there) {
                closed
                    .entry(lost.portal)
                    .or_insert_with(|| format!("its list is known and closed, {} ({words})", lost.url));
            }
        })?;
        let mut links = BTreeMap::new();
        self.parts.frontier.candidates(&mut |link| {
            let is_closed = matches!(link.state, UrlState::Refused | UrlState::Failed | UrlState::Gone);
            if let Some(words) = link.last_words.filter(|_| is_closed && link.n_reports.is_none()) {
                links.entry(link.portal).or_insert_with(|| {
                    format!("links to reports were found and none could be had, such as {} ({words})", link.url)
                });
            }
        })?;
        for (portal, words) in closed.into_iter().chain(links) {
            why.entry(portal).and_modify(|why| *why = words);
        }
        Ok(why)
    }

    /// How many URLs of the run's portals wait, by portal.
    fn left_waiting(&self) -> Result<Vec<(PortalId, u64)>, EngineError> {
        let all = self.parts.frontier.n_waiting()?;
        Ok(all.into_iter().filter(|(portal, _)| self.targets.contains_key(portal)).collect())
    }
}

/// A list of reports that was had, and how its last payload ended in words.
struct List {
    url: String,
    words: String,
}

/// The lists that may need a person: of the state, not of the run, as
/// [`Engine::searched_in_vain`] is.
struct Lists(BTreeMap<PortalId, Vec<List>>);

impl Lists {
    fn of_state(frontier: &dyn Frontier) -> Result<Self, FrontierError> {
        let mut lists: BTreeMap<PortalId, Vec<List>> = BTreeMap::new();
        frontier.lists(&mut |portal, url, words| {
            let of_portal = lists.entry(portal).or_default();
            // The first is the list itself; those behind it are its pages.
            if of_portal.is_empty() || words.starts_with(PARTLY_READ) && of_portal.len() <= MOST_LISTS {
                of_portal.push(List { url, words });
            }
        })?;
        Ok(Self(lists))
    }

    fn of(&self, portal: &str) -> &[List] {
        self.0.get(&PortalId::from(portal)).map_or(&[], Vec::as_slice)
    }

    fn partly_read(&self, is_its: &dyn Fn(&PortalId) -> bool) -> Vec<(&PortalId, &List)> {
        let lists = self.0.iter().filter(|(portal, _)| is_its(portal));
        let partly = lists.flat_map(|(portal, lists)| {
            let partly = lists.iter().filter(|list| list.words.starts_with(PARTLY_READ)).take(MOST_LISTS);
            partly.map(move |list| (portal, list))
        });
        partly.collect()
    }
}
