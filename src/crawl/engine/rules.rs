//! A host's rules: fetched where redirects lead, through the gates and the
//! guard of every host on the way.

use jiff::Timestamp;

use super::home::exchange;
use super::host::{RobotsErrand, Rules};
use super::sink::ExchangeKind;
use super::{Engine, EngineError, Sink};
use crate::crawl::address::HostKey;
use crate::crawl::answer::{Judgement, judge};
use crate::crawl::frontier::RobotsRecord;
use crate::crawl::robots::{Access, MOST_REDIRECTS};
use crate::crawl::transport::{Answer, TransportError};
use crate::page::PlaceHint;

/// Said of a host whose robots.txt has no answer: RFC 9309 2.3.1.4.
pub(super) const ROBOTS_UNREACHABLE: &str = "robots.txt is unreachable: the host is left alone";

impl<S: Sink> Engine<S> {
    /// Takes the answer for a robots.txt: another place to ask, or the rules.
    pub(super) fn robots_answered(
        &mut self,
        errand: RobotsErrand,
        result: Result<Answer, TransportError>,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let RobotsErrand { of, url, hops } = errand;
        let Ok(answer) = result else {
            self.settle_rules(&of, Access::Unreachable, None, now);
            return Ok(());
        };
        let moved = match judge(&answer, &url, now) {
            Judgement::Redirect(to) if (300..=399).contains(&answer.status) && hops < MOST_REDIRECTS => Some(to),
            _ => None,
        };
        match moved.and_then(|to| Some((HostKey::of(&to)?, to))) {
            Some((host, to)) => {
                self.meet(&host)?.robots_errands.push_back(RobotsErrand { of, url: to, hops: hops + 1 });
                self.agenda.wake(&host, now);
            }
            None => self.settle_rules(&of, Access::of_status(answer.status), Some(&answer.body), now),
        }
        let kind = ExchangeKind::Response;
        self.home.exchanges.push(exchange(&url, &url, None, answer, PlaceHint::default(), kind, now));
        Ok(())
    }

    /// Gives a host its rules, and its turn.
    pub(super) fn settle_rules(&mut self, of: &HostKey, access: Access, body: Option<&[u8]>, now: Timestamp) {
        let rules = Rules::of(access, body.unwrap_or_default(), &self.settings.agent);
        if let Rules::Read(robots) = &rules {
            self.parts.gates.set_crawl_delay(of, robots.crawl_delay().unwrap_or_default(), now);
        }
        let body = body.filter(|_| access == Access::Successful).map(<[u8]>::to_vec);
        let record = RobotsRecord { body, outcome: rules.stored().to_owned(), fetched_at: now };
        self.home.robots.push((of.clone(), record));
        if let Some(known) = self.hosts.get_mut(of) {
            if access == Access::Unreachable {
                known.portals().for_each(|portal| self.tally.trouble(portal, of.as_str(), ROBOTS_UNREACHABLE));
            }
            known.set_rules(rules, now);
        }
        self.agenda.wake(of, self.parts.gates.opens_at(of, now));
    }
}
