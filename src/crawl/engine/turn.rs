//! A host's turn: what is due, whether it may be asked, and the request.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use super::agenda::Turn;
use super::host::Rules;
use super::restraint::Hold;
use super::revisit::{NAME_RESTS, backoff, failed_until, refused_until};
use super::rules::{RobotsCame, unreachable_words};
use super::tally::of_guess;
use super::write::EXCLUDED;
use super::{Answered, Engine, EngineError, Errand, Event, Sink, later};
use crate::crawl::address::HostKey;
use crate::crawl::frontier::{Due, PortalId, UrlState, Visit};
use crate::crawl::gates::{Ask, LONGEST_CRAWL_DELAY, Pass};
use crate::crawl::resolve::{Failure, ResolveError};
use crate::crawl::robots::{MOST_BYTES, Robots, Verdict};
use crate::crawl::transport::Request;

/// How long a portal waits at least whose budget may be used up by what is under
/// way.
const LEAST_WAIT: Duration = Duration::from_millis(10);

/// Where a trouble is that is the resolver's.
const THE_RESOLVER: &str = "the resolver";

/// A request that its gates let through.
struct Leaving {
    pass: Pass,
    errand: Errand,
}

/// A page that was given up because the resolver had no answer for its host.
pub(super) struct Unresolved {
    due: Due,
    words: String,
}

/// What a host has to do.
enum Work {
    /// There is nothing due before this instant, or nothing at all.
    NothingBefore(Option<Timestamp>),
    /// A URL is due.
    Due(Box<Due>),
}

impl<S: Sink> Engine<S> {
    /// Lets every host whose turn has come ask for one thing, as long as there
    /// is room for requests.
    pub(super) fn take_turns(&mut self, now: Timestamp) -> Result<(), EngineError> {
        let mut leaving = Vec::new();
        if self.tasks.is_empty() && self.home.outcomes.is_empty() {
            // A task that died did not say whose page it was.
            self.under_way.clear();
        }
        while self.tasks.len() + leaving.len() < self.settings.concurrency {
            let Some(turn) = self.agenda.next(now) else { break };
            self.turn(&turn, now, &mut leaving)?;
            // A host that waited for an address and then had nothing to ask
            // there leaves it to the next in line.
            if let Some(address) = turn.waited_for.filter(|address| !self.parts.gates.is_busy_at(*address)) {
                self.agenda.opens(address, self.parts.gates.address_opens_at(address, now));
            }
        }
        self.dispatch(leaving, now)
    }

    fn turn(&mut self, turn: &Turn, now: Timestamp, leaving: &mut Vec<Leaving>) -> Result<(), EngineError> {
        let host = &turn.host;
        loop {
            if self.rests(host) {
                self.let_rest(host, now);
                return Ok(());
            }
            if self.is_held(host, now) {
                return Ok(());
            }
            let Some(known) = self.hosts.get(host) else { return Ok(()) };
            if let Some(errand) = known.robots_errands.front().cloned() {
                match known.addresses(now).map(<[_]>::to_vec) {
                    Some(addresses) => self.ask(turn, &addresses, Errand::Robots(errand), now, leaving),
                    None => self.look_up(host, &errand.url),
                }
                return Ok(());
            }
            let due = match self.due(host, now)? {
                Work::NothingBefore(Some(at)) => {
                    self.agenda.sleep(host, at);
                    return Ok(());
                }
                Work::NothingBefore(None) => {
                    self.agenda.forget(host);
                    return Ok(());
                }
                Work::Due(due) => *due,
            };
            if self.leave_alone(&due, now)? || self.entry_elsewhere(host, &due, now)? {
                continue;
            }
            let Some(known) = self.hosts.get(host) else { return Ok(()) };
            let Some(addresses) = known.addresses(now).map(<[_]>::to_vec) else {
                self.look_up(host, &due.request.url);
                return Ok(());
            };
            let errand = match known.rules(now) {
                None => {
                    if let Some(words) = self.rules_excluded(&due) {
                        // Who may not be asked for its rules has said all it wants.
                        self.settle_rules(host, Rules::Unreachable(words), RobotsCame::default(), now);
                        continue;
                    }
                    if self.hosts.get_mut(host).is_some_and(|known| known.ask_for_rules(host, &due.request.url)) {
                        continue;
                    }
                    // Who brings the rules wakes the host.
                    self.agenda.forget(host);
                    return Ok(());
                }
                Some(Rules::Unreachable(why)) => {
                    if !known.is_asked_again(self.settings.max_attempts) {
                        let words = unreachable_words(why, known.other_scheme.as_deref());
                        self.tally.trouble(&due.portal, host.as_str(), &words);
                    }
                    self.agenda.sleep(host, known.rules_until().unwrap_or(now));
                    return Ok(());
                }
                Some(Rules::Unavailable) => Errand::Page(Box::new(due)),
                Some(Rules::Read(robots)) => {
                    if let Some(words) = forbidden(robots, &due.request.url) {
                        self.refuse(&due, &words, now)?;
                        continue;
                    }
                    Errand::Page(Box::new(due))
                }
            };
            self.ask(turn, &addresses, errand, now, leaving);
            return Ok(());
        }
    }

    /// Lets a host wait that the operator's limits hold back.
    fn is_held(&mut self, host: &HostKey, now: Timestamp) -> bool {
        match self.meters.hold_host(host, now) {
            Some(Hold::Until(at)) => self.agenda.sleep(host, at),
            Some(Hold::Over) => self.agenda.forget(host),
            None => return false,
        }
        true
    }

    /// What is due on a host, for its portals in their turn.
    fn due(&mut self, host: &HostKey, now: Timestamp) -> Result<Work, EngineError> {
        let portals: Vec<PortalId> =
            self.hosts.get(host).into_iter().flat_map(|known| known.portals().cloned()).collect();
        let mut earliest: Option<Timestamp> = None;
        for portal in portals {
            let Some(target) = self.targets.get(&portal) else { continue };
            match self.meters.hold_portal(&portal, now) {
                Some(Hold::Until(at)) => {
                    earliest = earliest.into_iter().chain([at]).min();
                    continue;
                }
                Some(Hold::Over) => continue,
                None => {}
            }
            let n_pages = self.parts.frontier.pages_of(&portal)?;
            if n_pages >= target.max_pages {
                self.tally.over_budget(&portal, target.max_pages, self.watch.busiest(&portal));
                continue;
            }
            let n_under_way = self.under_way.get(&portal).copied().unwrap_or(0);
            if n_pages.saturating_add(n_under_way) >= target.max_pages {
                // One that fails leaves its place in the budget to another.
                let at = later(now, self.settings.flush_after.max(LEAST_WAIT));
                earliest = earliest.into_iter().chain([at]).min();
                continue;
            }
            if let Some(words) = self.watch.over(target, now) {
                self.tally.trouble(&portal, portal.as_str(), &words);
                continue;
            }
            let order = self.order_of(host);
            let batch = self.parts.frontier.batch()?;
            let due = batch.next_due(host, &portal, order, now)?;
            drop(batch);
            if let Some(due) = due {
                return Ok(Work::Due(Box::new(due)));
            }
            let next = self.parts.frontier.next_instant(host, &portal)?;
            earliest = [earliest, next].into_iter().flatten().min();
        }
        Ok(Work::NothingBefore(earliest))
    }

    fn look_up(&mut self, host: &HostKey, url: &Url) {
        let resolver = self.parts.resolver.clone();
        let (host, name) = (host.clone(), url.host_str().unwrap_or_default().to_owned());
        self.tasks.spawn(async move {
            let result = resolver.resolve(&name).await;
            Event::Resolved { host, result }
        });
    }

    /// Takes a look-up's result: addresses that may be asked, another look-up, or
    /// the end of the host's URLs for this run.
    pub(super) fn resolved(
        &mut self,
        host: &HostKey,
        result: Result<Vec<std::net::IpAddr>, ResolveError>,
    ) -> Result<(), EngineError> {
        let now = self.parts.clock.now();
        // A name that custom alone gives, `www.` before another, is worth no wait.
        let is_guessed = result.is_err() && matches!(self.due(host, now)?, Work::Due(due) if due.is_guess);
        if let Err(ResolveError { failure: Failure::NoAnswer, .. }) = &result
            && let Some(known) = self.hosts.get_mut(host)
        {
            known.n_unresolved += 1;
            if !known.has_no_answer(self.settings.max_attempts) && !is_guessed {
                let wait = backoff(NAME_RESTS, known.n_unresolved - 1);
                self.agenda.sleep(host, later(now, wait));
                return Ok(());
            }
        }
        let checked = result.map_err(|error| (UrlState::Failed, error.to_string())).and_then(|addresses| {
            let mut refused = None;
            let mut allowed = addresses;
            allowed.retain(|address| match self.parts.policy.check(*address) {
                Ok(()) => true,
                Err(why) => {
                    refused = Some(why);
                    false
                }
            });
            match refused {
                Some(why) if allowed.is_empty() => Err((UrlState::Refused, why.to_string())),
                _ => Ok(allowed),
            }
        });
        match checked {
            Ok(addresses) => {
                let until = later(now, self.settings.dns_lifetime);
                if let Some(known) = self.hosts.get_mut(host) {
                    known.n_unresolved = 0;
                    known.addresses = Some((addresses, until));
                }
            }
            Err((state, words)) => {
                self.look_under_other_name(host, now)?;
                self.give_up_host(host, state, &words, now)?;
            }
        }
        self.agenda.sleep(host, now);
        Ok(())
    }

    /// Tells of the names for which the resolver had no answer: of each, or once where
    /// it had none for most of them.
    pub(super) fn tell_unresolved(&mut self) {
        /// Fewer may be unwell by themselves, also in a run over a handful.
        const MANY: usize = 3;
        let pages = std::mem::take(&mut self.unresolved);
        let n_names = pages.iter().map(|page| &page.due.host).collect::<BTreeSet<_>>().len();
        let n_known = self.hosts.values().filter(|known| known.addresses.is_some()).count();
        if n_names >= MANY.max(n_known) {
            let words = format!(
                "the resolver had no answer for {n_names} of {} names: this machine may have no network",
                n_names + n_known
            );
            self.tally.trouble_of_all(THE_RESOLVER, &words);
            return;
        }
        for Unresolved { due, words } in pages {
            self.tally.trouble(&due.portal, due.request.url.as_str(), &words);
        }
    }

    /// Ends all that is due on a host that cannot be asked, and leaves alone
    /// those whose robots.txt was moved there.
    fn give_up_host(
        &mut self,
        host: &HostKey,
        state: UrlState,
        words: &str,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        self.give_up_errands(host, words, now);
        while let Work::Due(due) = self.due(host, now)? {
            self.end(&due, state, words, now)?;
        }
        Ok(())
    }

    /// Ends a URL that an exclusion forbids, which is no trouble: who was left
    /// alone asked for it.
    fn leave_alone(&mut self, due: &Due, now: Timestamp) -> Result<bool, EngineError> {
        let Some(exclusion) = self.meters.excluded(&due.portal, &due.request.url) else { return Ok(false) };
        let words = exclusion.to_string();
        let visit = Visit::Over { state: UrlState::Refused, again_at: refused_until(now) };
        let mut batch = self.parts.frontier.batch()?;
        batch.visited(due.id, now, None, &words, &visit)?;
        batch.commit()?;
        self.tally.outcome(EXCLUDED);
        Ok(true)
    }

    /// Why a host may not be asked for its rules, where an exclusion forbids it.
    fn rules_excluded(&self, due: &Due) -> Option<String> {
        let url = due.request.url.join("/robots.txt").ok()?;
        self.meters.excluded(&due.portal, &url).map(ToString::to_string)
    }

    fn refuse(&mut self, due: &Due, words: &str, now: Timestamp) -> Result<(), EngineError> {
        self.end(due, UrlState::Refused, words, now)
    }

    /// Ends a URL that was never asked.
    fn end(&mut self, due: &Due, state: UrlState, words: &str, now: Timestamp) -> Result<(), EngineError> {
        // A name that is not found today may be found tomorrow.
        let again_at = if state == UrlState::Failed { failed_until(now) } else { refused_until(now) };
        let visit = Visit::Over { state, again_at };
        let mut batch = self.parts.frontier.batch()?;
        batch.visited(due.id, now, None, words, &visit)?;
        batch.commit()?;
        if due.is_guess {
            self.tally.outcome(of_guess(state));
            return Ok(());
        }
        self.tally.gave_up(&due.portal, words);
        if self.hosts.get(&due.host).is_some_and(|known| known.has_no_answer(self.settings.max_attempts)) {
            self.unresolved.push(Unresolved { due: due.clone(), words: words.to_owned() });
        } else {
            self.tally.trouble(&due.portal, due.request.url.as_str(), words);
        }
        Ok(())
    }

    /// Asks the gates.
    fn ask(
        &mut self,
        turn: &Turn,
        addresses: &[std::net::IpAddr],
        errand: Errand,
        now: Timestamp,
        leaving: &mut Vec<Leaving>,
    ) {
        let host = &turn.host;
        let pass = match self.parts.gates.ask(host, addresses, now) {
            Ask::Open(pass) => pass,
            closed => {
                match closed {
                    Ask::Closed { until, address: Some(address) } => self.agenda.queue(turn, address, Some(until)),
                    Ask::Closed { until, address: None } => self.agenda.sleep(host, until),
                    Ask::Busy { address: Some(address) } => self.agenda.queue(turn, address, None),
                    // It is looked at again when its request is done.
                    Ask::Busy { address: None } | Ask::Open(_) => {}
                }
                return;
            }
        };
        let portal = if let Errand::Page(due) = &errand { Some(&due.portal) } else { None };
        self.meters.sent(&pass.host, portal, now);
        if let Some(known) = self.hosts.get_mut(host) {
            match &errand {
                Errand::Page(due) => {
                    known.had_its_turn(&due.portal);
                    *self.under_way.entry(due.portal.clone()).or_default() += 1;
                }
                Errand::Robots(_) => drop(known.robots_errands.pop_front()),
            }
        }
        leaving.push(Leaving { pass, errand });
    }

    /// Writes down, for all together, when their hosts may be asked next, and
    /// only then sends the requests.
    fn dispatch(&mut self, leaving: Vec<Leaving>, now: Timestamp) -> Result<(), EngineError> {
        if leaving.is_empty() {
            return Ok(());
        }
        let mut batch = self.parts.frontier.batch()?;
        for Leaving { pass, errand } in &leaving {
            if let Errand::Page(due) = errand {
                batch.in_work(due.id)?;
            }
            let state = self.parts.gates.state_after_dispatch(pass, now);
            batch.gate(&pass.host, &serde_json::to_string(&state).unwrap_or_default())?;
        }
        for (scope, spent) in self.meters.take_changed() {
            batch.spent(&scope, spent)?;
        }
        batch.commit()?;
        leaving.into_iter().for_each(|Leaving { pass, errand }| self.send(pass, errand));
        Ok(())
    }

    fn send(&mut self, pass: Pass, errand: Errand) {
        let (transport, clock) = (self.parts.transport.clone(), self.parts.clock.clone());
        let request = match &errand {
            // One byte more than is read: so a file that is too long is known.
            Errand::Robots(errand) => Request::get(errand.url.clone(), pass.address).cut_at(MOST_BYTES + 1),
            Errand::Page(due) => Request {
                url: due.request.url.clone(),
                body: due.request.body.clone(),
                validators: due.validators.clone(),
                address: pass.address,
                cut_at: None,
                cookie: self.hosts.get(&pass.host).and_then(|known| known.cookies.header(&due.request.url)),
                referrer: referrer(due).cloned(),
            },
        };
        self.tally.n_requests += 1;
        self.tasks.spawn(async move {
            let began = clock.now();
            let (host, address) = (pass.host.clone(), pass.address);
            let result = transport.send(request).await;
            let duration = Duration::try_from(clock.now().duration_since(began)).unwrap_or_default();
            Event::Answered(Box::new(Answered { host, pass, address, errand, result, duration }))
        });
    }
}

/// The page whose link is followed, as browsers tell it (RFC 9110 10.1.3): some
/// portals answer nobody who comes from nowhere. It is told to its own site
/// alone, and only where the link itself is asked for, no redirect.
fn referrer(due: &Due) -> Option<&Url> {
    due.found_on.as_ref().filter(|page| due.hops == 0 && page.origin() == due.request.url.origin())
}

/// Why a host's rules keep us from a page; none where they do not.
fn forbidden(robots: &Robots, url: &Url) -> Option<String> {
    if let Some(delay) = robots.crawl_delay().filter(|delay| *delay > LONGEST_CRAWL_DELAY) {
        return Some(format!("robots.txt asks for {} s between requests: the host is left alone", delay.as_secs()));
    }
    let decision = robots.decide(&path_of(url));
    let (line, text) = decision.line.filter(|_| decision.verdict == Verdict::Deny)?;
    Some(format!("robots.txt forbids it: line {line}, {text}"))
}

/// The path and query that robots.txt speaks of.
fn path_of(url: &Url) -> String {
    url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
}
