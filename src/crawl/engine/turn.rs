//! A host's turn: what is due, whether it may be asked, and the request.

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::home::{EXCLUDED, ROBOTS_UNREACHABLE};
use super::host::Rules;
use super::restraint::Hold;
use super::revisit::refused_until;
use super::{Answered, Engine, EngineError, Errand, Event, Sink, later};
use crate::crawl::address::HostKey;
use crate::crawl::frontier::{Due, PortalId, UrlState, Validators, Visit};
use crate::crawl::gates::{Ask, Pass};
use crate::crawl::resolve::ResolveError;
use crate::crawl::robots::Verdict;
use crate::crawl::transport::Request;

/// A host that asks for a longer delay is left alone.
const LONGEST_CRAWL_DELAY: std::time::Duration = std::time::Duration::from_secs(30);

/// A request that its gates let through.
struct Leaving {
    pass: Pass,
    errand: Errand,
}

/// What a turn came to.
enum Turn {
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
        while self.tasks.len() + leaving.len() < self.settings.concurrency {
            let Some(host) = self.agenda.next(now) else { break };
            self.turn(&host, now, &mut leaving)?;
        }
        self.dispatch(leaving, now)
    }

    fn turn(&mut self, host: &HostKey, now: Timestamp, leaving: &mut Vec<Leaving>) -> Result<(), EngineError> {
        loop {
            if self.is_held(host, now) {
                return Ok(());
            }
            let due = match self.due(host, now)? {
                Turn::NothingBefore(Some(at)) => {
                    self.agenda.sleep(host, at);
                    return Ok(());
                }
                Turn::NothingBefore(None) => {
                    self.agenda.forget(host);
                    return Ok(());
                }
                Turn::Due(due) => *due,
            };
            if self.leave_alone(&due, now)? {
                continue;
            }
            let Some(known) = self.hosts.get(host) else { return Ok(()) };
            let Some(addresses) = known.addresses(now).map(<[_]>::to_vec) else {
                self.look_up(host, &due.request.url);
                return Ok(());
            };
            let errand = match known.rules(now) {
                None => match robots_url(&due.request.url, known.robots_moved.as_ref()) {
                    Some((url, _)) if self.meters.excluded(&due.portal, &url).is_some() => {
                        // Who may not be asked for its rules has said all it wants.
                        if let Some(known) = self.hosts.get_mut(host) {
                            known.set_rules(Rules::Unreachable, now);
                        }
                        continue;
                    }
                    Some((url, hops)) => Errand::Robots { url, hops },
                    None => Errand::Page(Box::new(due)),
                },
                Some(Rules::Unreachable) => {
                    self.tally.trouble(&due.portal, host.as_str(), ROBOTS_UNREACHABLE);
                    self.agenda.sleep(host, now + SignedDuration::from_hours(1));
                    return Ok(());
                }
                Some(Rules::Unavailable) => Errand::Page(Box::new(due)),
                Some(Rules::Read(robots)) => {
                    let delay = robots.crawl_delay().filter(|delay| *delay > LONGEST_CRAWL_DELAY);
                    let decision = robots.decide(&path_of(&due.request.url));
                    let words = match (delay, decision.verdict, decision.line) {
                        (Some(delay), _, _) => format!(
                            "robots.txt asks for {} s between requests: the host is left alone",
                            delay.as_secs()
                        ),
                        (None, Verdict::Deny, Some((line, text))) => {
                            format!("robots.txt forbids it: line {line}, {text}")
                        }
                        _ => String::new(),
                    };
                    if !words.is_empty() {
                        self.refuse(&due, &words, now)?;
                        continue;
                    }
                    Errand::Page(Box::new(due))
                }
            };
            self.ask(host, &addresses, errand, now, leaving);
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
    fn due(&mut self, host: &HostKey, now: Timestamp) -> Result<Turn, EngineError> {
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
            if self.parts.frontier.pages_of(&portal)? >= target.max_pages {
                self.tally.over_budget(&portal, target.max_pages);
                continue;
            }
            let batch = self.parts.frontier.batch()?;
            let due = batch.next_due(host, &portal, now)?;
            drop(batch);
            if let Some(due) = due {
                if let Some(known) = self.hosts.get_mut(host) {
                    known.had_its_turn(&portal);
                }
                return Ok(Turn::Due(Box::new(due)));
            }
            let next = self.parts.frontier.next_instant(host, &portal)?;
            earliest = [earliest, next].into_iter().flatten().min();
        }
        Ok(Turn::NothingBefore(earliest))
    }

    fn look_up(&mut self, host: &HostKey, url: &Url) {
        let resolver = self.parts.resolver.clone();
        let (host, name) = (host.clone(), url.host_str().unwrap_or_default().to_owned());
        self.tasks.spawn(async move {
            let result = resolver.resolve(&name).await;
            Event::Resolved { host, result }
        });
    }

    /// Takes a look-up's result: addresses that may be asked, or the end of the
    /// host's URLs for this run.
    pub(super) fn resolved(
        &mut self,
        host: &HostKey,
        result: Result<Vec<std::net::IpAddr>, ResolveError>,
    ) -> Result<(), EngineError> {
        let now = self.parts.clock.now();
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
                    known.addresses = Some((addresses, until));
                }
            }
            Err((state, words)) => self.give_up_host(host, state, &words, now)?,
        }
        self.agenda.sleep(host, now);
        Ok(())
    }

    /// Ends all that is due on a host that cannot be asked.
    fn give_up_host(
        &mut self,
        host: &HostKey,
        state: UrlState,
        words: &str,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        while let Turn::Due(due) = self.due(host, now)? {
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

    fn refuse(&mut self, due: &Due, words: &str, now: Timestamp) -> Result<(), EngineError> {
        self.end(due, UrlState::Refused, words, now)
    }

    /// Ends a URL that was never asked.
    fn end(&mut self, due: &Due, state: UrlState, words: &str, now: Timestamp) -> Result<(), EngineError> {
        let visit = Visit::Over { state, again_at: refused_until(now) };
        let mut batch = self.parts.frontier.batch()?;
        batch.visited(due.id, now, None, words, &visit)?;
        batch.commit()?;
        self.tally.gave_up(&due.portal, due.request.url.as_str(), words);
        Ok(())
    }

    /// Asks the gates.
    fn ask(
        &mut self,
        host: &HostKey,
        addresses: &[std::net::IpAddr],
        errand: Errand,
        now: Timestamp,
        leaving: &mut Vec<Leaving>,
    ) {
        let pass = match self.parts.gates.ask(host, addresses, now) {
            Ask::Open(pass) => pass,
            closed => {
                match closed {
                    Ask::Closed { until, address: Some(address) } => self.agenda.queue(host, address, Some(until)),
                    Ask::Closed { until, address: None } => self.agenda.sleep(host, until),
                    Ask::Busy { address: Some(address) } => self.agenda.queue(host, address, None),
                    // It is looked at again when its request is done.
                    Ask::Busy { address: None } | Ask::Open(_) => {}
                }
                return;
            }
        };
        let portal = if let Errand::Page(due) = &errand { Some(&due.portal) } else { None };
        self.meters.sent(&pass.host, portal, now);
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
            let state = self.parts.gates.state_after_dispatch(&pass.host, now);
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
            Errand::Robots { url, .. } => {
                Request { url: url.clone(), form: None, validators: Validators::default(), address: pass.address }
            }
            Errand::Page(due) => Request {
                url: due.request.url.clone(),
                form: due.request.form.clone(),
                validators: due.validators.clone(),
                address: pass.address,
            },
        };
        self.tally.n_requests += 1;
        self.tasks.spawn(async move {
            let began = clock.now();
            let (host, address) = (pass.host.clone(), pass.address);
            let result = transport.send(request).await;
            let duration = std::time::Duration::try_from(clock.now().duration_since(began)).unwrap_or_default();
            Event::Answered(Box::new(Answered { host, pass, address, errand, result, duration }))
        });
    }
}

/// Where a host's robots.txt is: at its root, or where a redirect moved it.
fn robots_url(url: &Url, moved: Option<&(Url, u8)>) -> Option<(Url, u8)> {
    match moved {
        Some((to, hops)) => Some((to.clone(), *hops)),
        None => Some((url.join("/robots.txt").ok()?, 0)),
    }
}

/// The path and query that robots.txt speaks of.
fn path_of(url: &Url) -> String {
    url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
}
