//! What comes home: answers judged, pages read, all of it written in groups.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::entry::is_silence;
use super::host::Rules;
use super::missing::text_key;
use super::reading::{Sign, Surroundings, read_page};
use super::revisit::{again_at, gone_until, refused_until};
use super::search::record;
use super::sink::{Exchange, ExchangeKind, Kept};
use super::{Answered, Engine, EngineError, Errand, Event, Sink, later};
use crate::crawl::address::HostKey;
use crate::crawl::answer::{Judgement, judge};
use crate::crawl::frontier::{
    Due, NewResponse, NewUrl, PageRequest, Priority, RobotsRecord, UrlState, Validators, Visit,
};
use crate::crawl::gates::Ended;
use crate::crawl::robots::Robots;
use crate::crawl::transport::{Answer, TransportError};
use crate::page::{Capture, PlaceHint};
use crate::report::Report;

/// Said of a host whose robots.txt has no answer: RFC 9309 2.3.1.4.
pub(super) const ROBOTS_UNREACHABLE: &str = "robots.txt is unreachable: the host is left alone";

/// What came home and is not written yet.
#[derive(Default)]
pub(super) struct Home {
    pub outcomes: Vec<Outcome>,
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
        self.tally.answer_time += duration;
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
        if let Some(known) = self.hosts.get_mut(host) {
            known.is_silent = result.as_ref().is_err_and(is_silence);
        }
        let record = RobotsRecord { body, outcome: rules.stored().to_owned(), fetched_at: now };
        self.home.robots.push((host.clone(), record));
        if let Ok(answer) = result {
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
        let is_left = matches!(rules, Rules::Unreachable) && !self.may_answer_elsewhere(host);
        if let Some(known) = self.hosts.get_mut(host) {
            if is_left {
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
                if let Some(known) = self.hosts.get_mut(&due.host) {
                    known.missing.learn(text_key(&exchange.capture));
                }
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
        self.home.outcomes.push(Outcome { found, ..Outcome::new(due, now, Some(status), words, visit, exchange) });
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
        // A new spelling of the same page counts as an attempt at it.
        if u32::from(due.hops) + due.attempts >= u32::from(self.settings.max_redirects) {
            return over(format!("too many redirects: more than {}", self.settings.max_redirects));
        }
        let Some(host) = HostKey::of(&to) else { return over("a redirect to no host".to_owned()) };
        let words = format!("moved: to {to}");
        if due.request.form.is_none() && PageRequest::get(to.clone()).key() == due.request.key() {
            // Another spelling of the same document, mostly https for http: its
            // row is known and takes the spelling.
            return (words, Planned::Fixed(Visit::Respelled { url: to, again_at: now }), vec![]);
        }
        let next = NewUrl {
            host,
            request: PageRequest::get(to),
            requested: Some(due.requested.clone().unwrap_or_else(|| due.request.url.clone())),
            hops: due.hops + 1,
            portal: due.portal.clone(),
            priority: due.priority,
            depth: due.depth,
            why: format!("{} redirects there", due.request.url),
            found_on: Some(due.id),
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
            places.push(outcome.exchange.as_ref().map(|exchange| self.parts.sink.append(exchange)).transpose()?);
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
            let visit = match outcome.visit {
                Planned::Fixed(ref visit) => visit.clone(),
                Planned::Done { ref validators, changed } => {
                    let n_before = batch.n_unchanged(outcome.due.id)?;
                    let n_unchanged = if changed == Changed::Yes { 0 } else { n_before + 1 };
                    let priority = outcome.turned_out.unwrap_or(outcome.due.priority);
                    let again_at = again_at(priority, n_unchanged, outcome.at);
                    Visit::Done { again_at, validators: validators.clone(), n_unchanged }
                }
            };
            batch.visited(outcome.due.id, outcome.at, outcome.status, &outcome.words, &visit)?;
            if let Some(priority) = outcome.turned_out {
                batch.turned_out(outcome.due.id, priority)?;
            }
            if let Visit::Retry { again_at } | Visit::Respelled { again_at, .. } = &visit {
                woken.push((outcome.due.host.clone(), outcome.due.portal.clone(), *again_at));
            }
            for new in &outcome.found {
                if !self.watch.is_trapped(&new.portal, &new.request.url, new.priority) && batch.enqueue(new)? {
                    woken.push((new.host.clone(), new.portal.clone(), new.not_before));
                }
            }
            let n_reports = outcome.payload.as_ref().map_or(0, |payload| payload.reports.len() as u32);
            let recorded = record(&mut batch, &mut self.watch, &outcome, &visit)?;
            woken.extend(recorded.woken.into_iter().map(|host| (host, outcome.due.portal.clone(), outcome.at)));
            told.extend(recorded.told.into_iter().map(|told| (outcome.due.portal.clone(), told)));
            let came = matches!(visit, Visit::Done { .. });
            batch.count(&outcome.due.portal, u32::from(came), n_reports)?;
            self.tally.outcome_of(&outcome.due, &outcome.words, &visit, outcome.exchange.as_ref(), n_reports);
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
        batch.commit()?;
        kept.into_iter().for_each(|kept| self.parts.sink.keep(kept));
        for (portal, trapped) in told {
            self.tell(&portal, &trapped)?;
        }
        for (host, portal, at) in woken {
            self.expect(&host, &portal, at)?;
        }
        Ok(())
    }

    /// Commits the lake, and tells the frontier what is in it.
    pub(super) fn commit(&mut self) -> Result<(), EngineError> {
        let committed = self.parts.sink.commit(self.parts.clock.now())?;
        if committed.is_empty() {
            return Ok(());
        }
        let mut batch = self.parts.frontier.batch()?;
        batch.in_lake(&committed)?;
        batch.commit()?;
        Ok(())
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
            turned_out: None,
            too_deep: vec![],
            sign: Sign::default(),
            twin: None,
        }
    }
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
