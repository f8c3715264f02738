//! What an earlier run left is finished before a run begins: the archive is cut
//! where the state says that it is whole, and what the lake lacks is read again.

use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::Timestamp;
use rayon::prelude::*;

use super::sink::LakeSink;
use super::{CrawlError, Places, Run, hint, record_ref};
use crate::archive::{self, Position, Writer};
use crate::config::{Plan, PlannedPortal};
use crate::crawl::address::HostKey;
use crate::crawl::engine::{EngineError, Kept, NOINDEX, Neighbours, Sink, documents, read_article, said, words_of};
use crate::crawl::frontier::{
    ALL_PORTALS, ArchivePosition, ArchiveRef, ArticlePage, Batch, CUT_SHORT, Frontier, FrontierError, PageRequest,
    PendingResponse, PortalId, ResponseId,
};
use crate::crawl::guard::{AddressPolicy, Refused};
use crate::crawl::restraints::Exclusion;
use crate::crawl::transport::may_be_relaxed;
use crate::lake::Lake;
use crate::ops::counted;
use crate::report::Catalogue;

/// Responses that are read again from the archive between two commits: with all
/// that they hold, some 20 MB.
const MOST_PENDING: u32 = 250;
/// Of them those that are read at the same time: their pages and their texts are in
/// memory meanwhile.
const MOST_AT_ONCE: usize = 16;

/// Up to where the archive is acknowledged. A new state says so before it has
/// anything written, so that what a killed run left is told from what was there.
pub(super) fn committed_position(frontier: &mut dyn Frontier, places: &Places) -> Result<Position, CrawlError> {
    if let Some(at) = frontier.archive_position()? {
        return Ok(Position { file: at.file, length: at.length });
    }
    let position = Writer::before_anything(&places.archive())?;
    let mut batch = frontier.batch()?;
    batch.archive_position(&ArchivePosition { file: position.file.clone(), length: position.length })?;
    batch.commit()?;
    Ok(position)
}

/// Gives what is known of a portal to the id that names its entry now: ids change,
/// and a government of the directory gets an entry and an id of its own. What is
/// known of portals that are left out stays, their troubles pass.
pub(super) fn pass_on_renamed(frontier: &mut dyn Frontier, run: &Run<'_>) -> Result<(), CrawlError> {
    let all = configured(run);
    let is_configured = |id: &PortalId| all.iter().any(|portal| portal.id == id.as_str());
    for portal in run.portals {
        let to = PortalId::from(portal.id.as_str());
        for entry in &portal.entries {
            if let Some(from) = frontier.pass_on(&PageRequest::get(entry.clone()), &to, &is_configured)? {
                let (event, from, to) = ("portal.renamed", from.as_str(), to.as_str());
                tracing::info!(event, from, to, "an entry is another portal's now, and what was found from it");
            }
        }
    }
    Ok(frontier.close_left_out(&is_configured)?)
}

/// Makes due what a setting refused that an earlier run had, and this one has not.
pub(super) fn wake_permitted(frontier: &mut dyn Frontier, run: &Run<'_>) -> Result<(), FrontierError> {
    let (exclusions, crawl) = (&run.settings.restraints.exclusions, &run.settings.crawl);
    let (policy, relaxed) = (AddressPolicy::allowing(crawl.networks()), crawl.relaxed_hosts());
    let is_permitted = |host: &HostKey, words: &str| {
        if Exclusion::is_told_by(words) {
            return !exclusions.say(words);
        }
        Refused::told_by(words).is_some_and(|address| policy.check(address).is_ok())
            || may_be_relaxed(words) && relaxed.contains(host.name())
    };
    let portals: Vec<PortalId> = run.portals.iter().map(|portal| portal.id.as_str().into()).collect();
    frontier.permitted(&portals, run.clock.now(), &is_permitted)
}

/// The portals of the configuration, and those of the run.
fn configured(run: &Run<'_>) -> Vec<PlannedPortal> {
    Plan::whole(run.settings).portals.into_iter().chain(run.portals.iter().cloned()).collect()
}

/// What the lake took and no longer has: its folder was moved, a file of it was lost, or
/// was damaged and put away. The archive still holds it.
pub(super) struct Lost {
    /// The pages with reports that it lacks.
    responses: Vec<ResponseId>,
    pub extent: Extent,
}

/// How much of the lake is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// The lake was not there at all.
    Whole,
    /// It is there, and has no document.
    Documents,
    /// Some documents, or none.
    Some,
}

impl Lost {
    pub fn of(frontier: &dyn Frontier, lake: &Lake) -> Result<Self, FrontierError> {
        let mut lost = frontier.documents_in_lake()?;
        lost.retain(|(_, documents)| documents.split(' ').any(|id| !lake.has_document(id)));
        let extent = match lake.n_documents() {
            _ if lake.was_new() => Extent::Whole,
            0 if !lost.is_empty() => Extent::Documents,
            _ => Extent::Some,
        };
        Ok(Self { responses: lost.into_iter().map(|(response, _)| response).collect(), extent })
    }

    /// How many pages with reports the lake lacks.
    pub fn n_pages(&self) -> u64 {
        self.responses.len() as u64
    }

    /// Notes it, to be read again from the archive, with what was noticed: a run that is
    /// killed before it has made that again leaves both.
    pub fn note(
        &self,
        frontier: &mut dyn Frontier,
        noticed: &[(String, String)],
        now: Timestamp,
    ) -> Result<(), FrontierError> {
        if !self.responses.is_empty() {
            let (event, n_lost) = ("lake.lost", self.n_pages());
            tracing::warn!(
                event,
                n_lost,
                "the lake lacks pages with reports that it had: they are read again from the archive"
            );
        }
        let mut batch = frontier.batch()?;
        match self.extent {
            Extent::Whole | Extent::Documents => batch.all_lost_by_lake()?,
            Extent::Some => batch.lost_by_lake(&self.responses)?,
        }
        for (place, words) in noticed {
            batch.trouble(ALL_PORTALS, place, words, now)?;
        }
        batch.commit()
    }
}

/// Reads again from the archive what the lake has not taken yet, of whatever
/// portal, with all that is known of the place when a page comes from the net. How
/// many reports of it no run has told: an interrupted one found them.
pub(super) fn commit_pending(
    frontier: &mut dyn Frontier,
    sink: &mut LakeSink,
    run: &Run<'_>,
    catalogue: &Catalogue,
) -> Result<u64, CrawlError> {
    let mut pending = frontier.not_in_lake(None, MOST_PENDING)?;
    if pending.is_empty() {
        return Ok(0);
    }
    let interrupted = frontier.open_run()?;
    // Of each portal what its reports say, once, as a run counts them.
    let mut untold = HashSet::new();
    let all = configured(run);
    let portals: HashMap<&str, &PlannedPortal> = all.iter().map(|portal| (portal.id.as_str(), portal)).collect();
    while let Some(end) = pending.last() {
        let last = Some(end.id);
        let pages = pending.iter().map(|pending| frontier.article_of(pending.url_id, Some(pending.id)));
        let pages = pages.collect::<Result<Vec<_>, _>>()?;
        let read = |(pending, pages): (PendingResponse, Vec<ArticlePage>)| {
            let portal = portals.get(pending.portal.as_str()).copied();
            (pending.url.clone(), pending.n_reports, read_again(pending, &pages, portal, run.places, catalogue))
        };
        let mut noted = Vec::with_capacity(pages.len());
        let mut waiting = pending.into_iter().zip(pages);
        while waiting.len() > 0 {
            let some: Vec<_> = waiting.by_ref().take(MOST_AT_ONCE).collect();
            for (url, n_reports, again) in some.into_par_iter().map(&read).collect::<Vec<_>>() {
                match again {
                    Ok(again) => {
                        if interrupted.is_some_and(|run| again.kept.fetched_at >= run.started_at) {
                            let reports = again.kept.reports.iter();
                            let new = reports.filter(|report| !sink.lake.has_document(report.document_id.as_str()));
                            untold.extend(new.map(|report| (again.kept.portal.clone(), said(report))));
                        }
                        noted.push(Noted::of(&again));
                        sink.keep(again.kept);
                    }
                    // What cannot be read must not keep all others waiting.
                    Err(error) => {
                        tracing::warn!(
                            event = "archive.unreadable",
                            url,
                            "{error}: the lake lacks the page until it can be read"
                        );
                        sink.missed.note(n_reports, &error);
                    }
                }
            }
        }
        let committed =
            if sink.is_full() { sink.commit(run.clock.now()).map_err(EngineError::from)? } else { Vec::new() };
        let mut batch = frontier.batch()?;
        // That a page is gone is said of the documents that come now.
        let responses: Vec<ResponseId> = noted.iter().map(|noted| noted.response).collect();
        batch.lost_by_lake(&responses)?;
        for noted in &noted {
            noted.write(batch.as_mut())?;
        }
        batch.in_lake(&committed)?;
        batch.commit()?;
        pending = frontier.not_in_lake(last, MOST_PENDING)?;
    }
    Ok(untold.len() as u64)
}

/// A response that was read again.
struct ReadAgain {
    kept: Kept,
    /// How many reports it held when it was read before.
    n_before: u32,
}

/// What the frontier notes of a response that was read again.
struct Noted {
    response: ResponseId,
    portal: PortalId,
    documents: String,
    words: String,
    n_reports: u32,
    /// What its reports say, as digests, where it held none before.
    found: Vec<Vec<u8>>,
}

impl Noted {
    fn of(again: &ReadAgain) -> Self {
        let ReadAgain { kept, n_before } = again;
        let found = if *n_before == 0 { kept.reports.as_slice() } else { &[] };
        Self {
            response: kept.response,
            portal: kept.portal.clone(),
            documents: documents(&kept.reports),
            words: kept.words.clone(),
            n_reports: u32::try_from(kept.reports.len()).unwrap_or(u32::MAX),
            found: found.iter().map(said).collect(),
        }
    }

    fn write(&self, batch: &mut dyn Batch) -> Result<(), FrontierError> {
        batch.documents(self.response, &self.documents)?;
        batch.read_anew(self.response, &self.words, self.n_reports)?;
        let mut n_news = 0;
        for digest in &self.found {
            n_news += u32::from(batch.says_news(&self.portal, digest)?);
        }
        batch.count(&self.portal, 0, n_news)
    }
}

/// A response that cannot be read again.
#[derive(Debug, thiserror::Error)]
enum Unreadable {
    #[error("{0}")]
    Archive(#[from] archive::ArchiveError),
    #[error("what its page said later cannot be read: {0}; what it said before does not stand for that")]
    Outdated(archive::ArchiveError),
    #[error("reading it failed: a defect of gongkai, please report it")]
    Panicked,
}

/// What the lake lacks and could not be read again: it would not be missed otherwise.
#[derive(Debug, Default)]
pub(super) struct Missed {
    n_pages: u64,
    n_reports: u64,
    /// Why the first could not be read.
    why: String,
}

impl Missed {
    fn note(&mut self, n_reports: u32, error: &Unreadable) {
        if self.n_pages == 0 {
            self.why = error.to_string();
        }
        self.n_pages += 1;
        self.n_reports += u64::from(n_reports);
    }

    /// It in words; none where all could be read.
    pub fn words(&self) -> Option<String> {
        let (pages, reports) = (counted(self.n_pages, "page"), counted(self.n_reports, "report"));
        (self.n_pages > 0).then(|| {
            format!(
                "the lake lacks {pages} with {reports}, until they can be read again from the archive: {}",
                self.why
            )
        })
    }
}

/// A response as it lies in the archive, read as it is read now: a newer program
/// may find a report where an older found none.
fn read_again(
    pending: PendingResponse,
    pages: &[ArticlePage],
    portal: Option<&PlannedPortal>,
    places: &Places,
    catalogue: &Catalogue,
) -> Result<ReadAgain, Unreadable> {
    const OK: u16 = 200;
    let archived = |place: &ArchiveRef| archive::read(&places.archive(), &record_ref(place));
    if let Some(later) = pending.place_of_later.filter(|_| pending.n_reports > 0) {
        // A wrong number is worse than a missing one.
        archived(&later).map_err(Unreadable::Outdated)?;
    }
    let (mut reports, mut of_reports, mut words) = (Vec::new(), pending.url.clone(), pending.words);
    let mut first_at = None;
    let asked_not_to_be_read = words.starts_with(NOINDEX);
    if pending.status == OK && !asked_not_to_be_read {
        let mut capture = archived(&pending.place)?;
        // The state knows when the bytes came last, the archive when they came first.
        first_at = capture.fetched_at.filter(|first| *first < pending.fetched_at);
        capture.hint = hint(pending.portal.as_str(), portal);
        let neighbours = Neighbours::fetch(pages, pending.url_id, archived)?;
        let read = AssertUnwindSafe(|| read_article(&capture, neighbours, catalogue));
        let said = catch_unwind(read).map_err(|_| Unreadable::Panicked)?;
        let is_half = said.reading.reports.iter().any(|report| report.cut_short.is_some());
        if said.reading.reports.len() != pending.n_reports as usize || is_half != words.starts_with(CUT_SHORT) {
            words = words_of(&said.reading);
        }
        reports = said.reading.reports;
        of_reports = said.first_page.map_or(of_reports, |first| first.to_string());
    }
    let kept = Kept {
        response: pending.id,
        fetched_at: pending.fetched_at,
        first_at,
        url: pending.url,
        of_reports,
        host: pending.host,
        portal: pending.portal,
        status: pending.status,
        words,
        sha256: pending.sha256,
        n_bytes: pending.n_bytes,
        duration_ms: pending.duration_ms,
        place: pending.place,
        reports,
    };
    Ok(ReadAgain { kept, n_before: pending.n_reports })
}
