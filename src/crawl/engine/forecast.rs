//! What a shared platform still has to give, and when it will be done.
//!
//! Hundreds of portals can share one address, whose gate lets one request
//! through at a time. What does not fit one run waits for the next; a person
//! should know for how many.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use serde::Serialize;

use super::{Ending, Engine, EngineError, Sink};
use crate::crawl::frontier::PortalId;

/// What waits on one host on a portal's behalf.
struct Backlog {
    address: IpAddr,
    portal: PortalId,
    n_urls: u64,
}

/// An address whose portals did not fit the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Platform {
    /// The address.
    pub address: IpAddr,
    /// URLs that wait there.
    pub n_waiting: u64,
    /// Requests to it take as long, at the pace of this run.
    pub needs_ms: u64,
    /// In how many more runs as long as this one each portal is done: they
    /// take turns, so that the small ones are done first.
    pub runs_left: BTreeMap<String, u64>,
}

impl<S: Sink> Engine<S> {
    /// Notes how many URLs of the run's portals wait, and for how many runs
    /// those of shared platforms will.
    pub(super) fn note_what_waits(&mut self, ending: Ending) -> Result<(), EngineError> {
        let mut waiting: BTreeMap<PortalId, u64> = BTreeMap::new();
        let mut backlog = Vec::new();
        for (host, portal, n_urls) in self.parts.frontier.n_waiting()? {
            if !self.targets.contains_key(&portal) {
                continue;
            }
            *waiting.entry(portal.clone()).or_default() += n_urls;
            let known = self.hosts.get(&host).and_then(|known| known.addresses.as_ref());
            if let Some(address) = known.and_then(|(addresses, _)| addresses.first()) {
                backlog.push(Backlog { address: *address, portal, n_urls });
            }
        }
        self.tally.waiting = waiting.into_iter().collect();
        if ending == Ending::TimeUp {
            let n_requests = u32::try_from(self.tally.n_requests.max(1)).unwrap_or(u32::MAX);
            let step = self.parts.gates.interval() + self.tally.answer_time / n_requests;
            self.tally.platforms = forecast(&backlog, step, self.tally.duration);
        }
        Ok(())
    }
}

/// The platforms that more than one portal waits for, the fullest first.
///
/// `step` is from the beginning of one request to the next at an address,
/// `run` how long a run takes.
fn forecast(backlog: &[Backlog], step: Duration, run: Duration) -> Vec<Platform> {
    let mut by_address: BTreeMap<IpAddr, BTreeMap<&PortalId, u64>> = BTreeMap::new();
    for Backlog { address, portal, n_urls } in backlog {
        *by_address.entry(*address).or_default().entry(portal).or_default() += n_urls;
    }
    let per_run = (run.as_millis() / step.as_millis().max(1)).max(1);
    let per_run = u64::try_from(per_run).unwrap_or(u64::MAX);
    let platform = |(address, portals): (IpAddr, BTreeMap<&PortalId, u64>)| {
        // While one portal has its n turns, each other has as many, or all that
        // it needs.
        let turns_until = |n: u64| portals.values().map(|other| n.min(*other)).sum::<u64>();
        let runs_left = portals.iter().map(|(portal, n)| (portal.to_string(), turns_until(*n).div_ceil(per_run)));
        let n_waiting: u64 = portals.values().sum();
        let needs_ms = u64::try_from(step.as_millis()).unwrap_or(u64::MAX).saturating_mul(n_waiting);
        Platform { address, n_waiting, needs_ms, runs_left: runs_left.collect() }
    };
    let shared = by_address.into_iter().filter(|(_, portals)| portals.len() > 1);
    let mut platforms: Vec<_> = shared.map(platform).collect();
    platforms.sort_by_key(|platform| std::cmp::Reverse(platform.n_waiting));
    platforms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_portals_are_done_first_and_all_in_the_end() {
        let waits = |last: u8, portal: &str, n_urls| Backlog {
            address: IpAddr::from([203, 0, 113, last]),
            portal: portal.into(),
            n_urls,
        };
        let backlog =
            [waits(1, "big", 80), waits(1, "big", 20), waits(1, "small", 5), waits(1, "mid", 10), waits(2, "own", 900)];
        // Ten requests fit a run.
        let platforms = forecast(&backlog, Duration::from_secs(1), Duration::from_secs(10));
        assert_eq!(platforms.len(), 1, "who has an address alone waits for nobody");
        assert_eq!((platforms[0].n_waiting, platforms[0].needs_ms), (115, 115_000));
        // 5 + 5 + 5 turns, then 10 + 5 + 10, then all.
        let expected = [("big", 12), ("mid", 3), ("small", 2)];
        assert_eq!(platforms[0].runs_left, expected.map(|(portal, n)| (portal.to_owned(), n)).into());
    }
}
