//! The search for reports: what a page is worth, the ways that worked, and the
//! places that lead nowhere.

use jiff::Timestamp;

use super::doubt::outage;
use super::home::{Outcome, Planned};
use super::host::Sight;
use super::missing::Guise;
use super::reading::NOINDEX;
use super::revisit::{failed_until, gone_until};
use super::watch::{Came, TRAP_LASTS, Trapped, Watch, pattern};
use super::{Engine, EngineError, Sink};
use crate::crawl::address::HostKey;
use crate::crawl::frontier::{Batch, FrontierError, PortalId, Priority, UrlState, Visit};
use crate::crawl::paging::sitemap;
use crate::report::NoReportKind;

impl<S: Sink> Engine<S> {
    /// Takes a page that was read.
    pub(super) fn bring_home(&mut self, mut outcome: Outcome) -> Result<(), EngineError> {
        self.home.note(outcome.at);
        if !self.is_soft_404(&mut outcome) && !self.is_emptied(&mut outcome)? {
            self.compare(&mut outcome)?;
            self.go_on_paging(&mut outcome);
            let has_reports = outcome.payload.as_ref().is_some_and(|payload| !payload.reports.is_empty());
            if has_reports || outcome.sign.names_reports {
                self.host_shows(&outcome, Sight::Reports);
            } else if outcome.sign.leads_on {
                self.host_shows(&outcome, Sight::Page);
            }
        }
        self.home_or_doubt(outcome)
    }

    /// Whether a page only says that there is none: then it is gone, or its host
    /// is out of order.
    fn is_soft_404(&mut self, outcome: &mut Outcome) -> bool {
        let is_empty =
            outcome.payload.as_ref().is_some_and(|payload| payload.reports.is_empty()) && !outcome.sign.leads_on;
        // An entry is never missing: its text may be all that there is.
        if !is_empty || outcome.due.depth == 0 || outcome.sign.no_report == Some(NoReportKind::Binary) {
            return false;
        }
        let Some(host) = self.hosts.get_mut(&outcome.due.host) else { return false };
        // What no page names, and is answered all the same.
        let url = &outcome.due.request.url;
        let is_custom = outcome.due.is_guess && sitemap::customary(url).as_ref() == Some(url);
        if outcome.sign.no_report == Some(NoReportKind::ErrorPage) || is_custom {
            host.missing.learn(outcome.sign.text);
        }
        let (words, state, again_at) = match host.missing.guise(outcome.sign.text) {
            Guise::Page => return false,
            // Maintenance passes; a page that was there is tried the next night.
            Guise::Everywhere if outcome.due.was_there => {
                let words = outage("pages that were there all say the same");
                (words, UrlState::Failed, failed_until(outcome.at))
            }
            Guise::Missing | Guise::Everywhere => {
                let words = "gone: a soft 404, its text is that of missing pages";
                (words.to_owned(), UrlState::Gone, gone_until(outcome.at))
            }
        };
        ends(outcome, words, state, again_at);
        true
    }

    /// Whether a report's page holds no report any more: then the report is gone,
    /// whatever stands in its place.
    fn is_emptied(&mut self, outcome: &mut Outcome) -> Result<bool, EngineError> {
        let due = &outcome.due;
        let is_empty = outcome.payload.as_ref().is_some_and(|payload| payload.reports.is_empty())
            && !outcome.sign.names_reports
            && outcome.sign.no_report != Some(NoReportKind::Binary);
        // Its parts may hold what it held, and who asks not to be read has not taken
        // anything away.
        let is_elsewhere = outcome.found.iter().any(|link| link.is_part) || outcome.words.starts_with(NOINDEX);
        if !is_empty || is_elsewhere || due.depth == 0 || due.priority != Priority::Report {
            return Ok(false);
        }
        let held = self.parts.frontier.batch()?.last_documents(due.id)?;
        if held.is_none_or(|documents| documents.is_empty()) {
            return Ok(false);
        }
        outcome.proof = Sight::Reports;
        let again_at = gone_until(outcome.at);
        ends(outcome, "gone: the page holds no report any more".to_owned(), UrlState::Gone, again_at);
        Ok(true)
    }

    /// Takes the next pages of a list, but for one that shows what the page before
    /// showed: some servers answer any number.
    fn go_on_paging(&mut self, outcome: &mut Outcome) {
        let url = &outcome.due.request.url;
        let mut next_pages = std::mem::take(&mut outcome.next_pages);
        if outcome.due.priority == Priority::Report {
            // The parts of an article have its menu and nothing else.
            outcome.found.append(&mut next_pages);
            return;
        }
        let n_all = next_pages.len();
        if self.watch.repeats(&outcome.due.portal, url, outcome.sign.links_key) {
            next_pages.retain(|next| pattern(&next.request.url) != pattern(url));
        }
        if next_pages.len() < n_all {
            "no report: the links of the page before again, its next page is left".clone_into(&mut outcome.words);
        }
        outcome.found.append(&mut next_pages);
    }

    /// Compares a page with those that the portal has shown before. Under another
    /// host a twin leads where that one led; on its own it may be a list that
    /// moved, with links that count from its new place.
    fn compare(&mut self, outcome: &mut Outcome) -> Result<(), EngineError> {
        let Some(payload) = &outcome.payload else { return Ok(()) };
        let due = &outcome.due;
        outcome.twin = self.parts.frontier.twin(&due.portal, due.id, &payload.sha256)?;
        let of = outcome.twin.as_ref().and_then(HostKey::of);
        if of.as_ref().is_some_and(|of| self.watch.has_moved(&due.portal, of, &due.host)) {
            // The other is where it was.
            outcome.twin = None;
            return Ok(());
        }
        if let Some(twin) = &outcome.twin
            && payload.reports.is_empty()
            && of.as_ref() != Some(&due.host)
        {
            outcome.words = format!("the same page as another: {twin}");
            outcome.found.clear();
            outcome.next_pages.clear();
        }
        let home = self.targets.get(&due.portal).and_then(|target| HostKey::of(&target.entries.first()?.url));
        let home = home.unwrap_or_else(|| due.host.clone());
        if let Some(mirror) = self.watch.twin(&due.portal, &due.host, of.as_ref(), &home, outcome.at) {
            self.tell(&due.portal.clone(), &mirror)?;
        }
        Ok(())
    }

    /// Tells what leads nowhere, and leaves what waits of it.
    pub(super) fn tell(&mut self, portal: &PortalId, trapped: &Trapped) -> Result<(), EngineError> {
        self.tally.trouble(portal, &trapped.pattern, &trapped.words);
        let again_at = self.parts.clock.now().checked_add(TRAP_LASTS).unwrap_or(Timestamp::MAX);
        let watch = &self.watch;
        self.parts.frontier.refuse_waiting(portal, &trapped.words, again_at, &|url, priority| {
            watch.is_trapped(portal, url, priority)
        })?;
        Ok(())
    }
}

/// Ends the visit of a page that came and is none.
fn ends(outcome: &mut Outcome, words: String, state: UrlState, again_at: Timestamp) {
    outcome.words = words;
    outcome.visit = Planned::Fixed(Visit::Over { state, again_at });
    outcome.payload = None;
    outcome.found.clear();
}

/// What was recorded of a page.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    /// What a person is told.
    pub told: Vec<Trapped>,
    /// Hosts that have something to do, because a way stopped working.
    pub woken: Vec<HostKey>,
}

/// Records what a page says of the way to it.
pub(super) fn record(
    batch: &mut dyn Batch,
    watch: &mut Watch,
    outcome: &Outcome,
    visit: &Visit,
) -> Result<Recorded, FrontierError> {
    let (due, at) = (&outcome.due, outcome.at);
    let Some(came) = came(outcome, visit) else { return Ok(Recorded::default()) };
    let mut recorded = Recorded::default();
    let is_redirect = outcome.status.is_some_and(|status| (300..400).contains(&status));
    let is_search = due.priority != Priority::Report || is_redirect || is_moved(outcome);
    let n_bytes = outcome.exchange.as_ref().map_or(0, |exchange| exchange.capture.body.len() as u64);
    recorded.told.extend(watch.ended(&due.portal, &due.request.url, came, is_search, n_bytes, at));
    if came == Came::Fruit {
        let way = batch.ancestors(due.id)?;
        watch.led_to_report(&due.portal, way.iter().map(|ancestor| ancestor.url.as_str()));
    }
    recorded.woken = remember(batch, outcome, came, at)?;
    for link in &outcome.too_deep {
        if !batch.knows(&link.request)? && watch.is_news(&due.portal) {
            let pattern = pattern(&link.request.url);
            let words = format!("links deeper than {} are left, such as {}", link.depth - 1, link.request.url);
            recorded.told.push(Trapped { pattern, words });
        }
    }
    Ok(recorded)
}

/// How a page ended for the watch; none where it has not ended yet.
fn came(outcome: &Outcome, visit: &Visit) -> Option<Came> {
    let is_new = outcome.payload.is_some() && outcome.twin.is_none();
    match visit {
        Visit::Retry { .. } | Visit::Respelled { .. } | Visit::Moved { .. } => None,
        // It is asked for once more, with its host's cookies.
        Visit::Done { .. } if outcome.again.is_some() => None,
        Visit::Over { .. } if outcome.due.is_guess => Some(Came::Unchanged),
        Visit::Over { .. } => Some(Came::Failed),
        Visit::Done { .. } if is_new && is_find(outcome) => Some(Came::Fruit),
        Visit::Done { .. } if outcome.payload.is_some() => Some(Came::Page),
        // A redirect leads on, a page as before does not say where it leads.
        Visit::Done { .. } => Some(if outcome.found.is_empty() { Came::Unchanged } else { Came::Page }),
    }
}

/// Whether a page holds reports, or is a file that is named as one: what it says
/// may be read another day, and the way to it is the way to the next.
fn is_find(outcome: &Outcome) -> bool {
    let Some(payload) = &outcome.payload else { return false };
    let is_unread_file =
        outcome.due.priority == Priority::Report && outcome.sign.no_report == Some(NoReportKind::Binary);
    !payload.reports.is_empty() || is_unread_file
}

/// Remembers the way where it led to a report, and forgets it where its list
/// does not any more: the hosts that wake by that.
fn remember(
    batch: &mut dyn Batch,
    outcome: &Outcome,
    came: Came,
    at: Timestamp,
) -> Result<Vec<HostKey>, FrontierError> {
    let due = &outcome.due;
    if is_find(outcome) && outcome.twin.is_none() {
        batch.way_worked(&due.portal, due.id, 0, at)?;
        return Ok(Vec::new());
    }
    for link in outcome.found.iter().filter(|link| link.priority == Priority::Report) {
        if batch.is_report(&link.request)? {
            batch.way_worked(&due.portal, due.id, 1, at)?;
            return Ok(Vec::new());
        }
    }
    let is_empty = outcome.payload.is_some() && !outcome.sign.names_reports;
    if came == Came::Failed || (came == Came::Page && is_empty) || is_moved(outcome) {
        return batch.way_failed(&due.portal, due.id, at);
    }
    Ok(Vec::new())
}

/// Whether a page was found to be elsewhere.
fn is_moved(outcome: &Outcome) -> bool {
    outcome.payload.is_none() && !outcome.found.is_empty()
}
