//! Writes what came home, in groups: the archive, the state, the lake.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::doubt::outage;
use super::home::{Changed, Outcome, Payload, Planned};
use super::revisit::{ONE_NIGHT, again_at, vanished_until};
use super::search::record;
use super::sink::{ExchangeKind, Kept};
use super::{Engine, EngineError, Sink, later};
use crate::crawl::address::HostKey;
use crate::crawl::frontier::{ArchiveRef, Batch, NewResponse, RobotsRecord, UrlState, Visit};
use crate::report::Report;

/// The outcome of what asked to be left alone.
pub(super) const EXCLUDED: &str = "excluded";

impl<S: Sink> Engine<S> {
    /// Writes what came home, where it is much or has waited long.
    pub(super) fn write_if_due(&mut self, now: Timestamp) -> Result<(), EngineError> {
        let is_much = self.home.outcomes.len() + self.home.robots.len() >= self.settings.flush_at;
        let is_old = self.home.oldest().is_some_and(|oldest| later(oldest, self.settings.flush_after) <= now);
        if is_much || is_old {
            self.write()?;
        }
        if self.parts.sink.wants_commit(now) {
            self.commit()?;
        }
        Ok(())
    }

    /// Writes all that came home: the archive first, then the state that says
    /// so, then the lake's share.
    pub(super) fn write(&mut self) -> Result<(), EngineError> {
        let home = std::mem::take(&mut self.home);
        if home.oldest().is_none() {
            return Ok(());
        }
        for exchange in &home.exchanges {
            self.parts.sink.append(exchange)?;
        }
        let mut places = Vec::with_capacity(home.outcomes.len());
        for outcome in &home.outcomes {
            let exchange = if self.is_to_be_archived(outcome)? { outcome.exchange.as_ref() } else { None };
            places.push(exchange.map(|exchange| self.parts.sink.append(exchange)).transpose()?);
        }
        let position = self.parts.sink.sync()?;
        let mut kept = Vec::new();
        let (mut woken, mut told) = (Vec::new(), Vec::new());
        let mut batch = self.parts.frontier.batch()?;
        if let Some(position) = &position {
            batch.archive_position(position)?;
        }
        for host in &home.touched {
            batch.gate(host, &serde_json::to_string(&self.parts.gates.state(host)).unwrap_or_default())?;
        }
        for (host, record) in &home.robots {
            batch.robots(host, record)?;
        }
        for (mut outcome, place) in home.outcomes.into_iter().zip(places) {
            if let Some(n) = self.under_way.get_mut(&outcome.due.portal) {
                *n = n.saturating_sub(1);
            }
            let news = reports_that_are_news(&outcome, &mut *batch)?;
            let visit = settle(&outcome, &mut *batch)?;
            if let Some((host, at)) = next_request(&outcome, &visit, &*batch)? {
                woken.push((host, outcome.due.portal.clone(), at));
            }
            for new in &outcome.found {
                // What is left alone is remembered all the same, to be refused when its
                // turn comes: who has changed their mind may be asked then.
                if !self.watch.is_trapped(&new.portal, &new.request.url, new.priority) && batch.enqueue(new)? {
                    woken.push((new.host.clone(), new.portal.clone(), new.not_before));
                }
            }
            let recorded = record(&mut *batch, &mut self.watch, &outcome, &visit)?;
            woken.extend(recorded.woken.into_iter().map(|host| (host, outcome.due.portal.clone(), outcome.at)));
            told.extend(recorded.told.into_iter().map(|told| (outcome.due.portal.clone(), told)));
            let came = matches!(visit, Visit::Done { .. });
            batch.count(&outcome.due.portal, u32::from(came), news.len() as u32)?;
            let n_read = outcome.payload.as_ref().map_or(0, |payload| payload.reports.len());
            self.tally.n_reports_again += (n_read - news.len()) as u64;
            self.tally.outcome_of(&outcome.due, &outcome.words, &visit, outcome.exchange.as_ref(), &news);
            drop(news);
            if let (Some(payload), Some(place)) = (outcome.payload.take(), place) {
                kept.push(keep(&mut *batch, &outcome, payload, place)?);
            }
        }
        self.tally.write_troubles(&mut *batch, self.parts.clock.now())?;
        for (scope, spent) in self.meters.take_changed() {
            batch.spent(&scope, spent)?;
        }
        batch.commit()?;
        kept.into_iter().for_each(|kept| self.parts.sink.keep(kept));
        self.tally.shortage = self.parts.sink.shortage();
        for (portal, trapped) in told {
            self.tell(&portal, &trapped)?;
        }
        for (host, portal, at) in woken {
            self.expect(&host, &portal, at)?;
        }
        Ok(())
    }

    /// Whether an answer leaves a record: one that is as the last was does not,
    /// unless the operator wants it, so that an unchanged world writes nothing.
    pub(super) fn is_to_be_archived(&self, outcome: &Outcome) -> Result<bool, EngineError> {
        let Some(exchange) = &outcome.exchange else { return Ok(false) };
        if self.settings.archive_unchanged || outcome.payload.is_some() {
            return Ok(true);
        }
        match exchange.kind {
            ExchangeKind::NotModified | ExchangeKind::SamePayload { .. } => Ok(false),
            // A redirect, a refusal: the outcome's words tell where and which.
            ExchangeKind::Response => {
                let last = self.parts.frontier.last_words(outcome.due.id)?;
                Ok(last.is_none_or(|last| last != outcome.words && last != outage(&outcome.words)))
            }
        }
    }

    /// Whether a host's robots.txt is answered as it was.
    pub(super) fn has_same_rules(&self, host: &HostKey, record: &RobotsRecord) -> bool {
        let before = self.parts.frontier.host(host).ok().flatten().and_then(|known| known.robots);
        before.is_some_and(|before| before.body == record.body && before.outcome == record.outcome)
    }

    /// Commits the lake, and tells the frontier what is in it.
    pub(super) fn commit(&mut self) -> Result<(), EngineError> {
        let vanished = self.parts.frontier.vanished_not_in_lake()?;
        self.parts.sink.mark(&vanished);
        let committed = self.parts.sink.commit(self.parts.clock.now())?;
        if committed.is_empty() && vanished.is_empty() {
            return Ok(());
        }
        let mut batch = self.parts.frontier.batch()?;
        batch.in_lake(&committed)?;
        tracing::info!(event = "lake.committed", n_responses = committed.len(), "the lake is up to date");
        batch.vanished_in_lake(&vanished)?;
        batch.commit()?;
        Ok(())
    }
}

/// Notes how a visit ended, and says it with all that only the frontier knows.
fn settle(outcome: &Outcome, batch: &mut dyn Batch) -> Result<Visit, EngineError> {
    let url = outcome.due.id;
    let visit = match &outcome.visit {
        Planned::Fixed(Visit::Over { state: UrlState::Gone, again_at }) => {
            // Of a report it is looked whether it was maintenance that took it away.
            let again_at = if batch.vanished(url, outcome.at)? { vanished_until(outcome.at) } else { *again_at };
            Visit::Over { state: UrlState::Gone, again_at }
        }
        Planned::Fixed(visit) => visit.clone(),
        Planned::Done { validators, changed } => {
            let is_same = *changed == Changed::No || has_same_documents(outcome, batch)?;
            let n_unchanged = if is_same { batch.n_unchanged(url)? + 1 } else { 0 };
            let priority = outcome.turned_out.unwrap_or(outcome.due.priority);
            let since = if is_same { batch.unchanged_since(url, outcome.at)? } else { Some(outcome.at) };
            let unchanged_for = since.map_or(ONE_NIGHT, |since| outcome.at.duration_since(since));
            let again_at = again_at(priority, unchanged_for, outcome.at);
            Visit::Done { again_at, validators: validators.clone(), n_unchanged }
        }
    };
    batch.visited(url, outcome.at, outcome.status, &outcome.words, &visit)?;
    if let Some(priority) = outcome.turned_out {
        batch.turned_out(url, priority)?;
    }
    match &visit {
        Visit::Done { .. } => batch.came_back(url)?,
        Visit::Over { .. } | Visit::Retry { .. } | Visit::Moved { .. } | Visit::Respelled { .. } => {}
    }
    Ok(visit)
}

/// The reports of a page that say what none of their portal has said before: not
/// those of a page of which only a comment changed, nor those that a list now
/// names under another URL.
fn reports_that_are_news<'a>(outcome: &'a Outcome, batch: &mut dyn Batch) -> Result<Vec<&'a Report>, EngineError> {
    let Some(payload) = &outcome.payload else { return Ok(Vec::new()) };
    // A state of before digests were kept knows the documents of each URL alone.
    // A later page of an article tells more of a report that was counted.
    let is_known = has_same_documents(outcome, batch)? || payload.first_page.is_some();
    let mut news = Vec::new();
    for report in &payload.reports {
        if batch.says_news(&outcome.due.portal, &said(report))? && !is_known {
            news.push(report);
        }
    }
    Ok(news)
}

/// What a report says, as a digest.
pub(crate) fn said(report: &Report) -> Vec<u8> {
    Sha256::digest(format!("{}\n{}", report.report_id, report.text))[..16].to_vec()
}

/// The documents of a payload, as the frontier remembers them.
pub(crate) fn documents(reports: &[Report]) -> String {
    reports.iter().map(|report| report.document_id.as_str()).collect::<Vec<_>>().join(" ")
}

/// Whether a page holds the very documents that it held: only a counter in its
/// footer changed, say.
fn has_same_documents(outcome: &Outcome, batch: &dyn Batch) -> Result<bool, EngineError> {
    let Some(payload) = outcome.payload.as_ref().filter(|payload| !payload.reports.is_empty()) else {
        return Ok(false);
    };
    Ok(batch.last_documents(outcome.due.id)? == Some(documents(&payload.reports)))
}

/// The host of a URL that is asked for again in this run, and when.
fn next_request(
    outcome: &Outcome,
    visit: &Visit,
    batch: &dyn Batch,
) -> Result<Option<(HostKey, Timestamp)>, EngineError> {
    match visit {
        Visit::Retry { again_at } | Visit::Respelled { again_at, .. } => {
            return Ok(Some((outcome.due.host.clone(), *again_at)));
        }
        Visit::Moved { host, again_at, .. } => return Ok(Some((host.clone(), *again_at))),
        Visit::Done { .. } | Visit::Over { .. } => {}
    }
    let Some(request) = &outcome.again else { return Ok(None) };
    batch.ask_again(request, outcome.at)?;
    Ok(HostKey::of(&request.url).map(|host| (host, outcome.at)))
}

/// Remembers a payload that lies in the archive, for the lake.
fn keep(batch: &mut dyn Batch, outcome: &Outcome, payload: Payload, place: ArchiveRef) -> Result<Kept, EngineError> {
    let duration_ms = u64::try_from(payload.duration.as_millis()).unwrap_or(u64::MAX);
    let status = outcome.status.unwrap_or_default();
    let response = batch.response(&NewResponse {
        url: outcome.due.id,
        fetched_at: outcome.at,
        status,
        words: &outcome.words,
        sha256: &payload.sha256,
        n_bytes: payload.n_bytes,
        duration_ms,
        n_reports: payload.reports.len() as u32,
        place: &place,
    })?;
    batch.documents(response, &documents(&payload.reports))?;
    let url = outcome.due.request.url.to_string();
    Ok(Kept {
        response,
        fetched_at: outcome.at,
        first_at: None,
        of_reports: payload.first_page.map_or_else(|| url.clone(), |first| first.to_string()),
        url,
        host: outcome.due.host.to_string(),
        portal: outcome.due.portal.clone(),
        status,
        words: outcome.words.clone(),
        sha256: payload.sha256,
        n_bytes: payload.n_bytes,
        duration_ms,
        place,
        reports: payload.reports,
    })
}
