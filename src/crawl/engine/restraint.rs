//! Who may not be asked now, or not in this run: exclusions, quiet hours,
//! intervals and budgets that the operator sets.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::later;
use crate::crawl::address::HostKey;
use crate::crawl::frontier::{PortalId, Spent};
use crate::crawl::restraints::{Exclusion, Limit, Restraints};

/// The operator's restraints, and what is used up of them.
#[derive(Debug, Default)]
pub(super) struct Meters {
    restraints: Restraints,
    counted: BTreeMap<String, Counted>,
    changed: BTreeSet<String>,
    held: BTreeMap<String, (String, Option<Timestamp>)>,
}

#[derive(Debug, Default)]
struct Counted {
    spent: Spent,
    n_under_way: u32,
}

/// Why a request has to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hold {
    /// Until then.
    Until(Timestamp),
    /// For this run.
    Over,
}

impl Hold {
    /// The longer of two.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Until(a), Self::Until(b)) => Self::Until(a.max(b)),
            _ => Self::Over,
        }
    }
}

impl Meters {
    /// Meters that go on from what the open run has used up.
    pub fn new(restraints: Restraints) -> Self {
        Self { restraints, ..Self::default() }
    }

    /// Takes what the frontier remembers.
    pub fn restore(&mut self, spent: Vec<(String, Spent)>) {
        let counted = spent.into_iter().map(|(key, spent)| (key, Counted { spent, n_under_way: 0 }));
        self.counted = counted.collect();
    }

    /// Who asked that this is left alone.
    pub fn excluded(&self, portal: &PortalId, url: &Url) -> Option<&Exclusion> {
        self.restraints.exclusions.of_url(portal.as_str(), url)
    }

    /// Whether a host has to wait.
    pub fn hold_host(&mut self, host: &HostKey, now: Timestamp) -> Option<Hold> {
        let mut hold = self.restraints.quiet_hours.until(now).map(Hold::Until);
        if let Some(Hold::Until(until)) = hold {
            self.held.insert("all portals".to_owned(), ("quiet hours".to_owned(), Some(until)));
        }
        for at in 0..self.restraints.limits.len() {
            if self.restraints.limits[at].is_of_host(host) {
                let key = self.restraints.limits[at].counted_as(Some(host));
                hold = hold.into_iter().chain(self.hold(at, key, now)).reduce(Hold::and);
            }
        }
        hold
    }

    /// Whether a portal has to wait.
    pub fn hold_portal(&mut self, portal: &PortalId, now: Timestamp) -> Option<Hold> {
        let mut hold = None;
        for at in 0..self.restraints.limits.len() {
            if self.restraints.limits[at].is_of_portal(portal.as_str()) {
                let key = self.restraints.limits[at].counted_as(None);
                hold = hold.into_iter().chain(self.hold(at, key, now)).reduce(Hold::and);
            }
        }
        hold
    }

    fn hold(&mut self, at: usize, key: String, now: Timestamp) -> Option<Hold> {
        let limit = &self.restraints.limits[at];
        let default = Counted::default();
        let counted = self.counted.get(&key).unwrap_or(&default);
        if let Some(words) = used_up(limit, counted.spent) {
            self.held.insert(key, (words, None));
            return Some(Hold::Over);
        }
        let quiet = limit.quiet_hours.until(now);
        if let Some(until) = quiet {
            self.held.insert(key, ("quiet hours".to_owned(), Some(until)));
        }
        // Nobody knows when an answer comes: it is looked at again.
        let busy = limit.interval.filter(|_| counted.n_under_way > 0).map(|interval| later(now, interval));
        let not_before = counted.spent.not_before.filter(|at| now < *at);
        [quiet, busy, not_before].into_iter().flatten().max().map(Hold::Until)
    }

    /// Counts a request that goes out now.
    pub fn sent(&mut self, host: &HostKey, portal: Option<&PortalId>, now: Timestamp) {
        self.count(host, portal, |limit, counted| {
            counted.spent.n_requests += 1;
            counted.n_under_way += 1;
            counted.spent.not_before = limit.interval.map(|interval| later(now, interval));
        });
    }

    /// Counts a request's end.
    pub fn ended(&mut self, host: &HostKey, portal: Option<&PortalId>, n_bytes: u64, now: Timestamp) {
        self.count(host, portal, |limit, counted| {
            counted.spent.n_bytes += n_bytes;
            counted.n_under_way = counted.n_under_way.saturating_sub(1);
            counted.spent.not_before = limit.interval.map(|interval| later(now, interval));
        });
    }

    fn count(&mut self, host: &HostKey, portal: Option<&PortalId>, mut add: impl FnMut(&Limit, &mut Counted)) {
        for limit in &self.restraints.limits {
            let is_meant = limit.is_of_host(host) || portal.is_some_and(|portal| limit.is_of_portal(portal.as_str()));
            if is_meant {
                let key = limit.counted_as(Some(host));
                add(limit, self.counted.entry(key.clone()).or_default());
                self.changed.insert(key);
            }
        }
    }

    /// What changed since the last call, to be written down.
    pub fn take_changed(&mut self) -> Vec<(String, Spent)> {
        let changed = std::mem::take(&mut self.changed);
        let spent = |key: String| self.counted.get(&key).map(|counted| (key.clone(), counted.spent));
        changed.into_iter().filter_map(spent).collect()
    }

    /// What the restraints hold back at an instant, in words.
    pub fn held(&self, now: Timestamp) -> BTreeMap<String, String> {
        let is_held = |(_, (_, until)): &(&String, &(String, Option<Timestamp>))| until.is_none_or(|until| until > now);
        let words = |(key, (words, until)): (&String, &(String, Option<Timestamp>))| {
            let until = until.map(|until| format!(" until {}", until.strftime("%Y-%m-%dT%H:%M:%SZ")));
            (key.clone(), format!("{words}{}", until.unwrap_or_default()))
        };
        self.held.iter().filter(is_held).map(words).collect()
    }

    /// The operator's restraints.
    pub fn restraints(&self) -> &Restraints {
        &self.restraints
    }

    /// How many requests a limit leaves to the open run.
    pub fn requests_left(&self, limit: &Limit) -> Option<u64> {
        let spent = self.counted.get(&limit.counted_as(None)).map_or(0, |counted| counted.spent.n_requests);
        limit.max_requests.map(|most| most.saturating_sub(spent))
    }
}

fn used_up(limit: &Limit, spent: Spent) -> Option<String> {
    let requests = limit.max_requests.filter(|most| spent.n_requests >= *most);
    let bytes = limit.max_bytes.filter(|most| spent.n_bytes >= *most);
    let requests = requests.map(|most| format!("its {most} requests for one run are used up"));
    requests.or_else(|| bytes.map(|most| format!("its {most} bytes for one run are used up")))
}

/// The time that can be used of a night: what is not quiet.
pub(super) fn open_time(restraints: &Restraints, limit: &Limit, from: Timestamp, to: Timestamp) -> SignedDuration {
    // The quieter of the two; windows that lie apart are counted once too few.
    let common = restraints.quiet_hours.open_time(from, to);
    common.min(limit.quiet_hours.open_time(from, to))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::crawl::restraints::{QuietHours, Scope};

    fn at(seconds: i64) -> Timestamp {
        // 08:00 in China.
        "2026-01-15T00:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(seconds)
    }

    fn host(name: &str) -> HostKey {
        HostKey::of(&format!("http://{name}/").parse().unwrap()).unwrap()
    }

    fn limit(scope: Scope) -> Limit {
        Limit { scope, interval: None, quiet_hours: QuietHours::default(), max_requests: None, max_bytes: None }
    }

    fn platform() -> Scope {
        Scope::Platform { name: "zj".to_owned(), hosts: vec!["*.zj.gov.cn".parse().unwrap()] }
    }

    fn meters(limits: Vec<Limit>) -> Meters {
        Meters::new(Restraints { limits, ..Restraints::default() })
    }

    #[test]
    fn a_platforms_hosts_share_its_budget_and_single_hosts_have_one_each() {
        let pattern = "*.ah.gov.cn".parse().unwrap();
        let of = |scope| Limit { max_requests: Some(2), ..limit(scope) };
        let mut meters = meters(vec![of(platform()), of(Scope::Host(pattern))]);
        for name in ["a.zj.gov.cn", "b.zj.gov.cn", "a.ah.gov.cn", "b.ah.gov.cn"] {
            assert_eq!(meters.hold_host(&host(name), at(0)), None, "{name}");
            meters.sent(&host(name), None, at(0));
        }
        for (name, hold) in [("c.zj.gov.cn", Some(Hold::Over)), ("a.ah.gov.cn", None), ("x.gov.cn", None)] {
            assert_eq!(meters.hold_host(&host(name), at(0)), hold, "{name}");
        }
        let words = "its 2 requests for one run are used up".to_owned();
        assert_eq!(meters.held(at(0)), BTreeMap::from([("platform zj".to_owned(), words)]));
        let changed = meters.take_changed();
        assert_eq!(changed.len(), 3);
        let mut next = Meters::new(meters.restraints().clone());
        next.restore(changed);
        assert_eq!(next.hold_host(&host("c.zj.gov.cn"), at(0)), Some(Hold::Over), "a killed run goes on");
    }

    #[test]
    fn an_interval_counts_from_the_answer() {
        let mut meters = meters(vec![Limit { interval: Some(Duration::from_secs(5)), ..limit(platform()) }]);
        let (a, b) = (host("a.zj.gov.cn"), host("b.zj.gov.cn"));
        meters.sent(&a, None, at(0));
        assert_eq!(meters.hold_host(&b, at(9)), Some(Hold::Until(at(14))), "a request is under way");
        meters.ended(&a, None, 1, at(10));
        assert_eq!(meters.hold_host(&b, at(10)), Some(Hold::Until(at(15))));
        assert_eq!(meters.hold_host(&b, at(15)), None);
    }

    #[test]
    fn quiet_hours_and_bytes_of_a_portal() {
        let of = Limit {
            quiet_hours: QuietHours::parse(&["08:00-08:10"]).unwrap(),
            max_bytes: Some(100),
            ..limit(Scope::Portal("p".to_owned()))
        };
        let (mut meters, portal) = (meters(vec![of]), PortalId::from("p"));
        assert_eq!(meters.hold_portal(&portal, at(60)), Some(Hold::Until(at(600))));
        assert_eq!(meters.held(at(60)).values().collect::<Vec<_>>(), ["quiet hours until 2026-01-15T00:10:00Z"]);
        assert_eq!(meters.hold_portal(&portal, at(600)), None);
        assert_eq!(meters.held(at(600)), BTreeMap::new(), "they are over");
        assert_eq!(meters.hold_portal(&"other".into(), at(60)), None);
        meters.ended(&host("a"), Some(&portal), 100, at(700));
        assert_eq!(meters.hold_portal(&portal, at(700)), Some(Hold::Over));
    }
}
