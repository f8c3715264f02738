//! Which host is next: a fair round over all that are ready.
//!
//! Every host that has work is in exactly one place: ready, asleep until an
//! instant, waiting for an address that others of its platform use, or at
//! work. Each step costs at most the logarithm of the number of hosts.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::net::IpAddr;

use jiff::Timestamp;

use crate::crawl::address::HostKey;

/// The hosts that have work, by when they may do it.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    place: HashMap<HostKey, Place>,
    ready: VecDeque<Turn>,
    asleep: BTreeSet<(Timestamp, HostKey)>,
    queues: HashMap<IpAddr, Queue>,
    openings: BTreeSet<(Timestamp, IpAddr)>,
}

/// A host whose turn has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Turn {
    pub host: HostKey,
    /// The address whose opening brought the turn. Whoever takes it and does
    /// not ask there says when the address opens for the next in line, with
    /// [`Agenda::opens`].
    pub waited_for: Option<IpAddr>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Ready,
    Asleep(Timestamp),
    Queued(IpAddr),
    AtWork,
}

/// The hosts that wait for one address, first come first served.
#[derive(Debug, Default)]
struct Queue {
    hosts: VecDeque<HostKey>,
    opening: Option<Timestamp>,
}

impl Agenda {
    /// Gives a host its turn at an instant; an earlier turn stands.
    ///
    /// A host that is at work or queued for its address keeps its place: it
    /// is looked at again when that ends.
    pub fn wake(&mut self, host: &HostKey, at: Timestamp) {
        match self.place.get(host) {
            Some(Place::Ready | Place::AtWork | Place::Queued(_)) => {}
            Some(Place::Asleep(until)) if *until <= at => {}
            Some(Place::Asleep(_)) | None => self.sleep(host, at),
        }
    }

    /// Puts a host to sleep until an instant, whatever it did before.
    pub fn sleep(&mut self, host: &HostKey, until: Timestamp) {
        if let Some(Place::Asleep(before)) = self.place.insert(host.clone(), Place::Asleep(until)) {
            self.asleep.remove(&(before, host.clone()));
        }
        self.asleep.insert((until, host.clone()));
    }

    /// Lets a host wait for an address; `opening` is when it opens, where that
    /// is known already. One whose turn came from there keeps its place at the
    /// head of the line.
    pub fn queue(&mut self, turn: &Turn, address: IpAddr, opening: Option<Timestamp>) {
        self.place.insert(turn.host.clone(), Place::Queued(address));
        let line = &mut self.queues.entry(address).or_default().hosts;
        match turn.waited_for {
            Some(waited_for) if waited_for == address => line.push_front(turn.host.clone()),
            _ => line.push_back(turn.host.clone()),
        }
        if let Some(at) = opening {
            self.opens(address, at);
        }
    }

    /// Notes when an address opens: its first in line is looked at then.
    pub fn opens(&mut self, address: IpAddr, at: Timestamp) {
        let Some(queue) = self.queues.get_mut(&address) else { return };
        if let Some(before) = queue.opening.replace(at) {
            self.openings.remove(&(before, address));
        }
        self.openings.insert((at, address));
    }

    /// The next host whose turn has come; it counts as at work until it is
    /// put to sleep, queued or forgotten.
    pub fn next(&mut self, now: Timestamp) -> Option<Turn> {
        self.advance(now);
        let turn = self.ready.pop_front()?;
        self.place.insert(turn.host.clone(), Place::AtWork);
        Some(turn)
    }

    /// Takes a host off the agenda: it has nothing to do.
    pub fn forget(&mut self, host: &HostKey) {
        if let Some(Place::Asleep(until)) = self.place.remove(host) {
            self.asleep.remove(&(until, host.clone()));
        }
    }

    /// The earliest instant at which something may become ready; none where
    /// nothing sleeps. In the past where a host is ready now.
    pub fn next_instant(&self) -> Option<Timestamp> {
        if !self.ready.is_empty() {
            return Some(Timestamp::MIN);
        }
        let asleep = self.asleep.first().map(|(at, _)| *at);
        let opening = self.openings.first().map(|(at, _)| *at);
        asleep.into_iter().chain(opening).min()
    }

    /// The hosts that wait for an instant, their own or that of their address.
    pub fn waiting(&self) -> Vec<(HostKey, Timestamp)> {
        let at = |place: &Place| match place {
            Place::Asleep(until) => Some(*until),
            Place::Queued(address) => self.queues.get(address)?.opening,
            Place::Ready | Place::AtWork => None,
        };
        self.place.iter().filter_map(|(host, place)| Some((host.clone(), at(place)?))).collect()
    }

    /// How many hosts have work that is not under way.
    pub fn n_waiting(&self) -> usize {
        self.place.values().filter(|place| **place != Place::AtWork).count()
    }

    fn advance(&mut self, now: Timestamp) {
        loop {
            let asleep = self.asleep.first().map(|(at, _)| *at).filter(|at| *at <= now);
            let opening = self.openings.first().copied().filter(|(at, _)| *at <= now);
            match (opening, asleep) {
                // Who waits in line goes before one that was there just now:
                // the gates of a host and of its address open together.
                (Some((at, address)), asleep) if asleep.is_none_or(|wakes| at <= wakes) => {
                    self.openings.pop_first();
                    self.open(address);
                }
                (_, Some(_)) => {
                    let Some((_, host)) = self.asleep.pop_first() else { return };
                    self.make_ready(host, None);
                }
                _ => return,
            }
        }
    }

    fn open(&mut self, address: IpAddr) {
        let Some(queue) = self.queues.get_mut(&address) else { return };
        queue.opening = None;
        let first = queue.hosts.pop_front();
        if queue.hosts.is_empty() {
            self.queues.remove(&address);
        }
        if let Some(host) = first {
            self.make_ready(host, Some(address));
        }
    }

    fn make_ready(&mut self, host: HostKey, waited_for: Option<IpAddr>) {
        self.place.insert(host.clone(), Place::Ready);
        self.ready.push_back(Turn { host, waited_for });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + seconds).unwrap()
    }

    fn host(name: &str) -> HostKey {
        HostKey::of(&format!("http://{name}/").parse().unwrap()).unwrap()
    }

    fn turns(agenda: &mut Agenda, seconds: i64) -> Vec<String> {
        std::iter::from_fn(|| agenda.next(at(seconds))).map(|turn| turn.host.to_string()).collect()
    }

    #[test]
    fn hosts_take_turns_in_the_order_of_their_instants() {
        let mut agenda = Agenda::default();
        agenda.wake(&host("b"), at(2));
        agenda.wake(&host("a"), at(1));
        agenda.wake(&host("c"), at(9));
        assert_eq!(turns(&mut agenda, 5), ["a", "b"]);
        assert_eq!(agenda.next_instant(), Some(at(9)));
    }

    #[test]
    fn an_earlier_turn_stands_and_a_later_wake_does_not_postpone_it() {
        let mut agenda = Agenda::default();
        agenda.wake(&host("a"), at(3));
        agenda.wake(&host("a"), at(8));
        agenda.wake(&host("a"), at(1));
        assert_eq!(turns(&mut agenda, 1), ["a"]);
        assert_eq!(turns(&mut agenda, 9), [] as [&str; 0], "it is at work");
    }

    #[test]
    fn an_address_lets_its_hosts_through_one_at_a_time() {
        let mut agenda = Agenda::default();
        let address: IpAddr = "127.0.0.1".parse().unwrap();
        for name in ["a", "b"] {
            agenda.wake(&host(name), at(0));
            let turn = agenda.next(at(0)).unwrap();
            agenda.queue(&turn, address, None);
        }
        assert_eq!(agenda.next_instant(), None, "nobody knows yet when the address opens");
        agenda.opens(address, at(4));
        assert_eq!(turns(&mut agenda, 3), [] as [&str; 0]);
        assert_eq!(turns(&mut agenda, 4), ["a"]);
        agenda.opens(address, at(6));
        assert_eq!(turns(&mut agenda, 6), ["b"]);
    }

    #[test]
    fn who_waits_in_line_goes_first_and_keeps_the_place() {
        let mut agenda = Agenda::default();
        let address: IpAddr = "127.0.0.1".parse().unwrap();
        for name in ["b", "c"] {
            agenda.wake(&host(name), at(0));
            let turn = agenda.next(at(0)).unwrap();
            agenda.queue(&turn, address, None);
        }
        // "a" was there just now: its own gate opens together with the address.
        agenda.wake(&host("a"), at(4));
        agenda.opens(address, at(4));
        let first = agenda.next(at(4)).unwrap();
        assert_eq!(first.waited_for, Some(address));
        assert_eq!(first.host, host("b"));
        // It finds the address taken after all.
        agenda.queue(&first, address, Some(at(5)));
        assert_eq!(turns(&mut agenda, 4), ["a"]);
        assert_eq!(turns(&mut agenda, 5), ["b"]);
    }

    #[test]
    fn a_forgotten_host_has_no_turn() {
        let mut agenda = Agenda::default();
        agenda.wake(&host("a"), at(0));
        agenda.forget(&host("a"));
        assert_eq!(turns(&mut agenda, 5), [] as [&str; 0]);
        assert_eq!(agenda.next_instant(), None);
    }
}
