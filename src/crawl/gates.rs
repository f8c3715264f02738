//! One request at a time for each host and each address.
//!
//! Hundreds of county sites share one provincial platform, so a request needs
//! two open gates: its host's, and its address's. A gate opens again an interval
//! after the *end* of the last answer. Pure: every instant is passed in.
//!
//! governor, which the design names for the rate, is the floor under the host
//! gates: a keyed limiter of one request an interval, driven by the instants
//! passed in. It counts from the start of a request, so on its own it would let
//! a slow host be asked again at once; the gates add what it cannot say.

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, FakeRelativeClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::address::HostKey;
use crate::clock::later;

/// A Retry-After is obeyed up to this: what a server asks for beyond a day is
/// a mistake, or a refusal that the next nights find again.
pub const LONGEST_RETRY_AFTER: Duration = Duration::from_hours(24);

/// A host whose robots.txt asks for a longer delay is left alone.
pub const LONGEST_CRAWL_DELAY: Duration = Duration::from_secs(30);

/// The numbers of politeness; the defaults suit a public portal.
#[derive(Debug, Clone, PartialEq)]
pub struct GateSettings {
    /// From the end of an answer to the next request. Default 1 s.
    pub interval: Duration,
    /// At most this much is added at random. Default 250 ms.
    pub jitter: Duration,
    /// The interval is at least this many times the last answer's time
    /// (Heritrix's idea). Default 1.
    pub slow_factor: f64,
    /// A slow answer stretches the interval to this at most. Default 30 s.
    pub longest_interval: Duration,
    /// A Retry-After is obeyed up to this. Default [`LONGEST_RETRY_AFTER`].
    pub longest_retry_after: Duration,
    /// Failures in a row that park a host. Default 5.
    pub park_after: u32,
    /// How long it is parked the first time; twice as long each further time.
    pub park_first: Duration,
}

impl Default for GateSettings {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(1),
            jitter: Duration::from_millis(250),
            slow_factor: 1.0,
            longest_interval: Duration::from_secs(30),
            longest_retry_after: LONGEST_RETRY_AFTER,
            park_after: 5,
            park_first: Duration::from_mins(1),
        }
    }
}

/// What is remembered of a host's gate across runs.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct GateState {
    /// Failures in a row.
    pub n_failures: u32,
    /// How often it was parked without a good answer between.
    pub n_parkings: u32,
    /// The backoff's factor: 1, 2, 4 or 8.
    pub backoff: u32,
    /// Good answers since the backoff changed.
    pub n_good: u32,
    /// Not before this instant.
    pub not_before: Option<Timestamp>,
    /// Parked until this instant.
    pub parked_until: Option<Timestamp>,
    /// The address that it was asked at last: others of the platform may ask
    /// there next.
    pub address: Option<AddressState>,
}

impl GateState {
    /// Until when the host is left alone because it asked for time, or because it
    /// was parked.
    #[must_use]
    pub fn rests_until(&self) -> Option<Timestamp> {
        self.not_before.filter(|_| self.backoff > 1).max(self.parked_until)
    }
}

/// What is remembered of an address's gate across runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressState {
    /// The address.
    pub address: IpAddr,
    /// Not before this instant.
    pub not_before: Timestamp,
}

/// Leave for one request; given back with [`Gates::done`].
#[derive(Debug, PartialEq, Eq)]
pub struct Pass {
    /// The host.
    pub host: HostKey,
    /// The address, one of the host's.
    pub address: IpAddr,
}

/// The answer to a request for leave.
#[derive(Debug, PartialEq, Eq)]
pub enum Ask {
    /// Go.
    Open(Pass),
    /// A gate is closed until then.
    Closed {
        /// When it opens.
        until: Timestamp,
        /// Which gate: none for the host's own, else the address's.
        address: Option<IpAddr>,
    },
    /// A request is under way at a gate; it opens when that is done.
    Busy {
        /// Which gate: none for the host's own, else the address's.
        address: Option<IpAddr>,
    },
}

/// How a request ended, as politeness sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// An answer that says nothing against the next request.
    Well,
    /// 429 or 503, or another answer that asks for time.
    AskedForTime {
        /// The Retry-After, if one was sent.
        retry_after: Option<Duration>,
    },
    /// No answer, or a server error.
    Failed,
}

#[derive(Debug)]
struct HostGate {
    state: GateState,
    is_busy: bool,
    crawl_delay: Duration,
}

#[derive(Debug, Default)]
struct AddressGate {
    is_busy: bool,
    not_before: Option<Timestamp>,
}

type Floor = RateLimiter<
    HostKey,
    DefaultKeyedStateStore<HostKey>,
    FakeRelativeClock,
    NoOpMiddleware<<FakeRelativeClock as governor::clock::Clock>::Instant>,
>;

/// The gates of a run.
pub struct Gates {
    settings: GateSettings,
    hosts: HashMap<HostKey, HostGate>,
    addresses: HashMap<IpAddr, AddressGate>,
    floor: Option<Floor>,
    clock: FakeRelativeClock,
    clock_at: Option<Timestamp>,
    /// The state of a small generator: jitter needs to be spread, not secret.
    random: u64,
}

impl Gates {
    /// Gates that are all open; `seed` spreads the jitter.
    #[must_use]
    pub fn new(settings: GateSettings, seed: u64) -> Self {
        let clock = FakeRelativeClock::default();
        let quota = Quota::with_period(settings.interval).map(|quota| quota.allow_burst(NonZeroU32::MIN));
        let floor = quota.map(|quota| RateLimiter::new(quota, DefaultKeyedStateStore::default(), clock.clone()));
        let (hosts, addresses) = (HashMap::new(), HashMap::new());
        Self { settings, hosts, addresses, floor, clock, clock_at: None, random: seed | 1 }
    }

    /// Asks for leave to send a request to a host at one of its addresses: the
    /// first whose gate is open.
    pub fn ask(&mut self, host: &HostKey, addresses: &[IpAddr], now: Timestamp) -> Ask {
        let gate = self.host(host);
        if gate.is_busy {
            return Ask::Busy { address: None };
        }
        let until = gate.state.not_before.max(gate.state.parked_until);
        if let Some(until) = until.filter(|until| now < *until) {
            return Ask::Closed { until, address: None };
        }
        let mut earliest: Option<(Timestamp, IpAddr)> = None;
        let mut busy = None;
        for address in addresses {
            let gate = self.addresses.entry(*address).or_default();
            if gate.is_busy {
                busy = Some(*address);
                continue;
            }
            match gate.not_before.filter(|until| now < *until) {
                Some(until) if earliest.is_none_or(|(at, _)| until < at) => earliest = Some((until, *address)),
                Some(_) => {}
                None => return self.open(host, *address, now),
            }
        }
        match (earliest, busy) {
            (Some((until, address)), _) => Ask::Closed { until, address: Some(address) },
            (None, address) => Ask::Busy { address },
        }
    }

    fn open(&mut self, host: &HostKey, address: IpAddr, now: Timestamp) -> Ask {
        self.turn_clock(now);
        if let Some(floor) = &self.floor
            && let Err(denied) = floor.check_key(host)
        {
            let wait = denied.wait_time_from(self.clock.now());
            return Ask::Closed { until: later(now, wait), address: None };
        }
        self.host(host).is_busy = true;
        self.addresses.entry(address).or_default().is_busy = true;
        Ask::Open(Pass { host: host.clone(), address })
    }

    /// Governor's clock follows ours.
    fn turn_clock(&mut self, now: Timestamp) {
        let before = *self.clock_at.get_or_insert(now);
        if let Ok(passed) = Duration::try_from(now.duration_since(before)) {
            self.clock.advance(passed);
            self.clock_at = Some(now);
        }
    }

    /// Takes a pass back: the request ended now, after `took`.
    pub fn done(&mut self, pass: Pass, ended: Ended, took: Duration, now: Timestamp) {
        let settings = self.settings.clone();
        let jitter = self.jitter();
        let gate = self.host(&pass.host);
        gate.is_busy = false;
        let state = &mut gate.state;
        match ended {
            Ended::Well => {
                (state.n_failures, state.n_parkings) = (0, 0);
                state.n_good += 1;
                if state.n_good >= 5 && state.backoff > 1 {
                    (state.backoff, state.n_good) = (state.backoff / 2, 0);
                }
            }
            Ended::AskedForTime { .. } => {
                (state.backoff, state.n_good) = ((state.backoff.max(1) * 2).min(8), 0);
            }
            Ended::Failed => {
                (state.n_failures, state.n_good) = (state.n_failures + 1, 0);
                if state.n_failures >= settings.park_after {
                    let times = 1_u32.checked_shl(state.n_parkings.min(10)).unwrap_or(1024);
                    let long = settings.park_first.saturating_mul(times).min(settings.longest_retry_after);
                    (state.n_failures, state.n_parkings) = (0, state.n_parkings + 1);
                    state.parked_until = state.parked_until.max(Some(later(now, long)));
                }
            }
        }
        let slow = took.mul_f64(settings.slow_factor.max(0.0)).min(settings.longest_interval);
        let interval = settings.interval.max(gate.crawl_delay).max(slow).saturating_mul(gate.state.backoff.max(1));
        let wait = later(now, interval.saturating_add(jitter));
        let asked = match ended {
            Ended::AskedForTime { retry_after: Some(wait) } => Some(later(now, wait.min(settings.longest_retry_after))),
            _ => None,
        };
        // What was asked for before holds on: a good answer to another request
        // says nothing of it.
        gate.state.not_before = gate.state.not_before.max(Some(wait)).max(asked);
        // The address waits for the interval alone: a Retry-After is one host's,
        // and its neighbours on the platform are not to blame.
        let address = self.addresses.entry(pass.address).or_default();
        address.is_busy = false;
        let not_before = address.not_before.map_or(wait, |before| before.max(wait));
        address.not_before = Some(not_before);
        self.host(&pass.host).state.address = Some(AddressState { address: pass.address, not_before });
    }

    /// The delay that a host's robots.txt asks for, zero where it asks for none;
    /// it holds from `now` on.
    pub fn set_crawl_delay(&mut self, host: &HostKey, delay: Duration, now: Timestamp) {
        let gate = self.host(host);
        gate.crawl_delay = delay;
        gate.state.not_before = gate.state.not_before.max(Some(later(now, delay)));
    }

    /// What a crash must not forget, as it will be when a request that goes out
    /// now has ended at the earliest: written down before it goes out.
    pub fn state_after_dispatch(&mut self, pass: &Pass, now: Timestamp) -> GateState {
        let interval = self.settings.interval;
        let gate = self.host(&pass.host);
        let wait = later(now, interval.max(gate.crawl_delay).saturating_mul(gate.state.backoff.max(1)));
        let address = Some(AddressState { address: pass.address, not_before: wait });
        GateState { not_before: gate.state.not_before.max(Some(wait)), address, ..gate.state }
    }

    /// What is to be remembered of a host.
    #[must_use]
    pub fn state(&self, host: &HostKey) -> GateState {
        self.hosts.get(host).map(|gate| gate.state).unwrap_or_default()
    }

    /// Restores what an earlier run remembered.
    pub fn restore(&mut self, host: &HostKey, state: GateState) {
        self.host(host).state = state;
        self.restore_address(&state);
    }

    /// Restores what an earlier run remembered of the address alone: a host
    /// that has nothing to do in this run still keeps its neighbours waiting.
    pub fn restore_address(&mut self, state: &GateState) {
        if let Some(AddressState { address, not_before }) = state.address {
            let gate = self.addresses.entry(address).or_default();
            gate.not_before = gate.not_before.max(Some(not_before));
        }
    }

    /// Whether a request is under way at an address.
    #[must_use]
    pub fn is_busy_at(&self, address: IpAddr) -> bool {
        self.addresses.get(&address).is_some_and(|gate| gate.is_busy)
    }

    /// When a host's own gate opens at the earliest.
    #[must_use]
    pub fn opens_at(&self, host: &HostKey, now: Timestamp) -> Timestamp {
        let state = self.state(host);
        state.not_before.max(state.parked_until).map_or(now, |at| at.max(now))
    }

    /// When an address's gate opens at the earliest.
    #[must_use]
    pub fn address_opens_at(&self, address: IpAddr, now: Timestamp) -> Timestamp {
        let gate = self.addresses.get(&address);
        gate.and_then(|gate| gate.not_before).map_or(now, |at| at.max(now))
    }

    fn host(&mut self, host: &HostKey) -> &mut HostGate {
        self.hosts.entry(host.clone()).or_insert_with(|| HostGate {
            state: GateState { backoff: 1, ..GateState::default() },
            is_busy: false,
            crawl_delay: Duration::ZERO,
        })
    }

    /// Between nothing and the longest jitter (xorshift).
    fn jitter(&mut self) -> Duration {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.settings.jitter.mul_f64((self.random >> 11) as f64 / (1_u64 << 53) as f64)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(1_700_000_000_000 + ms).unwrap()
    }

    fn key(name: &str) -> HostKey {
        HostKey::of(&format!("http://{name}/").parse().unwrap()).unwrap()
    }

    fn ip(last: u8) -> IpAddr {
        IpAddr::from([127, 0, 0, last])
    }

    fn gates() -> Gates {
        Gates::new(GateSettings { jitter: Duration::ZERO, ..GateSettings::default() }, 7)
    }

    fn pass(gates: &mut Gates, host: &str, address: u8, now: i64) -> Pass {
        match gates.ask(&key(host), &[ip(address)], at(now)) {
            Ask::Open(pass) => pass,
            other => panic!("{other:?}"),
        }
    }

    fn closed(gates: &mut Gates, host: &str, address: u8, now: i64) -> i64 {
        match gates.ask(&key(host), &[ip(address)], at(now)) {
            Ask::Closed { until, .. } => until.as_millisecond() - 1_700_000_000_000,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_interval_counts_from_the_answers_end() {
        let mut gates = gates();
        let first = pass(&mut gates, "a", 1, 0);
        assert_eq!(gates.ask(&key("a"), &[ip(1)], at(5000)), Ask::Busy { address: None });
        gates.done(first, Ended::Well, Duration::from_millis(400), at(5000));
        assert_eq!(closed(&mut gates, "a", 1, 5999), 6000);
        pass(&mut gates, "a", 1, 6000);
    }

    #[test]
    fn hosts_of_one_address_share_its_gate() {
        let mut gates = gates();
        let first = pass(&mut gates, "a", 1, 0);
        assert_eq!(gates.ask(&key("b"), &[ip(1)], at(10)), Ask::Busy { address: Some(ip(1)) });
        gates.done(first, Ended::Well, Duration::ZERO, at(100));
        assert_eq!(closed(&mut gates, "b", 1, 500), 1100);
        pass(&mut gates, "b", 2, 500);
    }

    #[test]
    fn slow_answers_slow_us_down_and_not_for_ever() {
        for (took, wait) in [(400, 1000), (9000, 9000), (30_000, 30_000), (100_000, 30_000)] {
            let mut gates = gates();
            let first = pass(&mut gates, "a", 1, 0);
            gates.done(first, Ended::Well, Duration::from_millis(took), at(0));
            assert_eq!(closed(&mut gates, "a", 1, 1), wait);
        }
    }

    #[test]
    fn the_largest_interval_is_the_one_that_doubles() {
        let mut gates = gates();
        gates.set_crawl_delay(&key("a"), Duration::from_secs(3), at(-9000));
        let first = pass(&mut gates, "a", 1, 0);
        let asked = Ended::AskedForTime { retry_after: None };
        gates.done(first, asked, Duration::from_secs(5), at(0));
        assert_eq!(closed(&mut gates, "a", 1, 1), 10_000);
        let second = pass(&mut gates, "a", 1, 10_000);
        gates.done(second, asked, Duration::ZERO, at(10_000));
        assert_eq!(closed(&mut gates, "a", 1, 10_001), 10_000 + 4 * 3000);
    }

    #[test]
    fn what_a_run_remembers_keeps_the_neighbours_waiting() {
        let mut gates = gates();
        let first = pass(&mut gates, "a", 1, 0);
        let crashed = gates.state_after_dispatch(&first, at(0));
        gates.done(first, Ended::AskedForTime { retry_after: Some(Duration::from_hours(1)) }, Duration::ZERO, at(500));
        for (state, opens) in [(crashed, 1000), (gates.state(&key("a")), 2500)] {
            let mut next_run = self::gates();
            next_run.restore_address(&state);
            assert_eq!(closed(&mut next_run, "b", 1, 501), opens);
            pass(&mut next_run, "b", 2, 501);
        }
    }

    #[test]
    fn a_busy_server_is_asked_ever_less_and_forgiven_slowly() {
        let mut gates = gates();
        let mut now = 0;
        let mut waits = Vec::new();
        for step in 0..15 {
            let pass = pass(&mut gates, "a", 1, now);
            let ended = if step < 4 { Ended::AskedForTime { retry_after: None } } else { Ended::Well };
            gates.done(pass, ended, Duration::ZERO, at(now));
            let next = closed(&mut gates, "a", 1, now);
            waits.push((next - now) / 1000);
            now = next;
        }
        assert_eq!(waits, [2, 4, 8, 8, 8, 8, 8, 8, 4, 4, 4, 4, 4, 2, 2]);
    }

    #[test]
    fn a_retry_after_is_not_cut_short() {
        let mut gates = gates();
        let first = pass(&mut gates, "a", 1, 0);
        let hour = Duration::from_hours(1);
        gates.done(first, Ended::AskedForTime { retry_after: Some(hour) }, Duration::ZERO, at(0));
        assert_eq!(closed(&mut gates, "a", 1, 10), 3_600_000);
        let state = gates.state(&key("a"));
        let mut next_run = self::gates();
        next_run.restore(&key("a"), state);
        assert_eq!(closed(&mut next_run, "a", 1, 10), 3_600_000);
    }

    #[test]
    fn five_failures_park_a_host_longer_each_time() {
        let mut gates = gates();
        let mut now = 0;
        let mut parked = Vec::new();
        for _ in 0..3 {
            for _ in 0..5 {
                let pass = pass(&mut gates, "a", 1, now);
                gates.done(pass, Ended::Failed, Duration::ZERO, at(now));
                let next = closed(&mut gates, "a", 1, now);
                if next - now > 30_000 {
                    parked.push((next - now) / 1000);
                }
                now = next;
            }
        }
        assert_eq!(parked, [60, 120, 240]);
    }

    #[test]
    fn a_crawl_delay_holds_from_its_answer_on() {
        let mut gates = gates();
        let first = pass(&mut gates, "a", 1, 0);
        gates.done(first, Ended::Well, Duration::ZERO, at(0));
        gates.set_crawl_delay(&key("a"), Duration::from_secs(5), at(0));
        assert_eq!(closed(&mut gates, "a", 1, 100), 5000);
    }

    proptest! {
        /// Whatever comes, no gate lets two requests through at once, nor the
        /// next sooner than the interval after the last one's end.
        #[test]
        fn no_two_requests_are_too_close(
            steps in proptest::collection::vec((0_usize..3, 0_u8..2, 0_i64..3000, 0_u8..3), 1..60),
        ) {
            let mut gates = Gates::new(GateSettings::default(), 3);
            let mut now = 0;
            let mut under_way: Vec<(Pass, i64)> = Vec::new();
            let mut ends: HashMap<String, i64> = HashMap::new();
            for (host, address, wait, kind) in steps {
                now += wait;
                if kind == 0 && !under_way.is_empty() {
                    let (pass, began) = under_way.remove(0);
                    ends.insert(pass.host.to_string(), now);
                    ends.insert(pass.address.to_string(), now);
                    let ended = if wait % 2 == 0 { Ended::Well } else { Ended::Failed };
                    gates.done(pass, ended, Duration::from_millis((now - began).unsigned_abs()), at(now));
                    continue;
                }
                let name = ["a", "b", "c"][host];
                if let Ask::Open(pass) = gates.ask(&key(name), &[ip(address)], at(now)) {
                    for (other, _) in &under_way {
                        prop_assert!(other.host != pass.host && other.address != pass.address);
                    }
                    for gate in [pass.host.to_string(), pass.address.to_string()] {
                        prop_assert!(ends.get(&gate).is_none_or(|end| now - end >= 1000));
                    }
                    under_way.push((pass, now));
                }
            }
        }
    }
}
