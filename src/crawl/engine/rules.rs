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
use crate::crawl::robots::{Access, MOST_REDIRECTS, Robots};
use crate::crawl::transport::{Answer, TransportError};
use crate::page::PlaceHint;

/// Said of a host whose robots.txt has no answer: RFC 9309 2.3.1.4.
pub(super) fn unreachable_words(why: &str) -> String {
    format!("robots.txt is unreachable, the host is left alone: {why}")
}

impl<S: Sink> Engine<S> {
    /// Takes the answer for a robots.txt: another place to ask, or the rules.
    pub(super) fn robots_answered(
        &mut self,
        errand: RobotsErrand,
        result: Result<Answer, TransportError>,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let RobotsErrand { of, url, hops } = errand;
        let answer = match result {
            Ok(answer) => answer,
            Err(error) => {
                self.settle_rules(&of, Rules::Unreachable(error.to_string()), None, now);
                return Ok(());
            }
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
            None => match Access::of_status(answer.status) {
                Access::Successful => {
                    let rules = Rules::Read(Robots::parse(&answer.body, &self.settings.agent));
                    self.settle_rules(&of, rules, Some(answer.body.clone()), now);
                }
                Access::Unavailable => self.settle_rules(&of, Rules::Unavailable, None, now),
                Access::Unreachable => {
                    let rules = Rules::Unreachable(format!("status {}", answer.status));
                    self.settle_rules(&of, rules, None, now);
                }
            },
        }
        let kind = ExchangeKind::Response;
        self.home.exchanges.push(exchange(&url, &url, None, answer, PlaceHint::default(), kind, now));
        Ok(())
    }

    /// Gives a host its rules, and its turn.
    pub(super) fn settle_rules(&mut self, of: &HostKey, rules: Rules, body: Option<Vec<u8>>, now: Timestamp) {
        if let Rules::Read(robots) = &rules {
            self.parts.gates.set_crawl_delay(of, robots.crawl_delay().unwrap_or_default(), now);
        }
        let record = RobotsRecord { body, outcome: rules.stored(), fetched_at: now };
        self.home.robots.push((of.clone(), record));
        if let Some(known) = self.hosts.get_mut(of) {
            if let Rules::Unreachable(why) = &rules {
                let words = unreachable_words(why);
                known.portals().for_each(|portal| self.tally.trouble(portal, of.as_str(), &words));
            }
            known.set_rules(rules, now);
        }
        self.agenda.wake(of, self.parts.gates.opens_at(of, now));
    }
}
