//! What a run did, counted.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use super::nights::PlatformNights;
use super::sink::Exchange;
use super::watch::used_up;
use crate::crawl::frontier::{ALL_PORTALS, Batch, Due, FrontierError, KnownTrouble, OUTAGE, PortalId, UrlState, Visit};
use crate::report::{Outcome, Report, Severity};

/// How a URL ended that was only guessed: it need not be there, and whether it is,
/// only an answer tells.
pub(super) fn of_guess(state: UrlState) -> &'static str {
    match state {
        UrlState::Gone => "not there: it was only guessed",
        UrlState::Refused => "not to be asked: it was only guessed",
        _ => "no answer: it was only guessed",
    }
}

/// The counts of one run.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Tally {
    /// Requests sent, robots.txt included.
    pub n_requests: u64,
    /// Answers that brought a page, unchanged ones included.
    pub n_pages: u64,
    /// Pages whose payload was new.
    pub n_new_payloads: u64,
    /// Pages that were as before.
    pub n_unchanged: u64,
    /// Reports that are new, or say something else than before.
    pub n_reports: u64,
    /// Reports that the interrupted run before found, and could not tell or commit.
    pub n_reports_before: u64,
    /// Reports read again that say what they said: their page changed around
    /// them, or has another URL.
    pub n_reports_again: u64,
    /// Checks of severity error that these reports fail.
    pub n_failed_checks: u64,
    /// Checks of severity warning that do not hold: unusual, and possible.
    pub n_check_warnings: u64,
    /// URLs that were given up.
    pub n_failed: u64,
    /// Payload bytes received.
    pub n_bytes: u64,
    /// Tasks that died; a defect of ours.
    pub n_lost_tasks: u64,
    /// When the next URL is due; none where one is by now, or nothing will be.
    pub next_at: Option<Timestamp>,
    /// How many URLs ended how, in words.
    pub outcomes: BTreeMap<String, u64>,
    /// The portals, by id.
    #[serde(serialize_with = "by_portal")]
    pub portals: BTreeMap<PortalId, PortalTally>,
    /// Hosts whose certificate was let through, and what was wrong with it.
    pub relaxed: BTreeMap<String, String>,
    /// What went wrong; the first thousand.
    pub troubles: Vec<Trouble>,
    /// What no summary has told before; the first thousand.
    pub news: Vec<KnownTrouble>,
    /// Portals that were searched to their end and gave no report, by id.
    pub in_vain: Vec<String>,
    /// How many are news.
    pub n_news: u64,
    /// Troubles that are still there, were told before, and nobody
    /// acknowledged.
    pub n_told_before: u64,
    /// Troubles that are still there and acknowledged.
    pub n_acknowledged: u64,
    /// Troubles that the frontier does not know yet.
    #[serde(skip)]
    unwritten: Vec<Trouble>,
    /// URLs that wait for the next run, by portal.
    #[serde(serialize_with = "counts")]
    pub waiting: Vec<(PortalId, u64)>,
    /// Why nothing more could be written: the disk is low.
    pub shortage: Option<String>,
    /// What the operator's limits hold back, with the reason.
    pub held: BTreeMap<String, String>,
    /// Hosts that asked for time or are parked, with something waiting: until when,
    /// and why.
    pub resting: BTreeMap<String, String>,
    /// Platforms whose portals do not fit one night.
    pub nights: Vec<PlatformNights>,
    /// The time that requests took, all added up.
    #[serde(rename = "answer_ms", serialize_with = "millis")]
    pub answer_time: Duration,
    /// How long the run took.
    #[serde(rename = "duration_ms", serialize_with = "millis")]
    pub duration: Duration,
}

/// The counts of one portal in one run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PortalTally {
    /// Requests for its pages.
    pub n_requests: u64,
    /// The time that they took, all added up.
    #[serde(rename = "answer_ms", serialize_with = "millis")]
    pub answer_time: Duration,
    /// Answers that brought a page.
    pub n_pages: u64,
    /// Reports that are new, or say something else than before.
    pub n_reports: u64,
    /// Pages that were as before.
    pub n_unchanged: u64,
    /// URLs that were given up.
    pub n_failed: u64,
    /// Payload bytes received.
    pub n_bytes: u64,
    /// The last thing that went wrong, in words.
    pub last_trouble: Option<String>,
}

/// Something that a person should look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trouble {
    /// The portal, by id.
    pub portal: String,
    /// The URL or host.
    pub place: String,
    /// What is wrong, in words.
    pub words: String,
}

/// Troubles that a tally holds: memory is bounded, the frontier knows them all.
pub(super) const MOST_SHOWN: usize = 1000;

/// How a run stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Portals of the run.
    pub n_portals: usize,
    /// Hosts that wait for their turn.
    pub n_hosts_waiting: usize,
    /// Requests and readings under way.
    pub n_under_way: usize,
    /// Pages so far.
    pub n_pages: u64,
    /// Of them those that were as before.
    pub n_unchanged: u64,
    /// Reports so far.
    pub n_reports: u64,
    /// Checks of severity error that they fail.
    pub n_failed_checks: u64,
    /// Requests so far, robots.txt included.
    pub n_requests: u64,
    /// Payload bytes so far.
    pub n_bytes: u64,
    /// The time that requests took so far, all added up.
    pub answer_time: Duration,
    /// URLs given up so far.
    pub n_failed: u64,
    /// When the next host's turn comes, where all wait.
    pub next_at: Option<Timestamp>,
}

impl Tally {
    /// Counts an outcome by its words.
    pub(super) fn outcome(&mut self, words: &str) {
        // What varies (numbers, names) stands after a colon.
        let kind = words.split(':').next().unwrap_or(words);
        *self.outcomes.entry(kind.to_owned()).or_default() += 1;
    }

    /// Counts a URL that was given up without being asked.
    pub(super) fn gave_up(&mut self, portal: &PortalId, words: &str) {
        self.outcome(words);
        self.n_failed += 1;
        self.portal(portal).n_failed += 1;
    }

    /// Notes, once, that a portal's pages for one run are used up, and by which
    /// most.
    pub(super) fn over_budget(&mut self, portal: &PortalId, max_pages: u32, busiest: Option<&str>) {
        let words = used_up(&format!("its {max_pages} pages"), busiest);
        self.trouble(portal, portal.as_str(), &words);
    }

    /// Counts what came of a payload.
    pub(super) fn received(&mut self, portal: &PortalId, n_bytes: u64) {
        self.n_bytes += n_bytes;
        self.portal(portal).n_bytes += n_bytes;
    }

    /// Counts how a request ended, and the reports that are news.
    pub(super) fn outcome_of(
        &mut self,
        due: &Due,
        words: &str,
        visit: &Visit,
        exchange: Option<&Exchange>,
        reports: &[&Report],
    ) {
        self.outcome(match visit {
            Visit::Over { state, .. } if due.is_guess => of_guess(*state),
            _ => words,
        });
        let n_bytes = exchange.map_or(0, |exchange| exchange.capture.body.len() as u64);
        let n_reports = reports.len() as u64;
        self.received(&due.portal, n_bytes);
        self.n_reports += n_reports;
        let url = due.request.url.as_str();
        tracing::debug!(event = "url.visited", portal = due.portal.as_str(), url, n_bytes, "{words}");
        for report in reports {
            tracing::info!(
                event = "report.found",
                portal = due.portal.as_str(),
                url,
                report_id = report.report_id.as_str(),
                report_year = report.report_year,
                "{}",
                report.title
            );
        }
        for check in reports.iter().flat_map(|report| &report.checks).filter(|check| check.outcome == Outcome::Fail) {
            match check.severity {
                Severity::Error => self.n_failed_checks += 1,
                Severity::Warning => self.n_check_warnings += 1,
            }
        }
        let tally = self.portal(&due.portal);
        tally.n_reports += n_reports;
        match visit {
            Visit::Done { n_unchanged, .. } => {
                tally.n_pages += 1;
                tally.n_unchanged += u64::from(*n_unchanged > 0);
                self.n_pages += 1;
                self.n_unchanged += u64::from(*n_unchanged > 0);
                self.n_new_payloads += u64::from(*n_unchanged == 0);
            }
            Visit::Retry { .. } | Visit::Moved { .. } | Visit::Respelled { .. } => {}
            Visit::Over { .. } if due.is_guess => {}
            Visit::Over { .. } => {
                tally.n_failed += 1;
                self.n_failed += 1;
                // A host that is out of order is told of once, not page by page.
                match words.split_once(" (").filter(|_| words.starts_with(OUTAGE)) {
                    Some((words, _)) => self.trouble(&due.portal, due.host.as_str(), words),
                    None => self.trouble(&due.portal, due.request.url.as_str(), words),
                }
            }
        }
    }

    /// The portal's counts.
    pub(super) fn portal(&mut self, portal: &PortalId) -> &mut PortalTally {
        self.portals.entry(portal.clone()).or_default()
    }

    /// Counts a request's time; a page's for its portal too.
    pub(super) fn took(&mut self, portal: Option<&PortalId>, duration: Duration) {
        self.answer_time += duration;
        if let Some(portal) = portal {
            let tally = self.portal(portal);
            tally.n_requests += 1;
            tally.answer_time += duration;
        }
    }

    /// Writes the troubles that the state does not have yet.
    pub(super) fn write_troubles(&mut self, batch: &mut dyn Batch, now: Timestamp) -> Result<(), FrontierError> {
        let mut unwritten = self.unwritten.drain(..);
        unwritten.try_for_each(|trouble| batch.trouble(&trouble.portal, &trouble.place, &trouble.words, now))
    }

    /// Notes what is wrong with the whole run.
    pub(super) fn trouble_of_all(&mut self, place: &str, words: &str) {
        let trouble = Trouble { portal: ALL_PORTALS.to_owned(), place: place.to_owned(), words: words.to_owned() };
        tracing::info!(event = "trouble.met", portal = ALL_PORTALS, place, words, "something went wrong");
        self.unwritten.push(trouble.clone());
        self.troubles.push(trouble);
    }

    /// Notes what a person should look at; bounded, because a whole province
    /// may be down.
    pub(super) fn trouble(&mut self, portal: &PortalId, place: &str, words: &str) {
        let trouble = Trouble { portal: portal.to_string(), place: place.to_owned(), words: words.to_owned() };
        if self.troubles.contains(&trouble) {
            return;
        }
        tracing::info!(event = "trouble.met", portal = portal.as_str(), place, words, "something went wrong");
        self.portal(portal).last_trouble = Some(words.to_owned());
        self.unwritten.push(trouble.clone());
        if self.troubles.len() < MOST_SHOWN {
            self.troubles.push(trouble);
        }
    }
}

fn millis<S: serde::Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

fn by_portal<S: serde::Serializer>(map: &BTreeMap<PortalId, PortalTally>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(map.iter().map(|(portal, tally)| (portal.as_str(), tally)))
}

fn counts<S: serde::Serializer>(counts: &[(PortalId, u64)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(counts.iter().map(|(portal, n)| (portal.as_str(), n)))
}
