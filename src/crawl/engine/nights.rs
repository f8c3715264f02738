//! A platform whose portals do not fit one night: who has a turn in this one,
//! and when the others will be done.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::restraint::open_time;
use super::{Engine, EngineError, Sink, Target, later};
use crate::clock::in_china;
use crate::crawl::frontier::PortalId;
use crate::crawl::restraints::{Limit, Scope};

/// How a platform's portals are spread over the nights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlatformNights {
    /// The platform's name.
    pub platform: String,
    /// Requests that fit one night.
    pub n_requests_a_night: u64,
    /// Portals that have a turn in this run.
    pub n_tonight: usize,
    /// The others and those that will not be done, each with the day (of
    /// China) on which it will be, if a run begins every day.
    pub later: Vec<Later>,
}

/// A portal that will be done on a later night.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Later {
    /// The portal.
    pub portal: String,
    /// The day.
    pub done_on: Date,
}

/// A portal's turn: what it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Need {
    pub portal: PortalId,
    pub n_requests: u64,
}

/// A portal that rests while others of its platform have their turn.
pub(super) struct Resting {
    pub target: Arc<Target>,
    /// The limit of its platform.
    pub limit: Limit,
}

/// Spreads portals over nights in their order, each as early as those before it
/// allow. Gives nothing where all fit tonight; else also who rests tonight, in
/// the same order.
///
/// A portal that would not be done tonight rests, so that it takes nothing from
/// those that will be; but the first always has a turn.
pub(super) fn spread(
    platform: &str,
    needs: &[Need],
    tonight: u64,
    a_night: u64,
    today: Date,
) -> Option<(PlatformNights, Vec<PortalId>)> {
    let a_night = a_night.max(1);
    if needs.iter().map(|need| need.n_requests).sum::<u64>() <= tonight {
        return None;
    }
    let (mut night, mut left) = (0_u64, tonight);
    let (mut later, mut resting) = (Vec::new(), Vec::new());
    for (place, need) in needs.iter().enumerate() {
        if need.n_requests > left {
            let open = need.n_requests - left;
            let more = open.div_ceil(a_night);
            night += more;
            left = more * a_night - open;
        } else {
            left -= need.n_requests;
        }
        if night > 0 {
            let days = i64::try_from(night).unwrap_or(i64::MAX);
            let done_on = jiff::Span::new().try_days(days).ok().and_then(|days| today.checked_add(days).ok());
            later.push(Later { portal: need.portal.to_string(), done_on: done_on.unwrap_or(Date::MAX) });
            if place > 0 {
                resting.push(need.portal.clone());
            }
        }
    }
    let n_tonight = needs.len() - resting.len();
    let nights = PlatformNights { platform: platform.to_owned(), n_requests_a_night: a_night, n_tonight, later };
    Some((nights, resting))
}

impl<S: Sink> Engine<S> {
    /// Lets portals of platforms that do not fit this run rest until another.
    ///
    /// First come those that no run has finished yet, then those that were
    /// finished longest ago.
    pub(super) fn spread_over_nights(&mut self, now: Timestamp) -> Result<(), EngineError> {
        let limits = self.meters.restraints().limits.clone();
        let platforms = limits.iter().filter(|limit| matches!(limit.scope, Scope::Platform { .. }));
        for limit in platforms {
            let Some((tonight, a_night)) = self.room(limit, now)? else { continue };
            let needs = self.needs(limit)?;
            let Scope::Platform { name, .. } = &limit.scope else { continue };
            if let Some((nights, resting)) = spread(name, &needs, tonight, a_night, in_china(now).date()) {
                for portal in resting {
                    if let Some(target) = self.targets.remove(&portal) {
                        self.resting.push_back(Resting { target, limit: limit.clone() });
                    }
                }
                self.tally.nights.push(nights);
            }
        }
        Ok(())
    }

    /// Wakes the next portal that rests, where its platform has room left after
    /// all. True where one was woken.
    pub(super) fn wake_resting(&mut self) -> Result<bool, EngineError> {
        while let Some(Resting { target, limit }) = self.resting.pop_front() {
            if self.meters.requests_left(&limit) == Some(0) {
                continue;
            }
            let nights = self.tally.nights.iter_mut().filter(|nights| limit.is_platform(&nights.platform));
            nights.for_each(|nights| nights.n_tonight += 1);
            let portal = target.portal.clone();
            self.targets.insert(portal.clone(), target);
            for (host, of, due) in self.parts.frontier.waiting()? {
                if of == portal {
                    self.expect(&host, &portal, due)?;
                }
            }
            return Ok(true);
        }
        Ok(false)
    }

    /// Requests that fit this run, and any other; none where nothing bounds
    /// them. A platform's hosts share an address, so it counts as one gate.
    fn room(&self, limit: &Limit, now: Timestamp) -> Result<Option<(u64, u64)>, EngineError> {
        let left = self.meters.requests_left(limit);
        let in_time = match self.settings.max_time {
            Some(time) => {
                let open = open_time(self.meters.restraints(), limit, now, later(now, time));
                let interval = self.settings.interval.max(limit.interval.unwrap_or_default());
                let each = SignedDuration::try_from(interval).unwrap_or_default() + self.mean_answer()?;
                let n = open.as_millis() / each.as_millis().max(1);
                Some(u64::try_from(n).unwrap_or(0))
            }
            None => None,
        };
        let least = |a: Option<u64>, b: Option<u64>| a.into_iter().chain(b).min();
        Ok(least(left, in_time).zip(least(limit.max_requests, in_time)))
    }

    /// The mean time of an answer in the last run.
    fn mean_answer(&self) -> Result<SignedDuration, EngineError> {
        let last = self.parts.frontier.last_run()?;
        let counts: serde_json::Value =
            last.and_then(|run| serde_json::from_str(&run.report_json).ok()).unwrap_or_default();
        let n = |key: &str| counts.get(key).and_then(serde_json::Value::as_i64).unwrap_or_default();
        Ok(SignedDuration::from_millis(n("answer_ms") / n("n_requests").max(1)))
    }

    /// What each portal of a platform needs, in the order of their turns: what
    /// waits; one that was never finished may have as many pages as it is
    /// allowed, or as those that were have in the mean.
    fn needs(&self, limit: &Limit) -> Result<Vec<Need>, EngineError> {
        let done: BTreeMap<PortalId, Timestamp> = self.parts.frontier.portals_done()?.into_iter().collect();
        let mut waiting: BTreeMap<PortalId, u64> = BTreeMap::new();
        for (host, portal, n) in self.parts.frontier.n_waiting_by_host()? {
            if limit.is_of_host(&host) && self.targets.contains_key(&portal) {
                // robots.txt counts as one.
                *waiting.entry(portal).or_default() += n + 1;
            }
        }
        let mut n_known: BTreeMap<PortalId, u64> = BTreeMap::new();
        for (portal, _, n) in self.parts.frontier.census()? {
            if done.contains_key(&portal) && waiting.contains_key(&portal) {
                *n_known.entry(portal).or_default() += n;
            }
        }
        let mean = n_known.values().sum::<u64>().checked_div(n_known.len() as u64);
        let mut needs: Vec<Need> = Vec::new();
        for (portal, n) in waiting {
            let most = self.targets.get(&portal).map_or(0, |target| u64::from(target.max_pages));
            let n_requests = if done.contains_key(&portal) { n } else { n.max(mean.unwrap_or(most) + 1) }.min(most + 1);
            needs.push(Need { portal, n_requests });
        }
        needs.sort_by_key(|need| (done.get(&need.portal).copied(), need.portal.clone()));
        Ok(needs)
    }

    /// Notes the portals of which nothing that was due is left.
    pub(super) fn note_who_is_done(&mut self, now: Timestamp) -> Result<(), EngineError> {
        let unfinished: BTreeSet<&PortalId> =
            self.tally.waiting.iter().filter(|(_, n)| *n > 0).map(|(portal, _)| portal).collect();
        let done: BTreeSet<&PortalId> = self.targets.keys().filter(|portal| !unfinished.contains(portal)).collect();
        let mut batch = self.parts.frontier.batch()?;
        for portal in &done {
            batch.portal_done(portal, now)?;
        }
        batch.commit()?;
        let is_done = |later: &Later| done.iter().any(|portal| portal.as_str() == later.portal);
        self.tally.nights.iter_mut().for_each(|nights| nights.later.retain(|later| !is_done(later)));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs(of: &[(&str, u64)]) -> Vec<Need> {
        of.iter().map(|(id, n)| Need { portal: PortalId::from(*id), n_requests: *n }).collect()
    }

    const TODAY: Date = Date::constant(2026, 12, 30);

    #[test]
    fn all_that_fits_tonight_is_no_matter() {
        assert_eq!(spread("zj", &needs(&[("a", 6), ("b", 4)]), 10, 10, TODAY), None);
    }

    #[test]
    fn who_does_not_fit_is_told_when() {
        let needs = needs(&[("a", 6), ("b", 8), ("c", 3), ("d", 25), ("e", 1)]);
        let (nights, resting) = spread("zj", &needs, 10, 10, TODAY).unwrap();
        let later: Vec<_> =
            nights.later.iter().map(|later| (later.portal.as_str(), later.done_on.to_string())).collect();
        let expected = [("b", "2026-12-31"), ("c", "2026-12-31"), ("d", "2027-01-03"), ("e", "2027-01-03")];
        assert_eq!(later, expected.map(|(id, day)| (id, day.to_owned())));
        assert_eq!(nights.n_tonight, 1, "b would take from a, and not be done");
        assert_eq!(resting.iter().map(PortalId::as_str).collect::<Vec<_>>(), ["b", "c", "d", "e"]);
    }

    #[test]
    fn the_first_has_a_turn_even_where_a_night_is_too_short_for_it() {
        let (nights, resting) = spread("zj", &needs(&[("a", 25), ("b", 1)]), 10, 10, TODAY).unwrap();
        assert_eq!((nights.n_tonight, resting.len()), (1, 1));
        assert_eq!(nights.later[0].done_on.to_string(), "2027-01-01");
    }

    #[test]
    fn a_night_that_is_used_up_is_none() {
        let (nights, resting) = spread("zj", &needs(&[("a", 1)]), 0, 10, TODAY).unwrap();
        assert_eq!((nights.n_tonight, resting.len()), (1, 0));
        assert_eq!(nights.later[0].done_on.to_string(), "2026-12-31");
    }
}
