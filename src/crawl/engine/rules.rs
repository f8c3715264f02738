//! A host's rules: fetched where redirects lead, through the gates and the
//! guard of every host on the way.

use jiff::Timestamp;
use url::Url;

use super::entry::is_silence;
use super::home::exchange;
use super::host::{Host, RobotsErrand, Rules};
use super::revisit::{PAGE_RESTS, backoff, failed_until};
use super::sink::{Exchange, ExchangeKind};
use super::{Engine, EngineError, Sink, later};
use crate::crawl::address::HostKey;
use crate::crawl::answer::{Judgement, judge};
use crate::crawl::frontier::{OTHER_SCHEME, RobotsRecord, WITHOUT_ROBOTS};
use crate::crawl::robots::{Access, MOST_REDIRECTS, Robots};
use crate::crawl::transport::{Answer, TransportError};
use crate::page::PlaceHint;

/// Said of a host whose robots.txt has no answer: RFC 9309 2.3.1.4. Where two schemes
/// were tried, the first had none either.
pub(super) fn unreachable_words(why: &str, other_scheme: Option<&str>) -> String {
    let before = other_scheme.map(|first| format!("{OTHER_SCHEME}{first}")).unwrap_or_default();
    format!("{WITHOUT_ROBOTS}{why}{before}")
}

/// What came of the way to a robots.txt.
#[derive(Default)]
pub(super) struct RobotsCame {
    /// The rules' text, where there is one.
    pub body: Option<Vec<u8>>,
    /// The answers on the way.
    pub answers: Vec<Exchange>,
    /// When it is asked for again, before what it came to is out of date.
    pub again_at: Option<Timestamp>,
    /// Until when what it came to holds, where that is longer than usual.
    pub rests_until: Option<Timestamp>,
}

impl<S: Sink> Engine<S> {
    /// Takes the answer for a robots.txt: another place to ask, or the rules.
    pub(super) fn robots_answered(
        &mut self,
        errand: RobotsErrand,
        result: Result<Answer, TransportError>,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let RobotsErrand { of, url, hops, past: mut answers } = errand;
        if let Some(known) = self.hosts.get_mut(&of) {
            known.is_silent = hops == 0 && result.as_ref().is_err_and(is_silence);
        }
        let answer = match result {
            Ok(answer) => answer,
            Err(error) => {
                let again_at = if error.may_pass() { self.asked_again_at(&of, now) } else { None };
                let came = RobotsCame { answers, again_at, ..RobotsCame::default() };
                self.settle_rules(&of, Rules::Unreachable(error.to_string()), came, now);
                return Ok(());
            }
        };
        let (mut moved, mut wall) = (None, None);
        match judge(&answer, &url, now) {
            Judgement::Redirect(to) if (300..=399).contains(&answer.status) && hops < MOST_REDIRECTS => {
                moved = Some(to);
            }
            Judgement::Refused { wall: met, why } => wall = Some((met, why)),
            _ => {}
        }
        let (status, body) = (answer.status, answer.body.clone());
        let kind = ExchangeKind::Response;
        answers.push(exchange(&url, &url, None, answer, PlaceHint::default(), kind, now));
        if let Some((host, to)) = moved.and_then(|to| Some((HostKey::of(&to)?, to))) {
            if let Some(words) = self.is_excluded_for(&of, &to) {
                let came = RobotsCame { answers, ..RobotsCame::default() };
                self.settle_rules(&of, Rules::Unreachable(words), came, now);
                return Ok(());
            }
            let errand = RobotsErrand { of, url: to, hops: hops + 1, past: answers };
            self.meet(&host)?.robots_errands.push_back(errand);
            self.agenda.wake(&host, now);
            return Ok(());
        }
        let (rules, body) = match Access::of_status(status) {
            Access::Successful => (Rules::Read(Robots::parse(&body, &self.settings.agent)), Some(body)),
            Access::Unavailable => (Rules::Unavailable, None),
            Access::Unreachable => match &wall {
                Some((wall, why)) => (Rules::Unreachable(format!("{wall}: {why}")), None),
                None => (Rules::Unreachable(format!("status {status}")), None),
            },
        };
        if let (Some((wall, _)), Rules::Unreachable(_)) = (wall, &rules) {
            // Who shows a wall means it: asked again at once it would show it again.
            self.tally.outcome(wall.as_str());
            let came = RobotsCame { body, answers, rests_until: Some(failed_until(now)), ..RobotsCame::default() };
            self.settle_rules(&of, rules, came, now);
            return Ok(());
        }
        let again_at = match &rules {
            Rules::Unreachable(_) => self.asked_again_at(&of, now),
            Rules::Read(_) | Rules::Unavailable => {
                self.hosts.get_mut(&of).into_iter().for_each(|known| known.n_unanswered = 0);
                None
            }
        };
        self.settle_rules(&of, rules, RobotsCame { body, answers, again_at, ..RobotsCame::default() }, now);
        Ok(())
    }

    /// When a robots.txt that had no answer is asked for again in this run: as
    /// often as a page, and as soon. One bad answer must not cost a portal its
    /// night.
    fn asked_again_at(&mut self, of: &HostKey, now: Timestamp) -> Option<Timestamp> {
        let known = self.hosts.get_mut(of)?;
        known.n_unanswered += 1;
        let is_left = known.n_unanswered < self.settings.max_attempts;
        is_left.then(|| later(now, backoff(PAGE_RESTS, known.n_unanswered - 1)))
    }

    /// What is said of hosts whose robots.txt has no answer yet, and is not asked
    /// for again, or under the other scheme, because the run is over.
    pub(super) fn give_up_unanswered(&mut self) {
        let max_attempts = self.settings.max_attempts;
        let is_open =
            |(host, known): &(&HostKey, &Host)| known.is_asked_again(max_attempts) || self.may_answer_elsewhere(host);
        let open: Vec<HostKey> = self.hosts.iter().filter(is_open).map(|(host, _)| host.clone()).collect();
        for host in &open {
            let Some(known) = self.hosts.get(host) else { continue };
            if let Some(why) = known.unreachable() {
                let words = unreachable_words(why, known.other_scheme.as_deref());
                known.portals().for_each(|portal| self.tally.trouble(portal, host.as_str(), &words));
            }
        }
    }

    /// Who asked that a place is left alone to which a host's rules were moved.
    fn is_excluded_for(&self, of: &HostKey, to: &Url) -> Option<String> {
        let mut portals = self.hosts.get(of)?.portals();
        portals.find_map(|portal| self.meters.excluded(portal, to)).map(ToString::to_string)
    }

    /// Gives a host its rules, and its turn.
    pub(super) fn settle_rules(&mut self, of: &HostKey, rules: Rules, came: RobotsCame, now: Timestamp) {
        if let Rules::Read(robots) = &rules {
            self.parts.gates.set_crawl_delay(of, robots.crawl_delay().unwrap_or_default(), now);
        }
        let record = RobotsRecord { body: came.body, outcome: rules.stored(), fetched_at: now };
        if self.settings.archive_unchanged || !self.has_same_rules(of, &record) {
            self.home.exchanges.extend(came.answers);
        }
        self.home.robots.push((of.clone(), record));
        let is_left = came.again_at.is_none() && !self.may_answer_elsewhere(of);
        let until = came
            .again_at
            .or(came.rests_until)
            .unwrap_or_else(|| now.checked_add(rules.lifetime()).unwrap_or(Timestamp::MAX));
        if let Some(known) = self.hosts.get_mut(of) {
            if let Rules::Unreachable(why) = &rules
                && is_left
            {
                let words = unreachable_words(why, known.other_scheme.as_deref());
                known.portals().for_each(|portal| self.tally.trouble(portal, of.as_str(), &words));
            }
            known.set_rules(rules, until);
        }
        self.agenda.wake(of, self.parts.gates.opens_at(of, now));
    }
}
