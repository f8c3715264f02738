//! What the engine holds of one host while a run goes on.

use std::collections::VecDeque;
use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};

use super::cookies::Jar;
use super::missing::Missing;
use super::sink::Exchange;
use crate::crawl::address::HostKey;
use crate::crawl::frontier::{HostRecord, PortalId, RobotsRecord};
use crate::crawl::gates::Gates;
use crate::crawl::robots::Robots;

/// A host in the course of a run.
#[derive(Debug, Default)]
pub(super) struct Host {
    /// The portals on whose behalf it is asked, in their turn.
    portals: VecDeque<PortalId>,
    /// Its addresses, and until when they are used.
    pub addresses: Option<(Vec<IpAddr>, Timestamp)>,
    /// How often its name was looked up in this run without an answer.
    pub n_unresolved: u32,
    /// Its rules, and until when they hold.
    robots: Option<(Rules, Timestamp)>,
    /// Whether its rules are on their way.
    awaits_rules: bool,
    /// How often robots.txt was asked for in this run and had no answer.
    pub n_unanswered: u32,
    /// What it wants to see again.
    pub cookies: Jar,
    /// What is to be fetched here for the rules of this host or of others.
    pub robots_errands: VecDeque<RobotsErrand>,
    /// What it answers for pages that it does not have.
    pub missing: Missing,
    pub sight: Sight,
    /// Whether it has not so much as taken a connection for robots.txt.
    pub is_silent: bool,
    /// Why its entry did not answer under the scheme that was tried first in this
    /// run; none where one was tried.
    pub other_scheme: Option<String>,
}

/// What a host has shown in this run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum Sight {
    /// Nothing but its root.
    #[default]
    Nothing,
    /// A page.
    Page,
    /// A page with reports, or with links to reports.
    Reports,
}

/// A robots.txt to fetch: at a host's root, or where redirects led.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RobotsErrand {
    /// The host whose rules it holds; it is not always the one that is asked
    /// (RFC 9309 2.3.1.2).
    pub of: HostKey,
    /// Where it is.
    pub url: url::Url,
    /// Redirects that led there.
    pub hops: u8,
    /// Their answers: the archive wants them where the rules are news.
    pub past: Vec<Exchange>,
}

/// What robots.txt came to (RFC 9309 2.3.1).
#[derive(Debug)]
pub(super) enum Rules {
    /// It was read: 2.3.1.1.
    Read(Robots),
    /// It is "unavailable" (4xx): everything is allowed, 2.3.1.3.
    Unavailable,
    /// It is "unreachable" (5xx, 429, no answer): nothing is, 2.3.1.4. Why, in
    /// words.
    Unreachable(String),
}

impl Rules {
    /// The words under which the frontier keeps it.
    pub fn stored(&self) -> String {
        match self {
            Self::Read(_) => "read".to_owned(),
            Self::Unavailable => "unavailable".to_owned(),
            Self::Unreachable(why) => format!("unreachable: {why}"),
        }
    }

    fn restore(record: &RobotsRecord, agent: &str) -> Option<Self> {
        match record.outcome.split_once(": ").unwrap_or((&record.outcome, "no answer")) {
            ("read", _) => Some(Self::Read(Robots::parse(record.body.as_deref()?, agent))),
            ("unavailable", _) => Some(Self::Unavailable),
            ("unreachable", why) => Some(Self::Unreachable(why.to_owned())),
            _ => None,
        }
    }

    /// How long it holds in a run: a day (2.4); an unreachable one is asked for again
    /// after an hour, so that a portal's bad night does not cost a day.
    pub fn lifetime(&self) -> SignedDuration {
        match self {
            Self::Read(_) | Self::Unavailable => SignedDuration::from_hours(24),
            Self::Unreachable(_) => SignedDuration::from_hours(1),
        }
    }
}

impl Host {
    /// A host as the last run left it: its gate and its rules.
    pub fn restore(record: Option<HostRecord>, agent: &str, key: &HostKey, gates: &mut Gates) -> Self {
        let Some(record) = record else { return Self::default() };
        if let Ok(state) = serde_json::from_str(&record.gate_json) {
            gates.restore(key, state);
        }
        let restored = record.robots.and_then(|robots| Some((Rules::restore(&robots, agent)?, robots.fetched_at)));
        let robots = restored.map(|(rules, fetched_at)| {
            if let Rules::Read(robots) = &rules
                && let Some(delay) = robots.crawl_delay()
            {
                gates.set_crawl_delay(key, delay, fetched_at);
            }
            // One without an answer is asked anew by each run; who asked for time rests at
            // its gate.
            let until = match rules {
                Rules::Unreachable(_) => Timestamp::MIN,
                Rules::Read(_) | Rules::Unavailable => {
                    fetched_at.checked_add(rules.lifetime()).unwrap_or(Timestamp::MAX)
                }
            };
            (rules, until)
        });
        Self { robots, ..Self::default() }
    }

    /// Notes that a portal has something on this host.
    pub fn serve(&mut self, portal: &PortalId) {
        if !self.portals.contains(portal) {
            self.portals.push_back(portal.clone());
        }
    }

    /// The portals in the order of their turns.
    pub fn portals(&self) -> impl Iterator<Item = &PortalId> {
        self.portals.iter()
    }

    /// A portal had its turn: it goes to the end of the line.
    pub fn had_its_turn(&mut self, portal: &PortalId) {
        if let Some(place) = self.portals.iter().position(|other| other == portal)
            && let Some(portal) = self.portals.remove(place)
        {
            self.portals.push_back(portal);
        }
    }

    /// The rules that hold now; none where they must be fetched (again).
    pub fn rules(&self, now: Timestamp) -> Option<&Rules> {
        let (rules, until) = self.robots.as_ref()?;
        (now < *until).then_some(rules)
    }

    /// Whether its name was looked up as often as a run may, and had no answer.
    pub fn has_no_answer(&self, max_attempts: u32) -> bool {
        self.n_unresolved > 0 && self.n_unresolved >= max_attempts
    }

    /// Whether robots.txt had no answer, and attempts are left in this run.
    pub fn is_asked_again(&self, max_attempts: u32) -> bool {
        (1..max_attempts).contains(&self.n_unanswered)
    }

    /// Why the rules are not to be had, where they were asked for last in vain.
    pub fn unreachable(&self) -> Option<&str> {
        match &self.robots {
            Some((Rules::Unreachable(why), _)) => Some(why),
            _ => None,
        }
    }

    /// Until when the rules hold.
    pub fn rules_until(&self) -> Option<Timestamp> {
        self.robots.as_ref().map(|(_, until)| *until)
    }

    /// Begins to fetch the rules, from the root of the host; false where that
    /// is under way.
    pub fn ask_for_rules(&mut self, of: &HostKey, page: &url::Url) -> bool {
        let Some(url) = page.join("/robots.txt").ok().filter(|_| !self.awaits_rules) else { return false };
        self.awaits_rules = true;
        self.robots_errands.push_back(RobotsErrand { of: of.clone(), url, hops: 0, past: vec![] });
        true
    }

    /// Gives up what was to be fetched here, and says what of it was for other
    /// hosts, whose rules do not come. Its own are asked for again with its next
    /// page.
    pub fn give_up_errands(&mut self, host: &HostKey) -> Vec<RobotsErrand> {
        let (own, others): (Vec<_>, Vec<_>) = self.robots_errands.drain(..).partition(|errand| errand.of == *host);
        self.awaits_rules &= own.is_empty();
        others
    }

    /// The sitemaps that the rules name.
    pub fn sitemaps(&self, now: Timestamp) -> Vec<String> {
        match self.rules(now) {
            Some(Rules::Read(robots)) => robots.sitemaps().to_vec(),
            _ => Vec::new(),
        }
    }

    /// Forgets the rules, so that they are asked for again.
    pub fn forget_rules(&mut self) {
        (self.robots, self.is_silent) = (None, false);
    }

    /// Takes what robots.txt came to.
    pub fn set_rules(&mut self, rules: Rules, until: Timestamp) {
        self.awaits_rules = false;
        self.robots = Some((rules, until));
    }

    /// The addresses that hold now; none where the name must be looked up.
    pub fn addresses(&self, now: Timestamp) -> Option<&[IpAddr]> {
        let (addresses, until) = self.addresses.as_ref()?;
        (now < *until).then_some(addresses.as_slice())
    }
}
