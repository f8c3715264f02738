//! What comes home: answers judged, pages read, all of it written in groups.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::host::Rules;
use super::revisit::{again_at, gone_until, refused_until};
use super::sink::{Exchange, ExchangeKind, Kept};
use super::{Answered, Engine, EngineError, Errand, Event, Sink, later};
use crate::crawl::address::HostKey;
use crate::crawl::answer::{Judgement, judge};
use crate::crawl::discover::{Context, Discovery, Link, discover};
use crate::crawl::frontier::{
    ArchiveRef, Batch, Due, NewResponse, NewUrl, PageRequest, Priority, RobotsRecord, UrlState, Validators, Visit,
};
use crate::crawl::gates::Ended;
use crate::crawl::robots::Robots;
use crate::crawl::transport::{Answer, TransportError};
use crate::page::{Capture, PlaceHint};
use crate::report::Report;

/// Said of a host whose robots.txt has no answer: RFC 9309 2.3.1.4.
pub(super) const ROBOTS_UNREACHABLE: &str = "robots.txt is unreachable: the host is left alone";

/// The outcome of what asked to be left alone.
pub(super) const EXCLUDED: &str = "excluded";

/// What came home and is not written yet.
#[derive(Default)]
pub(super) struct Home {
    outcomes: Vec<Outcome>,
    exchanges: Vec<Exchange>,
    robots: Vec<(HostKey, RobotsRecord)>,
    touched: BTreeSet<HostKey>,
    oldest: Option<Timestamp>,
}

impl Home {
    /// Since when the oldest has waited.
    pub fn oldest(&self) -> Option<Timestamp> {
        self.oldest
    }

    fn note(&mut self, at: Timestamp) {
        self.oldest.get_or_insert(at);
    }
}

/// How a page's request ended, ready to be written.
pub(super) struct Outcome {
    due: Due,
    at: Timestamp,
    status: Option<u16>,
    words: String,
    visit: Planned,
    exchange: Option<Exchange>,
    /// A payload that was not seen here before.
    payload: Option<Payload>,
    found: Vec<NewUrl>,
}

/// A visit as planned; how often a page was unchanged only the frontier knows.
enum Planned {
    Fixed(Visit),
    Done { validators: Validators, changed: Changed },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Changed {
    Yes,
    No,
}

struct Payload {
    sha256: String,
    n_bytes: u64,
    duration: Duration,
    reports: Vec<Report>,
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
        match errand {
            Errand::Robots { url, hops } => self.robots_answered(&host, url, hops, result, now),
            Errand::Page(due) => self.page_answered(*due, result, duration, now)?,
        }
        self.agenda.sleep(&host, self.parts.gates.opens_at(&host, now));
        self.agenda.opens(address, self.parts.gates.address_opens_at(address, now));
        Ok(())
    }

    /// RFC 9309 2.3.1: read, unavailable (4xx), unreachable (the rest).
    fn robots_answered(
        &mut self,
        host: &HostKey,
        url: Url,
        hops: u8,
        result: Result<Answer, TransportError>,
        now: Timestamp,
    ) {
        const MOST_HOPS: u8 = 5;
        let mut body = None;
        let rules = match &result {
            Ok(answer) => match (answer.status, judge(answer, &url, now)) {
                (300..=399, Judgement::Redirect(to)) if hops < MOST_HOPS && HostKey::of(&to).as_ref() == Some(host) => {
                    if let Some(known) = self.hosts.get_mut(host) {
                        known.robots_moved = Some((to, hops + 1));
                    }
                    return;
                }
                (200..=299, _) => {
                    body = Some(answer.body.clone());
                    let robots = Robots::parse(&answer.body, &self.settings.agent);
                    if let Some(delay) = robots.crawl_delay() {
                        self.parts.gates.set_crawl_delay(host, delay, now);
                    }
                    Rules::Read(robots)
                }
                (429 | 500..=599, _) => Rules::Unreachable,
                // 4xx, and redirects that lead elsewhere or nowhere.
                _ => Rules::Unavailable,
            },
            Err(_) => Rules::Unreachable,
        };
        let record = RobotsRecord { body, outcome: rules.stored().to_owned(), fetched_at: now };
        let leaves_a_record = self.settings.archive_unchanged || !self.has_same_rules(host, &record);
        self.home.robots.push((host.clone(), record));
        if let Ok(answer) = result
            && leaves_a_record
        {
            self.home.exchanges.push(exchange(
                &url,
                &url,
                None,
                answer,
                PlaceHint::default(),
                ExchangeKind::Response,
                now,
            ));
        }
        if let Some(known) = self.hosts.get_mut(host) {
            if matches!(rules, Rules::Unreachable) {
                known.portals().for_each(|portal| self.tally.trouble(portal, host.as_str(), ROBOTS_UNREACHABLE));
            }
            known.set_rules(rules, now);
        }
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
                let visit = self.retry_or_end(&due, error.may_pass(), None, now);
                self.home.outcomes.push(Outcome::without_page(due, now, None, error.to_string(), visit, None));
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
        let (words, visit, mut found) = match judgement {
            Judgement::Keep => return self.kept(due, exchange, validators, now),
            Judgement::NotModified => {
                // What the request asked with still holds.
                let validators = due.validators.clone();
                ("unchanged: 304".to_owned(), Planned::Done { validators, changed: Changed::No }, vec![])
            }
            Judgement::Redirect(to) => self.redirected(&due, to, now),
            Judgement::Later { why, retry_after } => {
                let visit = self.retry_or_end(&due, true, retry_after, now);
                (why, Planned::Fixed(visit), vec![])
            }
            Judgement::Gone(why) => {
                let visit = Visit::Over { state: UrlState::Gone, again_at: gone_until(now) };
                (format!("gone: {why}"), Planned::Fixed(visit), vec![])
            }
            Judgement::Refused(why) => {
                let visit = Visit::Over { state: UrlState::Refused, again_at: refused_until(now) };
                (why, Planned::Fixed(visit), vec![])
            }
            Judgement::Never(why) => {
                let visit = Visit::Over { state: UrlState::Failed, again_at: refused_until(now) };
                (why, Planned::Fixed(visit), vec![])
            }
        };
        let found = std::mem::take(&mut found);
        let exchange = Some(exchange);
        self.home.outcomes.push(Outcome {
            due,
            at: now,
            status: Some(status),
            words,
            visit,
            exchange,
            payload: None,
            found,
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
            self.home.outcomes.push(Outcome {
                due,
                at: now,
                status,
                words,
                visit,
                exchange,
                payload: None,
                found: vec![],
            });
            return Ok(());
        }
        let catalogue = self.parts.catalogue.clone();
        let max_depth = self.targets.get(&due.portal).map_or(0, |target| target.max_depth);
        self.tasks.spawn_blocking(move || {
            let reading = crate::read(&exchange.capture, &catalogue);
            let context = Context { priority: due.priority, depth: due.depth };
            let links =
                if reading.reports.is_empty() { discover(&exchange.capture, context) } else { Discovery::default() };
            let left_out = match (links.n_left_out, links.n_traps) {
                (0, 0) => String::new(),
                (n, traps) => format!(": {n} links beyond the bound and {traps} traps were left"),
            };
            let found = links.links.into_iter().filter_map(|link| new_url(&due, link, max_depth, now)).collect();
            let words = match (reading.reports.len(), &reading.no_report) {
                (0, Some(reason)) => format!("no report: {}{left_out}", reason.words),
                (0, None) => format!("no report{left_out}"),
                (1, _) => "a report".to_owned(),
                (n, _) => format!("reports: {n}"),
            };
            let payload = Payload {
                sha256,
                n_bytes: exchange.capture.body.len() as u64,
                duration: exchange.duration,
                reports: reading.reports,
            };
            let visit = Planned::Done { validators, changed: Changed::Yes };
            let status = exchange.capture.status;
            Event::Read(Box::new(Outcome {
                due,
                at: now,
                status,
                words,
                visit,
                exchange: Some(exchange),
                payload: Some(payload),
                found,
            }))
        });
        Ok(())
    }

    fn redirected(&self, due: &Due, to: Url, now: Timestamp) -> (String, Planned, Vec<NewUrl>) {
        let over = |words: String| {
            let visit = Visit::Over { state: UrlState::Failed, again_at: refused_until(now) };
            (words, Planned::Fixed(visit), vec![])
        };
        // A form that is answered by its own page is none.
        let first = due.requested.as_ref().unwrap_or(&due.request.url);
        if due.request.form.is_none() && (to == due.request.url || to == *first) {
            return over(format!("a redirect loop: back to {to}"));
        }
        if due.hops >= self.settings.max_redirects {
            return over(format!("too many redirects: more than {}", self.settings.max_redirects));
        }
        if let Some(exclusion) = self.meters.excluded(&due.portal, &to) {
            // The page itself did nothing wrong.
            let visit = Planned::Done { validators: Validators::default(), changed: Changed::No };
            return (exclusion.to_string(), visit, vec![]);
        }
        let Some(host) = HostKey::of(&to) else { return over("a redirect to no host".to_owned()) };
        let words = format!("moved: to {to}");
        let next = NewUrl {
            host,
            request: PageRequest::get(to),
            requested: Some(due.requested.clone().unwrap_or_else(|| due.request.url.clone())),
            hops: due.hops + 1,
            portal: due.portal.clone(),
            priority: due.priority,
            depth: due.depth,
            why: format!("{} redirects there", due.request.url),
            not_before: now,
        };
        (words, Planned::Done { validators: Validators::default(), changed: Changed::No }, vec![next])
    }

    /// Another attempt where there is hope and one is left.
    fn retry_or_end(&self, due: &Due, may_pass: bool, retry_after: Option<Duration>, now: Timestamp) -> Visit {
        if may_pass && due.attempts + 1 < self.settings.max_attempts {
            let wait = retry_after.unwrap_or(Duration::ZERO);
            let backoff = Duration::from_millis(500 * (1 << due.attempts.min(10)));
            return Visit::Retry { again_at: later(now, wait.max(backoff)) };
        }
        Visit::Over {
            state: UrlState::Failed,
            again_at: now.checked_add(SignedDuration::from_hours(20)).unwrap_or(now),
        }
    }

    fn hint(&self, due: &Due) -> PlaceHint {
        let target = self.targets.get(&due.portal);
        PlaceHint {
            portal: Some(due.portal.to_string()),
            name: target.map(|target| target.name.clone()),
            region: target.and_then(|target| target.region.clone()),
        }
    }

    /// Takes a page that was read.
    pub(super) fn bring_home(&mut self, outcome: Outcome) {
        self.home.note(outcome.at);
        self.home.outcomes.push(outcome);
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
        let mut woken = Vec::new();
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
            if let Visit::Retry { again_at } = &visit {
                woken.push((outcome.due.host.clone(), outcome.due.portal.clone(), *again_at));
            }
            for new in &outcome.found {
                if self.meters.excluded(&new.portal, &new.request.url).is_some() {
                    self.tally.outcome(EXCLUDED);
                    continue;
                }
                if batch.enqueue(new)? {
                    woken.push((new.host.clone(), new.portal.clone(), new.not_before));
                }
            }
            let reports = outcome.payload.as_ref().map_or(&[][..], |payload| &payload.reports);
            let n_reports = reports.len() as u32;
            let came = matches!(visit, Visit::Done { .. });
            batch.count(&outcome.due.portal, u32::from(came), n_reports)?;
            self.tally.outcome_of(&outcome.due, &outcome.words, &visit, outcome.exchange.as_ref(), reports);
            if let (Some(payload), Some(place)) = (outcome.payload.take(), place) {
                kept.push(keep(&outcome, payload, place, &mut batch)?);
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
    fn has_same_rules(&self, host: &HostKey, record: &RobotsRecord) -> bool {
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

impl Outcome {
    fn without_page(
        due: Due,
        at: Timestamp,
        status: Option<u16>,
        words: String,
        visit: Visit,
        exchange: Option<Exchange>,
    ) -> Self {
        Self { due, at, status, words, visit: Planned::Fixed(visit), exchange, payload: None, found: vec![] }
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
            let again_at = again_at(outcome.due.priority, n_unchanged, outcome.at);
            Visit::Done { again_at, validators: validators.clone(), n_unchanged }
        }
    };
    batch.visited(url, outcome.at, outcome.status, &outcome.words, &visit)?;
    match &visit {
        Visit::Done { .. } => batch.came_back(url)?,
        Visit::Over { state: UrlState::Gone, .. } => batch.vanished(url, outcome.at)?,
        Visit::Over { .. } | Visit::Retry { .. } => {}
    }
    Ok(visit)
}

/// Remembers a payload that is in the archive, and makes it ready for the lake.
fn keep(outcome: &Outcome, payload: Payload, place: ArchiveRef, batch: &mut Batch<'_>) -> Result<Kept, EngineError> {
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
    Ok(Kept {
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
    })
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
        Ok(answer) if matches!(answer.status, 429 | 503) => {
            let retry_after = match judge(answer, &any_url(), now) {
                Judgement::Later { retry_after, .. } => retry_after,
                _ => None,
            };
            Ended::AskedForTime { retry_after }
        }
        Ok(answer) if answer.status >= 500 => Ended::Failed,
        Ok(_) => Ended::Well,
        Err(_) => Ended::Failed,
    }
}

/// A Retry-After does not depend on the URL.
fn any_url() -> Url {
    match Url::parse("http://localhost/") {
        Ok(url) => url,
        Err(error) => unreachable!("a constant URL: {error}"),
    }
}

fn exchange(
    requested: &Url,
    url: &Url,
    form: Option<Vec<(String, String)>>,
    answer: Answer,
    hint: PlaceHint,
    kind: ExchangeKind,
    now: Timestamp,
) -> Exchange {
    let (remote, duration) = (answer.remote, answer.duration);
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
    Exchange { capture, form, remote, duration, kind }
}

/// A link as the frontier takes it, within the portal's depth. The next page of
/// a list is as deep as the list.
fn new_url(due: &Due, link: Link, max_depth: u16, now: Timestamp) -> Option<NewUrl> {
    use crate::crawl::discover::Role;
    let depth = match link.role {
        Role::NextPage | Role::Frame => due.depth,
        _ => due.depth.checked_add(1)?,
    };
    // Reports are followed from the deepest list that is.
    let limit = if link.role == Role::Report { max_depth.saturating_add(1) } else { max_depth };
    if depth > limit || (due.priority == Priority::Report && link.role != Role::Report && link.role != Role::Frame) {
        return None;
    }
    Some(NewUrl {
        host: HostKey::of(&link.request.url)?,
        priority: link.role.priority(due.priority),
        request: link.request,
        requested: None,
        hops: 0,
        portal: due.portal.clone(),
        depth,
        why: format!("{}; found on {}", link.why, due.request.url),
        not_before: now,
    })
}
