//! What comes home: answers judged, pages read, all of it written in groups.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use super::article::Neighbours;
use super::entry::is_silence;
use super::host::Sight;
use super::missing::text_key;
use super::reading::{Found, Sign, Surroundings, read_page};
use super::revisit::{PAGE_RESTS, backoff, failed_until, gone_until, refused_until};
use super::sink::{Exchange, ExchangeKind};
use super::{Answered, Engine, EngineError, Errand, Event, Sink, later};
use crate::crawl::address::HostKey;
use crate::crawl::answer::{Judgement, judge, retry_after};
use crate::crawl::body::Body;
use crate::crawl::frontier::{Due, NewUrl, PageRequest, Priority, RobotsRecord, UrlId, UrlState, Validators, Visit};
use crate::crawl::gates::{Ended, LONGEST_RETRY_AFTER};
use crate::crawl::transport::{Answer, TransportError};
use crate::page::{Capture, PlaceHint};
use crate::report::Report;

/// What is said of a page that came and could not be read: its reading panicked.
const READING_FAILED: &str = "reading it failed: a defect of gongkai; the archive has the page, please report it";

/// What came home and is not written yet.
#[derive(Default)]
pub(super) struct Home {
    pub outcomes: Vec<Outcome>,
    pub exchanges: Vec<Exchange>,
    pub robots: Vec<(HostKey, RobotsRecord)>,
    pub touched: BTreeSet<HostKey>,
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
    /// The next pages of the list that it is.
    pub next_pages: Vec<NewUrl>,
    /// What is asked for once more, with the cookies that it wants.
    pub again: Option<PageRequest>,
    /// What the page is, where it was found as something else.
    pub turned_out: Option<Priority>,
    /// Links beyond the portal's depth.
    pub too_deep: Vec<NewUrl>,
    pub sign: Sign,
    /// What its host must have shown in this run for it to be believed, where it says
    /// that a page is gone.
    pub proof: Sight,
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
    pub n_bytes: u64,
    pub duration: Duration,
    pub reports: Vec<Report>,
    /// The first page of the article, where the reports are its and not the
    /// page's alone.
    pub first_page: Option<Url>,
}

/// A page that came and is to be read.
#[derive(Clone)]
pub(super) struct Came {
    due: Due,
    exchange: Exchange,
    validators: Validators,
    at: Timestamp,
}

/// A page that was read.
pub(super) struct PageRead {
    came: Came,
    sha256: String,
    /// The article that it is a page of, by its first page.
    article: Option<UrlId>,
    /// None where the reading panicked.
    found: Option<Found>,
}

impl PageRead {
    fn into_outcome(self) -> Outcome {
        let Came { due, exchange, validators, at } = self.came;
        let status = exchange.capture.status;
        let Some(found) = self.found else {
            let visit = Planned::Fixed(Visit::Over { state: UrlState::Failed, again_at: failed_until(at) });
            return Outcome::new(due, at, status, READING_FAILED.to_owned(), visit, Some(exchange));
        };
        let payload = Payload {
            sha256: self.sha256,
            n_bytes: exchange.capture.body.len() as u64,
            duration: exchange.duration,
            reports: found.reports,
            first_page: found.first_page,
        };
        let visit = Planned::Done { validators, changed: Changed::Yes };
        Outcome {
            payload: Some(payload),
            found: found.links,
            next_pages: found.next_pages,
            turned_out: found.turned_out,
            too_deep: found.too_deep,
            sign: found.sign,
            ..Outcome::new(due, at, status, found.words, visit, Some(exchange))
        }
    }
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
        let ended = ended(&result, now);
        self.parts.gates.done(pass, ended, duration, now);
        self.note_health(&host, &errand, ended);
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
                let is_over = matches!(visit, Visit::Over { .. });
                if is_over && is_silence(&error) {
                    self.look_under_other_name(&due.host, now)?;
                }
                let is_closed = is_over && !due.is_guess && matches!(error, TransportError::Closed(_));
                if is_closed {
                    self.is_closed(&due.host);
                }
                let outcome = Outcome::new(due, now, None, error.to_string(), Planned::Fixed(visit), None);
                if is_closed || error.may_pass() {
                    return self.home_or_unwell(outcome);
                }
                self.home.outcomes.push(outcome);
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
            exchange(&requested, &due.request.url, due.request.body.clone(), answer, self.hint(&due), kind, now);
        exchange.duration = duration;
        let fixed = |words: String, visit| After { words, visit: Planned::Fixed(visit), found: None, again: None };
        let may_pass = matches!(judgement, Judgement::Later { .. });
        let after = match judgement {
            Judgement::Keep => return self.kept(due, exchange, validators, now),
            Judgement::NotModified => {
                // What the request asked with still holds.
                let validators = due.validators.clone();
                After::done("unchanged: 304".to_owned(), validators)
            }
            Judgement::Redirect(to) => self.redirected(&due, &exchange.capture, to, now)?,
            Judgement::Later { why, retry_after } => {
                // A list that is asked for part by part ends with an empty one.
                let may_pass = !(due.is_guess && status == 200);
                let visit = self.retry_or_end(&due, may_pass, retry_after, now);
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
        let is_unchanged = status == 304;
        let outcome = Outcome {
            found: after.found.into_iter().collect(),
            again: after.again,
            ..Outcome::new(due, now, Some(status), after.words, after.visit, Some(exchange))
        };
        if is_unchanged {
            self.host_shows(&outcome, self.sight_of_unchanged(&outcome)?);
        }
        if may_pass { self.home_or_unwell(outcome) } else { self.home_or_doubt(outcome) }
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
            let outcome = Outcome::new(due, now, status, words, visit, Some(exchange));
            self.host_shows(&outcome, self.sight_of_unchanged(&outcome)?);
            self.home.outcomes.push(outcome);
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
        let article = self.parts.frontier.article_of(due.id, None)?.first().map(|first| first.id);
        if let Some(waiting) = article.and_then(|article| self.articles.get_mut(&article)) {
            waiting.push(Came { due, exchange, validators, at: now });
            return Ok(());
        }
        let neighbours = if article.is_some() { self.neighbours(&due)? } else { Neighbours::default() };
        if let Some(article) = article {
            self.articles.insert(article, Vec::new());
        }
        // What is read is shared: a reading that dies leaves it behind.
        let came = Arc::new(Came { due, exchange, validators, at: now });
        let read = {
            let came = came.clone();
            move || read_page(&came.exchange.capture, neighbours, &came.due, &surroundings, came.at)
        };
        self.n_reading += 1;
        let readers = self.readers.clone();
        self.tasks.spawn(async move {
            let found = readers.read(read).await;
            Event::Read(Box::new(PageRead { came: Arc::unwrap_or_clone(came), sha256, article, found }))
        });
        Ok(())
    }

    /// What a host shows with a page that is as it was.
    fn sight_of_unchanged(&self, outcome: &Outcome) -> Result<Sight, EngineError> {
        let has_reports = self.parts.frontier.has_reports(outcome.due.id)?;
        Ok(if has_reports { Sight::Reports } else { Sight::Page })
    }

    /// Takes a page that was read home, and lets the next page of its article be
    /// read: that one finds it in the archive.
    pub(super) fn page_read(&mut self, read: PageRead) -> Result<(), EngineError> {
        self.n_reading -= 1;
        self.tally.n_lost_tasks += u64::from(read.found.is_none());
        let article = read.article;
        self.bring_home(read.into_outcome())?;
        for came in article.and_then(|article| self.articles.remove(&article)).into_iter().flatten() {
            self.kept(came.due, came.exchange, came.validators, came.at)?;
        }
        Ok(())
    }

    /// The other pages of the article that a page is of, as far as they have come.
    fn neighbours(&mut self, due: &Due) -> Result<Neighbours, EngineError> {
        // What came home of it is in the archive then.
        self.write()?;
        let pages = self.parts.frontier.article_of(due.id, None)?;
        let fetched = Neighbours::fetch(&pages, due.id, |place| self.parts.sink.archived(place));
        Ok(fetched.unwrap_or_else(|error| {
            // A file that was moved away must not stop the run.
            let url = due.request.url.as_str();
            tracing::warn!(event = "archive.unreadable", url, "{error}: the page is read without its article's others");
            Neighbours::default()
        }))
    }

    /// Another attempt where there is hope and one is left.
    fn retry_or_end(&self, due: &Due, may_pass: bool, retry_after: Option<Duration>, now: Timestamp) -> Visit {
        if may_pass && due.attempts + 1 < self.settings.max_attempts {
            let wait = retry_after.unwrap_or(Duration::ZERO).min(LONGEST_RETRY_AFTER);
            return Visit::Retry { again_at: later(now, wait.max(backoff(PAGE_RESTS, due.attempts))) };
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
            next_pages: vec![],
            again: None,
            turned_out: None,
            too_deep: vec![],
            sign: Sign::default(),
            proof: Sight::Page,
            twin: None,
        }
    }
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
    body: Option<Body>,
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
    Exchange { capture, body, remote, duration, relaxed, kind }
}
