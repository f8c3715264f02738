//! Pages that are said to be gone by a host that has shown no other yet.
//!
//! A host that answers 404 whatever it is asked, or leads everyone home, is out
//! of order, and has taken nothing away. That a page is gone is believed where
//! its host shows another page in the same run, which the page that led to it is
//! asked for; until then it is kept in mind, and at the end of the run it failed.
//! That a report's page holds none any more, a home page in its stead perhaps, needs
//! more: a page with reports, or with links to reports. An outage may show a home
//! page under every URL.
//! A page in doubt counts towards its portal's budgets as one that failed.

use std::collections::HashMap;

use jiff::Timestamp;

use super::home::{Outcome, Planned};
use super::host::Sight;
use super::revisit::failed_until;
use super::{Engine, EngineError, Sink};
use crate::crawl::address::HostKey;
use crate::crawl::frontier::{OUTAGE, PageRequest, Priority, UrlState, Visit};

/// So many pages of a host in doubt, and what may lead to them is asked for before
/// others like them: a list that was rebuilt settles it with one request.
const MOST_UNPROVEN: usize = 5;

/// The pages in doubt, by host. Their answers are in the archive.
pub(super) type Doubts = HashMap<HostKey, Vec<Outcome>>;

/// What is said of a page in doubt whose host shows none.
pub(super) fn outage(words: &str) -> String {
    format!("{OUTAGE}the host does not show its pages ({words})")
}

impl<S: Sink> Engine<S> {
    /// Takes the end of a request home, unless it is in doubt.
    pub(super) fn home_or_doubt(&mut self, mut outcome: Outcome) -> Result<(), EngineError> {
        let is_gone = matches!(outcome.visit, Planned::Fixed(Visit::Over { state: UrlState::Gone, .. }));
        let is_sure = self.hosts.get(&outcome.due.host).is_some_and(|known| known.sight >= outcome.proof);
        // Who links to a page of another host says nothing about that host.
        let led_from_elsewhere =
            outcome.due.found_on.as_ref().is_some_and(|page| HostKey::of(page).as_ref() != Some(&outcome.due.host));
        let is_sure = is_sure || led_from_elsewhere;
        if !is_gone || !outcome.due.was_there || is_sure {
            self.home.outcomes.push(outcome);
            return Ok(());
        }
        self.set_aside(&mut outcome)?;
        let (host, portal) = (outcome.due.host.clone(), outcome.due.portal.clone());
        if let Some(page) = &outcome.due.found_on {
            self.ask_for_proof(&PageRequest::get(page.clone()), outcome.at)?;
            if let Some(of) = HostKey::of(page) {
                self.expect(&of, &portal, outcome.at)?;
            }
        }
        self.doubts.entry(host).or_default().push(outcome);
        Ok(())
    }

    /// Counts a page whose end is not known yet, and leaves its answer to the archive:
    /// a portal may have thousands of them.
    pub(super) fn set_aside(&mut self, outcome: &mut Outcome) -> Result<(), EngineError> {
        // It is not under way any more, and not written either.
        if let Some(n) = self.under_way.get_mut(&outcome.due.portal) {
            *n = n.saturating_sub(1);
        }
        let is_archived = self.is_to_be_archived(outcome)?;
        let exchange = outcome.exchange.take();
        let n_bytes = exchange.as_ref().map_or(0, |exchange| exchange.capture.body.len() as u64);
        self.watch.doubts(&outcome.due.portal, n_bytes, outcome.at);
        self.tally.received(&outcome.due.portal, n_bytes);
        self.home.exchanges.extend(exchange.filter(|_| is_archived));
        Ok(())
    }

    /// In which order a host's pages are asked for.
    pub(super) fn order_of(&self, host: &HostKey) -> [Priority; 4] {
        let mut order = Priority::ALL;
        if self.doubts.get(host).is_some_and(|doubts| doubts.len() >= MOST_UNPROVEN) {
            // Reports last.
            order.rotate_left(1);
        }
        order
    }

    /// Asks for the page that led to one in doubt, once in a run.
    fn ask_for_proof(&mut self, page: &PageRequest, now: Timestamp) -> Result<(), EngineError> {
        let seen = self.parts.frontier.seen(page)?;
        let rests = seen.is_some_and(|seen| {
            let is_over = !matches!(seen.state, UrlState::Waiting | UrlState::InWork);
            is_over && seen.last_seen.is_none_or(|at| at < self.started_at)
        });
        if rests {
            let batch = self.parts.frontier.batch()?;
            batch.ask_again(page, now)?;
            batch.commit()?;
        }
        Ok(())
    }

    /// A host showed a page: what it said before is believed, as far as that proves it.
    pub(super) fn host_shows(&mut self, outcome: &Outcome, sight: Sight) {
        let url = &outcome.due.request.url;
        // Those who lead everyone home show their home page.
        if url.path() == "/" && url.query().is_none() {
            return;
        }
        if let Some(known) = self.hosts.get_mut(&outcome.due.host) {
            known.sight = known.sight.max(sight);
        }
        self.settle_doubts(&outcome.due.host, sight, |_| {});
    }

    /// At the end of a run what is still in doubt failed.
    pub(super) fn give_up_doubts(&mut self) {
        let hosts: Vec<HostKey> = self.doubts.keys().cloned().collect();
        for host in hosts {
            self.settle_doubts(&host, Sight::Reports, |outcome| {
                outcome.words = outage(&outcome.words);
                let again_at = failed_until(outcome.at);
                outcome.visit = Planned::Fixed(Visit::Over { state: UrlState::Failed, again_at });
            });
        }
    }

    fn settle_doubts(&mut self, host: &HostKey, sight: Sight, change: impl Fn(&mut Outcome)) {
        let all = self.doubts.remove(host).unwrap_or_default();
        let (settled, left): (Vec<_>, Vec<_>) = all.into_iter().partition(|outcome| outcome.proof <= sight);
        if !left.is_empty() {
            self.doubts.insert(host.clone(), left);
        }
        for mut outcome in settled {
            change(&mut outcome);
            self.bring_back(outcome);
        }
    }

    /// Takes a page home that was set aside.
    pub(super) fn bring_back(&mut self, outcome: Outcome) {
        self.watch.settles(&outcome.due.portal);
        *self.under_way.entry(outcome.due.portal.clone()).or_default() += 1;
        self.home.note(outcome.at);
        self.home.outcomes.push(outcome);
    }
}
