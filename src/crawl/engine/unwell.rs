//! A host that fails whatever it is asked rests for the rest of the run.
//!
//! One that answers with server errors, asks for time or does not answer at all is
//! in trouble, and three attempts at each of its pages would add to that. Failures in
//! a row are counted over all its pages, retries included; any other answer ends the
//! row. A page whose attempts are used up in such a row is kept in mind until the row
//! ends, or the run: where its host comes to rest it stays due, as the others do.

use std::collections::HashMap;

use jiff::Timestamp;

use super::home::{Outcome, Planned};
use super::host::Rules;
use super::rules::RobotsCame;
use super::{Engine, EngineError, Errand, Sink};
use crate::crawl::address::HostKey;
use crate::crawl::frontier::Visit;
use crate::crawl::gates::{Ended, GateState};

/// The hosts whose last answer was a failure.
pub(super) type Unwell = HashMap<HostKey, Failures>;

/// Why a host is asked no more, or has to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Kind {
    /// It fails whatever it is asked, retries included.
    #[default]
    Fails,
    /// Nobody took the connection, once.
    Closed,
    /// It named a time.
    AskedForTime,
    /// Its name is looked up again.
    NoAddress,
    /// Its robots.txt is asked for again.
    NoRules,
    /// Quiet hours or a limit.
    Held,
    /// Its turn comes later, or that of its page that failed.
    Pace,
}

impl Kind {
    /// Why a host rests whose gate is closed for longer than its pace.
    pub fn of_gate(gate: &GateState) -> Self {
        if gate.parked_until == gate.rests_until() { Self::Fails } else { Self::AskedForTime }
    }

    /// It in words, without counts: they are told once.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fails => "it fails time after time",
            Self::Closed => "nobody listens there (connection refused)",
            Self::AskedForTime => "it asked for time",
            Self::NoAddress => "the resolver had no answer for its name",
            Self::NoRules => "its robots.txt had no answer",
            Self::Held => "the configuration holds it back",
            Self::Pace => "the pace at which it is asked",
        }
    }
}

/// A host's failures in a row.
#[derive(Default)]
pub(super) struct Failures {
    n: u32,
    kind: Kind,
    /// The pages that had their last attempt. Their answers are in the archive.
    given_up: Vec<Outcome>,
}

impl<S: Sink> Engine<S> {
    /// Counts how a request to a host ended.
    pub(super) fn note_health(&mut self, host: &HostKey, errand: &Errand, ended: Ended) {
        match (ended, errand) {
            (Ended::Well, _) => self.bring_given_up(host),
            // A page that is only guessed may be what the server fails over, and
            // robots.txt has attempts of its own.
            (Ended::AskedForTime { .. } | Ended::Failed, Errand::Page(due)) if !due.is_guess => {
                self.unwell.entry(host.clone()).or_default().n += 1;
            }
            _ => {}
        }
    }

    /// A host where nobody listens is asked no more in this run: its pages would be told
    /// the same one by one.
    pub(super) fn is_closed(&mut self, host: &HostKey) {
        let failures = self.unwell.entry(host.clone()).or_default();
        (failures.n, failures.kind) = (self.settings.max_host_failures, Kind::Closed);
    }

    /// Why a host rests: for this run, or as its gate says.
    pub(super) fn why_rests(&self, host: &HostKey) -> Kind {
        if let Some(failures) = self.unwell.get(host).filter(|_| self.rests(host)) {
            return failures.kind;
        }
        Kind::of_gate(&self.parts.gates.state(host))
    }

    /// Why a host has no turn now.
    pub(super) fn why_waits(&mut self, host: &HostKey, now: Timestamp) -> Kind {
        let gate = self.parts.gates.state(host);
        let (is_unresolved, is_without_rules, portals) = self.hosts.get(host).map_or_else(Default::default, |known| {
            (known.n_unresolved > 0, known.unreachable().is_some(), known.portals().cloned().collect::<Vec<_>>())
        });
        let is_held = self.meters.hold_host(host, now).is_some()
            || portals.iter().any(|portal| self.meters.hold_portal(portal, now).is_some());
        if is_held {
            Kind::Held
        } else if gate.rests_until().is_some_and(|until| until > now) {
            Kind::of_gate(&gate)
        } else if is_unresolved {
            Kind::NoAddress
        } else if is_without_rules {
            Kind::NoRules
        } else {
            Kind::Pace
        }
    }

    /// Whether a host has failed so often in a row that it is asked no more in this run.
    pub(super) fn rests(&self, host: &HostKey) -> bool {
        self.unwell.get(host).is_some_and(|failures| failures.n >= self.settings.max_host_failures)
    }

    /// Takes a page home whose host failed, or keeps it in mind where it would be
    /// given up.
    pub(super) fn home_or_unwell(&mut self, mut outcome: Outcome) -> Result<(), EngineError> {
        let host = outcome.due.host.clone();
        if matches!(outcome.visit, Planned::Fixed(Visit::Over { .. })) && self.unwell.contains_key(&host) {
            self.set_aside(&mut outcome)?;
            self.unwell.entry(host.clone()).or_default().given_up.push(outcome);
        } else {
            self.home.outcomes.push(outcome);
        }
        if self.rests(&host) {
            let given_up = self.unwell.get_mut(&host).map(|failures| std::mem::take(&mut failures.given_up));
            for mut outcome in given_up.unwrap_or_default() {
                outcome.visit = Planned::Fixed(Visit::Retry { again_at: outcome.at });
                self.bring_back(outcome);
            }
        }
        Ok(())
    }

    /// The host is well: what was given up of it failed by itself.
    fn bring_given_up(&mut self, host: &HostKey) {
        let given_up = self.unwell.remove(host).map(|failures| failures.given_up);
        given_up.into_iter().flatten().for_each(|outcome| self.bring_back(outcome));
    }

    /// At the end of a run what had its last attempt failed.
    pub(super) fn give_up_unwell(&mut self) {
        let all: Vec<Vec<Outcome>> =
            self.unwell.values_mut().map(|failures| std::mem::take(&mut failures.given_up)).collect();
        all.into_iter().flatten().for_each(|outcome| self.bring_back(outcome));
    }

    /// Takes a host off the agenda that rests; what other hosts' rules were moved to it
    /// does not come.
    pub(super) fn let_rest(&mut self, host: &HostKey, now: Timestamp) {
        self.give_up_errands(host, &format!("{host} fails time after time, and rests"), now);
        self.agenda.forget(host);
    }

    /// Leaves alone the hosts whose robots.txt was moved to one that cannot be asked.
    pub(super) fn give_up_errands(&mut self, host: &HostKey, words: &str, now: Timestamp) {
        let ruled = self.hosts.get_mut(host).map(|known| known.give_up_errands(host));
        for errand in ruled.unwrap_or_default() {
            let came = RobotsCame { answers: errand.past, ..RobotsCame::default() };
            self.settle_rules(&errand.of, Rules::Unreachable(words.to_owned()), came, now);
        }
    }
}
