//! What comes home: answers judged, pages read, all of it written in groups.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use super::entry::is_silence;
use super::missing::text_key;
use super::reading::{Sign, Surroundings, read_page};
use super::revisit::{again_at, failed_until, gone_until, refused_until};
use super::search::record;
use super::sink::{Exchange, ExchangeKind, Kept};
use super::{Answered, Engine, EngineError, Errand, Event, Sink, later};
use crate::crawl::address::HostKey;
use crate::crawl::answer::{Judgement, judge, retry_after};
use crate::crawl::frontier::{
    Batch, Due, NewResponse, NewUrl, PageRequest, Priority, RobotsRecord, UrlState, Validators, Visit,
};
use crate::crawl::gates::{Ended, LONGEST_RETRY_AFTER};
use crate::crawl::transport::{Answer, TransportError};
use crate::page::{Capture, PlaceHint};
use crate::report::Report;

/// The outcome of what asked to be left alone.
pub(super) const EXCLUDED: &str = "excluded";

/// What came home and is not written yet.
#[derive(Default)]
pub(super) struct Home {
    pub outcomes: Vec<Outcome>,
    pub exchanges: Vec<Exchange>,
    pub robots: Vec<(HostKey, RobotsRecord)>,
    touched: BTreeSet<HostKey>,
    oldest: Option<Timestamp>,
}

impl Home {
    /// Since when the oldest has waited.
    pub fn oldest(&self) -> Option<Timestamp> {
        self.oldest
    }

    pub fn note(&mut self, at: Timestamp) {
        self.oldest.get_or_insert(at);
    }
}

/// How a page's request ended, ready to be written.
pub(super) struct Outcome {
    pub due: Due,
    pub at: Timestamp,
    pub status: Option<u16>,
    pub words: String,
    pub visit: Planned,
    pub exchange: Option<Exchange>,
    /// A payload that was not seen here before.
    pub payload: Option<Payload>,
    pub found: Vec<NewUrl>,
    /// What is asked for once more, with the cookies that it wants.
    pub again: Option<PageRequest>,
    /// What the page is, where it was found as something else.
    pub turned_out: Option<Priority>,
    /// Links beyond the portal's depth.
    pub too_deep: Vec<NewUrl>,
    pub sign: Sign,
    /// The URL of the portal that brought the same payload before.
    pub twin: Option<Url>,
}

/// A visit as planned; how often a page was unchanged only the frontier knows.
pub(super) enum Planned {
    Fixed(Visit),
    Done { validators: Validators, changed: Changed },
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Changed {
    Yes,
    No,
}

pub(super) struct Payload {
    pub sha256: String,
    n_bytes: u64,
    duration: Duration,
    pub reports: Vec<Report>,
}

impl<S: Sink> Engine<S> {
    /// Takes a request's end: the gates first, then what it means.
    pub(super) fn answered(&mut self, answered: Answered) -> Result<(), EngineError> {
        let Answered { host, pass, address, errand, result, duration } = answered;
        let now = self.parts.clock.now();
        let portal = if let Errand::Page(due) = &errand { Some(&due.portal) } else { None };
        self.tally.took(portal, duration);
        let n_bytes = result.as_ref().map_or(0, |answer| answer.body.len() as u64);
        self.meters.ended(&host, portal, n_bytes, now);
        self.parts.gates.done(pass, ended(&result, now), duration, now);
        self.home.touched.insert(host.clone());
        self.home.note(now);
        if let Some(trouble) = result.as_ref().ok().and_then(|answer| answer.relaxed) {
            self.tally.relaxed.entry(host.to_string()).or_insert_with(|| trouble.to_string());
        }
        match errand {
            Errand::Robots(errand) => self.robots_answered(errand, result, now)?,
            Errand::Page(due) => self.page_answered(*due, result, duration, now)?,
        }
        self.agenda.sleep(&host, self.parts.gates.opens_at(&host, now));
        self.agenda.opens(address, self.parts.gates.address_opens_at(address, now));
        Ok(())
    }

    fn page_answered(
        &mut self,
        due: Due,
        result: Result<Answer, TransportError>,
        duration: Duration,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let answer = match result {
            Ok(answer) => answer,
            Err(error) => {
                let visit = match self.other_scheme(&due, &error, now) {
                    Some(respelled) => respelled,
                    None => self.retry_or_end(&due, error.may_pass(), None, now),
                };
                if matches!(visit, Visit::Over { .. }) && is_silence(&error) {
                    self.look_under_other_name(&due.host, now)?;
                }
                self.home.outcomes.push(Outcome::new(due, now, None, error.to_string(), Planned::Fixed(visit), None));
                return Ok(());
            }
        };
        let judgement = judge(&answer, &due.request.url, now);
        let status = answer.status;
        let validators = Validators {
            etag: answer.header("etag").map(str::to_owned),
            last_modified: answer.header("last-modified").map(str::to_owned),
        };
        let kind = if judgement == Judgement::NotModified { ExchangeKind::NotModified } else { ExchangeKind::Response };
        let requested = due.requested.clone().unwrap_or_else(|| due.request.url.clone());
        let mut exchange =
            exchange(&requested, &due.request.url, due.request.form.clone(), answer, self.hint(&due), kind, now);
        exchange.duration = duration;
        let fixed = |words: String, visit| After { words, visit: Planned::Fixed(visit), found: None, again: None };
        let after = match judgement {
            Judgement::Keep => return self.kept(due, exchange, validators, now),
            Judgement::NotModified => {
                // What the request asked with still holds.
                let validators = due.validators.clone();
                After::done("unchanged: 304".to_owned(), validators)
            }
            Judgement::Redirect(to) => self.redirected(&due, &exchange.capture, to, now)?,
            Judgement::Later { why, retry_after } => {
                let visit = self.retry_or_end(&due, true, retry_after, now);
                fixed(why, visit)
            }
            Judgement::Gone(why) => {
                if let Some(known) = self.hosts.get_mut(&due.host) {
                    known.missing.learn(text_key(&exchange.capture));
                }
                fixed(format!("gone: {why}"), Visit::Over { state: UrlState::Gone, again_at: gone_until(now) })
            }
            Judgement::Refused { wall, why } => {
                fixed(format!("{wall}: {why}"), Visit::Over { state: UrlState::Refused, again_at: refused_until(now) })
            }
            Judgement::Never(why) => fixed(why, Visit::Over { state: UrlState::Failed, again_at: refused_until(now) }),
        };
        self.home.outcomes.push(Outcome {
            found: after.found.into_iter().collect(),
            again: after.again,
            ..Outcome::new(due, now, Some(status), after.words, after.visit, Some(exchange))
        });
        Ok(())
    }

    /// A page came: one whose payload is known is not read again.
    fn kept(
        &mut self,
        due: Due,
        mut exchange: Exchange,
        validators: Validators,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let sha256 = exchange.capture.payload_sha256();
        if let Some(seen) = self.parts.frontier.knows_payload(due.id, &sha256)? {
            exchange.kind = ExchangeKind::SamePayload { first_at: seen.fetched_at };
            let status = exchange.capture.status;
            let visit = Planned::Done { validators, changed: Changed::No };
            let words = "unchanged: the same payload".to_owned();
            let exchange = Some(exchange);
            self.home.outcomes.push(Outcome::new(due, now, status, words, visit, exchange));
            return Ok(());
        }
        let target = self.targets.get(&due.portal);
        let surroundings = Surroundings {
            catalogue: self.parts.catalogue.clone(),
            max_depth: target.map_or(0, |target| target.max_depth),
            home: self.parts.frontier.home_of(due.id)?,
            sitemaps: self.hosts.get(&due.host).map_or_else(Vec::new, |host| host.sitemaps(now)),
            obey: self.settings.obey_pages,
            agent: self.settings.agent.clone(),
        };
        self.n_reading += 1;
        self.tasks.spawn_blocking(move || {
            let found = read_page(&exchange.capture, &due, &surroundings, now);
            let payload = Payload {
                sha256,
                n_bytes: exchange.capture.body.len() as u64,
                duration: exchange.duration,
                reports: found.reports,
            };
            let visit = Planned::Done { validators, changed: Changed::Yes };
            let status = exchange.capture.status;
            Event::Read(Box::new(Outcome {
                payload: Some(payload),
                found: found.links,
                turned_out: found.turned_out,
                too_deep: found.too_deep,
                sign: found.sign,
                ..Outcome::new(due, now, status, found.words, visit, Some(exchange))
            }))
        });
        Ok(())
    }

    /// Another attempt where there is hope and one is left.
    fn retry_or_end(&self, due: &Due, may_pass: bool, retry_after: Option<Duration>, now: Timestamp) -> Visit {
        if may_pass && due.attempts + 1 < self.settings.max_attempts {
            let wait = retry_after.unwrap_or(Duration::ZERO).min(LONGEST_RETRY_AFTER);
            let backoff = Duration::from_millis(500 * (1 << due.attempts.min(10)));
            return Visit::Retry { again_at: later(now, wait.max(backoff)) };
        }
        Visit::Over { state: UrlState::Failed, again_at: failed_until(now) }
    }

    fn hint(&self, due: &Due) -> PlaceHint {
        let target = self.targets.get(&due.portal);
        PlaceHint {
            portal: Some(due.portal.to_string()),
            name: target.map(|target| target.name.clone()),
            region: target.and_then(|target| target.region.clone()),
        }
    }

    /// Writes what came home, where it is much or has waited long.
    pub(super) fn write_if_due(&mut self, now: Timestamp) -> Result<(), EngineError> {
        let is_much = self.home.outcomes.len() + self.home.robots.len() >= self.settings.flush_at;
        let is_old = self.home.oldest.is_some_and(|oldest| later(oldest, self.settings.flush_after) <= now);
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
        if home.oldest.is_none() {
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
            let visit = settle(&outcome, &mut batch)?;
            match &visit {
                Visit::Retry { again_at } | Visit::Respelled { again_at, .. } => {
                    woken.push((outcome.due.host.clone(), outcome.due.portal.clone(), *again_at));
                }
                Visit::Moved { host, again_at, .. } => {
                    woken.push((host.clone(), outcome.due.portal.clone(), *again_at));
                }
                Visit::Done { .. } | Visit::Over { .. } => {}
            }
            if let Some((request, host)) = outcome.again.as_ref().and_then(|r| Some((r, HostKey::of(&r.url)?))) {
                batch.ask_again(request, outcome.at)?;
                woken.push((host, outcome.due.portal.clone(), outcome.at));
            }
            for new in &outcome.found {
                if self.meters.excluded(&new.portal, &new.request.url).is_some() {
                    self.tally.outcome(EXCLUDED);
                    continue;
                }
                if !self.watch.is_trapped(&new.portal, &new.request.url, new.priority) && batch.enqueue(new)? {
                    woken.push((new.host.clone(), new.portal.clone(), new.not_before));
                }
            }
            let recorded = record(&mut batch, &mut self.watch, &outcome, &visit)?;
            woken.extend(recorded.woken.into_iter().map(|host| (host, outcome.due.portal.clone(), outcome.at)));
            told.extend(recorded.told.into_iter().map(|told| (outcome.due.portal.clone(), told)));
            let reports = outcome.payload.as_ref().map_or(&[][..], |payload| &payload.reports);
            let n_reports = reports.len() as u32;
            let came = matches!(visit, Visit::Done { .. });
            batch.count(&outcome.due.portal, u32::from(came), n_reports)?;
            self.tally.outcome_of(&outcome.due, &outcome.words, &visit, outcome.exchange.as_ref(), reports);
            if let (Some(payload), Some(place)) = (outcome.payload.take(), place) {
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
                    n_reports,
                    place: &place,
                })?;
                batch.documents(response, &documents(&payload.reports))?;
                kept.push(Kept {
                    response,
                    fetched_at: outcome.at,
                    url: outcome.due.request.url.to_string(),
                    host: outcome.due.host.to_string(),
                    portal: outcome.due.portal.clone(),
                    status,
                    words: outcome.words.clone(),
                    sha256: payload.sha256,
                    n_bytes: payload.n_bytes,
                    duration_ms,
                    place,
                    reports: payload.reports,
                });
            }
        }
        for trouble in self.tally.unwritten.drain(..) {
            batch.trouble(&trouble.portal, &trouble.place, &trouble.words, self.parts.clock.now())?;
        }
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
    fn is_to_be_archived(&self, outcome: &Outcome) -> Result<bool, EngineError> {
        let Some(exchange) = &outcome.exchange else { return Ok(false) };
        if self.settings.archive_unchanged || outcome.payload.is_some() {
            return Ok(true);
        }
        match exchange.kind {
            ExchangeKind::NotModified | ExchangeKind::SamePayload { .. } => Ok(false),
            // A redirect, a refusal: the outcome's words tell where and which.
            ExchangeKind::Response => {
                Ok(self.parts.frontier.last_words(outcome.due.id)?.as_ref() != Some(&outcome.words))
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

/// What an answer without a page comes to.
pub(super) struct After {
    pub words: String,
    pub visit: Planned,
    /// The page that a redirect leads to.
    pub found: Option<NewUrl>,
    /// What is asked for once more.
    pub again: Option<PageRequest>,
}

impl After {
    /// Nothing more to do until the next visit.
    pub fn done(words: String, validators: Validators) -> Self {
        Self { words, visit: Planned::Done { validators, changed: Changed::No }, found: None, again: None }
    }
}

impl Outcome {
    /// A request's end that brought no payload to read.
    fn new(
        due: Due,
        at: Timestamp,
        status: Option<u16>,
        words: String,
        visit: Planned,
        exchange: Option<Exchange>,
    ) -> Self {
        Self {
            due,
            at,
            status,
            words,
            visit,
            exchange,
            payload: None,
            found: vec![],
            again: None,
            turned_out: None,
            too_deep: vec![],
            sign: Sign::default(),
            twin: None,
        }
    }
}

/// Notes how a visit ended, and says it with all that only the frontier knows.
fn settle(outcome: &Outcome, batch: &mut Batch<'_>) -> Result<Visit, EngineError> {
    let url = outcome.due.id;
    let visit = match &outcome.visit {
        Planned::Fixed(visit) => visit.clone(),
        Planned::Done { validators, changed } => {
            let is_same = *changed == Changed::No || has_same_documents(outcome, batch)?;
            let n_unchanged = if is_same { batch.n_unchanged(url)? + 1 } else { 0 };
            let priority = outcome.turned_out.unwrap_or(outcome.due.priority);
            let again_at = again_at(priority, n_unchanged, outcome.at);
            Visit::Done { again_at, validators: validators.clone(), n_unchanged }
        }
    };
    batch.visited(url, outcome.at, outcome.status, &outcome.words, &visit)?;
    if let Some(priority) = outcome.turned_out {
        batch.turned_out(url, priority)?;
    }
    match &visit {
        Visit::Done { .. } => batch.came_back(url)?,
        Visit::Over { state: UrlState::Gone, .. } => batch.vanished(url, outcome.at)?,
        Visit::Over { .. } | Visit::Retry { .. } | Visit::Moved { .. } | Visit::Respelled { .. } => {}
    }
    Ok(visit)
}

/// The documents of a payload, as the frontier remembers them.
fn documents(reports: &[Report]) -> String {
    reports.iter().map(|report| report.document_id.as_str()).collect::<Vec<_>>().join(" ")
}

/// Whether a page holds the very documents that it held: only a counter in its
/// footer changed, say.
fn has_same_documents(outcome: &Outcome, batch: &Batch<'_>) -> Result<bool, EngineError> {
    let Some(payload) = outcome.payload.as_ref().filter(|payload| !payload.reports.is_empty()) else {
        return Ok(false);
    };
    Ok(batch.last_documents(outcome.due.id)? == Some(documents(&payload.reports)))
}

fn ended(result: &Result<Answer, TransportError>, now: Timestamp) -> Ended {
    match result {
        Ok(answer) if answer.status >= 400 => match (retry_after(answer, now), answer.status) {
            (retry_after, 429 | 503) => Ended::AskedForTime { retry_after },
            (Some(wait), _) => Ended::AskedForTime { retry_after: Some(wait) },
            (None, 500..) => Ended::Failed,
            (None, _) => Ended::Well,
        },
        Ok(_) => Ended::Well,
        Err(_) => Ended::Failed,
    }
}

pub(super) fn exchange(
    requested: &Url,
    url: &Url,
    form: Option<Vec<(String, String)>>,
    answer: Answer,
    hint: PlaceHint,
    kind: ExchangeKind,
    now: Timestamp,
) -> Exchange {
    let (remote, duration, relaxed) = (answer.remote, answer.duration, answer.relaxed);
    let capture = Capture {
        requested_url: Some(requested.clone()),
        final_url: Some(url.clone()),
        fetched_at: Some(now),
        status: Some(answer.status),
        headers: answer.headers,
        body: answer.body,
        parts: vec![],
        hint,
    };
    Exchange { capture, form, remote, duration, relaxed, kind }
}
